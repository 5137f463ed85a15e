"""Checks whether the parts of a workflow fit together, and lists what does not as sentences.

`definition.parse` has seen to shape; here every destination must exist, every word be known, every stage be reachable
and lead on to an end, every stage have somebody to work it, and nothing go round by itself without end.
"""

from collections.abc import Iterable, Iterator

from moothall.domain.workflow import fault_oversight, fault_parts, loops, permits
from moothall.domain.workflow.definition import Fault, Faulty, Outcome, Request, Stage, Workflow, parse
from moothall.domain.workflow.fault_parts import duplicates
from moothall.domain.workflow.place import Found, Place, unknown
from moothall.domain.workflow.vocabulary import Vocabulary

__all__ = ["Fault", "Faulty", "check", "read"]

_LONGEST_TARGET = {"minutes": 60 * 24 * 60, "hours": 24 * 365, "days": 3660, "working_days": 2600}


def read(text: str | bytes, vocabulary: Vocabulary, *, file: str) -> Workflow:
    """Parse and check in one go. Raises Faulty with every fault."""
    workflow = parse(text, file=file)
    if found := check(workflow, vocabulary, file):
        raise Faulty(found)
    return workflow


def check(workflow: Workflow, vocabulary: Vocabulary, file: str) -> list[Fault]:
    """Everything wrong with a workflow, in the order of the definition; an empty list when it may be published."""
    place = Place(workflow, vocabulary)
    found = [
        *_workflow_faults(place),
        *(fault for stage in workflow.stages for fault in _stage_faults(place, stage)),
        *_flow_faults(workflow),
    ]
    return [Fault(file, stage, field, sentence) for stage, field, sentence in dict.fromkeys(found)]


def _workflow_faults(place: Place) -> Iterator[Found]:
    workflow, words = place.workflow, place.vocabulary
    if not workflow.has_stage(workflow.start):
        yield "", "start", unknown("stage", workflow.start, place.stage_ids)
    for id in duplicates(stage.id for stage in workflow.stages):
        yield id, "id", f"The id “{id}” is given to more than one stage."
    for id in duplicates(action.id for action in workflow.actions):
        yield "", f"actions.{id}", f"The id “{id}” is given to more than one action."
    yield from _group_faults("", "start_groups", workflow.start_groups or (), words)
    if not workflow.manual and workflow.start_groups:
        yield "", "start_groups", "The workflow cannot be started by hand (manual: false), so nobody can be given it."
    if workflow.manual and not permits.start_groups(workflow):
        yield "", "start_groups", "Nobody may start the workflow by hand: name start_groups, or write manual: false."
    for action in workflow.actions:
        yield from _group_faults("", f"actions.{action.id}.groups", action.groups, words)
        for id in action.stages:
            if not workflow.has_stage(id):
                yield "", f"actions.{action.id}.stages", unknown("stage", id, place.stage_ids)


def _group_faults(stage: str, field: str, groups: Iterable[str], words: Vocabulary) -> Iterator[Found]:
    for group in groups:
        if group not in words.groups:
            yield stage, field, unknown("group", group, words.groups)


def _stage_faults(place: Place, stage: Stage) -> Iterator[Found]:
    yield from _group_faults(stage.id, "see", stage.see, place.vocabulary)
    yield from _group_faults(stage.id, "progress", stage.progress, place.vocabulary)
    if not stage.see:
        yield stage.id, "see", f"Nobody can see “{stage.name}”."
    for group in stage.progress:
        if group not in stage.see:
            yield stage.id, "progress", f"{group} may progress “{stage.name}” but cannot see it."
    if not stage.progress and not stage.automatic and not _led_on_by_request(place.workflow, stage):
        yield stage.id, "progress", f"Nobody may progress “{stage.name}”, and it is not automatic."
    if not stage.outcomes:
        yield stage.id, "outcomes", f"“{stage.name}” is a dead end: it has no outcomes."
    if stage.skill and stage.skill not in place.vocabulary.skills:
        yield stage.id, "skill", unknown("skill", stage.skill, place.vocabulary.skills)
    if stage.target:
        yield from fault_parts.target_faults(stage.id, "target", stage.target, _LONGEST_TARGET)
    for number, one in enumerate(stage.to_do, start=1):
        yield from fault_parts.to_do_faults(place, stage, f"to_do.number {number}", one, _LONGEST_TARGET)
    yield from fault_oversight.stage_faults(place, stage)
    yield from _automatic_faults(place, stage)
    for id in duplicates(outcome.id for outcome in stage.outcomes):
        yield stage.id, f"outcomes.{id}", f"The id “{id}” is given to more than one outcome of “{stage.name}”."
    for outcome in stage.outcomes:
        yield from _outcome_faults(place, stage, outcome)


def _led_on_by_request(workflow: Workflow, stage: Stage) -> bool:
    requests = (
        effect.then
        for other in workflow.stages
        for outcome in other.outcomes
        if outcome.to == stage.id
        for effect in outcome.do
        if isinstance(effect, Request)
    )
    return any(then.received or then.closed for then in requests)


def _automatic_faults(place: Place, stage: Stage) -> Iterator[Found]:
    outcomes = {outcome.id: outcome for outcome in stage.outcomes}
    for number, rule in enumerate(stage.automatic, start=1):
        field = "automatic" if len(stage.automatic) == 1 else f"automatic.number {number}"
        yield from place.condition(stage.id, f"{field}.when", rule.when)
        if rule.outcome not in outcomes:
            yield stage.id, f"{field}.outcome", unknown("outcome", rule.outcome, outcomes)
        else:
            yield from fault_parts.by_itself_faults(stage.id, f"{field}.outcome", stage, outcomes[rule.outcome])


def _outcome_faults(place: Place, stage: Stage, outcome: Outcome) -> Iterator[Found]:
    field = f"outcomes.{outcome.id}"
    yield from _destination_faults(place, stage, outcome)
    yield from _group_faults(stage.id, f"{field}.groups", outcome.groups or (), place.vocabulary)
    for group in outcome.groups or ():
        if group not in stage.progress:
            yield stage.id, f"{field}.groups", f"{group} may choose “{outcome.name}” but not progress “{stage.name}”."
    if outcome.groups == () and outcome.id not in {rule.outcome for rule in stage.automatic}:
        yield stage.id, f"{field}.groups", f"Nobody may choose “{outcome.name}”, and it is not automatic."
    if outcome.when:
        yield from place.condition(stage.id, f"{field}.when", outcome.when)
    yield from fault_parts.tag_faults(place, stage, outcome)
    yield from fault_parts.question_faults(place, stage, outcome)
    yield from fault_oversight.outcome_faults(place, stage, outcome)
    yield from fault_parts.effect_faults(place, stage, outcome, _LONGEST_TARGET)


def _destination_faults(place: Place, stage: Stage, outcome: Outcome) -> Iterator[Found]:
    field = f"outcomes.{outcome.id}"
    if outcome.to and outcome.end:
        yield stage.id, field, f"“{outcome.name}” both leads to a stage and ends the workflow: give one of to and end."
    if not outcome.to and not outcome.end:
        yield stage.id, field, f"“{outcome.name}” leads nowhere: give to (a stage) or end (a state)."
    if outcome.to and not place.workflow.has_stage(outcome.to):
        yield stage.id, f"{field}.to", unknown("stage", outcome.to, place.stage_ids)


def _flow_faults(workflow: Workflow) -> Iterator[Found]:
    onward: dict[str, set[str]] = {}
    back: dict[str, set[str]] = {}
    ending = {stage.id for stage in workflow.stages if any(outcome.end for outcome in stage.outcomes)}
    for stage in workflow.stages:
        for outcome in stage.outcomes:
            if outcome.to:
                onward.setdefault(stage.id, set()).add(outcome.to)
                back.setdefault(outcome.to, set()).add(stage.id)
    reached = loops.reachable(workflow.start, onward) | {workflow.start}
    finishing = ending.union(*(loops.reachable(id, back) for id in ending))
    for stage in workflow.stages:
        if stage.id not in reached and workflow.has_stage(workflow.start):
            yield stage.id, "id", f"“{stage.name}” cannot be reached: no outcome leads to it from the start."
        if stage.outcomes and stage.id not in finishing:
            yield stage.id, "outcomes", f"No way leads from “{stage.name}” to an end of the workflow."
    if loop := loops.automatic_loop(workflow):
        names = ", ".join(f"“{workflow.stage(id).name}”" for id in loop)
        yield loop[0], "automatic", f"Automatic stages could go round without end: {names}."
