"""Query sets whose SQL is made once: on a screen Django's making of SQL costs more than PostgreSQL's answer.

    @compiled
    def _open(user: User, *, case: int) -> QuerySet[WorkItem]:
        return WorkItem.objects.visible_to(user).open().filter(case=case)

    rows = _open(user, case=7)  # a list, not a query set

What stands before the star makes the shape of a statement, and each shape has a statement of its own. A user there stands for
what their groups let them see: the function is given somebody of the same groups who is nobody in particular, so that no
statement can keep whose it was. What comes after the star are values, which take other places in the same statement: int, str,
date, datetime and UUID, None (a shape of its own), and lists of them (one for each length). A value may reach the statement only as
it is given: nothing may be made of it, and nothing decided by it.

`@compiled(prepared=True)` has PostgreSQL plan it once a connection too, as `core.planned` tells: for joins of many tables, whose
planning takes longer than finding a few rows.
"""

import copy
import functools
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Generic, TypeVar, cast, overload
from uuid import UUID

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from psycopg.types.numeric import Int2, Int4, Int8

from moothall.core import planned
from moothall.core.accounts.models import User
from moothall.core.database import where

M = TypeVar("M")
MOST = 200  # statements kept of one function: there is one for each set of groups that somebody has
_NUMBERS = (Int2, Int4, Int8)  # what Django makes of a whole number for its column
_FAR = datetime(9131, 1, 1, tzinfo=UTC)  # a time nobody asks for


class Unfit(Exception):
    """A function cannot be compiled: a value does not reach its statement as it is given."""


class Compiled(Generic[M]):
    """A function that makes a query set, with the statements that were made of it. `plain` is the function."""

    def __init__(self, build: "Callable[..., QuerySet[Any, M]]", *, prepared: bool = False) -> None:
        self.plain = build
        self._prepared = prepared
        self._statements: dict[Hashable, _Statement] = {}
        functools.update_wrapper(self, build)

    def __call__(self, *shape: Any, **values: Any) -> list[M]:
        """The rows. Raises Unfit the first time if the function breaks the rules above."""
        key = (where(), *map(_shape, shape), *((name, _kind(value)) for name, value in values.items()))
        statement = self._statements.get(key) or self._made(key, shape, values)
        if settings.COMPILED_CHECKED:
            statement.check(self.plain(*shape, **values), values)
        return statement.rows(values)

    def _made(self, key: Hashable, shape: tuple[Any, ...], values: dict[str, Any]) -> "_Statement":
        numbers = count()
        probes = {name: _probe(value, numbers) for name, value in values.items()}
        anybody = [one.anybody() if isinstance(one, User) else one for one in shape]
        statement = _Statement(self.plain(*anybody, **probes), probes, prepared=self._prepared)
        if statement.is_empty and _compile(self.plain(*anybody, **values).query.get_compiler(DEFAULT_DB_ALIAS))[0]:
            raise Unfit("A value belongs to a column too small for what stands in for it.")
        while len(self._statements) >= MOST:
            self._statements.pop(next(iter(list(self._statements))), None)
        self._statements[key] = statement
        return statement


@overload
def compiled(build: "Callable[..., QuerySet[Any, M]]", /) -> Compiled[M]: ...
@overload
def compiled(*, prepared: bool) -> "Callable[[Callable[..., QuerySet[Any, M]]], Compiled[M]]": ...
def compiled(build: "Callable[..., QuerySet[Any, M]] | None" = None, /, *, prepared: bool = False) -> Any:
    """`build` as a function whose SQL is made once for each shape."""
    return Compiled(build, prepared=prepared) if build else functools.partial(Compiled, prepared=prepared)


@dataclass(frozen=True)
class _Value:
    """The place of a value in a statement, or of one of a list; `kind` is the kind of whole number PostgreSQL is told it is."""

    name: str
    place: int | None = None
    kind: type[int] | None = field(default=None, repr=False)

    def of(self, values: dict[str, Any]) -> Any:
        value = values[self.name]
        value = value if self.place is None else value[self.place]
        return self.kind(value) if self.kind else value


class _Statement:
    """The SQL of a query set, and which values go where in it."""

    def __init__(self, found: "QuerySet[Any, Any]", probes: dict[str, Any], *, prepared: bool) -> None:
        self._found = found
        self._prepared = prepared
        self._compiler = found.query.get_compiler(using=found.db)
        self._sql, params = _compile(self._compiler)
        slots = {(type(probe), probe): slot for name, value in probes.items() for slot, probe in _each(name, value)}
        self._params = [_place(param, slots) for param in params]
        self._refuse_unfit({slot: probe for (_, probe), slot in slots.items()})

    @property
    def is_empty(self) -> bool:
        """Whether it is known without asking that nothing will be found."""
        return not self._sql

    def rows(self, values: dict[str, Any]) -> list[Any]:
        """What the statement finds, as the query set would give it."""
        if not self._sql:
            return []
        like = self._found
        compiler = copy.copy(self._compiler)
        compiler.connection = connections[like.db]  # of this thread
        compiler.execute_sql = lambda *_, **__: [self._asked(self._filled(values))]
        found = type(like)(model=like.model, query=cast(Any, _Ready(like.query, compiler)), using=like.db)
        for name in ("_iterable_class", "_fields", "_prefetch_related_lookups"):
            setattr(found, name, getattr(like, name))
        return list(found)

    def _asked(self, params: tuple[Any, ...]) -> Sequence[tuple[Any, ...]]:
        with planned.cursor() if self._prepared else connections[self._found.db].cursor() as cursor:
            cursor.execute(self._sql, params)
            rows = cursor.fetchall()
        shown = self._compiler.col_count if self._compiler.has_extra_select else None
        return [row[:shown] for row in rows] if shown else rows

    def check(self, plain: "QuerySet[Any, Any]", values: dict[str, Any]) -> None:
        """Raises Unfit when Django would have asked something else."""
        sql, params = _compile(plain.query.get_compiler(using=plain.db))
        if (sql, repr(tuple(params))) != (self._sql, repr(self._filled(values))):
            raise Unfit(
                f"Made once and made now are not the same:\n{self._sql}\n{self._filled(values)}\n{sql}\n{params}"
            )

    def _filled(self, values: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(_fill(param, values) for param in self._params)

    def _refuse_unfit(self, probes: dict[_Value, Any]) -> None:
        if not self._sql:
            return
        used, left = repr(self._params), self._sql + repr(self._params)
        for slot, probe in probes.items():
            if repr(slot) not in used or repr(probe) in left or str(probe) in left:
                raise Unfit(f"The value “{slot.name}” does not reach the statement as it is given.")


class _Ready:
    """A query that has its statement already."""

    def __init__(self, query: Any, compiler: Any) -> None:
        self._query, self._compiler = query, compiler

    def get_compiler(self, *_: Any, **__: Any) -> Any:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)


def _compile(compiler: Any) -> tuple[str, tuple[Any, ...]]:
    """The statement of a compiler and its parameters; empty when it is known that nothing will be found."""
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return "", ()
    return sql, tuple(params)


def _shape(one: Any) -> Hashable:
    return one.reach if isinstance(one, User) else one


def _kind(value: Any) -> tuple[type, ...]:
    return (list, *map(type, value)) if isinstance(value, list) else (type(value),)


def _probe(value: Any, numbers: Iterator[int]) -> Any:
    """Something of the same kind that nobody asks for, another for each number."""
    if value is None:
        return None
    if isinstance(value, list):
        return [_probe(one, numbers) for one in value]
    number = next(numbers)
    kinds: dict[type, Any] = {
        int: 2_000_000_000 + number,
        str: f"probe-{number}-nobody-asks-for",
        date: (_FAR + timedelta(days=number)).date(),
        datetime: _FAR + timedelta(days=number),
        UUID: UUID(int=2**127 + number),
    }
    if type(value) not in kinds:
        raise Unfit(f"A value cannot be {type(value).__name__}: make it part of the shape.")
    return kinds[type(value)]


def _each(name: str, probe: Any) -> Iterator[tuple[_Value, Any]]:
    if isinstance(probe, list):
        yield from ((_Value(name, place), one) for place, one in enumerate(probe) if one is not None)
    elif probe is not None:
        yield _Value(name), probe


def _place(param: Any, slots: dict[tuple[type, Any], _Value]) -> Any:
    """A parameter with slots where probes stand."""
    if isinstance(param, (list, tuple)):
        return [_place(one, slots) for one in param]
    if type(param) in _NUMBERS and (slot := slots.get((int, int(param)))):
        return replace(slot, kind=type(param))
    return slots.get((type(param), param), param) if isinstance(param, Hashable) else param


def _fill(param: Any, values: dict[str, Any]) -> Any:
    if isinstance(param, _Value):
        return param.of(values)
    return [_fill(one, values) for one in param] if isinstance(param, list) else param
