"""Conditions in plain English: comparisons of what was answered with values, all or any of which must hold, and their CEL.

What `write` gives, `read` understands; a condition written otherwise is left as it is, and shown as CEL.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from moothall.domain.forms import scope
from moothall.domain.forms.definition import Form, Question
from moothall.domain.forms.parts import PARTS_OF

Shape = Literal["choice", "choices", "yes_no", "number", "money", "date", "text", "other"]
Value = str | bool | Decimal | tuple[str, ...] | None
Joined = Literal["all", "any"]

COMPARISONS: Mapping[Shape, Mapping[str, str]] = {
    "choice": {"is": "is", "is_not": "is not", "one_of": "is one of"},
    "choices": {"has": "includes", "has_not": "does not include"},
    "yes_no": {"is": "is", "is_not": "is not"},
    "number": {
        "is": "is",
        "is_not": "is not",
        "least": "is at least",
        "most": "is at most",
        "more": "is more than",
        "less": "is less than",
    },
    "money": {"least": "is at least", "most": "is at most", "more": "is more than", "less": "is less than", "is": "is"},
    "date": {
        "least": "is on or after",
        "most": "is on or before",
        "past": "is before today",
        "future": "is after today",
        "is": "is",
    },
    "text": {"is": "is", "is_not": "is not"},
    "other": {},
}
ANSWERED: Mapping[str, str] = {"given": "is answered", "not_given": "is not answered"}
"""Comparisons that need no value, for a question of any shape."""

WITHOUT_VALUE = frozenset({"past", "future", *ANSWERED})
_SIGNS = {"is": "==", "is_not": "!=", "least": ">=", "most": "<=", "more": ">", "less": "<"}
_NAMES = {sign: name for name, sign in _SIGNS.items()}
_PATH = r"(?P<path>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){0,2})"
_TEXT = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_ATOMS: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(rf"{_PATH} == null"), "not_given"),
    (re.compile(rf"{_PATH} != null"), "given"),
    (re.compile(rf"{_PATH} < today"), "past"),
    (re.compile(rf"{_PATH} > today"), "future"),
    (re.compile(rf"{_PATH} (?P<sign>==|!=|>=|<=|>|<) (?P<value>true|false|-?[0-9]+(?:\.[0-9]+)?|{_TEXT})"), "sign"),
    (re.compile(rf"{_PATH} in \[(?P<values>(?:{_TEXT})(?:, (?:{_TEXT}))*)\]"), "one_of"),
    (re.compile(rf"(?P<value>{_TEXT}) in {_PATH}"), "has"),
    (re.compile(rf"!\((?P<value>{_TEXT}) in {_PATH}\)"), "has_not"),
)
_SPLIT = re.compile(rf"({_TEXT})|(&&|\|\|)")


@dataclass(frozen=True)
class Comparison:
    """What is compared, how, and with what: text, yes or no, a number (of money: pence), several texts, or nothing."""

    path: str
    how: str
    value: Value = None


@dataclass(frozen=True)
class Simple:
    """Comparisons of which all, or any, must hold."""

    comparisons: tuple[Comparison, ...]
    joined: Joined = "all"


@dataclass(frozen=True)
class Subject:
    """Something a condition may look at. `keys` are what it can be, with their words, where that is known."""

    path: str
    label: str
    shape: Shape
    keys: Sequence[tuple[str, str]] = ()


def write(simple: Simple) -> str:
    """The condition as CEL."""
    return (" && " if simple.joined == "all" else " || ").join(map(_written, simple.comparisons))


def _written(one: Comparison) -> str:
    match one.how:
        case "given":
            return f"{one.path} != null"
        case "not_given":
            return f"{one.path} == null"
        case "past":
            return f"{one.path} < today"
        case "future":
            return f"{one.path} > today"
        case "one_of":
            values = one.value if isinstance(one.value, tuple) else ()
            return f"{one.path} in [{', '.join(map(_literal, values))}]"
        case "has":
            return f"{_literal(one.value)} in {one.path}"
        case "has_not":
            return f"!({_literal(one.value)} in {one.path})"
    return f"{one.path} {_SIGNS[one.how]} {_literal(one.value)}"


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = str(value or "").replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


def read(condition: str) -> Simple | None:
    """A condition as comparisons; None where it is more than that."""
    parts, signs = _divided(condition)
    found = [_atom(part.strip()) for part in parts]
    if len(signs) > 1 or any(one is None for one in found):
        return None
    return Simple(tuple(one for one in found if one), "any" if signs == {"||"} else "all")


def _divided(condition: str) -> tuple[list[str], set[str]]:
    """The parts between && and ||, and which of the two there are; what stands in quotes is left whole."""
    parts, start = [], 0
    signs: set[str] = set()
    for match in _SPLIT.finditer(condition):
        if match[2]:
            parts.append(condition[start : match.start()])
            signs.add(match[2])
            start = match.end()
    return [*parts, condition[start:]], signs


def _atom(text: str) -> Comparison | None:
    for pattern, how in _ATOMS:
        if match := pattern.fullmatch(text):
            if how == "sign":
                return Comparison(match["path"], _NAMES[match["sign"]], _value(match["value"]))
            if how == "one_of":
                return Comparison(
                    match["path"], how, tuple(_unquoted(one) for one in re.findall(_TEXT, match["values"]))
                )
            return Comparison(match["path"], how, _unquoted(match["value"]) if "value" in match.groupdict() else None)
    return None


def _value(text: str) -> Value:
    if text in ("true", "false"):
        return text == "true"
    return _unquoted(text) if text[0] in "'\"" else Decimal(text)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def subjects(form: Form, *, group: Question | None = None) -> list[Subject]:
    """What conditions may look at in a form whose blocks are put in; `group`: what they may inside it."""
    if group is not None:
        return [one for part in group.questions for one in _of_question(part, "item")] + [_OFFICER]
    found = [one for question in form.questions.values() for one in _of_question(question, "answers")]
    for value in form.values:
        label = value.label.en if value.label else f"{value.id} (worked out)"
        shape: Shape = value.type if value.type != "text" else "text"
        found.append(Subject(f"values.{value.id}", label, shape, _YES_NO if shape == "yes_no" else ()))
    for table in form.tables:
        words = sorted({str(row.gives) for row in table.rows}) if table.gives == "text" else []
        shape = "choice" if words else table.gives
        keys = _YES_NO if shape == "yes_no" else [(word, word) for word in words]
        found.append(Subject(f"tables.{table.key}", f"{table.key} (table)", shape, keys))
    nations = [(nation, nation.replace("_", " ").capitalize()) for nation in scope.NATIONS]
    signed_in = Subject("signed_in", "Whoever fills it in has signed in", "yes_no", _YES_NO)
    return [*found, _OFFICER, signed_in, Subject("nation", "The council’s nation", "choice", nations)]


_YES_NO = (("yes", "Yes"), ("no", "No"))
_OFFICER = Subject("officer", "An officer fills it in", "yes_no", _YES_NO)


def _of_question(question: Question, root: str) -> Iterator[Subject]:
    path, label = f"{root}.{question.id}", question.label.en
    match question.type:
        case "guidance":
            return
        case "choice" | "choices":
            yield Subject(path, label, question.type, [(one.key, one.label.en) for one in question.options])
        case "yes_no" | "declaration":
            yield Subject(path, label, "yes_no", _YES_NO)
        case "number" | "money" | "date":
            yield Subject(path, label, question.type)
        case "text" | "long_text" | "email" | "phone" | "nino":
            yield Subject(path, label, "text")
        case _:
            yield Subject(path, label, "other")
    for part in PARTS_OF.get(question.type, ()):
        if part in ("postcode", "town", "sort_code", "registration"):
            yield Subject(f"{path}.{part}", f"{label}: {part.replace('_', ' ')}", "text")


def say(condition: str, known: Sequence[Subject]) -> str:
    """A condition in plain English; nothing where it is more than comparisons of what is known."""
    simple, by_path = read(condition), {one.path: one for one in known}
    if simple is None or any(one.path not in by_path for one in simple.comparisons):
        return ""
    return (" and " if simple.joined == "all" else " or ").join(
        sentence(one, by_path[one.path]) for one in simple.comparisons
    )


def sentence(one: Comparison, subject: Subject) -> str:
    """One comparison in plain English."""
    how = {**ANSWERED, **COMPARISONS[subject.shape]}.get(one.how, one.how.replace("_", " "))
    value = _in_words(one.value, subject)
    return f"“{subject.label}” {how}{f' {value}' if value else ''}"


def _in_words(value: Value, subject: Subject) -> str:
    keys = dict(subject.keys)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Decimal):
        return f"£{value / 100:,.2f}" if subject.shape == "money" else f"{value:f}"
    if isinstance(value, tuple):
        return " or ".join(f"“{keys.get(one, one)}”" for one in value)
    return f"“{keys.get(value, value)}”"
