"""The views of the work list that somebody keeps under a name (BEST-70)."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.web.common.sent import sent
from moothall.web.components.parts import Column
from moothall.web.desk.access import needs
from moothall.web.desk.forms.work import KeepView
from moothall.web.desk.models import WorkView
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.work_lists import view_of

MOST = 50


@needs(Permission.VIEW_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def views(request: DeskRequest) -> HttpResponse:
    """The views one has, and a name for the one this address says."""
    query = _query(request)
    form = KeepView(sent(request), user=request.user)
    if form.is_valid() and _kept(request, form, query):
        messages.success(request, _("The view “%s” is kept.") % form.cleaned_data["name"])
        return redirect(_list(query))
    seen = WorkView.objects.filter(Q(user=request.user) | Q(team__in=[one.pk for one in request.user.security_groups]))
    page = {
        "form": form,
        "failed": bool(form.errors),
        "views": list(seen.select_related("user", "team").distinct().order_by("name", "id")),
        "columns": [Column(_("View")), Column(_("For")), Column(_("Kept by")), Column(_("Change"), hidden=True)],
        "back": query.urlencode(),
        "list": _list(query),
        "address": request.build_absolute_uri(_list(query)),
    }
    return TemplateResponse(request, "desk/worklist/views.html", page, status=422 if form.errors else 200)


@needs(Permission.VIEW_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def change_view(request: DeskRequest, view_id: int) -> HttpResponse:
    """Call a view of one's own otherwise, share it or no longer, begin with it or no longer."""
    view = WorkView.objects.filter(pk=view_id, user=request.user).select_related("team").first()
    if view is None:
        raise Http404
    form = KeepView(
        sent(request),
        user=request.user,
        initial={"name": view.name, "team": view.team.key if view.team else "", "first": view.first},
    )
    if form.is_valid():
        if _written(view, form, request):
            messages.success(request, _("The view “%s” is changed.") % view.name)
            return redirect("desk:work_views")
        form.add_error("name", _("You have a view of this name. Choose another."))
    page = {"form": form, "failed": bool(form.errors), "view": view}
    return TemplateResponse(request, "desk/worklist/view.html", page, status=422 if form.errors else 200)


@needs(Permission.VIEW_WORK)
@require_POST
def forget_view(request: DeskRequest, view_id: int) -> HttpResponse:
    """Keep a view of one's own no longer."""
    view = WorkView.objects.filter(pk=view_id, user=request.user).first()
    if view is None:
        raise Http404
    with recording.because(action="work_view.forgotten", by=request.user, at=request.now):
        recording.record("work_view.forgotten", view, by=request.user, at=request.now)
        view.delete()
    messages.success(request, _("The view “%s” is no longer kept.") % view.name)
    return redirect("desk:work_views")


def _kept(request: DeskRequest, form: KeepView, query: QueryDict) -> bool:
    """Keep the view, unless there are too many or one of this name. Says whether it was."""
    name, team = form.cleaned_data["name"], form.cleaned_data["team"]
    if WorkView.objects.filter(user=request.user).count() >= MOST:
        form.add_error(None, _("You have %s views. Forget one first.") % MOST)
        return False
    view = WorkView(user=request.user, query=query.urlencode(), made_at=request.now)
    if _written(view, form, request):
        return True
    same = WorkView.objects.filter(user=request.user, name=name, query=query.urlencode(), team=team)
    if same.exists():  # sent twice
        return True
    form.add_error("name", _("You have a view of this name. Choose another, or forget that one first."))
    return False


def _written(view: WorkView, form: KeepView, request: DeskRequest) -> bool:
    """Write a view as the form says, on the record; False when another has its name."""
    view.name, view.team, view.first = (form.cleaned_data[name] for name in ("name", "team", "first"))
    try:
        with transaction.atomic(), recording.because(action="work_view.kept", by=request.user, at=request.now):
            if view.first:
                WorkView.objects.filter(user=request.user, first=True).exclude(pk=view.pk).update(first=False)
            view.save()
            team = view.team.key if view.team else None
            recording.record("work_view.kept", view, by=request.user, at=request.now, team=team, first=view.first)
    except IntegrityError:
        return False
    return True


def _query(request: DeskRequest) -> QueryDict:
    """The view meant: of the address, or of the form that was sent."""
    return view_of(QueryDict(request.POST.get("back", "")) if request.method == "POST" else request.GET)


def _list(query: QueryDict) -> str:
    return reverse("desk:work") + (f"?{query.urlencode()}" if query else "")


urlpatterns = [
    path("work/views/", views, name="work_views"),
    path("work/views/<int:view_id>/", change_view, name="work_view"),
    path("work/views/<int:view_id>/forget/", forget_view, name="work_view_forget"),
]
