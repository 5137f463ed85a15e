"""Whose a work item is: taken, released, given to somebody (BEST-4)."""

from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import proposals, timeline
from moothall.domain.cases.models import Case, TimelineEntry, WorkItem
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification


class CannotAssign(Exception):
    """A work item cannot be given to this person. Its message may be shown to whoever asked."""


class HeldByAnother(CannotAssign):
    """A work item is a colleague's: `holder` is their name, where it may be taken over."""

    def __init__(self, message: str, *, holder: str = "") -> None:
        super().__init__(message)
        self.holder = holder


def assign(item: WorkItem, *, to: User | None, by: User, at: datetime, version: int | None = None) -> WorkItem:
    """Give an open work item to `to`, or to nobody. `version` is the item's as the giver saw it.

    Whoever gets it must be able to see the case and progress the stage. Raises CannotAssign.
    """
    with recording.because(action="work_item.assigned", by=by, at=at):
        return _give(_held(item, version), to=to, by=by, at=at, taken_over=False)


def take(item: WorkItem, *, by: User, at: datetime, version: int | None = None, take_over: bool = False) -> WorkItem:
    """Take an open work item oneself. A colleague's only with `take_over` and its current version.

    Raises CannotAssign; HeldByAnother with the colleague's name.
    """
    with recording.because(action="work_item.assigned", by=by, at=at):
        item = _held(item, version)
        holder = item.assigned_to if item.assigned_to_id != by.pk else None
        if holder and not (take_over and version is not None):
            raise HeldByAnother(
                f"{holder.full_name} has {item.stage.name}. To take it over all the same, say so (take_over)"
                f" and give its version, which is {item.version}.",
                holder=holder.full_name,
            )
        given = _give(item, to=by, by=by, at=at, taken_over=holder is not None)
        if holder:
            _tell(holder, given, by=by, at=at)
        return given


def release(item: WorkItem, *, by: User, at: datetime, version: int | None = None) -> WorkItem:
    """Give back an open work item of one's own. Raises CannotAssign; HeldByAnother when it is not theirs."""
    with recording.because(action="work_item.assigned", by=by, at=at):
        item = _held(item, version)
        if item.assigned_to_id != by.pk:
            raise HeldByAnother("This work item is not yours, so you cannot release it.")
        return _give(item, to=None, by=by, at=at, taken_over=False)


def _held(item: WorkItem, version: int | None) -> WorkItem:
    """The open item as it is now, its case locked."""
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=item.case_id)
    item = WorkItem.objects.select_related("stage", "case", "assigned_to").get(pk=item.pk)
    if item.finished_at:
        raise CannotAssign(f"{item.stage.name} is finished, so it cannot be assigned.")
    if version is not None and version != item.version:
        raise CannotAssign(f"{item.stage.name} was changed while you had it open. Look again first.")
    return item


def _give(item: WorkItem, *, to: User | None, by: User, at: datetime, taken_over: bool) -> WorkItem:
    before = item.assigned_to
    if before == to:
        return item
    if to and not can_work_on(item, to):
        raise CannotAssign(f"{to.full_name} may not progress {item.stage.name}.")
    item.assigned_to, item.version = to, item.version + 1
    item.save(update_fields=["assigned_to", "version"])
    proposals.carried_along(item)
    text = _sentence(item.stage.name, before=before, to=to, taken_over=taken_over)
    timeline.write(item.case, kind=TimelineEntry.Kind.WORKFLOW, text=text, by=by, at=at, stage_row=item.stage_id)
    recording.record(
        "work_item.assigned",
        item,
        by=by,
        at=at,
        before=before.pk if before else None,
        after=item.assigned_to_id,
        taken_over=taken_over,
        case=item.case_id,
    )
    return item


def _tell(holder: User, item: WorkItem, *, by: User, at: datetime) -> None:
    """Let a colleague know that a work item of theirs was taken over."""
    notify(
        [holder],
        kind=Notification.Kind.WORK,
        text=f"{by.full_name} took {item.stage.name} on {item.case.reference} over from you.",
        cause=f"taken_over.{item.pk}.{item.version}",
        reference=item.case.reference,
        page="workflow",
        by=by,
        at=at,
    )


def _sentence(stage: str, *, before: User | None, to: User | None, taken_over: bool) -> str:
    if to is None:
        return f"{stage} released."
    if before is None:
        return f"{stage} assigned to {to.full_name}."
    if taken_over:
        return f"{stage} taken over from {before.full_name} by {to.full_name}."
    return f"{stage} assigned to {to.full_name}, who takes it over from {before.full_name}."


def can_work_on(item: WorkItem, user: User) -> bool:
    """Whether a user may see the case of an item and progress its stage."""
    return (
        user.is_active
        and bool(user.group_keys & set(item.stage.progress))
        and (WorkItem.objects.visible_to(user).filter(pk=item.pk).exists())
    )
