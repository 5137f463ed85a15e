"""Reads the text of a CEL condition: which names, functions and literal arguments it uses, and whether they exist."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

import cel

from moothall.kit.kinds import ANY, Kind

LONGEST = 1_000
DEEPEST = 20
MOST_ADDITIONS = 20
LONGEST_PATTERN = 100
MOST_PATTERNS = 3

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
      | (?P<text>(?:[rR][bB]?|[bB][rR]?)?(?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
      | (?P<number>0[xX][0-9a-fA-F]+[uU]?|[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?[uU]?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>&&|\|\||[=!<>]=|.)""",
    re.VERBOSE,
)
_WORDS = frozenset({"true", "false", "null", "in"})
_FUNCTIONS: Mapping[str, int] = {"size": 1, "int": 1, "double": 1, "string": 1}
_METHODS: Mapping[str, int] = {"startsWith": 1, "endsWith": 1, "contains": 1, "matches": 1, "size": 0}
_LIST_TESTS = frozenset({"all", "exists", "exists_one", "filter"})
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class ExpressionFault(ValueError):
    """A condition is wrong. Its message is a sentence that says what and, where known, what to do."""


@dataclass(frozen=True)
class Function:
    """A function conditions may call.

    `call` gets the values the condition is evaluated with, then the arguments; it raises ValueError with a sentence.
    `arguments` is how many it takes. `reads` are the dotted names it looks at. With `vocabulary`, its first argument
    must be a text written out, and one of the names in scope under that vocabulary. `takes` are the kinds of its
    arguments and `gives` that of its result.
    """

    name: str
    call: Callable[..., object]
    arguments: int = 0
    reads: tuple[str, ...] = ()
    vocabulary: str | None = None
    takes: tuple[Kind, ...] = ()
    gives: Kind = ANY


@dataclass(frozen=True)
class Names:
    """The names a condition may use.

    `paths` are dotted names with a single value or list (`case.type`, `answers.missing`, `documents`). `open` are names
    whose parts are not known beforehand (`replies`). `parts` are the parts of each item of a list. `vocabularies` are
    the texts a function with that vocabulary may be given; one left out is not checked.
    """

    paths: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    parts: tuple[tuple[str, frozenset[str]], ...] = ()
    functions: tuple[Function, ...] = ()
    vocabularies: tuple[tuple[str, frozenset[str]], ...] = ()


class Survey(NamedTuple):
    """What a condition uses."""

    paths: frozenset[tuple[str, ...]]
    functions: frozenset[str]
    literals: Mapping[str, frozenset[str]]


class Token(NamedTuple):
    """`kind` is text, number, name or sign."""

    kind: str
    text: str


def check_bounds(source: str) -> None:
    """Raise ExpressionFault when the text is empty, too long, too deep or adds too much."""
    if not source.strip():
        raise ExpressionFault("The condition is empty: leave it out, or write one.")
    if len(source) > LONGEST:
        raise ExpressionFault(f"The condition has {len(source)} characters; {LONGEST} is the most.")
    depth = deepest = additions = 0
    for token in tokens(source):
        depth += (token.text in _CLOSING) - (token.text in _CLOSING.values()) if token.kind == "sign" else 0
        deepest = max(deepest, depth)
        additions += token.text == "+"
    if deepest > DEEPEST:
        raise ExpressionFault(f"“{source}” has brackets {deepest} deep; {DEEPEST} is the most.")
    if additions > MOST_ADDITIONS:
        raise ExpressionFault(f"“{source}” has {additions} additions; {MOST_ADDITIONS} is the most.")


def syntax_fault(source: str, error: ValueError) -> ExpressionFault:
    """Say in a sentence where the engine could not read the text."""
    place = re.search(r"<input>:(\d+):(\d+): (.*)", str(error))
    if place is None:
        return ExpressionFault(f"“{source}” cannot be read as a condition.")
    line, column, _ = place.groups()
    where = f"character {column}" if line == "1" else f"line {line}, character {column}"
    return ExpressionFault(f"“{source}” cannot be read as a condition: look at {where}.")


def survey(source: str, names: Names) -> Survey:
    """List what a condition uses. Raises ExpressionFault for what is not in `names`. The text must have compiled."""
    reader = _Reader(source=source, names=names, tokens=tokens(source))
    reader.read()
    return Survey(
        paths=frozenset(reader.paths),
        functions=frozenset(reader.functions),
        literals={name: frozenset(texts) for name, texts in reader.literals.items()},
    )


def tokens(source: str) -> list[Token]:
    """The words, signs and literals of a condition, without spaces and comments."""
    found = (Token(match.lastgroup or "", match.group()) for match in _TOKEN.finditer(source))
    return [token for token in found if token.kind != "space"]


def in_decimals(source: str) -> str:
    """The same condition with every whole number as a decimal, but for the places of items in lists."""
    written: list[str] = []
    before = [Token("sign", ""), Token("sign", "")]
    for match in _TOKEN.finditer(source):
        token = Token(match.lastgroup or "", match.group())
        place = before[1].text == "[" and (before[0].kind == "name" or before[0].text in (")", "]"))
        whole = token.kind == "number" and token.text.isdecimal() and not place
        written.append(f"{token.text}.0" if whole else token.text)
        if token.kind != "space":
            before = [before[1], token]
    return "".join(written)


@dataclass
class _Reader:
    """Walks over the words of one condition."""

    source: str
    names: Names
    tokens: list[Token]
    paths: set[tuple[str, ...]] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    literals: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    bound: dict[str, frozenset[str] | None] = field(default_factory=dict)
    test_ends: int = 0
    patterns: int = 0

    def read(self) -> None:
        position = 0
        while position < len(self.tokens):
            if position >= self.test_ends:
                self.bound = {}
            position = self._step(position)

    def _step(self, position: int) -> int:
        token = self.tokens[position]
        if token.text == "." and token.kind == "sign":
            return self._member(position, whole=None)
        if token.kind != "name" or token.text in _WORDS:
            if token.text == "{" and position and self.tokens[position - 1].kind == "name":
                raise self._fault("builds a record, which conditions cannot")
            return position + 1
        if self._text(position + 1) == "(":
            self._function(token.text, position + 1)
            return position + 2
        return self._path(position)

    def _function(self, name: str, opening: int) -> None:
        known = {function.name: function for function in self.names.functions}
        if name == "has":
            raise self._fault("uses has(): compare with null instead, as in answers.missing != null")
        if name not in known and name not in _FUNCTIONS:
            raise self._unknown("function", f"{name}()", [f"{one}()" for one in {*known, *_FUNCTIONS}])
        arguments = self._arguments(opening)
        wanted = known[name].arguments if name in known else _FUNCTIONS[name]
        self._count(f"{name}()", wanted, arguments)
        if name in known:
            self.functions.add(name)
            self._literal(known[name], arguments)

    def _literal(self, function: Function, arguments: list[list[Token]]) -> None:
        text = self._written_out(arguments[0]) if arguments else None
        if text is not None:
            self.literals[function.name].add(text)
        if function.vocabulary is None:
            return
        if text is None:
            raise self._fault(f'must name the {function.vocabulary} in {function.name}() as a text, like "example"')
        allowed = dict(self.names.vocabularies).get(function.vocabulary)
        if allowed is not None and text not in allowed:
            raise self._unknown(function.vocabulary, text, allowed)

    def _path(self, position: int) -> int:
        first = self.tokens[position].text
        steps, position = [first], position + 1
        while (step := self._next_step(position)) is not None:
            steps.append(step[0])
            position = step[1]
        if first in self.bound:
            self._check_part(first, steps[1:])
            return self._member(position, whole=None) if self._text(position) == "." else position
        path = self._checked(tuple(steps))
        self.paths.add(path)
        if self._text(position) == "[":
            return self._indexed(path, position)
        return self._member(position, whole=path) if self._text(position) == "." else position

    def _next_step(self, position: int) -> tuple[str, int] | None:
        """Read `.name` (unless it is a call) or `["name"]` and say where it ends."""
        if self._text(position) == "." and self._text(position + 2) != "(":
            return self._text(position + 1), position + 2
        if self._text(position) == "[" and self._text(position + 2) == "]":
            text = self._written_out(self.tokens[position + 1 : position + 2])
            return (text, position + 3) if text is not None else None
        return None

    def _checked(self, steps: tuple[str, ...]) -> tuple[str, ...]:
        path = ".".join(steps)
        inside_open = any(".".join(steps[:length]) in self.names.open for length in range(1, len(steps) + 1))
        if inside_open or path in self.names.paths:
            return steps
        if any(name.startswith(path + ".") for name in self.names.paths | self.names.open):
            raise self._fault(f"uses “{path}” as a whole: name one of its parts, such as {self._examples(path)}")
        raise self._unknown("name", path, self.names.paths | self.names.open)

    def _indexed(self, path: tuple[str, ...], opening: int) -> int:
        """After `documents[0]`, check the part; what is inside the brackets is read as usual."""
        closing = self._closing(opening)
        parts = dict(self.names.parts).get(".".join(path))
        if parts is not None and self._text(closing + 1) == "." and self._text(closing + 3) != "(":
            self._check_against(parts, self._text(closing + 2))
        return opening + 1

    def _member(self, position: int, *, whole: tuple[str, ...] | None) -> int:
        """Read `.name` after a value: a method, a test over a list, or a part of something worked out."""
        name = self._text(position + 1)
        before = self.tokens[position - 1] if position else Token("sign", "")
        if before.text in _WORDS or (before.kind == "sign" and before.text not in _CLOSING.values()):
            raise self._fault("starts a name with a dot: leave the dot out")
        if self._text(position + 2) != "(":
            return position + 2
        arguments = self._arguments(position + 2)
        if name in _LIST_TESTS:
            return self._list_test(name, position, arguments, whole)
        if name not in _METHODS:
            raise self._unknown("function", f".{name}()", [f".{one}()" for one in {*_METHODS, *_LIST_TESTS}])
        self._count(f".{name}()", _METHODS[name], arguments)
        if name == "matches":
            self._check_pattern(arguments[0])
        return position + 3

    def _list_test(self, name: str, position: int, arguments: list[list[Token]], whole: tuple[str, ...] | None) -> int:
        self._count(f".{name}()", 2, arguments)
        if self.bound:
            raise self._fault("has one list test inside another")
        variable = arguments[0][0].text
        parts = dict(self.names.parts).get(".".join(whole)) if whole else None
        self.bound = {variable: parts}
        self.test_ends = self._closing(position + 2)
        return position + 5

    def _check_part(self, variable: str, steps: list[str]) -> None:
        parts = self.bound[variable]
        if parts is not None and steps:
            self._check_against(parts, steps[0], variable)

    def _check_against(self, parts: frozenset[str], part: str, variable: str = "an item") -> None:
        if part not in parts:
            raise self._unknown(f"part of {variable}", part, parts)

    def _check_pattern(self, argument: list[Token]) -> None:
        self.patterns += 1
        pattern = self._written_out(argument)
        if pattern is None or len(pattern) > LONGEST_PATTERN:
            raise self._fault(f"needs the pattern of matches() written out, at most {LONGEST_PATTERN} characters long")
        if self.bound or self.patterns > MOST_PATTERNS:
            raise self._fault(f"may use matches() at most {MOST_PATTERNS} times, and not inside a list test")
        try:
            cel.evaluate(f'"".matches({argument[0].text})')
        except RuntimeError as error:
            raise self._fault(f"has a pattern that cannot be read or is too big: {pattern}") from error

    def _arguments(self, opening: int) -> list[list[Token]]:
        depth = 0
        arguments: list[list[Token]] = [[]]
        for token in self.tokens[opening + 1 : self._closing(opening)]:
            depth += (token.text in _CLOSING) - (token.text in _CLOSING.values()) if token.kind == "sign" else 0
            if token.text == "," and depth == 0:
                arguments.append([])
            else:
                arguments[-1].append(token)
        return arguments if arguments[0] else []

    def _closing(self, opening: int) -> int:
        depth = 0
        for position in range(opening, len(self.tokens)):
            token = self.tokens[position]
            depth += (token.text in _CLOSING) - (token.text in _CLOSING.values()) if token.kind == "sign" else 0
            if depth == 0:
                return position
        raise self._fault("has a bracket that is not closed")

    def _written_out(self, argument: list[Token]) -> str | None:
        if len(argument) != 1 or argument[0].kind != "text":
            return None
        value = cel.evaluate(argument[0].text)
        return value if isinstance(value, str) else None

    def _count(self, name: str, wanted: int, arguments: list[list[Token]]) -> None:
        if len(arguments) != wanted:
            raise self._fault(f"gives {name} {len(arguments)} values, where it takes {wanted}")

    def _text(self, position: int) -> str:
        return self.tokens[position].text if position < len(self.tokens) else ""

    def _examples(self, path: str) -> str:
        inside = sorted(name for name in self.names.paths | self.names.open if name.startswith(path + "."))
        return ", ".join(inside[:3])

    def _unknown(self, kind: str, name: str, known: frozenset[str] | list[str]) -> ExpressionFault:
        close = get_close_matches(name, sorted(known), n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(known)[:12]) or 'none'}."
        return ExpressionFault(f"“{self.source}” uses an unknown {kind}, {name}: {hint}")

    def _fault(self, what: str) -> ExpressionFault:
        return ExpressionFault(f"“{self.source}” {what}.")
