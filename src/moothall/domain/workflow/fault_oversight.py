"""The checks of second officers, quality samples and checklists: part of `faults.check`."""

from collections.abc import Iterable, Iterator

from moothall.domain.workflow.definition import Outcome, Stage
from moothall.domain.workflow.fault_parts import duplicates
from moothall.domain.workflow.oversight import EVERY_OUTCOME, QualitySample
from moothall.domain.workflow.place import Found, Place, unknown


def stage_faults(place: Place, stage: Stage) -> Iterator[Found]:
    """The faults of a stage's checklist and quality sample."""
    known = [outcome.id for outcome in stage.outcomes]
    for id in duplicates(item.id for item in stage.checklist):
        yield stage.id, f"checklist.{id}", f"The id “{id}” is given to more than one item of the checklist."
    for item in stage.checklist:
        field = f"checklist.{item.id}.required_for"
        if EVERY_OUTCOME in item.required_for and len(item.required_for) > 1:
            yield stage.id, field, f"“{item.text}” is required for all outcomes, so name none besides."
        for id in item.required_for:
            if id != EVERY_OUTCOME and id not in known:
                yield stage.id, field, unknown(f"outcome of “{stage.name}” called", id, known)
    if stage.checklist and EVERY_OUTCOME in known:
        sentence = f"In a checklist “{EVERY_OUTCOME}” means every outcome, so no outcome beside it can have that id."
        yield stage.id, f"outcomes.{EVERY_OUTCOME}", sentence
    if stage.checklist and not stage.progress:
        yield stage.id, "checklist", f"Nobody may progress “{stage.name}”, so nobody would tick its checklist."
    if stage.quality_sample:
        yield from _sample_faults(place, stage, "quality_sample", stage.quality_sample)


def outcome_faults(place: Place, stage: Stage, outcome: Outcome) -> Iterator[Found]:
    """The faults of the second officer an outcome asks for, and of its quality sample."""
    field = f"outcomes.{outcome.id}"
    if outcome.quality_sample:
        yield from _sample_faults(place, stage, f"{field}.quality_sample", outcome.quality_sample)
    second = outcome.second_officer
    if second is None:
        return
    yield from _seeing_faults(place, stage, f"{field}.second_officer.groups", second.groups, "confirm")
    if second.when:
        yield from place.condition(stage.id, f"{field}.second_officer.when", second.when, guards=[outcome.when])
    if stage.automatic:
        sentence = (
            f"“{stage.name}” moves on by itself, which would overtake an officer's proposal: ask for a second officer"
            " at a stage where people decide."
        )
        yield stage.id, f"{field}.second_officer", sentence


def _sample_faults(place: Place, stage: Stage, field: str, sample: QualitySample) -> Iterator[Found]:
    yield from _seeing_faults(place, stage, f"{field}.groups", sample.groups, "check the quality of")
    for id in duplicates(question.id for question in sample.questions):
        yield stage.id, f"{field}.questions.{id}", f"The id “{id}” is given to more than one question."


def _seeing_faults(place: Place, stage: Stage, field: str, groups: Iterable[str], act: str) -> Iterator[Found]:
    """Groups that are not there, or that could not see what they are to look at."""
    for group in groups:
        if group not in place.vocabulary.groups:
            yield stage.id, field, unknown("group", group, place.vocabulary.groups)
        elif group not in stage.see:
            yield stage.id, field, f"{group} may {act} what is decided at “{stage.name}” but cannot see it."
