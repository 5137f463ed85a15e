"""Outcomes that wait for a second officer: kept, refused while one waits, ended (BEST-5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.compiled import compiled
from moothall.domain.cases import timeline
from moothall.domain.cases.models import Proposal, TimelineEntry, WorkItem
from moothall.domain.cases.sampling import Draw
from moothall.domain.messages.models import Message
from moothall.domain.workflow import published
from moothall.domain.workflow.machine import Change
from moothall.kit.calendars import LONDON


class AlreadyProposed(Exception):
    """An outcome waits for a second officer, so none can be chosen. Its message may be shown to whoever asked."""

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        when = proposal.at.astimezone(LONDON)
        super().__init__(
            f"{proposal.by.full_name} proposed “{outcome_name(proposal)}” on {when:%-d %B %Y at %H:%M}, which waits for a"
            " second officer. It must be confirmed, sent back or withdrawn before anything else is chosen here."
        )


def outcome_name(proposal: Proposal) -> str:
    """What was proposed, in the workflow's words."""
    return published.workflow(proposal.stage.version_id).stage(proposal.stage.key).outcome(proposal.outcome).name


def waiting_on(item: WorkItem) -> Proposal | None:
    """The proposal that waits on a work item."""
    return next(iter(_waiting(item=item.pk)), None)


@compiled(prepared=True)
def _waiting(*, item: int) -> QuerySet[Proposal]:
    return Proposal.objects.waiting().filter(item=item).select_related("stage", "by").order_by("pk")[:1]


def refuse_waiting(item: WorkItem) -> None:
    """Refuse to choose while an outcome waits for a second officer. Raises AlreadyProposed."""
    if item.proposed and (proposal := waiting_on(item)):
        raise AlreadyProposed(proposal)


def keep(
    item: WorkItem,
    change: Change,
    *,
    edits: Mapping[str, Any],
    drafts: Sequence[Mapping[str, str]],
    drawn: Draw | None,
    by: User,
    at: datetime,
) -> Proposal:
    """Keep an outcome that was chosen, for a second officer. The item is held; it stays where it is."""
    second = change.second_officer
    assert second is not None
    item.version, item.proposed = item.version + 1, True
    item.save(update_fields=["version"])
    proposal = Proposal.objects.create(
        item=item,
        stage=item.stage,
        outcome=change.outcome.id,
        answers=dict(change.answers),
        note=change.note,
        edits=dict(edits),
        drafts=list(drafts),
        groups=list(second.groups),
        why=second.why,
        version=item.version,
        by=by,
        at=at,
    )
    text = f"{item.stage.name}: {change.outcome.name} proposed. It waits for a second officer: {second.why}"
    _write(item, text, by=by, at=at)
    facts: dict[str, Any] = {
        "outcome": change.outcome.id,
        "draw": drawn.told() if drawn else None,
        "case": item.case_id,
    }
    recording.record("outcome.proposed", proposal, by=by, at=at, **facts)
    return proposal


def drafts(item: WorkItem, *, at: datetime) -> list[dict[str, str]]:
    """The messages an outcome saved at `at`, as a second officer reads them: each text once, to whom and by which ways."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    saved = Message.objects.filter(case_link__case=item.case_id, created_at=at).order_by("pk")
    for message in saved:
        text = {"to": message.to_name, "subject": message.subject, "html": message.html}
        found.setdefault(tuple(text.values()), text)
    return list(found.values())


def end(proposal: Proposal, state: Proposal.State, *, by: User, at: datetime, reason: str = "") -> None:
    """Write how a waiting proposal ended."""
    proposal.state, proposal.reason, proposal.ended_by, proposal.ended_at = state, reason, by, at
    proposal.save(update_fields=["state", "reason", "ended_by", "ended_at"])


def overtake(item: WorkItem, *, by: User, at: datetime) -> None:
    """The item is left another way, so what was proposed there cannot happen any more."""
    if item.proposed and (proposal := waiting_on(item)):
        end(proposal, Proposal.State.OVERTAKEN, by=by, at=at)
        name = proposal.by.full_name
        _write(item, f"{item.stage.name}: what {name} had proposed no longer stands: the case went on.", by=by, at=at)
        recording.record("outcome.overtaken", proposal, by=by, at=at, case=item.case_id)


def set_free(item: WorkItem, text: str, *, by: User, at: datetime) -> None:
    """The item can be progressed again after a proposal came to nothing; `text` says how."""
    item.version, item.proposed = item.version + 1, False
    item.save(update_fields=["version"])
    _write(item, f"{item.stage.name}: {text}", by=by, at=at)


def carried_along(item: WorkItem) -> None:
    """The item changed in a way that no decision rests on (whose it is): what waits for a second officer still stands."""
    Proposal.objects.waiting().filter(item=item.pk, version=item.version - 1).update(version=item.version)


def _write(item: WorkItem, text: str, *, by: User, at: datetime) -> None:
    kind = TimelineEntry.Kind.WORKFLOW
    timeline.write(item.case, kind=kind, text=text, by=by, at=at, stage_row=item.stage_id)
