"""Whether letters use what there is: placeholders every case has, and answers of the workflows that send them."""

from collections.abc import Iterator
from dataclasses import replace

from moothall.domain.catalogue.bundle import Bundle
from moothall.domain.messages import templates
from moothall.domain.messages.language import ANSWERS, Vocabulary
from moothall.domain.messages.vocabulary import CASES
from moothall.domain.workflow.definition import Fault, Message, Question, Workflow

_NOT_IN_WORDS = frozenset({"document", "documents"})


def letter_faults(bundle: Bundle) -> Iterator[Fault]:
    """Unknown placeholders, markup that is not kept, and answers that a workflow which sends the letter never asks."""
    for key, letter in bundle.letters.items():
        senders = {name: flow for name, flow in bundle.workflows.items() if key.partition(".")[0] in _sent(flow)}
        questions = {name: _questions(workflow) for name, workflow in senders.items()}
        found = templates.faults(letter, _vocabulary(questions))
        for sentence in found:
            yield Fault(f"letters/{key}.html", "", "", sentence)
        used = [] if found else sorted(templates.uses(letter.subject) | templates.uses(letter.body))
        for placeholder in (name for name in used if name.startswith(ANSWERS)):
            for workflow, asked in questions.items():
                if placeholder not in asked:
                    sentence = f"“{placeholder}” is never asked in the workflow “{workflow}”, which sends this letter."
                    yield Fault(f"letters/{key}.html", "", "", sentence)


def _vocabulary(questions: dict[str, dict[str, Question]]) -> Vocabulary:
    """What any case has, and the answers to these questions, by workflow and placeholder."""
    asked = {name: question for one in questions.values() for name, question in one.items()}
    lists = {name: question.label for name, question in asked.items() if question.type == "choices"}
    lines = {name: question.label for name, question in asked.items() if name not in lists}
    return replace(CASES, lines={**CASES.lines, **lines}, lists={**CASES.lists, **lists})


def _questions(workflow: Workflow) -> dict[str, Question]:
    """The questions of a workflow whose answers can stand in a letter, by placeholder."""
    outcomes = [outcome for stage in workflow.stages for outcome in stage.outcomes]
    asked = [question for outcome in outcomes for question in outcome.questions]
    return {f"{ANSWERS}{question.id}": question for question in asked if question.type not in _NOT_IN_WORDS}


def _sent(workflow: Workflow) -> frozenset[str]:
    """The letters a workflow sends: with an outcome, or to remind of a request."""
    effects = [effect for stage in workflow.stages for outcome in stage.outcomes for effect in outcome.do]
    letters = frozenset(effect.template for effect in effects if isinstance(effect, Message))
    return letters | workflow.reminders
