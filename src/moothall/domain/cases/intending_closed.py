"""What is still to be done ends with its case, and is open again when the case is (PPP-41)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db.models import F

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import intending, timeline
from moothall.domain.cases.colleagues import who_may
from moothall.domain.cases.intending import NEEDS, Plan
from moothall.domain.cases.models import Case, Intention, IntentionQuerySet, Run, TimelineEntry, WorkItem
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.domain.workflow.definition import Outcome
from moothall.domain.workflow.parts import Start

State = Intention.State
LISTED = 20
"""Things named in one sentence, at most."""


def ending(item: WorkItem, outcome: Outcome) -> list[Intention]:
    """What would end with the case if this outcome of an open item were chosen: nothing where the case goes on."""
    if not outcome.end or any(isinstance(effect, Start) for effect in outcome.do):
        return []
    if Run.objects.filter(case=item.case_id, ended_at=None).exclude(pk=item.run_id).exists():
        return []
    return list(_ends(item.case).select_related("user", "team").order_by("due", "pk"))


def keep(case: Case, kept: Collection[int], *, by: User, at: datetime) -> None:
    """Have these, by their numbers, stay to be done when the case is closed."""
    for row in _ends(case).filter(pk__in=kept).select_related("user", "team").order_by("pk"):
        intending.change(row, replace(Plan.of(row), stays=True), by=by, at=at, tell=False)


def end_with(case: Case, *, but: WorkItem, by: User, at: datetime) -> None:
    """End what is open on a case that is being closed, but for what stays or the outcome of this item has just added.

    The case is locked. Whoever had it is told, unless they closed the case themselves.
    """
    rows = list(_ends(case).exclude(item=but.pk, created_at=at).select_related("user").order_by("due", "pk"))
    if not rows:
        return
    which = Intention.objects.filter(pk__in=[row.pk for row in rows])
    which.update(state=State.CLOSED, ended_at=at, ended_by=by, version=F("version") + 1)
    _say(case, "No longer to be done, since the case is closed", rows, action="intention.closed", by=by, at=at)
    said = f"What you had to do on {case.reference} is no longer to be done: the case is closed."
    _tell(case, rows, said, cause="intentions.closed", by=by, at=at)


def open_again(case: Case, *, by: User, at: datetime) -> None:
    """Have what ended with a case to be done again, now that the case, which is locked, is open again.

    It is nobody's where who had it may not work on it any more.
    """
    rows = list(Intention.objects.filter(case=case, state=State.CLOSED).select_related("user").order_by("due", "pk"))
    if not rows:
        return
    had = {row.user_id for row in rows if row.user_id}
    able = set(who_may(case.service_key, *NEEDS).filter(pk__in=had).values_list("pk", flat=True))
    for row in rows:
        row.state, row.ended_at, row.ended_by, row.version = State.OPEN, None, None, row.version + 1
        row.user = row.user if row.user_id in able else None
    Intention.objects.bulk_update(rows, ["state", "ended_at", "ended_by", "version", "user"])
    _say(case, "To be done again, since the case is open again", rows, action="intention.reopened", by=by, at=at)
    said = f"What you had to do on {case.reference} is to be done again: the case is open again."
    _tell(case, rows, said, cause="intentions.reopened", by=by, at=at)


def _ends(case: Case) -> IntentionQuerySet:
    return Intention.objects.open().filter(case=case, stays=False)


def _say(case: Case, what: str, rows: list[Intention], *, action: str, by: User, at: datetime) -> None:
    """One line of the timeline, and an audit record of each."""
    named = "; ".join(f"“{row.text}”" for row in rows[:LISTED])
    more = f"; and {len(rows) - LISTED} more" if len(rows) > LISTED else ""
    kind = TimelineEntry.Kind.INTENTION
    timeline.write(case, kind=kind, text=f"{what}: {named}{more}.", by=by, at=at, intentions=[row.pk for row in rows])
    for row in rows:
        recording.record(action, row, by=by, at=at, case=case.pk)


def _tell(case: Case, rows: list[Intention], said: str, *, cause: str, by: User, at: datetime) -> None:
    """Let each who has something there and may work on it know, once, unless they did it themselves."""
    holders = {row.user_id for row in rows if row.user_id}
    notify(
        who_may(case.service_key, *NEEDS).filter(pk__in=holders) if holders else [],
        kind=Notification.Kind.WORK,
        text=said,
        cause=f"{cause}.{rows[0].pk}.{rows[0].version}",
        reference=case.reference,
        anchor="to-do",
        by=by,
        at=at,
    )
