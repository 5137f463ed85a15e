"""What may be done with many cases at once: each line on its own, so that what is refused on one stops no other (CT-20)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import (
    actions,
    assigning,
    intending_many,
    progress,
    refusals,
    saving,
    tagging,
)
from moothall.domain.cases.models import Batch, BatchLine, Case, WorkItem
from moothall.domain.workflow import permits, published


class NotDone(Exception):
    """Why nothing was done with a case. Its message may be shown to whoever asked."""


def not_done() -> tuple[type[Exception], ...]:
    """What refuses one line of a batch and stops no other."""
    return (*refusals.every(), NotDone, WorkItem.DoesNotExist, Case.DoesNotExist)


def do(batch: Batch, line: BatchLine, *, at: datetime) -> str:
    """Do what a batch asks with one of its lines; what was done, in a sentence. Raises one of `not_done`."""
    return _DO[Batch.Kind(batch.kind)](batch, line, at)


def _assign(batch: Batch, line: BatchLine, at: datetime) -> str:
    item = _item(batch, line)
    _allowed(item, batch.by, Permission.EDIT_CASES)
    _progressed(item, batch.by)
    assigning.assign(item, to=line.to, by=batch.by, at=at, version=line.seen)
    if line.to is None:
        return f"{item.stage.name} is nobody's."
    return f"{item.stage.name} is assigned to {line.to.full_name}."


def _tag(batch: Batch, line: BatchLine, at: datetime) -> str:
    item = _item(batch, line)
    _allowed(item, batch.by, Permission.EDIT_CASES)
    tagging.tag_case(item.case, set=batch.asked["put"], remove=batch.asked["remove"], by=batch.by, at=at)
    return "Tagged."


def _choose(batch: Batch, line: BatchLine, at: datetime) -> str:
    item = _item(batch, line)
    workflow, stage, outcome = batch.asked["outcome"].split("/")
    here = f"{item.case.service_key}.{published.workflow(item.stage.version_id).key}"
    if (here, item.stage.key) != (workflow, stage):
        raise NotDone(f"This is at {item.stage.name}, where that outcome is not.")
    seen = line.seen or item.version
    with saving.unseen():
        chosen = progress.choose(item, outcome, by=batch.by, at=at, version=seen, note=batch.asked.get("note", ""))
    if chosen.proposal:
        return "Proposed: it waits for a second officer."
    if chosen.now_at is None:
        return "Done: the workflow has ended."
    shown = WorkItem.objects.visible_to(batch.by).filter(pk=chosen.now_at.pk).exists()
    return f"Done: now at {chosen.now_at.stage.name}." if shown else "Done."


def _share_out(batch: Batch, line: BatchLine, at: datetime) -> str:
    item = _item(batch, line)
    _supervised(item, batch.by)
    if line.to is None:
        skill = published.workflow(item.stage.version_id).stage(item.stage.key).skill
        raise NotDone(
            f"None of those chosen has the skill that {item.stage.name} asks for."
            if skill
            else f"None of those chosen may progress {item.stage.name}."
        )
    if item.assigned_to_id is not None:
        raise NotDone(f"{item.stage.name} has been taken meanwhile.")
    assigning.assign(item, to=line.to, by=batch.by, at=at, version=line.seen)
    return f"{item.stage.name} is assigned to {line.to.full_name}."


def _give_back(batch: Batch, line: BatchLine, at: datetime) -> str:
    item = _item(batch, line)
    _supervised(item, batch.by)
    if item.version != line.seen or item.assigned_to_id is None or item.finished_at:
        raise NotDone(f"{item.stage.name} has been worked on since, so it stays as it is.")
    holder = item.assigned_to
    assigning.assign(item, to=None, by=batch.by, at=at, version=line.seen)
    return f"{item.stage.name} is given back by {holder.full_name}." if holder else "Given back."


def _hand_over(batch: Batch, line: BatchLine, at: datetime) -> str:
    if line.intention_id:
        return intending_many.hand_over(batch, line, at)
    return _hand_over_item(batch, line, at) if line.item_id else _hand_over_case(batch, line, at)


def _hand_over_item(batch: Batch, line: BatchLine, at: datetime) -> str:
    item = _item(batch, line)
    _supervised(item, batch.by)
    if item.finished_at or item.assigned_to_id != batch.about_id:
        raise NotDone(f"{item.stage.name} is not theirs any more.")
    why = ""
    if line.to is not None:
        if assigning.can_work_on(item, line.to):
            assigning.assign(item, to=line.to, by=batch.by, at=at)
            return f"{item.stage.name} is now {line.to.full_name}'s."
        why = f" {line.to.full_name} may not progress it."
    assigning.assign(item, to=None, by=batch.by, at=at)
    return f"{item.stage.name} is given back to its team.{why}"


def _hand_over_case(batch: Batch, line: BatchLine, at: datetime) -> str:
    case = Case.objects.visible_to(batch.by).select_related("owner", "team").get(pk=line.case_id)
    if not batch.by.may(Permission.SUPERVISE, case.service_key):
        raise NotDone("You may not supervise work of this service.")
    if case.owner_id != batch.about_id:
        raise NotDone("The case is not theirs any more.")
    sees = line.to is not None and Case.objects.visible_to(line.to).filter(pk=case.pk).exists()
    actions.assign_case(case, owner=line.to if sees else None, team=case.team, by=batch.by, at=at)
    if sees and line.to:
        return f"The case now belongs to {line.to.full_name}."
    return "The case belongs to nobody now."


def _item(batch: Batch, line: BatchLine) -> WorkItem:
    """The work item of a line as it is now, of those whoever asked may see. Raises NotDone."""
    rows = WorkItem.objects.visible_to(batch.by).select_related("stage", "run", "case__service", "assigned_to")
    item = rows.filter(pk=line.item_id).first() if line.item_id else None
    if item is None:
        raise NotDone("You may not see this work any more.")
    return item


def _allowed(item: WorkItem, user: User, needed: Permission) -> None:
    if not user.may(needed, item.case.service_key):
        raise NotDone(f"This needs the permission {needed} for this service.")


def _supervised(item: WorkItem, user: User) -> None:
    _allowed(item, user, Permission.SUPERVISE)


def _progressed(item: WorkItem, user: User) -> None:
    if not permits.may(published.workflow(item.stage.version_id), user.group_keys, "progress", stage=item.stage.key):
        raise NotDone(f"You may not progress {item.stage.name}.")


_DO: Mapping[Batch.Kind, Callable[[Batch, BatchLine, datetime], str]] = {
    Batch.Kind.ASSIGN: _assign,
    Batch.Kind.TAG: _tag,
    Batch.Kind.OUTCOME: _choose,
    Batch.Kind.SHARE_OUT: _share_out,
    Batch.Kind.GIVE_BACK: _give_back,
    Batch.Kind.HAND_OVER: _hand_over,
    Batch.Kind.ASSIGN_TO_DO: intending_many.assign,
    Batch.Kind.MOVE_TO_DO: intending_many.move,
    Batch.Kind.DO_TO_DO: intending_many.finish,
}
