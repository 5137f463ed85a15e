"""The parts of a form in the form studio: a page, a question, a value, a table, days, the fee, a destination; added and changed."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue import form_studio
from moothall.domain.forms.definition import Form as Definition
from moothall.domain.forms.definition import Question
from moothall.domain.forms.studio import edits
from moothall.domain.forms.studio.edits import Path
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.common.whole import whole
from moothall.web.desk.access import needs
from moothall.web.desk.form_studio import Studio, studio
from moothall.web.desk.forms.form_studio import IncludeForm, PageForm, PartForm
from moothall.web.desk.forms.studio_question import NAMES, NOT_INSIDE, TYPES, QuestionForm
from moothall.web.desk.forms.studio_rest import DestinationForm, FeeForm, SlotsForm, ValueForm
from moothall.web.desk.forms.studio_table import TableForm
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.form_studio import kept, questions

LISTS = {"pages": "page", "values": "value", "tables": "table", "slots": "slots", "destinations": "destination"}
TITLES = {
    "page": gettext_lazy("Page"),
    "block": gettext_lazy("Standard block"),
    "value": gettext_lazy("Value worked out"),
    "table": gettext_lazy("Decision table"),
    "slots": gettext_lazy("Days with room"),
    "destination": gettext_lazy("Where it goes"),
    "fee": gettext_lazy("Fee"),
}


@needs(Permission.EDIT_FORMS)
@READ_OR_SEND
def part(request: DeskRequest, sketch_id: int, where: str) -> HttpResponseBase:
    """One part, to be changed."""
    at, place = studio(request, sketch_id), _place(where)
    data = edits.part(at.form, place)
    if place == ("fee",):
        data = data or {}
    kind = _kind(place, data)
    form = _form(at, kind, place, data, sent(request))
    if form.is_bound and not _stepped(form, request.POST.get("step", "")) and form.is_valid():
        said = _("Changed “%s”.") % (at.called(place) or TITLES.get(kind, ""))
        if kept(at, form, _change(kind, place, form.said()), said):
            return redirect("desk:studio_part", sketch_id, where)
    return _page(at, kind, place, form, new=False)


@needs(Permission.EDIT_FORMS)
@require_safe
def choose(request: DeskRequest, sketch_id: int, where: str) -> HttpResponse:
    """What kind of question is added to a page, or to a group."""
    at, place = studio(request, sketch_id), _place(where)
    if place[-1] != "questions" or edits.part(at.form, place[:-1]) is None:
        raise Http404
    inside = len(place) > 3
    page = {
        **at.page("studio_form"),
        "where": where,
        "types": [one for one in TYPES if not inside or one[0] not in NOT_INSIDE],
        "blocks": [] if inside else list(at.blocks.values()),
        "onto": at.called(place[:-1]),
        "back": reverse("desk:studio_part", args=[sketch_id, edits.written(place[:-1])]),
    }
    return TemplateResponse(request, "desk/studio/choose.html", page)


@needs(Permission.EDIT_FORMS)
@READ_OR_SEND
def add(request: DeskRequest, sketch_id: int, where: str, kind: str) -> HttpResponseBase:
    """A part, to be added to one of the lists of a form; with `at` as the number it gets there."""
    at, place = studio(request, sketch_id), _place(where)
    listed = place[-1] == "questions" and edits.part(at.form, place[:-1]) is not None
    fits = kind in NAMES or (kind == "block" and len(place) == 3) if listed else LISTS.get(where) == kind
    if not fits or (len(place) > 3 and kind in NOT_INSIDE):
        raise Http404
    form = _form(at, kind, (*place, 0), {}, sent(request), new=True)
    number = whole(request.GET.get("at", ""))
    if form.is_bound and not _stepped(form, request.POST.get("step", "")) and form.is_valid():
        what = _new(at, form, kind)
        said = _("Added “%s”.") % (_words(what) or TITLES.get(kind, ""))
        if kept(at, form, lambda now: edits.add(now, place, what, at=number), said):
            then = studio(request, sketch_id)
            there = edits.part(then.form, place)
            last = len(there) - 1 if number is None else min(number, len(there) - 1)
            return redirect("desk:studio_part", sketch_id, edits.written((*place, last)))
    return _page(at, kind, place, form, new=True)


def _place(where: str) -> Path:
    try:
        return edits.path(where)
    except edits.Refused:
        raise Http404 from None


def _kind(place: Path, data: Any) -> str:
    """What kind of part stands at a place. Raises Http404."""
    if not isinstance(data, dict):
        raise Http404
    if place == ("fee",):
        return "fee"
    if len(place) == 2 and place[0] in LISTS:
        return LISTS[str(place[0])]
    if len(place) in (4, 6) and place[0] == "pages" and place[-2] == "questions":
        return "block" if "block" in data else str(data["type"])
    raise Http404


def _form(
    at: Studio, kind: str, place: Path, data: dict[str, Any], given: QueryDict | None, *, new: bool = False
) -> PartForm:
    """The controls of a part."""
    common: dict[str, Any] = {"welsh": at.welsh, "on": at.revision.number}
    manifest = form_studio.manifest_of(at.service)
    match kind:
        case "page":
            return PageForm(given, data, **common)
        case "block":
            known = [(key, block.name.en) for key, block in at.blocks.items()]
            wanted = {"block": at.request.GET.get("block", "")} if new else data
            return IncludeForm(given, wanted, blocks=known, **common)
        case "value":
            return ValueForm(given, data, **common)
        case "table":
            return TableForm(given, data, **common)
        case "slots":
            return SlotsForm(given, data, **common)
        case "fee":
            return FeeForm(given, data, tables=[table.key for table in at.form.tables], **common)
        case "destination":
            asked = [(id, one.label.en) for id, one in at.whole.questions.items() if one.type in ("text", "long_text")]
            types = [one.key for one in manifest.case_types]
            return DestinationForm(given, data, types=types, questions=asked, **common)
    words = form_studio.words(at.service)
    return QuestionForm(
        given,
        data,
        kind=kind,
        inside=len(place) > 4,
        lists=sorted(words.lists),
        slots=[slots.key for slots in at.form.slots],
        tags=sorted(words.document_tags or ()),
        lookups=sorted(words.lookups or ()),
        **common,
    )


def _stepped(form: PartForm, step: str) -> bool:
    """Do what a button within the form asks for. Whether the page is to be shown again for it, without what is wrong."""
    if again := _again(form, step):
        form.full_clean()
        form.errors.clear()
    return again


def _again(form: PartForm, step: str) -> bool:
    if isinstance(form, TableForm):
        return form.grid.step(step) or step == "more"
    if isinstance(form, QuestionForm) and step:
        rows = {"answer": form.answers, "check": form.checks}.get(step.split(".")[0])
        parts = step.split(".")
        if rows is not None and len(parts) == 3 and parts[1].isdecimal() and len(parts[1]) < 4:
            rows.moved(int(parts[1]), -1 if parts[2] == "up" else 1)
            return True
        return step == "more"
    return False


def _change(kind: str, place: Path, said: dict[str, Any]) -> Callable[[Definition], Definition]:
    """The edit that gives a part these fields."""
    if kind == "fee":
        fee = {name: value for name, value in said.items() if value is not None}
        if not any(name in fee for name in ("amount", "table", "formula")):
            return lambda now: edits.put(now, place, None)
        return lambda now: edits.put(now, place, {**_only(edits.part(now, place), "when"), **fee})
    if kind == "table":
        return lambda now: edits.put(now, place, said)
    return lambda now: edits.change(now, place, said)


def _only(data: Any, name: str) -> dict[str, Any]:
    return {name: data[name]} if isinstance(data, dict) and name in data else {}


def _new(at: Studio, form: PartForm, kind: str) -> dict[str, Any]:
    """A new part as the definition has it, with an id of its own."""
    what = {name: value for name, value in form.said().items() if value is not None}
    if kind == "page":
        return {"id": edits.id_of(_words(what), edits.ids(at.whole)), **what}
    if isinstance(form, QuestionForm):
        own = str(form.cleaned_data.get("id") or "")
        return {"id": own or edits.id_of(_words(what), edits.ids(at.whole)), **what}
    return what


def _words(what: dict[str, Any]) -> str:
    text = what.get("title") or what.get("label") or what.get("key") or what.get("id") or what.get("block") or ""
    return str(text["en"] if isinstance(text, dict) else text)


def _page(at: Studio, kind: str, place: Path, form: PartForm, *, new: bool) -> HttpResponse:
    written = edits.written(place)
    here = place[:-1] if new else place
    data = edits.part(at.form, place) if not new else None
    conditional = isinstance(data, dict) and place[0] in ("pages", "fee", "destinations")
    when = data.get("when") if isinstance(data, dict) else None
    inner = None if new else _inner(at, place)
    page = {
        **at.page("studio_form" if place[0] == "pages" else "studio_rest"),
        "form": form,
        "kind": kind,
        "new": new,
        "where": written,
        "title": _title(at, kind, here, new=new),
        "caption": NAMES.get(kind) or TITLES[kind],
        "faults": [] if new else at.just_at(place) if inner else at.near(place),
        "conditional": conditional,
        "when": at.said(when, place) if conditional else "",
        "asked": place[0] == "pages",
        "when_where": f"{written}.when",
        "rule_where": f"{written}.checks.{len(data.get('checks', []))}.rule" if isinstance(data, dict) else "",
        "about": f"{'item' if len(place) > 4 else 'answers'}.{data.get('id')}" if isinstance(data, dict) else "",
        "inner": inner,
        "back": _back(at, place, new=new),
        "failed": bool(form.errors),
    }
    return TemplateResponse(at.request, "desk/studio/part.html", page, status=422 if form.errors else 200)


def _title(at: Studio, kind: str, here: Path, *, new: bool) -> str:
    if not new:
        return at.called(here) or str(TITLES.get(kind, ""))
    return _("Add: %s") % str(NAMES.get(kind) or TITLES[kind])


def _inner(at: Studio, place: Path) -> dict[str, object] | None:
    """The questions within a page or a group, with where more are added."""
    if place[0] != "pages" or len(place) not in (2, 4):
        return None
    page = at.form.pages[int(place[1])]
    group = page.questions[int(place[3])] if len(place) == 4 else page
    if isinstance(group, Question) and group.type != "group":
        return None
    asked = getattr(group, "questions", None)
    if asked is None or getattr(group, "exit", False):
        return None
    inside = (*place, "questions")
    return {"where": edits.written(inside), "questions": questions(at, inside, asked)}


def _back(at: Studio, place: Path, *, new: bool) -> str:
    """The page around a part."""
    around = place[:-1] if new else place[:-2]
    if place[0] == "pages" and around:
        return reverse("desk:studio_part", args=[at.sketch.pk, edits.written(around)])
    name = "studio_form" if place[0] == "pages" else "studio_rest"
    return reverse(f"desk:{name}", args=[at.sketch.pk])


@needs(Permission.EDIT_FORMS)
@require_safe
def rest(request: DeskRequest, sketch_id: int) -> HttpResponse:
    """What stands beside the pages: values, tables, days, the fee, and where the form goes."""
    at = studio(request, sketch_id)
    headings = (
        ("destinations", "destination", _("Where it goes"), _("Add somewhere it goes")),
        ("tables", "table", _("Decision tables"), _("Add a decision table")),
        ("values", "value", _("Values worked out"), _("Add a value")),
        ("slots", "slots", _("Days with room"), _("Add days")),
    )
    sections = [
        {"name": name, "kind": kind, "title": title, "add": more, "rows": _rows(at, name), "faults": _loose(at, name)}
        for name, kind, title, more in headings
    ]
    page = {**at.page("studio_rest"), "sections": sections, "fee": _fee(at), "fee_faults": at.near(("fee",))}
    return TemplateResponse(request, "desk/studio/rest.html", page)


def _loose(at: Studio, name: str) -> list[str]:
    return [one.sentence for one in at.faults if one.where == (name,)]


def _rows(at: Studio, name: str) -> list[dict[str, object]]:
    many = getattr(at.form, name)
    return [
        {
            "label": at.called((name, number)),
            "where": f"{name}.{number}",
            "faults": at.near((name, number)),
            "first": number == 0,
            "last": number == len(many) - 1,
            "when": at.said(getattr(one, "when", None), (name, number)),
        }
        for number, one in enumerate(many)
    ]


def _fee(at: Studio) -> str:
    fee = at.form.fee
    if fee is None:
        return _("Nothing is paid.")
    if fee.amount is not None:
        return f"£{fee.amount:.2f}"
    return _("What the table “%s” gives") % fee.table if fee.table else _("What the formula %s gives") % fee.formula


_ONE = "studio/<int:sketch_id>/"
urlpatterns = [
    path(f"{_ONE}rest/", rest, name="studio_rest"),
    path(f"{_ONE}part/<str:where>/", part, name="studio_part"),
    path(f"{_ONE}add/<str:where>/", choose, name="studio_choose"),
    path(f"{_ONE}add/<str:where>/<slug:kind>/", add, name="studio_add"),
]
