"""The names conditions of a form see, and what kind of value stands behind each.

| name | what it is |
|---|---|
| `answers.<question>` | the answer; null when not given or not asked. Types with parts: `answers.home.postcode` |
| `item.<question>` | inside a group: an answer for the same item |
| `values.<id>` `tables.<key>` | what was worked out |
| `lookups.<name>.…` | what a look-up answered |
| `officer` `signed_in` | whether an officer fills it in, and whether with an account |
| `nation` | the council's: england, wales, scotland or northern_ireland |
| `today` | the day, as text |
| `on_or_after` `days_since` `plus_days` `plus_years` `age` | as in workflows; `age(day)` in whole years today |
| `working_days_before(day)` | working days of the council's nation between today and the day, without both; none in the past |
| `pension_day(day)` | the day somebody born on a day reaches State Pension age |
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from moothall.domain.forms.definition import Form, Question, Table
from moothall.domain.forms.parts import CHOOSING, PARTS_OF
from moothall.domain.workflow.facts import age_on
from moothall.domain.workflow.vocabulary import FUNCTIONS as OF_WORKFLOWS
from moothall.domain.workflow.vocabulary import as_day
from moothall.kit import kinds, pension
from moothall.kit.calendars import Nation, bank_holidays
from moothall.kit.expressions import Function, Names
from moothall.kit.kinds import ANY, DAY, NUMBER, TEXT, WHOLE, YES_NO, Kind

Lists = Mapping[str, frozenset[str]]
MOST_DAYS = 800
"""Working days are counted as far ahead."""

NATIONS = ("england", "wales", "scotland", "northern_ireland")
_SHARED = ("on_or_after", "days_since", "plus_days", "plus_years")
_KINDS: Mapping[str, Kind] = {
    "number": NUMBER,
    "money": WHOLE,
    "date": DAY,
    "yes_no": YES_NO,
    "declaration": YES_NO,
    "upload": ANY,
}
_PART_KINDS: Mapping[str, Kind] = {"agreed": YES_NO, "latitude": NUMBER, "longitude": NUMBER}


def _age(values: Mapping[str, object], day: object) -> int | None:
    return None if day is None else age_on(as_day(values.get("today")), as_day(day))


def _working_days_before(values: Mapping[str, object], day: object) -> int | None:
    if day is None:
        return None
    today, then, nation = as_day(values.get("today")), as_day(day), cast("Nation", values.get("nation"))
    between = (today + dt.timedelta(days=n) for n in range(1, min((then - today).days, MOST_DAYS)))
    return sum(one.weekday() < 5 and one not in bank_holidays(nation, one.year) for one in between)


def _pension_day(_values: Mapping[str, object], day: object) -> str | None:
    return None if day is None else pension.reached_on(as_day(day)).isoformat()


FUNCTIONS: tuple[Function, ...] = (
    *(
        Function(
            one.name,
            one.call,
            arguments=one.arguments,
            reads=("today",) if one.reads else (),
            vocabulary=one.vocabulary,
            takes=one.takes,
            gives=one.gives,
        )
        for one in OF_WORKFLOWS
        if one.name in _SHARED
    ),
    Function("age", _age, arguments=1, reads=("today",), takes=(DAY,), gives=WHOLE),
    Function(
        "working_days_before", _working_days_before, arguments=1, reads=("today", "nation"), takes=(DAY,), gives=WHOLE
    ),
    Function("pension_day", _pension_day, arguments=1, takes=(DAY,), gives=DAY),
)


def names(form: Form) -> Names:
    """The names every condition of a form may use but those inside a group."""
    paths = {"today", "officer", "signed_in", "nation"}
    paths |= {f"values.{value.id}" for value in form.values} | {f"tables.{table.key}" for table in form.tables}
    groups = []
    for question in form.questions.values():
        paths |= set(_paths(question))
        if question.type == "group":
            groups.append((f"answers.{question.id}", frozenset(part.id for part in question.questions)))
    return Names(paths=frozenset(paths), open=frozenset({"lookups"}), parts=tuple(groups), functions=FUNCTIONS)


def item_names(group: Question) -> Names:
    """The names conditions inside a group may use."""
    paths = {path.replace("answers.", "item.", 1) for part in group.questions for path in _paths(part)}
    return Names(paths=frozenset(paths | {"today", "officer"}), functions=FUNCTIONS)


def _paths(question: Question) -> Iterator[str]:
    if question.type == "guidance":
        return
    yield f"answers.{question.id}"
    for part in PARTS_OF.get(question.type, ()):
        yield f"answers.{question.id}.{part}"


def kinds_of(form: Form, lists: Lists) -> dict[str, Kind]:
    """The kind of each name the conditions of a form see."""
    answers = {
        question.id: answer_kind(question, lists) for question in form.questions.values() if question.type != "guidance"
    }
    return {
        "answers": kinds.with_parts(answers),
        "values": kinds.with_parts({value.id: value_kind(value.type) for value in form.values}),
        "tables": kinds.with_parts({table.key: table_kind(table) for table in form.tables}),
        "lookups": ANY,
        "today": DAY,
        "officer": YES_NO,
        "signed_in": YES_NO,
        "nation": kinds.word(NATIONS, "nation"),
    }


def item_kinds(group: Question, lists: Lists) -> dict[str, Kind]:
    """The kind of each name conditions inside a group see."""
    parts = {part.id: answer_kind(part, lists) for part in group.questions if part.type != "guidance"}
    return {"item": kinds.with_parts(parts), "today": DAY, "officer": YES_NO}


def answer_kind(question: Question, lists: Lists) -> Kind:
    """The kind of value an answer is kept as."""
    if question.type in CHOOSING:
        known = keys_of(question, lists)
        key = kinds.word(known, f"answer to “{question.label.en}”")
        return key if question.type == "choice" else kinds.list_of(key)
    if question.type == "group":
        parts = {part.id: answer_kind(part, lists) for part in question.questions if part.type != "guidance"}
        return kinds.list_of(kinds.with_parts(parts))
    if question.type in PARTS_OF:
        return kinds.with_parts({part: _PART_KINDS.get(part, TEXT) for part in PARTS_OF[question.type]})
    return _KINDS.get(question.type, TEXT)


def keys_of(question: Question, lists: Lists) -> frozenset[str] | None:
    """What can be chosen; None when its list is not known here, or a look-up or the calendar offers it."""
    if question.slots or (question.lookup and question.lookup.does == "options"):
        return None
    if question.list:
        return lists.get(question.list)
    return frozenset(option.key for option in question.options)


def value_kind(type: str) -> Kind:
    """The kind of a value worked out."""
    return {"number": NUMBER, "money": WHOLE, "date": DAY, "yes_no": YES_NO}.get(type, TEXT)


def table_kind(table: Table) -> Kind:
    """The kind of what a table gives; a text is one of those its rows give."""
    if table.gives == "text":
        return kinds.word({str(row.gives) for row in table.rows}, f"result of the table {table.key}")
    return value_kind(table.gives)


def samples(kind: Kind, today: dt.date) -> Sequence[object]:
    """A few values of a kind, to try a condition on."""
    match kind.name:
        case "yes_no":
            return [True, False]
        case "whole" | "number" | "decimal":
            return [0, 1, 30, 1000]
        case "day":
            return [(today + dt.timedelta(days=days)).isoformat() for days in (0, -400, 1, -30_000)]
        case "list":
            return [*[[one] for one in samples(kind.item or TEXT, today)][:3], []]
        case "parts":
            of_parts = {name: samples(part, today) for name, part in kind.parts}
            return [{name: found[n % len(found)] for name, found in of_parts.items()} for n in range(3)]
    return sorted(kind.words or ()) or ["example"]
