"""Look-up lists, for who may change them: add, rename, put in order, retire and bring back (PPP-51)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.lists import changing, declared
from moothall.domain.catalogue import paragraphs
from moothall.domain.catalogue.letters import Faulty
from moothall.kit.invalid import Invalid
from moothall.web.common import paging
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column, numbered
from moothall.web.desk import lists
from moothall.web.desk.access import needs
from moothall.web.desk.forms.lists import ListValue
from moothall.web.desk.request import DeskRequest

PAGE = 50


@needs(Permission.MANAGE_LISTS)
@require_safe
def every(request: DeskRequest) -> HttpResponse:
    """All lists."""
    rows = lists.every()
    here = paging.page(request.GET, count=len(rows), size=PAGE)
    shown = {
        "rows": here.of(rows),
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
        "columns": [
            Column(_("List")),
            Column(_("Of")),
            Column(_("In use"), numeric=True),
            Column(_("Retired"), numeric=True),
        ],
    }
    return TemplateResponse(request, "desk/lists/every.html", shown)


@needs(Permission.MANAGE_LISTS)
@require_safe
def one(request: DeskRequest, key: str) -> HttpResponse:
    """One list: its values in order, and those not in use any more."""
    known = lists.named(key)
    used, retired = lists.values(key)
    says = bool((own := declared.of(key)) and own.rules)
    page = {
        "list": known,
        "used": used,
        "retired": retired,
        "says": says,
        "columns": [
            Column(_("Value")),
            *([Column(_("What it says"))] if says else []),
            Column(_("Order")),
            Column(_("Change"), hidden=True),
        ],
        "retired_columns": [Column(_("Value")), Column(_("Retired on")), Column(_("Change"), hidden=True)],
    }
    return TemplateResponse(request, "desk/lists/one.html", page)


@needs(Permission.MANAGE_LISTS)
@READ_OR_SEND
def add(request: DeskRequest, key: str) -> HttpResponse:
    """A new value, the last of its list."""
    known, of_service = lists.named(key), paragraphs.has(key)
    form = ListValue(sent(request), known=declared.of(key), paragraphs=of_service)
    if form.is_valid():
        given = {"label": form.cleaned_data["label"], "by": request.user, "at": request.now}
        try:
            if of_service:
                made = paragraphs.add(key, paragraphs=form.paragraphs(), **given)
            else:
                made = changing.add(key, rules=form.rules(), **given)
        except Faulty as faulty:
            form.tell(faulty.faults)
        except Invalid as error:
            form.add_error("label", str(error))
        else:
            messages.success(request, _("“%s” is added, the last of the list.") % made.label)
            return redirect("desk:list", key)
    return _form(request, known, form, title=_("Add a value"))


@needs(Permission.MANAGE_LISTS)
@READ_OR_SEND
def change(request: DeskRequest, key: str, value: str) -> HttpResponse:
    """What a value is called, what it says besides, and its paragraphs in letters."""
    known, row, own = lists.named(key), lists.value(key, value), declared.of(key)
    of_service = paragraphs.has(key)
    told = {f"rule_{name}": said for name, said in (own.whole(row.rules) if own else {}).items()}
    form = ListValue(
        sent(request),
        known=own,
        paragraphs=of_service,
        initial={"label": row.label, "text": row.text, "welsh": row.welsh, **told},
    )
    if form.is_valid():
        given = {"label": form.cleaned_data["label"], "by": request.user, "at": request.now}
        try:
            if of_service:
                paragraphs.change(key, value, paragraphs=form.paragraphs(), **given)
            else:
                changing.change(key, value, rules=form.rules(), **given)
        except Faulty as faulty:
            form.tell(faulty.faults)
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The change is recorded. Records that hold the value show it so."))
            return redirect("desk:list", key)
    return _form(request, known, form, title=_("Change “%s”") % row.label)


@needs(Permission.MANAGE_LISTS)
@require_POST
def move(request: DeskRequest, key: str, value: str) -> HttpResponse:
    """A value one place up or down."""
    lists.named(key)
    used, _retired = lists.values(key)
    places = [one.row.key for one in used]
    way = request.POST.get("way")
    if value not in places or way not in {"up", "down"}:
        raise Http404
    place = places.index(value) + 1 + (1 if way == "down" else -1)
    changing.move(key, value, place=place, by=request.user, at=request.now)
    return redirect(f"{lists.named(key).address}#value-{value}")


@needs(Permission.MANAGE_LISTS)
@READ_OR_SEND
def retire(request: DeskRequest, key: str, value: str) -> HttpResponse:
    """Offer a value no longer, after saying how many records hold it."""
    known, row = lists.named(key), lists.value(key, value)
    if request.method == "POST":
        changing.retire(key, value, by=request.user, at=request.now)
        messages.success(request, _("“%s” is not offered any more. Records that hold it keep it.") % row.label)
        return redirect("desk:list", key)
    held = changing.used(key, value)
    page = {"list": known, "value": row, "held": held, "many": held == changing.COUNTED}
    return TemplateResponse(request, "desk/lists/retire.html", page)


@needs(Permission.MANAGE_LISTS)
@require_POST
def bring_back(request: DeskRequest, key: str, value: str) -> HttpResponse:
    """Offer a retired value again."""
    row = lists.value(key, value)
    changing.bring_back(key, value, by=request.user, at=request.now)
    messages.success(request, _("“%s” is offered again.") % row.label)
    return redirect("desk:list", key)


def _form(request: DeskRequest, known: lists.Known, form: ListValue, *, title: str) -> HttpResponse:
    failed = bool(form.errors)
    page = {"list": known, "form": form, "title": title, "failed": failed}
    return TemplateResponse(request, "desk/lists/form.html", page, status=422 if failed else 200)


urlpatterns = [
    path("lists/", every, name="lists"),
    path("lists/<str:key>/", one, name="list"),
    path("lists/<str:key>/add/", add, name="list_add"),
    path("lists/<str:key>/<slug:value>/", change, name="list_change"),
    path("lists/<str:key>/<slug:value>/move/", move, name="list_move"),
    path("lists/<str:key>/<slug:value>/retire/", retire, name="list_retire"),
    path("lists/<str:key>/<slug:value>/bring-back/", bring_back, name="list_bring_back"),
]
