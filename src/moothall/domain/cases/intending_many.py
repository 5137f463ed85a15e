"""Many things to do at once: each line of a batch on its own, with its result (PPP-43)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import intending
from moothall.domain.cases.intending import IntentionRefused, Plan
from moothall.domain.cases.models import Batch, BatchLine, Intention, IntentionQuerySet


def lines(rows: IntentionQuerySet, *, seen: Mapping[int, int], to: User | None = None) -> Iterable[BatchLine]:
    """A line for each thing to do, with the version of it that was shown."""
    for pk, case, version in rows.values_list("pk", "case", "version"):
        yield BatchLine(intention_id=pk, case_id=case, seen=seen.get(pk) or version, to=to)


def assign(batch: Batch, line: BatchLine, at: datetime) -> str:
    """Give it to the user of the line, to the team asked for, or to nobody."""
    row = _row(batch, line)
    team = SecurityGroup.objects.filter(key=batch.asked["team"]).first() if batch.asked.get("team") else None
    plan = replace(Plan.of(row), user=line.to, team=team)
    intending.change(row, plan, by=batch.by, at=at, version=line.seen, tell=False)
    return f"“{row.text}” is {plan.whose}."


def move(batch: Batch, line: BatchLine, at: datetime) -> str:
    """Have it due on the day asked for; a reminder that would come after it comes on that day."""
    row, due = _row(batch, line), date.fromisoformat(batch.asked["due"])
    remind_on = min(row.remind_on, due) if row.remind_on else None
    intending.change(row, replace(Plan.of(row), due=due, remind_on=remind_on), by=batch.by, at=at, version=line.seen)
    return f"“{row.text}” is due on {due:%-d %B %Y}."


def finish(batch: Batch, line: BatchLine, at: datetime) -> str:
    """Complete it, with the note asked for."""
    row = _row(batch, line)
    intending.complete(row, note=batch.asked.get("note", ""), by=batch.by, at=at, version=line.seen)
    return f"“{row.text}” is done."


def hand_over(batch: Batch, line: BatchLine, at: datetime) -> str:
    """Give a leaver's to the receiver of the line, or to nobody where they may not work on it."""
    row = _row(batch, line, Permission.SUPERVISE)
    if row.state != Intention.State.OPEN or row.user_id != batch.about_id:
        raise IntentionRefused(f"“{row.text}” is not theirs any more.")
    to = line.to if line.to and intending.may_do(line.to, row.case) else None
    plan = replace(Plan.of(row), user=to)
    intending.change(row, plan, by=batch.by, at=at, tell=False)
    return f"“{row.text}” is {plan.whose}."


def _row(batch: Batch, line: BatchLine, needed: Permission = Permission.MANAGE_INTENTIONS) -> Intention:
    """The one of a line as it is now, of those whoever asked may see and change. Raises IntentionRefused."""
    assert line.intention_id is not None
    rows = Intention.objects.visible_to(batch.by, needed).select_related("case", "user", "team")
    row = rows.filter(pk=line.intention_id).first()
    if row is None:
        raise IntentionRefused("You may not see or change this any more.")
    return row
