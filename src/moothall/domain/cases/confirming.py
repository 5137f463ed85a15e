"""What a second officer does with a proposed outcome, and the first who thinks better of it (BEST-5)."""

from datetime import datetime

from moothall.core.accounts import absence
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import progress, proposals
from moothall.domain.cases.deciding import NotAllowed, decided
from moothall.domain.cases.locking import hold_to_choose
from moothall.domain.cases.models import Proposal, WorkItem
from moothall.domain.cases.progress import Chosen
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.domain.workflow import permits, published
from moothall.domain.workflow.answering import as_given
from moothall.domain.workflow.machine import Change, Choice, Refused
from moothall.kit.calendars import LONDON

State = Proposal.State


class CannotConfirm(Exception):
    """A proposal cannot be confirmed, sent back or withdrawn by this person, or not any more. Its message may be shown."""


def obstacle(proposal: Proposal, user: User) -> str:
    """Why somebody may not be the second officer of a proposal, as far as it depends on who they are; or nothing."""
    if proposal.by_id == user.pk:
        return "Somebody else must confirm what you proposed."
    definition = published.workflow(proposal.stage.version_id)
    place = {"stage": proposal.stage.key, "subject": proposal.outcome}
    if not permits.may(definition, user.group_keys, "confirm", **place):
        return f"Your groups do not confirm “{proposals.outcome_name(proposal)}”."
    return ""


def confirm(proposal: Proposal, *, by: User, at: datetime) -> Chosen:
    """The second officer agrees: the outcome happens as it was proposed, in the name of who proposed it.

    Raises CannotConfirm: for who may not, for what has been dealt with, and for what is no longer as it was proposed on.
    """
    with recording.because(action="outcome.confirmed", by=by, at=at):
        item, proposal = _held(proposal)
        if why := obstacle(proposal, by):
            raise CannotConfirm(why)
        today = at.astimezone(LONDON).date()
        away = absence.away([proposal.by_id], today=today).get(proposal.by_id)
        if away and away.cover_id == by.pk:
            raise CannotConfirm(f"You cover for {proposal.by.full_name}, so somebody else must confirm it.")
        change = _still(item, proposal, at=at)
        chosen = progress.carry_out(item, change, by=proposal.by, at=at, edits=proposal.edits, confirmed_by=by)
        proposals.end(proposal, State.CONFIRMED, by=by, at=at)
        recording.record(
            "outcome.confirmed", proposal, by=by, at=at, proposed_by=proposal.by_id, case=item.case_id, item=item.pk
        )
        _tell(
            proposal, f"{by.full_name} confirmed “{proposals.outcome_name(proposal)}”, which you proposed.", item, at=at
        )
        return chosen


def send_back(proposal: Proposal, *, reason: str, by: User, at: datetime) -> None:
    """The second officer does not agree and says why; the work item can be progressed again. Raises CannotConfirm."""
    with recording.because(action="outcome.sent_back", by=by, at=at, reason=reason):
        item, proposal = _held(proposal)
        if why := obstacle(proposal, by):
            raise CannotConfirm(why)
        if not (reason := reason.strip()):
            raise CannotConfirm("Say why you send it back.")
        proposals.end(proposal, State.SENT_BACK, by=by, at=at, reason=reason)
        name = proposals.outcome_name(proposal)
        text = f"{name}, proposed by {proposal.by.full_name}, was sent back: {reason}"
        proposals.set_free(item, text, by=by, at=at)
        recording.record("outcome.sent_back", proposal, by=by, at=at, reason=reason, case=item.case_id)
        _tell(proposal, f"{by.full_name} sent back “{name}”, which you proposed.", item, at=at)


def withdraw(proposal: Proposal, *, by: User, at: datetime) -> None:
    """Who proposed it takes it back; the work item can be progressed again. Raises CannotConfirm."""
    with recording.because(action="outcome.withdrawn", by=by, at=at):
        item, proposal = _held(proposal)
        if proposal.by_id != by.pk:
            raise CannotConfirm(f"Only {proposal.by.full_name} can withdraw it. Send it back instead.")
        proposals.end(proposal, State.WITHDRAWN, by=by, at=at)
        name = proposals.outcome_name(proposal)
        proposals.set_free(item, f"{name} is no longer proposed: it was withdrawn.", by=by, at=at)
        recording.record("outcome.withdrawn", proposal, by=by, at=at, case=item.case_id)


def hindrance(proposal: Proposal, *, at: datetime) -> str:
    """Why a waiting proposal cannot happen any more as it was proposed; or nothing. What its effects refuse is not known."""
    try:
        _still(proposal.item, proposal, at=at)
    except CannotConfirm as problem:
        return str(problem)
    return ""


def _tell(proposal: Proposal, text: str, item: WorkItem, *, at: datetime) -> None:
    """Tell who proposed it what came of it."""
    told = {"reference": item.case.reference, "page": "workflow", "cause": f"proposal.{proposal.pk}"}
    notify([proposal.by], kind=Notification.Kind.APPROVAL, text=text, at=at, by=proposal.ended_by, **told)


def _held(proposal: Proposal) -> tuple[WorkItem, Proposal]:
    """The proposal as it is now, waiting, and its work item; the case is locked. Raises CannotConfirm."""
    item = hold_to_choose(proposal.item_id, proposal.stage_id, proposal.outcome)
    proposal = Proposal.objects.select_related("stage", "by", "ended_by").get(pk=proposal.pk)
    if proposal.state != State.WAITING:
        assert proposal.ended_by is not None
        assert proposal.ended_at is not None
        when, how = proposal.ended_at.astimezone(LONDON), _ENDED[State(proposal.state)]
        raise CannotConfirm(f"This {how} {proposal.ended_by.full_name} on {when:%-d %B %Y at %H:%M}.")
    return item, proposal


_ENDED = {
    State.CONFIRMED: "was confirmed already by",
    State.SENT_BACK: "was sent back already by",
    State.WITHDRAWN: "was withdrawn by",
    State.OVERTAKEN: "no longer stands, since the case was moved on by",
}


def _still(item: WorkItem, proposal: Proposal, *, at: datetime) -> Change:
    """What was proposed, decided anew, if all is as it was proposed on. Raises CannotConfirm.

    Every question is answered as it was then, none by its default.
    """
    if item.version != proposal.version or item.stage_id != proposal.stage_id:
        raise CannotConfirm(_no_longer(f"{item.stage.name} has been changed since."))
    first = proposal.by
    if not first.is_active or not WorkItem.objects.visible_to(first).filter(pk=item.pk).exists():
        raise CannotConfirm(_no_longer(f"{first.full_name} may not work on this case any more."))
    outcome = published.workflow(item.stage.version_id).stage(item.stage.key).outcome(proposal.outcome)
    choice = Choice(outcome=outcome.id, answers=as_given(outcome, proposal.answers), note=proposal.note)
    try:
        change = decided(item, choice, at=at, groups=first.group_keys, edits=proposal.edits)
    except (Refused, NotAllowed) as refused:
        raise CannotConfirm(_no_longer(str(refused))) from refused
    if dict(change.answers) != proposal.answers:
        raise CannotConfirm(_no_longer("The answers do not mean the same any more."))
    return change


def _no_longer(why: str) -> str:
    return f"It cannot happen as it was proposed: {why} Send it back, so that it is looked at again."
