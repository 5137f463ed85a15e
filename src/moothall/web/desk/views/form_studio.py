"""The form studio: the forms that are being written, one of them with its pages, and its changes, undone and gone back to (FRM-1)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue import form_studio
from moothall.domain.catalogue.models import Service
from moothall.domain.forms import definition
from moothall.domain.forms.definition import Form as Definition
from moothall.domain.forms.models import FormVersion, Sketch
from moothall.domain.forms.studio import edits, sketches
from moothall.domain.workflow.definition import Faulty
from moothall.web.common import paging
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.common.whole import version, whole
from moothall.web.components.parts import Column, numbered
from moothall.web.desk.access import needs
from moothall.web.desk.form_studio import Studio, studio
from moothall.web.desk.forms.form_studio import About, PartForm
from moothall.web.desk.forms.studio_begin import Begin, Take
from moothall.web.desk.forms.studio_question import NAMES
from moothall.web.desk.request import DeskRequest

PAGE = 50
MOST_VERSIONS = 200


@needs(Permission.EDIT_FORMS)
@require_safe
def every(request: DeskRequest) -> HttpResponse:
    """The forms being written, the last changed first."""
    rows = form_studio.mine(request.user)
    here = paging.page(request.GET, count=rows.count(), size=PAGE)
    page = {
        "rows": here.of(rows),
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
        "columns": [Column(_("Form")), Column(_("Last changed")), Column(_("Published"))],
    }
    return TemplateResponse(request, "desk/studio/every.html", page)


@needs(Permission.EDIT_FORMS)
@READ_OR_SEND
def begin(request: DeskRequest) -> HttpResponseBase:
    """Begin one: from a version there is, from nothing, or from a file."""
    services = {service.key: service for service in form_studio.services(request.user)}
    versions = _versions(services)
    form = Begin(
        sent(request),
        request.FILES or None,
        versions=[(str(one.pk), _named(one)) for one in versions],
        services=[(one.key, one.name) for one in services.values()],
        initial={"copy": request.GET.get("copy", ""), "how": "copy"},
    )
    if form.is_valid():
        try:
            sketch = _begun(request, form, services, {str(one.pk): one for one in versions})
        except edits.Refused as refused:
            form.add_error(None, str(refused))
        except Faulty as faulty:
            for fault in faulty.faults[:20]:
                form.add_error("file", str(fault).removeprefix("form "))
        else:
            return redirect("desk:studio_form", sketch.pk)
    page = {"form": form, "failed": bool(form.errors)}
    return TemplateResponse(request, "desk/studio/begin.html", page, status=422 if form.errors else 200)


def _versions(services: dict[str, Service]) -> list[FormVersion]:
    """The versions one may copy: of the services one writes forms of, the newest of each form first."""
    mine = Q(pk__in=())
    for key in services:
        mine |= Q(form__key__startswith=f"{key}.")
    rows = FormVersion.objects.filter(mine).select_related("form").defer("definition", "written")
    return list(rows.order_by("form__key", "-number")[:MOST_VERSIONS])


def _named(one: FormVersion) -> str:
    words = {"form": one.form.key, "number": one.number}
    if one.pk == one.form.current_id:
        return _("%(form)s, version %(number)s, in force") % words
    return _("%(form)s, version %(number)s") % words


def _begun(request: DeskRequest, form: Begin, services: dict[str, Service], versions: dict[str, FormVersion]) -> Sketch:
    """The sketch that was asked for. Raises edits.Refused, and Faulty of a file."""
    given, by, at = form.cleaned_data, request.user, request.now
    name, begun_from = given["name"], None
    if given["how"] == "copy":
        begun_from = FormVersion.objects.select_related("form").get(pk=versions[given["copy"]].pk)
        service = services[begun_from.form.key.partition(".")[0]]
        made = form_studio.as_written(service, begun_from)
        said = _("Copied from version %s.") % begun_from.number
    elif given["how"] == "file":
        service, said = services[given["service"]], _("Taken in from a file.")
        made = definition.parse(given["text"], file=str(given["file"].name))
    else:
        service, said = services[given["service"]], _("Begun from nothing.")
        made = _nothing(name)
    if name and given["how"] != "nothing":
        made = edits.change(made, (), {"name": name, "key": edits.id_of(name, set())})
    if name and form_studio.in_force(service.key, made.key):
        raise edits.Refused([("", _("The service has a form “%s” already: copy it, or give another name.") % made.key)])
    return sketches.begin(service.key, made, begun_from=begun_from, said=said, by=by, at=at)


def _nothing(name: str) -> Definition:
    """A form with one page, which asks nothing yet."""
    page = {"id": "first", "title": name}
    return definition.from_data(
        {"key": edits.id_of(name, set()), "name": name, "pages": [page], "destinations": [{"to": "case"}]}, file=""
    )


@needs(Permission.EDIT_FORMS)
@require_safe
def form(request: DeskRequest, sketch_id: int) -> HttpResponse:
    """One form: its pages in order with their questions, and what is wrong with it."""
    at = studio(request, sketch_id)
    page = {**at.page("studio_form"), "shown": _pages(at), "begun": at.sketch.begun_from}
    return TemplateResponse(request, "desk/studio/form.html", page)


def _pages(at: Studio) -> list[dict[str, object]]:
    """The pages as the list shows them."""
    found = []
    for number, page in enumerate(at.form.pages):
        where: edits.Path = ("pages", number)
        found.append(
            {
                "page": page,
                "where": edits.written(where),
                "when": at.said(page.when, where),
                "faults": at.near(where),
                "questions": questions(at, (*where, "questions"), page.questions),
                "first": number == 0,
                "last": number == len(at.form.pages) - 1,
                "after": number + 1,
            }
        )
    return found


def questions(at: Studio, where: edits.Path, asked: object) -> list[dict[str, object]]:
    """Questions of a page, or of a group, as lists show them."""
    assert isinstance(asked, tuple)
    found = []
    for number, one in enumerate(asked):
        here = (*where, number)
        block = isinstance(one, definition.Include)
        found.append(
            {
                "label": at.called(here),
                "kind": _("questions written once for every form") if block else NAMES[one.type],
                "where": edits.written(here),
                "when": at.said(one.when, here),
                "optional": one.optional,
                "faults": at.near(here),
                "first": number == 0,
                "last": number == len(asked) - 1,
            }
        )
    return found


@needs(Permission.EDIT_FORMS)
@READ_OR_SEND
def about(request: DeskRequest, sketch_id: int) -> HttpResponseBase:
    """What the form is called, in which languages it is, who may fill it in, and when."""
    at = studio(request, sketch_id)
    data = definition.to_data(at.form)
    form = About(sent(request), data, welsh=at.welsh, on=at.revision.number)
    if form.is_bound and form.is_valid():
        said = _("Changed the name, languages or dates.")
        if kept(at, form, lambda now: edits.change(now, (), form.said()), said):
            return redirect("desk:studio_about", sketch_id)
    page = {
        **at.page("studio_about"),
        "form": form,
        "faults": [one.sentence for one in at.faults if not one.where],
        "failed": bool(form.errors),
    }
    return TemplateResponse(request, "desk/studio/about.html", page, status=422 if form.errors else 200)


def kept(at: Studio, form: PartForm, edit: Callable[[Definition], Definition], said: str) -> bool:
    """Keep what a form says; what keeps it from that stands beside its field. Whether it was kept."""
    try:
        problem = at.keep(edit, said)
    except edits.Refused as refused:
        form.tell(refused.sentences)
        return False
    if problem:
        form.add_error(None, problem)
        form.began_anew(studio(at.request, at.sketch.pk).revision.number)
        return False
    messages.success(at.request, _("The change is kept."))
    return True


def _acted(
    request: DeskRequest, sketch_id: int, edit: Callable[[Definition], Definition], said: str
) -> HttpResponseBase:
    """Keep a change made by a button, and back to the page it stood on."""
    at = studio(request, sketch_id)
    try:
        problem = at.keep(edit, said)
    except edits.Refused as refused:
        problem = str(refused)
    if problem:
        messages.error(request, problem)
    return redirect(_back(request, sketch_id))


def _back(request: DeskRequest, sketch_id: int) -> str:
    """The page of the same form that a button stood on; else all of it."""
    whole_form = reverse("desk:studio_form", args=[sketch_id])
    asked = request.POST.get("back", "")
    return asked if asked.startswith(whole_form) and "//" not in asked and "\\" not in asked else whole_form


@needs(Permission.EDIT_FORMS)
@require_POST
def move(request: DeskRequest, sketch_id: int, where: str) -> HttpResponseBase:
    """Something of a list a place up or down."""
    at, place = studio(request, sketch_id), _place(where)
    by = {"up": -1, "down": 1}.get(request.POST.get("way", ""))
    if by is None:
        raise Http404
    said = _("Moved “%s” up.") if by < 0 else _("Moved “%s” down.")
    return _acted(request, sketch_id, lambda now: edits.move(now, place, by), said % at.called(place))


@needs(Permission.EDIT_FORMS)
@require_POST
def remove(request: DeskRequest, sketch_id: int, where: str) -> HttpResponseBase:
    """Something taken out of a list, which can be undone."""
    at, place = studio(request, sketch_id), _place(where)
    said = _("Removed “%s”.") % at.called(place)
    answer = _acted(request, sketch_id, lambda now: edits.remove(now, place), said)
    if studio(request, sketch_id).revision.number != at.revision.number:
        messages.success(request, _("%s You can undo it under “Changes”.") % said)
    return answer


def _place(where: str) -> edits.Path:
    try:
        return edits.path(where)
    except edits.Refused:
        raise Http404 from None


@needs(Permission.EDIT_FORMS)
@require_safe
def history(request: DeskRequest, sketch_id: int) -> HttpResponse:
    """Every change of a form, the newest first."""
    at = studio(request, sketch_id)
    rows = at.sketch.revisions.select_related("by").defer("definition").order_by("-number")
    here = paging.page(request.GET, count=rows.count(), size=PAGE)
    page = {
        **at.page("studio_history"),
        "rows": here.of(rows),
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
        "columns": [Column(_("Change")), Column(_("By")), Column(_("Go back"), hidden=True)],
    }
    return TemplateResponse(request, "desk/studio/history.html", page)


@needs(Permission.EDIT_FORMS)
@require_POST
def undo(request: DeskRequest, sketch_id: int) -> HttpResponseBase:
    """The last change taken back, or with a number of a revision all since that one."""
    at = studio(request, sketch_id)
    on, number = version(request.POST.get("on", "")), whole(request.POST.get("to", ""))
    given: dict[str, Any] = {"on": on, "by": request.user, "at": request.now}
    try:
        if number is None:
            sketches.undo(at.sketch, **given)
        else:
            sketches.back_to(at.sketch, number, **given)
    except (sketches.NothingToUndo, sketches.ChangedMeanwhile, LookupError) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The form is as it was before."))
    return redirect(_back(request, sketch_id))


@needs(Permission.EDIT_FORMS)
@require_safe
def file(request: DeskRequest, sketch_id: int) -> HttpResponse:
    """The form as a file, as services' folders have it."""
    at = studio(request, sketch_id)
    response = HttpResponse(definition.dump(at.form), "application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{at.sketch.key}.yaml"'
    return response


@needs(Permission.EDIT_FORMS)
@READ_OR_SEND
def take(request: DeskRequest, sketch_id: int) -> HttpResponseBase:
    """What a file says, as the newest change of the form."""
    at = studio(request, sketch_id)
    form = Take(sent(request), request.FILES or None, initial={"on": at.revision.number})
    if form.is_bound and form.is_valid():
        try:
            made = definition.parse(form.cleaned_data["text"], file=str(form.cleaned_data["file"].name))
            key = {"key": at.sketch.key}
            problem = at.keep(lambda _now: edits.change(made, (), key), _("Taken in from a file."))
        except Faulty as faulty:
            for fault in faulty.faults[:20]:
                form.add_error("file", str(fault))
        else:
            if not problem:
                messages.success(request, _("The form says what the file says. You can undo it under “Changes”."))
                return redirect("desk:studio_form", sketch_id)
            form.add_error(None, problem)
    page = {**at.page("studio_history"), "form": form, "failed": bool(form.errors)}
    return TemplateResponse(request, "desk/studio/take.html", page, status=422 if form.errors else 200)


@needs(Permission.EDIT_FORMS)
@READ_OR_SEND
def put_away(request: DeskRequest, sketch_id: int) -> HttpResponseBase:
    """Take the form off the list of those being written."""
    at = studio(request, sketch_id)
    if request.method == "POST":
        try:
            on = version(request.POST.get("on", ""))
            sketches.put_away(at.sketch, on=on, by=request.user, at=request.now)
        except sketches.ChangedMeanwhile as meanwhile:
            messages.error(request, str(meanwhile))
            return redirect("desk:studio_form", sketch_id)
        messages.success(request, _("“%s” is off the list. What was published stays in force.") % at.sketch.name)
        return redirect("desk:studio")
    return TemplateResponse(request, "desk/studio/put_away.html", at.page("studio_history"))


_ONE = "studio/<int:sketch_id>/"
urlpatterns = [
    path("studio/", every, name="studio"),
    path("studio/begin/", begin, name="studio_begin"),
    path(_ONE, form, name="studio_form"),
    path(f"{_ONE}about/", about, name="studio_about"),
    path(f"{_ONE}move/<str:where>/", move, name="studio_move"),
    path(f"{_ONE}remove/<str:where>/", remove, name="studio_remove"),
    path(f"{_ONE}history/", history, name="studio_history"),
    path(f"{_ONE}undo/", undo, name="studio_undo"),
    path(f"{_ONE}file/", file, name="studio_file"),
    path(f"{_ONE}take/", take, name="studio_take"),
    path(f"{_ONE}put-away/", put_away, name="studio_put_away"),
]
