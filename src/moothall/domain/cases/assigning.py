"""Whose a work item is: taken, released, given to somebody (BEST-4)."""

from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import timeline
from moothall.domain.cases.models import Case, TimelineEntry, WorkItem


class CannotAssign(Exception):
    """A work item cannot be given to this person. Its message may be shown to whoever asked."""


def assign(item: WorkItem, *, to: User | None, by: User, at: datetime, version: int | None = None) -> WorkItem:
    """Give an open work item to `to`, or to nobody. `version` is the item's as the giver saw it.

    Whoever gets it must be able to see the case and progress the stage. Raises CannotAssign.
    """
    with recording.because(action="work_item.assigned", by=by, at=at):
        Case.objects.select_for_update(no_key=True).only("pk").get(pk=item.case_id)
        item = WorkItem.objects.select_related("stage", "case", "assigned_to").get(pk=item.pk)
        if item.finished_at:
            raise CannotAssign(f"{item.stage.name} is finished, so it cannot be assigned.")
        if version is not None and version != item.version:
            raise CannotAssign(f"{item.stage.name} was changed while you had it open. Look again first.")
        if item.assigned_to_id == (to.pk if to else None):
            return item
        if to and not _can_work_on(item, to):
            raise CannotAssign(f"{to.full_name} may not progress {item.stage.name}.")
        before = item.assigned_to_id
        item.assigned_to, item.version = to, item.version + 1
        item.save(update_fields=["assigned_to", "version"])
        text = f"{item.stage.name} assigned to {to.full_name}." if to else f"{item.stage.name} released."
        timeline.write(item.case, kind=TimelineEntry.Kind.WORKFLOW, text=text, by=by, at=at, stage_row=item.stage_id)
        recording.record(
            "work_item.assigned", item, by=by, at=at, before=before, after=item.assigned_to_id, case=item.case_id
        )
    return item


def _can_work_on(item: WorkItem, user: User) -> bool:
    return (
        user.is_active
        and bool(user.group_keys & set(item.stage.progress))
        and (WorkItem.objects.visible_to(user).filter(pk=item.pk).exists())
    )
