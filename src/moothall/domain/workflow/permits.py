"""Who may do what where: one look-up for every button (BEST-22).

A permit says that a group may do one act at one place. Seeing a stage, progressing it, choosing an outcome, confirming
one that needs a second officer, starting the workflow by hand and any other declared action are all permits, so the screens, the API and the engine ask the
same question of the same table, and the table can be printed and compared between versions.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from moothall.domain.workflow.definition import Outcome, Stage, Workflow

Act = Literal["start", "see", "progress", "outcome", "confirm", "action"]
_ACTS: tuple[Act, ...] = ("start", "see", "progress", "outcome", "confirm", "action")


@dataclass(frozen=True, slots=True)
class Permit:
    """`group` may do `act` at `stage`; `subject` is the outcome or action id. Starting has no stage."""

    group: str
    act: Act
    stage: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class PermitChange:
    """A permit given or taken away between two versions."""

    given: bool
    permit: Permit
    sentence: str


def permits(workflow: Workflow) -> frozenset[Permit]:
    """Every permit of a workflow."""
    return _table(workflow).every


def may(workflow: Workflow, groups: Collection[str], act: Act, *, stage: str = "", subject: str = "") -> bool:
    """Whether somebody in these groups may do this here. What the workflow does not mention nobody may do."""
    allowed = _table(workflow).groups.get((act, stage, subject), frozenset())
    return not allowed.isdisjoint(groups)


def outcome_groups(stage: Stage, outcome: Outcome) -> tuple[str, ...]:
    """Who may choose an outcome: its own groups among those that progress the stage, or all of these."""
    if outcome.groups is None:
        return stage.progress
    return tuple(group for group in outcome.groups if group in stage.progress)


def start_groups(workflow: Workflow) -> tuple[str, ...]:
    """Who may start the workflow by hand."""
    if not workflow.manual:
        return ()
    if workflow.start_groups is not None:
        return workflow.start_groups
    return workflow.stage(workflow.start).progress if workflow.has_stage(workflow.start) else ()


class _Table:
    """The permits of one workflow, by place."""

    def __init__(self, workflow: Workflow) -> None:
        self.every = frozenset(_permits(workflow))
        groups: dict[tuple[str, str, str], set[str]] = {}
        for permit in self.every:
            groups.setdefault((permit.act, permit.stage, permit.subject), set()).add(permit.group)
        self.groups = {place: frozenset(names) for place, names in groups.items()}


@lru_cache(maxsize=256)
def _table(workflow: Workflow) -> _Table:
    return _Table(workflow)


def _permits(workflow: Workflow) -> Iterator[Permit]:
    for group in start_groups(workflow):
        yield Permit(group, "start")
    for stage in workflow.stages:
        for group in stage.see:
            yield Permit(group, "see", stage.id)
        for group in stage.progress:
            yield Permit(group, "progress", stage.id)
        for outcome in stage.outcomes:
            for group in outcome_groups(stage, outcome):
                yield Permit(group, "outcome", stage.id, outcome.id)
            for group in outcome.second_officer.groups if outcome.second_officer else ():
                yield Permit(group, "confirm", stage.id, outcome.id)
    for action in workflow.actions:
        for stage_id in action.stages or tuple(stage.id for stage in workflow.stages):
            for group in action.groups:
                yield Permit(group, "action", stage_id, action.id)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the printed table: a place, and for each group whether it may."""

    act: Act
    stage: str
    subject: str
    groups: frozenset[str]


def table(workflow: Workflow) -> list[Row]:
    """Every act at every place in the order of the definition, with the groups that may; nobody is an empty set."""
    places: list[tuple[Act, str, str]] = [("start", "", "")]
    for stage in workflow.stages:
        places += [("see", stage.id, ""), ("progress", stage.id, "")]
        places += [("outcome", stage.id, outcome.id) for outcome in stage.outcomes]
        places += [("confirm", stage.id, outcome.id) for outcome in stage.outcomes if outcome.second_officer]
        places += [
            ("action", stage.id, action.id)
            for action in workflow.actions
            if not action.stages or stage.id in action.stages
        ]
    known = _table(workflow).groups
    return [Row(act, stage, subject, known.get((act, stage, subject), frozenset())) for act, stage, subject in places]


def _cells(workflow: Workflow) -> list[list[str]]:
    rows = table(workflow)
    groups = sorted(set().union(*(row.groups for row in rows)))
    lines = [["stage", "act", *groups]]
    for row in rows:
        act = f"{row.act} {row.subject}".strip()
        lines.append([row.stage or "(workflow)", act, *("yes" if group in row.groups else "-" for group in groups)])
    return lines


def as_markdown(workflow: Workflow) -> str:
    """The table in Markdown."""
    head, *lines = _cells(workflow)
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))


def compare_tables(old: Workflow, new: Workflow) -> list[PermitChange]:
    """What was given and taken away between two versions, in the order of acts, stages and groups."""
    before, after = permits(old), permits(new)
    changes = [PermitChange(True, permit, _sentence(permit, "may now")) for permit in after - before]
    changes += [PermitChange(False, permit, _sentence(permit, "may no longer")) for permit in before - after]
    return sorted(changes, key=_order)


def _order(change: PermitChange) -> tuple[str, int, str, str, bool]:
    permit = change.permit
    return (permit.stage, _ACTS.index(permit.act), permit.subject, permit.group, change.given)


def _sentence(permit: Permit, may_or_not: str) -> str:
    doing = {
        "start": "start the workflow by hand",
        "see": f"see stage {permit.stage}",
        "progress": f"progress stage {permit.stage}",
        "outcome": f"choose {permit.subject} at stage {permit.stage}",
        "confirm": f"confirm {permit.subject} at stage {permit.stage}",
        "action": f"do {permit.subject} at stage {permit.stage}",
    }[permit.act]
    return f"{permit.group} {may_or_not} {doing}."
