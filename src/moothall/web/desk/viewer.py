"""A document as it is looked at: which page, how large, how turned. All of it stands in the address, so that looking
works without scripts, two documents can be looked at side by side, and a look can be passed on."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.urls import reverse

from moothall.domain.cases import sight
from moothall.domain.cases.models import Case
from moothall.domain.documents import content as contents
from moothall.domain.documents import pages
from moothall.domain.documents.models import Document
from moothall.domain.documents.pictures import NoPicture
from moothall.kit.framing import TURNS
from moothall.web.common.whole import whole
from moothall.web.components.parts import Link, with_query
from moothall.web.desk.request import DeskRequest

ZOOMS = ("fit", "150", "200", "300")  # per cent of the width there is


@dataclass(frozen=True)
class Pane:
    """A document looked at. `kind`: picture (also of a page), frame (the browser's own reader) or none."""

    document: Document
    prefix: str
    kind: str
    source: str
    zoom: str
    turn: int
    page: int
    pages: int
    zooms: list[tuple[str, str]]  # each with its address
    left: str
    right: str
    before: str
    after: str


def visible(request: DeskRequest, case: Case) -> Any:
    """The documents of a case that the user sees."""
    return sight.visible_documents(request.user).filter(case_link__case=case)


def named(request: DeskRequest, case: Case, document_id: int) -> Document:
    """One of them. Raises Http404."""
    found: Document | None = visible(request, case).select_related("created_by").filter(pk=document_id).first()
    if found is None:
        raise Http404
    return found


def pane(request: DeskRequest, case: Case, document: Document, *, prefix: str = "") -> Pane:
    """A document as the address asks to see it; what it asks for and is not there is left aside."""
    kind, last = _kind(document)
    asked = {name: request.GET.get(f"{prefix}{name}", "") for name in ("zoom", "turn", "page")}
    zoom = asked["zoom"] if asked["zoom"] in ZOOMS else ZOOMS[0]
    turn = int(asked["turn"]) if asked["turn"] in map(str, TURNS) else document.turned
    page = min(max(whole(asked["page"]) or 1, 1), max(last, 1))

    def to(**changes: object) -> str:
        return with_query(request.GET, **{f"{prefix}{name}": str(value) for name, value in changes.items()})

    source = reverse("desk:case_file", args=[case.reference, document.pk])
    if kind == "picture":
        source = reverse("desk:case_picture", args=[case.reference, document.pk]) + f"?page={page}&turn={turn}"
    return Pane(
        document,
        prefix,
        kind,
        source,
        zoom,
        turn,
        page,
        last,
        zooms=[(one, to(zoom=one)) for one in ZOOMS],
        left=to(turn=(turn - 90) % 360),
        right=to(turn=(turn + 90) % 360),
        before=to(page=page - 1) if page > 1 else "",
        after=to(page=page + 1) if page < last else "",
    )


def neighbours(request: DeskRequest, case: Case, document: Document) -> tuple[Link | None, Link | None]:
    """The document before and the one after in the list, the newest first."""
    rows = visible(request, case).values_list("pk", "name")
    at, pk = document.created_at, document.pk
    newer = rows.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gt=pk)).order_by("created_at", "id").first()
    older = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk)).order_by("-created_at", "-id").first()

    def link(row: tuple[int, str] | None) -> Link | None:
        return Link(row[1], reverse("desk:case_document", args=[case.reference, row[0]])) if row else None

    return link(newer), link(older)


def _kind(document: Document) -> tuple[str, int]:
    if document.media_type in contents.PICTURES:
        return "picture", 1
    if document.media_type != contents.PDF:
        return "none", 1
    if not pages.drawn():
        return "frame", 1
    try:
        return "picture", pages.count(document)
    except NoPicture:
        return "none", 1
