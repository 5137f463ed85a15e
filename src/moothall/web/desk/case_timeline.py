"""The timeline of a case as its tab shows it (CT-53)."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.domain.cases import sight
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.web.common import paging
from moothall.web.components.parts import Link, Moment, numbered, with_query
from moothall.web.desk import questions
from moothall.web.desk.forms.case import FindLine, TimelineFilter
from moothall.web.desk.request import DeskRequest

PAGE = 50
FIND = "timeline"
MOST_WHOLE = 5000  # lines on one page, to print them
KINDS = {
    "case": gettext_lazy("Case"),
    "person": gettext_lazy("Personal details"),
    "workflow": gettext_lazy("Workflow"),
    "document": gettext_lazy("Documents"),
    "message": gettext_lazy("Messages"),
    "note": gettext_lazy("Notes"),
    "payment": gettext_lazy("Payments"),
    "request": gettext_lazy("Requests to the applicant"),
    "opinion": gettext_lazy("Opinions"),
    "tag": gettext_lazy("Tags"),
    "integration": gettext_lazy("Other systems"),
    "intention": gettext_lazy("Things to do"),
}


def _looked_for(request: DeskRequest) -> str:
    """The words looked for; none once they are forgotten, or where they were somebody else's."""
    try:
        return str(questions.read(request, FIND, request.GET.get("find", ""), at=request.now)["text"])
    except Http404:
        return ""


def shown(request: DeskRequest, case: Case) -> dict[str, Any]:
    """A page of lines the user may see, by kind when one is chosen. Raises Http404 for a kind or page there is not."""
    kind, whole = request.GET.get("kind", ""), "whole" in request.GET
    if kind and kind not in KINDS:
        raise Http404
    wrote = _wrote(request.user, kind, case=case.pk)
    form = TimelineFilter(request.GET, writers=[(str(number), name) for number, name, _lines in wrote])
    text = _looked_for(request)
    narrowed = form.is_valid() and any(form.cleaned_data.values())
    lines = form.narrowed(_lines(request.user, kind, case=case.pk)) if narrowed or text else None
    if lines is not None:
        lines = lines.filter(text__icontains=text) if text else lines
        count = lines.count()
    else:
        count = sum(lines for _number, _name, lines in wrote)
    here = paging.page(request.GET, count=count, size=MOST_WHOLE if whole else PAGE)
    if lines is not None:
        rows = list(here.of(lines))
    else:
        rows = _page(request.user, kind, here.before, here.size, case=case.pk)
    named = _documents(request, case, rows)
    address = reverse("desk:case_timeline", args=[case.reference])
    return {
        "entries": [_moment(row, case, named) for row in rows],
        "kinds": [
            Link(_("Everything"), address + with_query(request.GET, kind=None, page=None)),
            *(Link(str(name), address + with_query(request.GET, kind=key, page=None)) for key, name in KINDS.items()),
        ],
        "kind": kind,
        "form": form,
        "failed": bool(form.errors),
        "find": FindLine(initial={"text": text}),
        "found": text,
        "key": request.GET.get("find", ""),
        "unfound": address + with_query(request.GET, find=None, page=None),
        "narrowed": narrowed,
        "opened": narrowed or bool(form.errors),
        "everything": address,
        "whole": None if whole or here.last == 1 else address + with_query(request.GET, whole="yes", page=None),
        "chosen": str(KINDS.get(kind, _("Everything"))),
        "pages": numbered(page=here.number, last=here.last, query=request.GET) if here.last > 1 else None,
        "count": count,
    }


def _lines(user: User, kind: str, *, case: int) -> "QuerySet[TimelineEntry]":
    lines = sight.visible_timeline(user).filter(case=case, **({"kind": kind} if kind else {}))
    return lines.select_related("by").order_by("-at", "-id")


@compiled(prepared=True)
def _page(user: User, kind: str, after: int, most: int, *, case: int) -> "QuerySet[TimelineEntry]":
    return _lines(user, kind, case=case)[after : after + most]


@compiled(prepared=True)
def _wrote(user: User, kind: str, *, case: int) -> "QuerySet[TimelineEntry, tuple[int, str, int]]":
    """Who wrote lines: their number and name, and how many they wrote of this kind."""
    lines = sight.visible_timeline(user).filter(case=case).order_by()
    many = Count("pk", filter=Q(kind=kind)) if kind else Count("pk")
    return (
        lines.values("by", "by__full_name")
        .annotate(many=many)
        .order_by("by__full_name", "by")
        .values_list("by", "by__full_name", "many")
    )


def _documents(request: DeskRequest, case: Case, rows: list[TimelineEntry]) -> dict[int, str]:
    """The documents that lines speak of, by id, with their names, of those that are still there and may be seen."""
    ids = {row.detail["document"] for row in rows if isinstance(row.detail.get("document"), int)}
    if not ids or not request.user.may(Permission.VIEW_DOCUMENTS, case.service.key):
        return {}
    found = sight.visible_documents(request.user).filter(case_link__case=case, pk__in=ids)
    return dict(found.values_list("pk", "name"))


def _moment(row: TimelineEntry, case: Case, documents: dict[int, str]) -> Moment:
    document = row.detail.get("document")
    name = documents.get(document) if isinstance(document, int) else None
    links = [Link(name, reverse("desk:case_document", args=[case.reference, document]))] if name else []
    return Moment(title=row.text, at=row.at, by=row.by.full_name, tag=str(KINDS[row.kind]), links=links)
