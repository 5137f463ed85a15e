"""Whether the examples of a service speak of what the service has: its stages, outcomes, questions, letters and tags."""

from collections.abc import Iterable, Iterator
from typing import get_args

from moothall.domain.catalogue.bundle import Bundle
from moothall.domain.catalogue.example import Example, Step
from moothall.domain.workflow.definition import Fault, Intend, Stage, Workflow
from moothall.domain.workflow.parts import EndState
from moothall.domain.workflow.place import unknown
from moothall.domain.workflow.vocabulary import Vocabulary

_END_STATES = get_args(EndState)
_Named = tuple[str, str, Iterable[str], Iterable[str]]
"""Names an example uses: the field they stand in, what they are, the names, and those known."""


def example_faults(bundle: Bundle, words: Vocabulary) -> Iterator[Fault]:
    """Every name an example uses and the service does not have, with the step that uses it."""
    for key, example in bundle.examples.items():
        file = f"examples/{key}.yaml"
        for field, sentence in _unknown_names(_in_the_head(bundle, example, words)):
            yield Fault(file, "", field, sentence)
        for number, step in enumerate(example.steps, start=1):
            named = [*_in_a_step(bundle, step, words), *_on_the_integration_queue(step, words)]
            for field, sentence in (*_unknown_names(named), *_choice_faults(bundle, step)):
                yield Fault(file, "", f"steps.number {number}.{field}", sentence)


def _unknown_names(named: Iterable[_Named]) -> Iterator[tuple[str, str]]:
    for field, kind, names, known in named:
        for name in names:
            if name not in known:
                yield field, unknown(kind, name, known)


def _in_the_head(bundle: Bundle, example: Example, words: Vocabulary) -> Iterator[_Named]:
    case = example.case
    yield "by", "group", [example.by], words.groups
    yield "case.type", "case type", [case.type], words.case_types or ()
    yield "case.source", "source", [case.source], words.sources or ()
    yield "case.tags", "tag", case.tags, words.tags
    yield "case.workflow", "workflow", _given(case.workflow), bundle.workflows
    yield "letters", "letter", example.letters or (), words.letters
    for document, tags in example.documents.items():
        yield f"documents.{document}", "document tag", tags, words.document_tags


def _in_a_step(bundle: Bundle, step: Step, words: Vocabulary) -> Iterator[_Named]:
    places = {place for workflow in bundle.workflows.values() for place in _places(workflow)}
    now = (step.now,) if isinstance(step.now, str) else step.now or ()
    yield "by", "group", _given(step.by), words.groups
    yield "at", "stage", _given(step.at), places
    yield "now", "stage", now, places
    yield "start", "workflow", _given(step.start), bundle.workflows
    yield "ended", "state in which a workflow ends called", _given(step.ended), _END_STATES
    yield "closed", "state in which a case closes called", _given(step.closed), _END_STATES
    yield "letters", "letter", step.letters or (), words.letters
    yield "tagged", "tag", step.tagged, words.tags
    yield "untagged", "tag", step.untagged, words.tags
    yield "intentions", "thing to do that a workflow adds called", step.intentions or (), _texts(bundle)
    if step.tag:
        yield "tag", "tag", step.tag.set + step.tag.remove, words.tags
    for document, tags in (step.document or {}).items():
        yield f"document.{document}", "document tag", tags, words.document_tags


def _on_the_integration_queue(step: Step, words: Vocabulary) -> Iterator[_Named]:
    yield "queued", "operation", step.queued or (), words.operations
    if step.reply:
        yield "reply.operation", "operation", [step.reply.operation], words.operations


def _choice_faults(bundle: Bundle, step: Step) -> Iterator[tuple[str, str]]:
    """An outcome that the stage does not have, and answers to what it does not ask."""
    stages = [stage for stage in _stages(bundle, step.at) if step.choose]
    if not stages:
        return
    outcomes = [outcome for stage in stages for outcome in stage.outcomes]
    chosen = [outcome for outcome in outcomes if outcome.id == step.choose]
    if not chosen:
        kind = f"outcome of “{stages[0].name}” called"
        yield "choose", unknown(kind, step.choose or "", [outcome.id for outcome in outcomes])
        return
    asked = {question.id for outcome in chosen for question in outcome.questions}
    for answer in step.answers:
        if answer not in asked:
            yield f"answers.{answer}", unknown(f"question of “{chosen[0].name}” called", answer, asked)


def _texts(bundle: Bundle) -> list[str]:
    """What the workflows of a service say is to be done."""
    stages = [stage for flow in bundle.workflows.values() for stage in flow.stages]
    effects = (effect for stage in stages for outcome in stage.outcomes for effect in outcome.do)
    added = [effect.text for effect in effects if isinstance(effect, Intend)]
    return [*added, *(one.text for stage in stages for one in stage.to_do)]


def _given(name: str | None) -> list[str]:
    return [] if name is None else [name]


def _places(workflow: Workflow) -> Iterator[str]:
    for stage in workflow.stages:
        yield from (stage.id, f"{workflow.key}.{stage.id}")


def _stages(bundle: Bundle, place: str | None) -> list[Stage]:
    """The stages a place may mean: one, or one of each workflow where only the stage is named."""
    return [
        stage
        for workflow in bundle.workflows.values()
        for stage in workflow.stages
        if place in (stage.id, f"{workflow.key}.{stage.id}")
    ]
