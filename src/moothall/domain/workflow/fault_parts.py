"""The checks of conditions, tags, questions, effects and lengths of time: the inside of `faults.check`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from moothall.domain.messages.vocabulary import CASES
from moothall.domain.workflow import answering
from moothall.domain.workflow.definition import (
    Effect,
    Hook,
    Intend,
    Message,
    Outcome,
    Payment,
    Question,
    Request,
    Send,
    Stage,
    Start,
    Target,
    ToDo,
)  # fmt: skip
from moothall.domain.workflow.facts import ListValues
from moothall.domain.workflow.place import Found, Place, unknown
from moothall.domain.workflow.vocabulary import Vocabulary

_CHOOSING = ("choice", "choices")
_DOCUMENT = ("document", "documents")


def duplicates(ids: Iterable[str]) -> list[str]:
    """Ids that occur more than once, in order."""
    return [id for id, times in Counter(ids).items() if times > 1]


def target_faults(stage: str, field: str, target: Target, longest: Mapping[str, int]) -> Iterator[Found]:
    """A length of time that cannot be meant."""
    if target.amount > longest[target.unit]:
        yield stage, field, f"{target} is longer than can be meant: the most is {longest[target.unit]:,}."
    if target.unit == "days" and target.calendar == "working":
        yield stage, field, "Days are calendar days: for days on the working calendar write unit: working_days."


def by_itself_faults(stage: str, field: str, at: Stage, outcome: Outcome) -> Iterator[Found]:
    """What keeps an outcome of the stage `at` from being taken with nobody there to answer."""
    if outcome.note == "required":
        yield stage, field, f"“{outcome.name}” is taken by itself, so it cannot require a note."
    for question in outcome.questions:
        if question.required and question.default is None:
            yield stage, field, f"“{outcome.name}” is taken by itself, so “{question.label}” needs a default."
    if outcome.second_officer and not at.automatic:
        yield stage, field, f"“{outcome.name}” is taken by itself, so no second officer can confirm it."
    for item in at.checklist:
        if outcome.id in item.required_for:
            yield stage, field, f"“{outcome.name}” is taken by itself, so nobody would tick “{item.text}” for it."


def tag_faults(place: Place, stage: Stage, outcome: Outcome) -> Iterator[Found]:
    """Unknown and contradictory tags of an outcome, and documents tagged by a question that gives none."""
    words, field, tags = place.vocabulary, f"outcomes.{outcome.id}", outcome.tags
    used: list[tuple[str, tuple[str, ...], frozenset[str], str]] = [
        ("requires_tags", outcome.requires_tags, words.tags, "tag"),
        ("forbids_tags", outcome.forbids_tags, words.tags, "tag"),
        ("documents", outcome.documents, words.document_tags, "document tag"),
        ("tags.case", tags.case.set + tags.case.remove, words.tags, "tag"),
        ("tags.customer", tags.customer.set + tags.customer.remove, words.customer_tags, "customer tag"),
    ]
    used += [
        ("tags.documents", change.set + change.remove, words.document_tags, "document tag") for change in tags.documents
    ]
    for part, names, known, kind in used:
        for name in names:
            if name not in known:
                yield stage.id, f"{field}.{part}", unknown(kind, name, known)
    for tag in sorted(set(outcome.requires_tags) & set(outcome.forbids_tags)):
        yield stage.id, f"{field}.forbids_tags", f"The tag “{tag}” is both required and forbidden."
    for part, change in (("case", tags.case), ("customer", tags.customer), *(("documents", c) for c in tags.documents)):
        for tag in sorted(set(change.set) & set(change.remove)):
            yield stage.id, f"{field}.tags.{part}", f"The tag “{tag}” is both set and removed."
    for documents in tags.documents:
        yield from _question_of_type(stage, outcome, "tags.documents.question", documents.question, _DOCUMENT)


def _question_of_type(stage: Stage, outcome: Outcome, part: str, id: str, types: tuple[str, ...]) -> Iterator[Found]:
    field = f"outcomes.{outcome.id}.{part}"
    questions = {question.id: question for question in outcome.questions}
    if id not in questions:
        yield stage.id, field, unknown(f"question of “{outcome.name}” called", id, questions)
    elif questions[id].type not in types:
        wanted = " or ".join(types)
        yield stage.id, field, f"“{id}” is a {questions[id].type} question; here it must be {wanted}."


def question_faults(place: Place, stage: Stage, outcome: Outcome) -> Iterator[Found]:
    """The faults of every question of an outcome."""
    ids = [question.id for question in outcome.questions]
    for id in duplicates(ids):
        yield (
            stage.id,
            f"outcomes.{outcome.id}.questions.{id}",
            f"“{outcome.name}” asks two questions with the id “{id}”.",
        )
    for number, question in enumerate(outcome.questions):
        field = f"outcomes.{outcome.id}.questions.{question.id}"
        yield from _shape_faults(place, stage, field, question)
        if question.of:
            yield from _question_of_type(stage, outcome, f"questions.{question.id}.of", question.of, ("document",))
        from_here, after = frozenset(ids[number:]), frozenset(ids[number + 1 :])
        guards = (outcome.when, question.when)
        if question.when:
            yield from place.condition(stage.id, f"{field}.when", question.when, from_here, guards=[outcome.when])
        if question.valid:
            yield from place.condition(stage.id, f"{field}.valid", question.valid, after, guards)
        if source := answering.formula(question):
            yield from place.default(stage.id, f"{field}.default", question, source, from_here, guards)
        elif question.default is not None:
            yield from _default_faults(place, stage, field, question)
        kind = (question.type, question.list)
        if place.kinds.setdefault(question.id, kind) != kind:
            yield (
                stage.id,
                field,
                f"Another question “{question.id}” of this workflow has another type or list, so answers.{question.id}"
                " would mean two things: give this one an id of its own.",
            )


def _shape_faults(place: Place, stage: Stage, field: str, question: Question) -> Iterator[Found]:
    words = place.vocabulary
    if question.type in _CHOOSING and not question.list:
        yield stage.id, f"{field}.list", f"“{question.label}” is a {question.type} question and needs a list."
    if question.list and question.type not in _CHOOSING:
        yield stage.id, f"{field}.list", f"“{question.label}” is a {question.type} question, which takes no list."
    elif question.list and question.list not in words.lists:
        yield stage.id, f"{field}.list", unknown("list", question.list, words.lists)
    if question.tag and question.type not in _DOCUMENT:
        yield (
            stage.id,
            f"{field}.tag",
            f"“{question.label}” is a {question.type} question, which takes no document tag.",
        )
    elif question.tag and question.tag not in words.document_tags:
        yield stage.id, f"{field}.tag", unknown("document tag", question.tag, words.document_tags)
    if (question.type == "frame") != bool(question.of and question.shape):
        yield stage.id, field, f"“{question.label}”: a frame question, and no other, says what it is of and its shape."
    if question.message and not question.valid:
        yield (
            stage.id,
            f"{field}.message",
            f"“{question.label}” has a message for an answer that nothing checks (valid).",
        )


def _default_faults(place: Place, stage: Stage, field: str, question: Question) -> Iterator[Found]:
    field = f"{field}.default"
    if question.type in _DOCUMENT:
        yield stage.id, field, f"“{question.label}” asks for a document, which has no default."
        return
    values = place.vocabulary.lists.get(question.list or "")
    if question.type in _CHOOSING and values is None:
        return
    try:
        answering.check_value(question, question.default, {question.list or "": ListValues(values or frozenset())})
    except answering.Unsuitable as error:
        yield stage.id, field, f"The default does not fit: {error}"


def effect_faults(place: Place, stage: Stage, outcome: Outcome, longest: Mapping[str, int]) -> Iterator[Found]:
    """The faults of everything an outcome does."""
    for number, effect in enumerate(outcome.do, start=1):
        field = f"outcomes.{outcome.id}.do.number {number}"
        if effect.when:
            yield from place.condition(stage.id, f"{field}.when", effect.when, guards=[outcome.when])
        for part, sentence in _word_faults(place.vocabulary, effect):
            yield stage.id, f"{field}.{part}", sentence
        part = f"do.number {number}"
        match effect:
            case Message():
                if effect.list:
                    yield from _question_of_type(stage, outcome, f"{part}.list", effect.list, _CHOOSING)
            case Request():
                yield from _request_faults(place, stage, outcome, effect, part, longest)
            case Payment():
                yield from _payment_faults(stage, outcome, effect, part)
            case Intend():
                yield from to_do_faults(place, stage, field, effect, longest)


def _word_faults(words: Vocabulary, effect: Effect) -> Iterator[tuple[str, str]]:
    match effect:
        case Message():
            if effect.template not in words.letters:
                yield "template", unknown("letter", effect.template, words.letters)
            for tag in effect.tags:
                if tag not in words.document_tags:
                    yield "tags", unknown("document tag", tag, words.document_tags)
            for channel in duplicates(effect.channels):
                yield "channels", f"“{channel}” is named twice."
        case Send(operation=name):
            if name not in words.operations:
                yield "operation", unknown("operation", name, words.operations)
            for placeholder in effect.placeholders.values():
                if placeholder not in CASES.lines:
                    yield "placeholders", unknown("placeholder", placeholder, CASES.lines)
        case Start(workflow=name) if name not in words.workflows:
            yield "workflow", unknown("workflow", name, words.workflows)
        case Hook(name=name) if name not in words.hooks:
            yield "name", unknown("hook", name, words.hooks)


def _request_faults(
    place: Place, stage: Stage, outcome: Outcome, request: Request, part: str, longest: Mapping[str, int]
) -> Iterator[Found]:
    field = f"outcomes.{outcome.id}.{part}"
    if request.items:
        yield from _question_of_type(stage, outcome, f"{part}.items", request.items, _CHOOSING)
    elif not request.text:
        yield stage.id, field, "The request asks for nothing: give items (a question) or text."
    times = [
        ("answer_within", request.answer_within),
        ("remind_after", request.remind_after),
        ("close_after", request.close_after),
    ]
    for name, target in times:
        if target:
            yield from target_faults(stage.id, f"{field}.{name}", target, longest)
    if _shorter(request.close_after, request.answer_within):
        yield stage.id, f"{field}.close_after", "The request would close before its answer is due."
    if request.remind_after and _shorter(request.answer_within, request.remind_after):
        yield stage.id, f"{field}.remind_after", "The reminder would come after the answer is due."
    if bool(request.remind_after) != bool(request.reminder):
        yield stage.id, f"{field}.reminder", "A reminder needs both remind_after and the letter to send as reminder."
    if request.reminder and request.reminder not in place.vocabulary.letters:
        yield stage.id, f"{field}.reminder", unknown("letter", request.reminder, place.vocabulary.letters)
    if outcome.end:
        yield stage.id, field, "The workflow ends here, so nobody would be waiting for the answer."
    if outcome.to and place.workflow.has_stage(outcome.to):
        landing = place.workflow.stage(outcome.to)
        known = {each.id: each for each in landing.outcomes}
        for name, id in (("received", request.then.received), ("closed", request.then.closed)):
            if id and id not in known:
                yield stage.id, f"{field}.then.{name}", unknown(f"outcome of “{landing.name}” called", id, known)
            elif id:
                yield from by_itself_faults(stage.id, f"{field}.then.{name}", landing, known[id])


def _shorter(one: Target | None, other: Target | None) -> bool:
    """Whether one length of time is surely shorter; lengths in different units are not compared."""
    return bool(one and other and one.unit == other.unit and one.amount < other.amount)


def _payment_faults(stage: Stage, outcome: Outcome, payment: Payment, part: str) -> Iterator[Found]:
    if (payment.amount is None) == (payment.amount_from is None):
        yield (
            stage.id,
            f"outcomes.{outcome.id}.{part}",
            "Give the payment either amount or amount_from, not both or neither.",
        )
    if payment.amount_from:
        yield from _question_of_type(stage, outcome, f"{part}.amount_from", payment.amount_from, ("money",))
    if payment.method_from:
        yield from _question_of_type(stage, outcome, f"{part}.method_from", payment.method_from, ("choice",))
    if payment.reference_from:
        yield from _question_of_type(stage, outcome, f"{part}.reference_from", payment.reference_from, ("text",))


def to_do_faults(place: Place, stage: Stage, field: str, effect: ToDo, longest: Mapping[str, int]) -> Iterator[Found]:
    """The faults of something that is to be done, which an outcome or a stage adds."""
    words = place.vocabulary
    if effect.due.unit not in ("days", "working_days"):
        yield stage.id, f"{field}.due", "What is to be done is due on a day: give days or working_days."
    else:
        yield from target_faults(stage.id, f"{field}.due", effect.due, longest)
    if words.intention_types is not None and effect.type not in words.intention_types:
        yield stage.id, f"{field}.type", unknown("kind of thing to do called", effect.type, words.intention_types)
    if effect.team and effect.team not in words.groups:
        yield stage.id, f"{field}.team", unknown("group", effect.team, words.groups)
