"""What every page of a case shows: its header and its tabs (CT-3), each tab for whoever has its permission."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.domain.cases import clock, heed, sight
from moothall.domain.cases.models import Case, Note, WorkItem
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.manifest import Issued
from moothall.kit.calendars import LONDON
from moothall.web.components.parts import Colour, Tab, Target
from moothall.web.desk import recent
from moothall.web.desk.finding import case_read
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.targets import target

SUMMARY, ISSUED = "summary", "issued"
MOST_IMPORTANT, SHOWN_IMPORTANT = 99, 5  # important notes that are counted, and shown on the summary
TABS = {
    SUMMARY: (gettext_lazy("Summary"), Permission.VIEW_CASES),
    "application": (gettext_lazy("Online application"), Permission.VIEW_SUBMISSION),
    "workflow": (gettext_lazy("Workflow"), Permission.VIEW_WORK),
    "timeline": (gettext_lazy("Timeline"), Permission.VIEW_TIMELINE),
    "documents": (gettext_lazy("Documents"), Permission.VIEW_DOCUMENTS),
    "online": (gettext_lazy("Online messages"), Permission.VIEW_ONLINE_MESSAGES),
    "notes": (gettext_lazy("Notes"), Permission.VIEW_NOTES),
    "payments": (gettext_lazy("Payments"), Permission.VIEW_PAYMENTS),
    ISSUED: (gettext_lazy("What was issued"), Permission.VIEW_BADGE),
}
"""Each tab: its name, and the permission it needs. What a service issues has the name it declares, or no tab."""

END_STATES: dict[str, tuple[Any, Colour]] = {
    "complete": (gettext_lazy("Complete"), "green"),
    "refused": (gettext_lazy("Refused"), "red"),
    "closed": (gettext_lazy("Closed"), "grey"),
    "dormant": (gettext_lazy("Dormant"), "grey"),
    "withdrawn": (gettext_lazy("Withdrawn"), "grey"),
}


@dataclass(frozen=True)
class State:
    """Where a case is, or how it ended."""

    text: str
    colour: Colour


@dataclass(frozen=True)
class Waiting:
    """A stage the case waits at, with who has taken it and its clock."""

    item: WorkItem
    target: Target | None


def case_page(request: DeskRequest, reference: str, tab: str, *needs: Permission) -> dict[str, Any]:
    """The case with this reference as context of `desk/case_layout.html`, for who may see this tab of it.

    That it was read is recorded, and it becomes the first of the recent cases. Holds `case`, `tabs`, `tab`, `type`,
    `state` (State), `waiting` (Waiting of each open work item the user sees), `important_notes` (on the summary, the newest
    first; none for who may not see notes), `important` (how many) and `heed` (Heed: what to heed of the customer). Raises Http404, PermissionDenied.
    """
    case = case_read(request, reference, TABS[tab][1], *needs, via="case" if tab == SUMMARY else f"case.{tab}")
    recent.add(request, case)
    return header(case, tab, user=request.user, now=request.now)


def header(case: Case, tab: str, *, user: User, now: datetime) -> dict[str, Any]:
    """As `case_page`, of a case that was found already."""
    heeded = heed.of(case.customer_id, user=user, on=now.astimezone(LONDON).date())
    if not user.may(Permission.VIEW_PEOPLE, case.service.key):
        heeded = replace(heeded, flags=(), preferences=())
    waiting = _waiting(case, user, now) if user.may(Permission.VIEW_WORK, case.service.key) else []
    counted = len(_counted(user, case=case.pk)) if user.may(Permission.VIEW_NOTES, case.service.key) else 0
    return {
        "case": case,
        "tab": tab,
        "tabs": _tabs(case, tab, user, counted),
        "type": type_label(case),
        "state": _state(case, waiting),
        "waiting": waiting,
        "heed": heeded,
        "important_notes": _important(user, case=case.pk) if counted and tab == SUMMARY else [],
        "important": counted,
    }


def issued_of(case: Case) -> Issued | None:
    """What its service issues, as it says now."""
    return catalogue.manifest(case.service.current_id or case.service_version_id).issued


def tab_address(case: Case, tab: str) -> str:
    """Where a tab of a case is."""
    start = reverse("desk:case", args=[case.reference])
    return start if tab == SUMMARY else f"{start}{tab}/"


def type_label(case: Case) -> str:
    """What its service calls cases of this type."""
    types = catalogue.manifest(case.service_version_id).case_types
    return next((one.label for one in types if one.key == case.type), case.type)


def source_label(case: Case) -> str:
    """What its service calls the way the case came in."""
    sources = catalogue.manifest(case.service_version_id).sources
    return next((one.label for one in sources if one.key == case.source), case.source)


def may_see(request: DeskRequest, case: Case, permission: Permission) -> bool:
    """Whether who asks has a permission for the service of a case."""
    return request.user.may(permission, case.service.key)


def _waiting(case: Case, user: User, now: datetime) -> list[Waiting]:
    return [Waiting(item, target(item, now)) for item in clock.done(_open_items(user, case=case.pk))]


@compiled(prepared=True)
def _open_items(user: User, *, case: int) -> "QuerySet[WorkItem]":
    items = WorkItem.objects.visible_to(user).open().filter(case=case).select_related("stage", "assigned_to")
    return clock.with_done(items).order_by("entered_at", "id")


@compiled(prepared=True)
def _important(user: User, *, case: int) -> "QuerySet[Note]":
    notes = sight.visible_notes(user).filter(case=case, important=True).select_related("by")
    return notes.order_by("-at", "-id")[:SHOWN_IMPORTANT]


@compiled(prepared=True)
def _counted(user: User, *, case: int) -> "QuerySet[Note, tuple[int]]":
    notes = sight.visible_notes(user).filter(case=case, important=True)
    return notes.order_by().values_list("pk")[:MOST_IMPORTANT]


def _state(case: Case, waiting: list[Waiting]) -> State:
    if case.closed_at:
        text, colour = END_STATES.get(case.end_state, (case.end_state, "grey"))
        return State(str(text), colour)
    stages = ", ".join(one.item.stage.name for one in waiting)
    return State(stages or _("Open"), "blue")


def _tabs(case: Case, active: str, user: User, important: int) -> list[Tab]:
    issued = issued_of(case)
    return [
        Tab(
            issued.tab if issued and key == ISSUED else str(name),
            tab_address(case, key),
            active=key == active,
            count=(important or None) if key == "notes" else None,
            urgent=key == "notes",
            what=ngettext("important note", "important notes", important),
        )
        for key, (name, permission) in TABS.items()
        if user.may(permission, case.service.key) and (key != ISSUED or issued)
    ]
