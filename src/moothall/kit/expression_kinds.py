"""Works out what kind of value a CEL condition gives, and refuses what can never be worked out or never holds.

Every branch is read, also those that a case would only come to once in a year: a number compared with text, a word that
is not on its list, a sum of a day and a number, a division by zero.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

import cel

from moothall.kit import kinds
from moothall.kit.expression_text import ExpressionFault, Function, Token, tokens
from moothall.kit.kinds import ANY, DAY, DECIMAL, NOTHING, NUMBER, TEXT, WHOLE, YES_NO, Kind

_TESTS = {"all": YES_NO, "exists": YES_NO, "exists_one": YES_NO, "filter": None}
_CONVERSIONS = {"int": WHOLE, "double": DECIMAL, "string": TEXT, "size": WHOLE}
_ORDERINGS = ("<", "<=", ">", ">=")
_SAID = {"+": "adds", "-": "subtracts", "*": "multiplies", "/": "divides", "%": "divides"}


class _Value(NamedTuple):
    """What a part of a condition gives; `written` is the text or number when it stands there as such.

    `items` are those of a list written out.
    """

    kind: Kind
    written: object = None
    items: tuple["_Value", ...] = ()


def kind_of(source: str, scope: Mapping[str, Kind], functions: tuple[Function, ...]) -> Kind:
    """The kind of value a condition gives, where `scope` are the names it sees.

    The text must have compiled against the same names. Raises ExpressionFault.
    """
    reader = _Reader(source, tokens(source), dict(scope), {function.name: function for function in functions})
    value = reader.choice()
    if reader.position < len(reader.tokens):
        raise ExpressionFault(
            f"“{source}” cannot be read as a condition: look at “{reader.tokens[reader.position].text}”."
        )
    return value.kind


@dataclass
class _Reader:
    """Reads a condition from left to right by CEL's grammar, a method for each level of binding."""

    source: str
    tokens: list[Token]
    scope: dict[str, Kind]
    functions: Mapping[str, Function]
    position: int = field(default=0)

    def choice(self) -> _Value:
        """`test ? one : other`, or anything that binds tighter."""
        test = self._any_of()
        if not self._take("?"):
            return test
        self._yes_no(test, "chooses by")
        one = self._any_of()
        self._take(":")
        other = self.choice()
        kind = kinds.common(one.kind, other.kind)
        if kind is None:
            raise self._fault(f"gives {one.kind} one time and {other.kind} another")
        return _Value(kind)

    def _any_of(self) -> _Value:
        left = self._all_of()
        while self._take("||"):
            left = self._joined(left, self._all_of(), "||")
        return left

    def _all_of(self) -> _Value:
        left = self._relation()
        while self._take("&&"):
            left = self._joined(left, self._relation(), "&&")
        return left

    def _joined(self, left: _Value, right: _Value, sign: str) -> _Value:
        for side in (left, right):
            self._yes_no(side, f"joins with {sign}")
        return _Value(YES_NO)

    def _relation(self) -> _Value:
        left = self._sum()
        while sign := self._take("==", "!=", *_ORDERINGS, "in"):
            right = self._sum()
            if sign == "in":
                self._look_for(left, right)
            else:
                self._compare(left, right, is_ordering=sign in _ORDERINGS)
            left = _Value(YES_NO)
        return left

    def _compare(self, left: _Value, right: _Value, *, is_ordering: bool = False) -> None:
        if is_ordering:
            for side in (left, right):
                if side.kind.family not in ("any", "number", "text"):
                    raise self._fault(f"asks whether {side.kind} is more or less than something")
        families = {left.kind.family, right.kind.family}
        if len(families) > 1 and not (left.kind.is_open or right.kind.is_open):
            raise self._fault(f"compares {left.kind} with {right.kind}")
        for one, other in ((left, right), (right, left)):
            if isinstance(one.written, str) and other.written is None:
                self._meant(one.written, other.kind)

    def _meant(self, text: str, kind: Kind) -> None:
        """Refuse a text that the value it is held against can never be."""
        if kind.name == "day" and not _is_day(text):
            raise ExpressionFault(f"“{text}” is not a day: write it like 2026-03-01.")
        if kind.words is not None and text not in kind.words:
            close = get_close_matches(text, sorted(kind.words), n=1)
            hint = f"Did you mean “{close[0]}”?" if close else f"Known are {', '.join(sorted(kind.words)[:12])}."
            raise ExpressionFault(f"“{self.source}” cannot be meant: there is no {kind.of} “{text}”. {hint}")

    def _look_for(self, left: _Value, right: _Value) -> None:
        kind = right.kind
        if kind.name == "parts":
            if isinstance(left.written, str):
                self._part(kind, left.written)
        elif kind.name == "list":
            for item in right.items or (_Value(kind.item or ANY),):
                self._compare(left, item)
        elif not kind.is_open:
            raise self._fault(f"looks with “in” inside {kind}, which is not a list")

    def _sum(self) -> _Value:
        left = self._product()
        while sign := self._take("+", "-"):
            left = self._reckoned(left, sign, self._product())
        return left

    def _product(self) -> _Value:
        left = self._signed()
        while sign := self._take("*", "/", "%"):
            left = self._reckoned(left, sign, self._signed())
        return left

    def _reckoned(self, left: _Value, sign: str, right: _Value) -> _Value:
        if sign in ("/", "%") and right.written == 0 and right.kind.family == "number":
            raise self._fault("divides by zero")
        one, other = left.kind, right.kind
        open_ones = [kind for kind in (one, other) if kind.is_open]
        if NOTHING in (one, other):
            raise self._fault(f"{_SAID[sign]} nothing (null)")
        if sign == "+" and one.family == other.family and one.family in ("text", "list"):
            return _Value(TEXT if one.family == "text" else kinds.common(one, other) or ANY)
        if len(open_ones) == 2:
            return _Value(ANY)
        for kind in (one, other):
            if kind.family not in ("number", "any"):
                hint = ": use plus_days() or days_since()" if DAY in (one, other) else ""
                raise self._fault(f"{_SAID[sign]} {one} and {other}{hint}")
        if open_ones:
            return _Value(other if one.is_open else one)
        if DECIMAL in (one, other) and one != other:
            raise self._fault(
                f"{_SAID[sign]} a whole number and one with decimals: turn the whole one into double(…) first"
            )
        return _Value(one if one == other else NUMBER)

    def _signed(self) -> _Value:
        signs = set()
        while sign := self._take("!", "-"):  # a loop, since there may be hundreds
            signs.add(sign)
        value = self._member(self._primary())
        if "!" in signs:
            self._yes_no(value, "says “not” to")
        if "-" in signs and value.kind.family not in ("number", "any"):
            raise self._fault(f"puts a minus before {value.kind}")
        return _Value(YES_NO) if "!" in signs else value

    def _primary(self) -> _Value:
        if self.position >= len(self.tokens):
            raise self._fault("cannot be read as a condition: it ends too early")
        token = self.tokens[self.position]
        self.position += 1
        match token.kind, token.text:
            case "text", text:
                written = cel.evaluate(text)
                if not isinstance(written, str):
                    raise self._fault("writes a text as bytes: leave out the b before the quotes")
                return _Value(TEXT, written)
            case "number", number:
                if number[-1] in "uU":
                    raise self._fault("writes a number with u: leave it out")
                written = cel.evaluate(number)
                return _Value(DECIMAL if isinstance(written, float) else WHOLE, written)
            case _, "(":
                value = self.choice()
                self._take(")")
                return value
            case _, "[":
                return self._list()
            case _, "{":
                return self._map()
            case _, "true" | "false":
                return _Value(YES_NO)
            case _, "null":
                return _Value(NOTHING)
            case _, name:
                return self._call(name) if self._take("(") else _Value(self.scope.get(name, ANY))

    def _list(self) -> _Value:
        items = self._values("]")
        kind: Kind | None = NOTHING
        for item in items:
            kind = kinds.common(kind, item.kind) if kind else None
        return _Value(kinds.list_of(kind if items and kind else ANY), items=tuple(items))

    def _map(self) -> _Value:
        while not self._take("}"):
            self.choice()
            self._take(":", ",")
        return _Value(ANY)

    def _values(self, closing: str) -> list[_Value]:
        values = []
        while not self._take(closing):
            values.append(self.choice())
            self._take(",")
        return values

    def _call(self, name: str) -> _Value:
        values = self._values(")")
        if name in self.functions:
            function = self.functions[name]
            for value, wanted in zip(values, function.takes, strict=False):
                self._given(name, value, wanted)
            return _Value(function.gives)
        if name == "size":
            self._sized(values[0].kind)
        elif not values[0].kind.is_open and values[0].kind.family not in ("number", "text"):
            raise self._fault(f"makes {name}() of {values[0].kind}")
        return _Value(_CONVERSIONS[name])

    def _given(self, name: str, value: _Value, wanted: Kind) -> None:
        """Check an argument of one of our functions."""
        if wanted == DAY and value.kind == TEXT and value.written is None:
            raise self._fault(f"gives {name}() a text, where it takes a day")
        if not value.kind.is_open and value.kind.family != wanted.family:
            raise self._fault(f"gives {name}() {value.kind}, where it takes {wanted}")
        if wanted == WHOLE and value.kind == DECIMAL:
            raise self._fault(f"gives {name}() a number with decimals, where it takes a whole one")
        if isinstance(value.written, str):
            self._meant(value.written, wanted)

    def _member(self, value: _Value) -> _Value:
        """What follows a value: `.part`, `.method(…)`, `[index]`."""
        while sign := self._take(".", "["):
            if sign == "[":
                index = self.choice()
                self._take("]")
                value = _Value(self._indexed(value.kind, index))
                continue
            name = self.tokens[self.position].text
            self.position += 1
            value = self._method(value, name) if self._take("(") else _Value(self._part(value.kind, name))
        return value

    def _indexed(self, kind: Kind, index: _Value) -> Kind:
        if kind.name == "list":
            if index.kind.family not in ("number", "any"):
                raise self._fault(f"asks a list for the item numbered by {index.kind}")
            return kind.item or ANY
        if kind.name == "parts" and isinstance(index.written, str):
            return self._part(kind, index.written)
        if kind.name == "parts" and not index.kind.is_open and index.kind.family != "text":
            raise self._fault(f"names a part by {index.kind}: write its name in quotes")
        if kind.name not in ("any", "parts"):
            raise self._fault(f"looks inside {kind}, which has no parts")
        return kind.item or ANY

    def _part(self, kind: Kind, name: str) -> Kind:
        if kind.name == "any":
            return ANY
        if kind.name != "parts":
            raise self._fault(f"looks inside {kind} for “{name}”, which has no parts")
        if kind.words is not None:
            self._meant(name, kind)
            return kind.item or ANY
        parts = dict(kind.parts)
        if name not in parts:
            raise self._fault(f"asks for a part that is not there, {name}: known are {', '.join(parts)}")
        return parts[name]

    def _method(self, value: _Value, name: str) -> _Value:
        kind = value.kind
        if name in _TESTS:
            return self._list_test(kind, name)
        values = self._values(")")
        if name == "size":
            return self._sized(kind)
        if name == "contains" and kind.name == "list":
            self._look_for(values[0], value)
        elif not kind.is_open and kind.family != "text":
            raise self._fault(f"asks .{name}() of {kind}, where it takes text")
        elif not values[0].kind.is_open and values[0].kind.family != "text":
            raise self._fault(f"gives .{name}() {values[0].kind}, where it takes text")
        return _Value(YES_NO)

    def _sized(self, kind: Kind) -> _Value:
        if kind.family not in ("any", "nothing", "text", "list", "parts"):
            raise self._fault(f"asks for the size of {kind}")
        return _Value(WHOLE)

    def _list_test(self, kind: Kind, name: str) -> _Value:
        if kind.name not in ("any", "list", "parts"):
            raise self._fault(f"asks .{name}() of {kind}, which is not a list")
        variable = self.tokens[self.position].text
        self.position += 1
        self._take(",")
        outside = self.scope
        item = kind.item or ANY if kind.name == "list" else kinds.word(kind.words, kind.of)
        self.scope = {**outside, variable: item if kind.name != "any" else ANY}
        self._yes_no(self.choice(), f"tests in .{name}() with")
        self.scope = outside
        self._take(")")
        return _Value(_TESTS[name] or kind)

    def _yes_no(self, value: _Value, does: str) -> None:
        if not value.kind.is_open and value.kind != YES_NO:
            raise self._fault(f"{does} {value.kind}, where only yes or no can stand")

    def _take(self, *texts: str) -> str:
        """Go past the next sign or word if it is one of these, and give it."""
        if self.position >= len(self.tokens):
            return ""
        token = self.tokens[self.position]
        if token.text not in texts or token.kind == "text":
            return ""
        self.position += 1
        return token.text

    def _fault(self, what: str) -> ExpressionFault:
        return ExpressionFault(f"“{self.source}” {what}.")


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False
