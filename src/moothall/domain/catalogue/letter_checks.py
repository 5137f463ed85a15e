"""Whether letters use what there is: placeholders every case has, and answers of the workflows that send them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from moothall.domain.catalogue.bundle import Bundle
from moothall.domain.messages import language, templates
from moothall.domain.messages.language import ANSWERS, Vocabulary
from moothall.domain.messages.vocabulary import CASES
from moothall.domain.workflow.definition import Fault, Message, Question, Workflow

_NOT_IN_WORDS = frozenset({"document", "documents"})


def letter_faults(bundle: Bundle) -> Iterator[Fault]:
    """Unknown placeholders, markup that is not kept, and answers that a workflow which sends the letter never asks."""
    for key, letter in bundle.letters.items():
        questions = questions_of(key.partition(".")[0], bundle.workflows)
        found = templates.faults(letter, vocabulary(questions))
        for sentence in found:
            yield Fault(f"letters/{key}.html", "", "", sentence)
        for sentence in () if found else _never_asked(f"{letter.subject} {letter.body}", questions):
            yield Fault(f"letters/{key}.html", "", "", sentence)


def text_faults(name: str, letter: templates.Parsed, workflows: Mapping[str, Workflow]) -> dict[str, list[str]]:
    """What is wrong with one text of the letter `name` that these workflows may send, by subject, channels and body."""
    questions = questions_of(name, workflows)
    words = vocabulary(questions)
    found = {
        "subject": language.check(letter.subject, words, html=False),
        "channels": [],
        "body": language.check(letter.body, words, html=True),
    }
    for field, text in (("subject", letter.subject), ("body", letter.body)):
        found[field] += () if found[field] else _never_asked(text, questions)
    effects = [effect for workflow in workflows.values() for effect in sent(workflow) if effect.template == name]
    for channel in sorted({channel for effect in effects for channel in effect.channels} - set(letter.channels)):
        found["channels"].append(f"A workflow sends this letter by {channel}: it has to be written for that.")
    carried = any(effect.list for effect in effects)
    if carried and not found["body"] and templates.PARAGRAPHS not in templates.uses(letter.body):
        found["body"].append(
            f"Keep {{{{ {templates.PARAGRAPHS} }}}} somewhere: an outcome that sends this letter puts chosen paragraphs there."
        )
    return {field: sentences for field, sentences in found.items() if sentences}


def questions_of(name: str, workflows: Mapping[str, Workflow]) -> dict[str, dict[str, Question]]:
    """The questions whose answers the letter `name` may use: of the workflows that send it, by placeholder."""
    return {key: _questions(workflow) for key, workflow in workflows.items() if name in _letters(workflow)}


def vocabulary(questions: Mapping[str, Mapping[str, Question]]) -> Vocabulary:
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


def _never_asked(text: str, questions: Mapping[str, Mapping[str, Question]]) -> Iterator[str]:
    """The answers a text uses that a workflow which sends it does not ask for, a sentence each."""
    for placeholder in sorted(name for name in templates.uses(text) if name.startswith(ANSWERS)):
        for workflow, asked in questions.items():
            if placeholder not in asked:
                yield f"“{placeholder}” is never asked in the workflow “{workflow}”, which sends this letter."


def sent(workflow: Workflow) -> Iterator[Message]:
    """The messages the outcomes of a workflow send."""
    for stage in workflow.stages:
        for outcome in stage.outcomes:
            yield from (effect for effect in outcome.do if isinstance(effect, Message))


def _letters(workflow: Workflow) -> frozenset[str]:
    """The letters a workflow sends: with an outcome, or to remind of a request."""
    return frozenset(effect.template for effect in sent(workflow)) | workflow.reminders
