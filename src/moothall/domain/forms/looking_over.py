"""The answers in words, for looking them over, for the copy that is kept and for the case that is opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from moothall.domain.forms import runner, slots, wording
from moothall.domain.forms.answering import Kept
from moothall.domain.forms.definition import Question, Value
from moothall.domain.forms.journey import Journey
from moothall.domain.forms.parts import LATER
from moothall.domain.messages import words
from moothall.kit import money, nino, phone

LATER_SAID = {"en": "To be sent later", "cy": "I’w anfon yn nes ymlaen"}
NOT_ANSWERED = {"en": "Not answered", "cy": "Heb ei ateb"}
FILES = {"en": ("1 file", "{} files"), "cy": ("1 ffeil", "{} ffeil")}


@dataclass(frozen=True)
class Row:
    """A question, or a value worked out, and the answer in words, a line each. `known`: nobody was asked."""

    question: str
    label: str
    lines: tuple[str, ...]
    known: bool = False

    @property
    def text(self) -> str:
        """The answer in one line."""
        return ", ".join(self.lines)


@dataclass(frozen=True)
class Section:
    """The rows of one page; `page` is empty for what was worked out."""

    page: str
    title: str
    rows: tuple[Row, ...]


def rows(journey: Journey, language: str = "en") -> tuple[Section, ...]:
    """Every answer on the way, page by page, and the values shown with them."""
    found = []
    for stop in runner.route(journey).stops:
        shown = [question for question in stop.page.asks if journey.shown(question) and question.type != "guidance"]
        if shown:
            of_page = tuple(_row(journey, question, language) for question in shown)
            found.append(Section(stop.page.id, stop.page.title.of(language), of_page))
    if values := tuple(_value_rows(journey, language)):
        found.append(Section("", journey.plan.form.name.of(language), values))
    return tuple(found)


def _row(journey: Journey, question: Question, language: str) -> Row:
    answer = journey.answer(question.id)
    if answer is None:
        return Row(question.id, question.label.of(language), (NOT_ANSWERED[language],))
    lines = in_words(journey, question, answer, language)
    return Row(question.id, question.label.of(language), lines, journey.is_known(question.id))


def _value_rows(journey: Journey, language: str) -> Iterator[Row]:
    for value in journey.plan.form.values:
        result = journey.results.get(f"value:{value.id}")
        if value.label and result is not None:
            yield Row(value.id, value.label.of(language), (_value(value, result, language),))


def _value(value: Value, result: Any, language: str) -> str:
    match value.type:
        case "money":
            return money.display(round(result))
        case "date":
            return words.day(date.fromisoformat(result), language)
        case "yes_no":
            return wording.yes_no(result is True, language)
    return str(int(result) if isinstance(result, float) and result.is_integer() else result)


def in_words(journey: Journey, question: Question, answer: Kept, language: str) -> tuple[str, ...]:
    """An answer as people read it, a line each."""
    match question.type:
        case "money":
            return (money.display(answer),)
        case "date":
            return (words.day(date.fromisoformat(answer), language),)
        case "yes_no" | "declaration":
            return (wording.yes_no(answer is True, language),)
        case "choice":
            return (_label(journey, question, answer, language),)
        case "choices":
            return tuple(_label(journey, question, key, language) for key in answer)
        case "phone":
            return (phone.display(answer),)
        case "nino":
            return (nino.display(answer),)
        case "upload":
            return (LATER_SAID[language],) if answer == LATER else (_files(len(answer), language),)
        case "group":
            return tuple(_item(journey, question, item, language) for item in answer)
        case "long_text":
            return tuple(str(answer).splitlines())
        case "address" | "bank" | "vehicle" | "map_pin" | "signature":
            return _parts(question, answer)
    return (str(answer),)


def _label(journey: Journey, question: Question, key: str, language: str) -> str:
    if question.list:
        return journey.setting.labels.get(question.list, {}).get(key, key)
    if question.slots:
        return slots.said(key, language)
    option = runner.offering(journey, question).option(key)
    return option.label.of(language) if option else key


def _files(count: int, language: str) -> str:
    one, many = FILES[language]
    return one if count == 1 else many.format(count)


def _item(journey: Journey, group: Question, item: dict[str, Kept], language: str) -> str:
    told = (
        f"{part.label.of(language)}: {', '.join(in_words(journey, part, item[part.id], language))}"
        for part in group.questions
        if part.id in item
    )
    return "; ".join(told)


def _parts(question: Question, answer: dict[str, Any]) -> tuple[str, ...]:
    match question.type:
        case "address":
            return tuple(str(answer[name]) for name in ("line1", "line2", "town", "postcode") if answer[name])
        case "bank":
            code = answer["sort_code"]
            return answer["name"], f"{code[:2]}-{code[2:4]}-{code[4:]}", f"••••{answer['account_number'][-4:]}"
        case "vehicle":
            return (answer["registration"],)
        case "signature":
            return (answer["name"],)
    place = (f"{answer['latitude']}, {answer['longitude']}",) if answer["latitude"] is not None else ()
    return (*((answer["words"],) if answer["words"] else ()), *place)


def submitted(journey: Journey) -> dict[str, dict[str, Any]]:
    """The answers as a case keeps them, in our words: page by page, by the ids of the questions."""
    found: dict[str, dict[str, Any]] = {}
    for stop in runner.route(journey).stops:
        for question in stop.page.asks:
            answer = journey.answer(question.id)
            if answer is not None and question.type != "upload":
                found.setdefault(stop.page.id, {})[question.id] = _kept(journey, question, answer)
    return found


def _kept(journey: Journey, question: Question, answer: Kept) -> Any:
    if question.type in ("text", "long_text", "date", "number", "yes_no", "declaration", "email"):
        return answer
    if question.type == "group":
        parts = {part.id: part for part in question.questions}
        return [{id: _kept(journey, parts[id], one) for id, one in item.items()} for item in answer]
    if question.type == "bank":
        return dict(answer)
    lines = in_words(journey, question, answer, "en")
    return list(lines) if question.type == "choices" else ", ".join(lines)
