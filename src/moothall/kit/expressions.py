"""Conditions an administrator writes, in CEL: compiled once, checked against the names in scope, safe to evaluate.

    names = Names(paths=frozenset({"case.type", "answers.amount"}))
    compile("case.type == 'appeal' && answers.amount > 10", names).holds({"case": {...}, "answers": {...}})

What is missing is null. Where null makes an operation impossible (`answers.amount > 10` before an amount is given), and where a
list or map is asked for an item it lacks, the whole expression gives null, and null does not hold. Every other fault is an ExpressionFault whose message is a sentence.

Whole numbers and decimals can be reckoned with together: where they meet, everything is reckoned in decimals (`size()` stays
whole: write `double(size(tags))`).

Bounds, so that no condition can hold up a case: 1,000 characters, brackets 20 deep, 20 additions, lists of 200 items,
one list test inside another never, no `map`, and `matches` only with a short pattern written out.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache, partial
from uuid import UUID

import cel

from moothall.kit import expression_text
from moothall.kit.expression_text import ExpressionFault, Function, Names

__all__ = ["Expression", "ExpressionFault", "Function", "Names", "compile"]

MOST_ITEMS = 200

Values = Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Expression:
    """A compiled condition.

    `paths` are the dotted names it reads, its functions' included. `literals` are the texts it hands to each function
    as first argument, so `literals["tag"]` are the tags it asks for.
    """

    source: str
    paths: frozenset[str]
    literals: Mapping[str, frozenset[str]]
    _own_paths: tuple[tuple[str, ...], ...] = field(repr=False)
    _functions: tuple[Function, ...] = field(repr=False)
    _program: cel.Program = field(repr=False)

    @property
    def tags(self) -> frozenset[str]:
        """The tags the condition asks for with `tag("…")`."""
        return self.literals.get("tag", frozenset())

    def evaluate(self, values: Values) -> object:
        """Return what the expression gives for the values: a bool, number, text, list, map or None.

        Dates become ISO text, Decimals numbers, sets lists. Raises ExpressionFault.
        """
        run = _Run(values=values, source=self.source)
        picked = self._pick(values)
        functions: dict[str, Callable[..., object]] = {
            function.name: partial(run.call, function) for function in self._functions
        }
        try:
            return self._execute(picked, functions)
        except LookupError:
            return None
        except (TypeError, RuntimeError) as error:
            if not run.refusal and (run.gave_null or _has_null(picked)):
                return None
            raise ExpressionFault(run.refusal or _explain(self.source, error)) from error
        except (ArithmeticError, ValueError) as error:
            raise ExpressionFault(_explain(self.source, error)) from error

    def _execute(self, picked: dict[str, object], functions: Mapping[str, Callable[..., object]]) -> object:
        """Run it; where whole numbers and decimals meet, which CEL does not combine, once more with decimals only."""
        try:
            return self._program.execute(cel.Context(variables=picked, functions=dict(functions)))
        except TypeError:
            if not _has_decimal(picked) or _has_null(picked):
                raise
        decimals = {name: _decimal(value) for name, value in picked.items()}
        giving: dict[str, Callable[..., object]] = {
            name: partial(_in_decimals, function) for name, function in functions.items()
        }
        return _decimal_program(self.source).execute(cel.Context(variables=decimals, functions=giving))

    def holds(self, values: Values) -> bool:
        """Say whether the condition is met; null is not. Raises ExpressionFault, also for a result that is not yes or no."""
        result = self.evaluate(values)
        if result is None or isinstance(result, bool):
            return bool(result)
        raise ExpressionFault(f"“{self.source}” gives {result!r}, where a condition must give yes or no.")

    def _pick(self, values: Values) -> dict[str, object]:
        """Copy only what the expression reads, with null for what is missing."""
        picked: dict[str, object] = {}
        for path in self._own_paths:
            target, source = picked, values
            for step in path[:-1]:
                inner = source.get(step)
                if inner is not None and not isinstance(inner, Mapping):
                    raise ExpressionFault(f"“{self.source}” looks inside “{step}”, which has no parts.")
                branch = target.setdefault(step, {})
                assert isinstance(branch, dict)
                target, source = branch, inner or {}
            target[path[-1]] = _plain(source.get(path[-1]), self.source)
        return picked


@lru_cache(maxsize=8192)
def compile(source: str, names: Names) -> Expression:
    """Compile a condition and check every name in it. The same source and names give the same Expression.

    Raises ExpressionFault for what cannot be read, an unknown name, function or tag, and anything over the bounds.
    """
    expression_text.check_bounds(source)
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise expression_text.syntax_fault(source, error) from error
    found = expression_text.survey(source, names)
    functions = tuple(function for function in names.functions if function.name in found.functions)
    reads = {path for function in functions for path in function.reads}
    return Expression(
        source=source,
        paths=frozenset(".".join(path) for path in found.paths) | reads,
        literals=found.literals,
        _own_paths=_outermost(found.paths),
        _functions=functions,
        _program=program,
    )


def _outermost(paths: Set[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Leave out `case.type` where the whole of `case` is read as well."""
    return tuple(sorted(path for path in paths if not any(path[:length] in paths for length in range(1, len(path)))))


@dataclass
class _Run:
    """One evaluation: calls functions and keeps what the engine does not tell."""

    values: Values
    source: str
    refusal: str = ""
    gave_null: bool = False

    def call(self, function: Function, *arguments: object) -> object:
        try:
            result = _plain(function.call(self.values, *arguments), self.source)
        except (ValueError, TypeError, LookupError) as error:
            self.refusal = f"{function.name}() in “{self.source}” cannot be worked out: {error}"
            raise ValueError(function.name) from None  # the engine logs this, so it carries no data
        self.gave_null = self.gave_null or result is None
        return result


def _plain(value: object, source: str) -> object:
    """Turn a Python value into what CEL knows."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): _plain(inner, source) for key, inner in value.items()}
        case Sequence() | Set():
            if len(value) > MOST_ITEMS:
                raise ExpressionFault(f"“{source}” looks at a list of {len(value)} items; {MOST_ITEMS} is the most.")
            return [_plain(inner, source) for inner in value]
        case dt.date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case UUID():
            return str(value)
    raise ExpressionFault(f"“{source}” cannot use a value of kind {type(value).__name__}.")


@lru_cache(maxsize=1024)
def _decimal_program(source: str) -> cel.Program:
    return cel.compile(expression_text.in_decimals(source))


def _in_decimals(function: Callable[..., object], *arguments: object) -> object:
    return _decimal(function(*arguments))


def _decimal(value: object) -> object:
    """The same value with every whole number as a decimal."""
    if isinstance(value, dict):
        return {key: _decimal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_decimal(inner) for inner in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _has_decimal(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_decimal(inner) for inner in value.values())
    return any(_has_decimal(inner) for inner in value) if isinstance(value, list) else isinstance(value, float)


def _has_null(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_null(inner) for inner in value.values())
    return any(_has_null(inner) for inner in value) if isinstance(value, list) else value is None


def _explain(source: str, error: Exception) -> str:
    match error:
        case ZeroDivisionError():
            return f"“{source}” divides by zero."
        case OverflowError():
            return f"“{source}” gives a number that is too big."
    if isinstance(error, TypeError) or str(error).startswith("Undefined"):  # known names, so a method of another kind
        return f"“{source}” compares or combines values of different kinds, such as text with a number."
    reason = str(error).splitlines()[0].split(" error: ", maxsplit=1)[-1].split(". Check ")[0]
    return f"“{source}” cannot be worked out: {reason}."
