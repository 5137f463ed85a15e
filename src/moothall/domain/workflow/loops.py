"""Finds automatic stages that would go round for ever: a circle of automatic rules that nothing along it stops.

A circle may lead through several workflows of a service, where an outcome taken by itself starts another (or the same).

A rule that needs a tag stops a circle when the circle takes the tag away and nothing in it puts it back; likewise one
that forbids a tag the circle sets. Conditions other than tags are taken to hold again, since nothing proves otherwise.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from moothall.domain.workflow.definition import Automatic, Outcome, Stage, Start, Workflow

_ONE_TAG = re.compile(r"""(!?)\s*tag\(\s*(["'])([a-z][a-z0-9_]*)\2\s*\)""")

_State = tuple[str, bool]
"""A tag, and whether the case has it."""


@dataclass(frozen=True)
class _Step:
    """An automatic rule as a step from stage to stage: what it needs, and what it leaves behind."""

    source: str
    target: str
    needs: frozenset[_State]
    makes: frozenset[_State]


def automatic_loop(workflow: Workflow) -> list[str]:
    """The stage ids of automatic stages that could go round without end, in the order of the definition; none: []."""
    looping = _looping(list(_steps(workflow)))
    return [stage.id for stage in workflow.stages if stage.id in looping]


def starting_loop(workflows: Mapping[str, Workflow]) -> list[tuple[str, str]]:
    """Workflow key and stage id of stages that could go on starting workflows by themselves without end; none: []."""
    looping = _looping([step for workflow in workflows.values() for step in _steps_and_starts(workflow, workflows)])
    return [
        (workflow.key, stage.id)
        for workflow in workflows.values()
        for stage in workflow.stages
        if f"{workflow.key}.{stage.id}" in looping
    ]


def _steps(workflow: Workflow) -> Iterator[_Step]:
    for stage, rule, outcome in _rules(workflow):
        if outcome.to and workflow.has_stage(outcome.to):
            yield _step(stage, rule, outcome, outcome.to)


def _steps_and_starts(workflow: Workflow, workflows: Mapping[str, Workflow]) -> Iterator[_Step]:
    """The steps between stages of all workflows, each named `<workflow>.<stage>`."""
    for stage, rule, outcome in _rules(workflow):
        targets = [f"{workflow.key}.{outcome.to}"] if outcome.to else []
        for effect in outcome.do:
            if isinstance(effect, Start) and effect.workflow in workflows:
                targets.append(f"{effect.workflow}.{workflows[effect.workflow].start}")
        for target in targets:
            yield replace(_step(stage, rule, outcome, target), source=f"{workflow.key}.{stage.id}")


def _rules(workflow: Workflow) -> Iterator[tuple[Stage, Automatic, Outcome]]:
    for stage in workflow.stages:
        outcomes = {outcome.id: outcome for outcome in stage.outcomes}
        for rule in stage.automatic:
            if rule.outcome in outcomes:
                yield stage, rule, outcomes[rule.outcome]


def _step(stage: Stage, rule: Automatic, outcome: Outcome, target: str) -> _Step:
    needs = {(tag, True) for tag in outcome.requires_tags} | {(tag, False) for tag in outcome.forbids_tags}
    for condition in (rule.when, outcome.when or ""):
        if whole := _ONE_TAG.fullmatch(condition.strip()):
            needs.add((whole[3], not whole[1]))
    makes = {(tag, True) for tag in outcome.tags.case.set} | {(tag, False) for tag in outcome.tags.case.remove}
    return _Step(stage.id, target, frozenset(needs), frozenset(makes))


def _looping(steps: Sequence[_Step]) -> set[str]:
    """Stages on a circle that can go on: a run without end stays, from some point on, inside one of these groups."""
    for group in _circles(steps):
        inside = [step for step in steps if step.source in group and step.target in group]
        state = _stopping_state(inside)
        if state is None:
            return group
        opposite = (state[0], not state[1])
        without_ending = [step for step in inside if opposite not in step.makes]
        without_needing = [step for step in inside if state not in step.needs]
        if found := _looping(without_ending) or _looping(without_needing):
            return found
    return set()


def _stopping_state(steps: Iterable[_Step]) -> _State | None:
    """A state that some step needs and some step ends, and none brings back."""
    needed = {state for step in steps for state in step.needs}
    made = {state for step in steps for state in step.makes}
    stopping = (state for state in needed if (state[0], not state[1]) in made and state not in made)
    return min(stopping, default=None)


def _circles(steps: Sequence[_Step]) -> list[set[str]]:
    """Groups of stages each of which can be reached from every other of its group, by at least one step."""
    onward: dict[str, set[str]] = {}
    for step in steps:
        onward.setdefault(step.source, set()).add(step.target)
    reach = {stage: reachable(stage, onward) for stage in onward}
    groups: list[set[str]] = []
    for stage in onward:
        group = {other for other in reach[stage] if stage in reach.get(other, set())}
        if group and group not in groups:
            groups.append(group)
    return groups


def reachable(start: str, onward: dict[str, set[str]]) -> set[str]:
    """Everything one or more steps away."""
    found: set[str] = set()
    waiting = list(onward.get(start, ()))
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting.extend(onward.get(here, ()))
    return found
