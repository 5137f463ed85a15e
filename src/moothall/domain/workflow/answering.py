"""Answers to an outcome's questions: defaults worked out, each answer checked and put into the form it is kept in."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from moothall.domain.workflow.definition import Outcome, Question, QuestionType
from moothall.domain.workflow.facts import Answer, CaseFacts, Facts, ListValues, Scope
from moothall.domain.workflow.vocabulary import as_day
from moothall.kit import framing
from moothall.kit.expressions import Expression, ExpressionFault

LONGEST_TEXT, LONGEST_LONG_TEXT, MOST_CHOSEN = 500, 10_000, 200
LARGEST_NUMBER, LARGEST_POUNDS = Decimal(10**12), Decimal(10_000_000)
FORMULA_TYPES = frozenset({"date", "number", "money", "yes_no"})
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Expressions = Callable[[str], Expression]


class Unsuitable(ValueError):
    """An answer does not fit its question. The message is a sentence for whoever gave it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stands in the way; `field` is a question id, `note`, `documents`, `tags` or `outcome`.

    `answer`: it is a question id, whose answer is wrong.
    """

    field: str
    sentence: str
    answer: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question stands: whether it is asked (None: an answer not given yet decides) and what it starts out as."""

    applies: bool | None
    default: Answer | None


def clean(question: Question, given: object, facts: Facts) -> Answer:
    """Check one answer and return it as it is kept. Raises Unsuitable."""
    return _CLEANERS[question.type](question, given, facts)


def check_value(question: Question, given: object, lists: Mapping[str, ListValues]) -> Answer:
    """Check a value that does not depend on a case, such as a default. Raises Unsuitable."""
    nobody = CaseFacts(type="", source="", reference="", service="", opened_on=dt.date.min)
    return clean(question, given, Facts(today=dt.date.min, case=nobody, lists=lists))


def blank(given: object) -> bool:
    """Whether this is no answer at all."""
    return given is None or given == "" or given == [] or given == () or (isinstance(given, str) and not given.strip())


def formula(question: Question) -> str | None:
    """The default's CEL expression, when the default is not a plain value."""
    if question.type not in FORMULA_TYPES or not isinstance(question.default, str):
        return None
    return None if _is_value(question.type, question.default) else question.default


@lru_cache(maxsize=4096)
def _is_value(type: QuestionType, text: str) -> bool:
    try:
        check_value(Question(id="any", label="Any", type=type), text, {})
    except Unsuitable:
        return False
    return True


def collect(
    outcome: Outcome, given: Mapping[str, object], facts: Facts, expressions: Expressions
) -> tuple[dict[str, Answer], list[Problem]]:
    """Go through an outcome's questions in order: the answers kept, and everything wrong with what was given.

    A question left out takes its default; one that is given as nothing stays unanswered; one whose condition does not
    hold is not asked, and an answer to it is left aside.
    """
    asked = {question.id for question in outcome.questions}
    problems = [
        Problem(name, f"“{outcome.name}” does not ask “{name}”.", answer=True) for name in given if name not in asked
    ]
    asking = _Asking(given, facts, expressions, Scope(facts))
    for question in outcome.questions:
        try:
            asking.ask(question)
        except _Waits:
            asking.failed.add(f"answers.{question.id}")
        except (Unsuitable, ExpressionFault) as error:
            asking.failed.add(f"answers.{question.id}")
            problems.append(Problem(question.id, str(error), answer=True))
    return asking.answers, problems


def asked(outcome: Outcome, given: Mapping[str, object], facts: Facts, expressions: Expressions) -> dict[str, Asked]:
    """Each question of an outcome by id, as it stands when only `given` is answered."""
    asking = _Asking(given, facts, expressions, Scope(facts))
    for question in outcome.questions:
        try:
            asking.ask(question)
        except (_Waits, Unsuitable, ExpressionFault):
            asking.failed.add(f"answers.{question.id}")
    return {
        question.id: Asked(asking.applies.get(question.id), asking.answers.get(question.id))
        for question in outcome.questions
    }


def as_given(outcome: Outcome, answers: Mapping[str, Answer]) -> dict[str, object]:
    """Answers as they are kept, as they would be given: nothing for each question that has none."""
    types = {question.id: question.type for question in outcome.questions}
    return {id: _given(type, answers.get(id)) for id, type in types.items()}


def _given(type: QuestionType, answer: Answer | None) -> object:
    return Decimal(str(answer)) / 100 if type == "money" and answer is not None else answer


class _Waits(Exception):
    """Nothing can be said about a question until an earlier one, which it reads, is answered properly."""


class _Asking:
    """The state of going through the questions: what is answered so far, and which answers were not suitable."""

    def __init__(self, given: Mapping[str, object], facts: Facts, expressions: Expressions, scope: Scope) -> None:
        self._given, self._facts, self._expressions, self._scope = given, facts, expressions, scope
        self.answers: dict[str, Answer] = {}
        self.failed: set[str] = set()
        self.applies: dict[str, bool] = {}

    def ask(self, question: Question) -> None:
        """Take the answer to a question, if it is asked. Raises Unsuitable, ExpressionFault or _Waits."""
        self._scope.forget(question.id)
        self.applies[question.id] = question.when is None or self._expression(question.when).holds(self._scope)
        if not self.applies[question.id]:
            return
        raw = self._given[question.id] if question.id in self._given else self._default(question)
        if blank(raw):
            if question.required:
                raise Unsuitable(f"“{question.label}” needs an answer.")
            return
        answer = clean(question, raw, self._facts)
        self._scope.answered(question.id, answer)
        if question.valid is not None and not self._expression(question.valid).holds(self._scope):
            raise Unsuitable(question.message or f"This answer to “{question.label}” is not allowed.")
        self.answers[question.id] = answer

    def _expression(self, source: str) -> Expression:
        expression = self._expressions(source)
        if not self.failed.isdisjoint(expression.paths):
            raise _Waits
        return expression

    def _default(self, question: Question) -> object:
        if question.applied:
            said = self._facts.applied(question.applied)
            with suppress(Unsuitable):
                if not blank(said):
                    return _given(question.type, clean(question, said, self._facts))
        source = formula(question)
        if source is None:
            return question.default
        worked_out = self._expression(source).evaluate(self._scope)
        if question.type == "money" and isinstance(worked_out, int) and not isinstance(worked_out, bool):
            return Decimal(worked_out) / 100  # conditions see money in pence
        return worked_out


def _text(question: Question, given: object, _facts: Facts) -> str:
    longest = LONGEST_TEXT if question.type == "text" else LONGEST_LONG_TEXT
    if not isinstance(given, str):
        raise Unsuitable(f"“{question.label}” must be text.")
    if len(given) > longest:
        raise Unsuitable(f"“{question.label}” must be {longest:,} characters or fewer.")
    if _UNSEEN.search(given):
        raise Unsuitable(f"“{question.label}” holds a character that cannot be shown.")
    return given.strip()


def _number(question: Question, given: object, _facts: Facts) -> int | float:
    value = _decimal(given)
    if value is None or abs(value) > LARGEST_NUMBER:
        raise Unsuitable(f"“{question.label}” must be a number, such as 12 or 1.5.")
    return int(value) if value == value.to_integral_value() else float(value)


def _money(question: Question, given: object, _facts: Facts) -> int:
    value = _decimal(given.strip().removeprefix("£") if isinstance(given, str) else given)
    if value is None or value < 0 or value > LARGEST_POUNDS or value * 100 % 1 != 0:
        raise Unsuitable(f"“{question.label}” must be an amount in pounds and pence, such as 10.00.")
    return int(value * 100)


def _decimal(given: object) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal | str):
        return None
    text = str(given).strip()
    if isinstance(given, str) and not re.fullmatch(r"-?[0-9]{1,15}(,[0-9]{3})*(\.[0-9]{1,9})?", text):
        return None
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _date(question: Question, given: object, _facts: Facts) -> str:
    try:
        return as_day(given).isoformat()
    except ValueError:
        raise Unsuitable(f"“{question.label}” must be a date, written like {dt.date(2026, 3, 1)}.") from None


def _yes_no(question: Question, given: object, _facts: Facts) -> bool:
    words = {"yes": True, "no": False, "true": True, "false": False}
    answer = given if isinstance(given, bool) else words.get(given.strip().lower()) if isinstance(given, str) else None
    if answer is None:
        raise Unsuitable(f"“{question.label}” must be yes or no.")
    return answer


def _choice(question: Question, given: object, facts: Facts) -> str:
    return _keys(question, [given], facts)[0]


def _choices(question: Question, given: object, facts: Facts) -> list[str]:
    return _keys(question, given if isinstance(given, list | tuple) else [given], facts)


def _keys(question: Question, given: list[Any] | tuple[Any, ...], facts: Facts) -> list[str]:
    if len(given) > MOST_CHOSEN:
        raise Unsuitable(f"“{question.label}” takes at most {MOST_CHOSEN} answers.")
    values = facts.lists.get(question.list or "")
    if values is None:
        raise Unsuitable(f"The list of answers to “{question.label}” cannot be found.")
    for key in given:
        if not isinstance(key, str) or key not in values.current:
            if isinstance(key, str) and key in values.retired:
                raise Unsuitable(f"“{key}” is no longer used as an answer to “{question.label}”: choose another.")
            raise Unsuitable(f"“{str(key)[:60]}” is not one of the answers to “{question.label}”.")
    return list(dict.fromkeys(given))


def _document(question: Question, given: object, facts: Facts) -> str:
    return _documents_of_case(question, [given], facts)[0]


def _documents(question: Question, given: object, facts: Facts) -> list[str]:
    return _documents_of_case(question, given if isinstance(given, list | tuple) else [given], facts)


def _documents_of_case(question: Question, given: list[Any] | tuple[Any, ...], facts: Facts) -> list[str]:
    if len(given) > MOST_CHOSEN:
        raise Unsuitable(f"“{question.label}” takes at most {MOST_CHOSEN} documents.")
    found = [facts.documents_by_id.get(str(id)) for id in given]
    for document in found:
        if document is None:
            raise Unsuitable(f"“{question.label}” must be a document of this case.")
        if question.tag and question.tag not in document.tags:
            raise Unsuitable(f"“{question.label}” must be a document tagged {facts.tag_name(question.tag)}.")
    return list(dict.fromkeys(document.id for document in found if document))


def _frame(question: Question, given: object, _facts: Facts) -> str:
    if not isinstance(given, str):
        raise Unsuitable(f"“{question.label}” must be five numbers in a text.")
    try:
        return str(framing.parse(given))
    except framing.InvalidFrame as error:
        raise Unsuitable(f"{question.label}: {error}") from error


_CLEANERS: dict[str, Callable[[Question, object, Facts], Answer]] = {
    "text": _text,
    "long_text": _text,
    "number": _number,
    "money": _money,
    "date": _date,
    "yes_no": _yes_no,
    "choice": _choice,
    "choices": _choices,
    "document": _document,
    "documents": _documents,
    "frame": _frame,
}
