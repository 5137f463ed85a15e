"""Rows as a merge found them and as it left them, read and written back whole by PostgreSQL, so that nothing is rounded."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from moothall.domain.people.golden.pointing import Pointer, pointers_at
from moothall.domain.people.models import Merge, MergedRow

Row = dict[str, Any]


class NotPossible(Exception):
    """This merge cannot be undone as things are now. Its message may be shown to whoever asked."""


class Images:
    """Does the changes of a merge, and keeps how each row was before."""

    def __init__(self, merge: Merge) -> None:
        self.merge = merge
        self._turn = 0

    @property
    def today(self) -> date:
        """The day of the merge."""
        return timezone.localdate(self.merge.at)

    @contextmanager
    def watching(self, model: type[models.Model], keys: Iterable[int]) -> Iterator[None]:
        """Keep what happens to the rows of these keys inside: which columns became what."""
        wanted = sorted(keys)
        before = read(model, wanted)
        yield
        after = read(model, wanted)
        for key in wanted:
            was, now = before[key], after[key]
            columns = [name for name in was if was[name] != now[name]]
            if columns:
                self._keep(model, key, {one: was[one] for one in columns}, {one: now[one] for one in columns})

    def point(self, pointer: Pointer, *, at: int, to: int, only: Sequence[int] | None = None) -> list[int]:
        """Have what points `at` a row point `to` another (only the rows of these keys, if given); return their keys."""
        among = "" if only is None else f' AND "{pointer.key}" = ANY(%s)'
        # tables and columns are those of the models
        statement = (
            f'UPDATE "{pointer.table}" SET "{pointer.column}" = %s'  # noqa: S608
            f' WHERE "{pointer.column}" = %s{among} RETURNING "{pointer.key}"'
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [to, at] if only is None else [to, at, list(only)])
            keys = sorted(int(key) for (key,) in cursor.fetchall())
        first = self._turn
        self._turn += len(keys)
        MergedRow.objects.bulk_create(
            [
                MergedRow(
                    merge=self.merge,
                    turn=first + place,
                    table=pointer.model._meta.label_lower,
                    key=key,
                    before={pointer.column: at},
                    after={pointer.column: to},
                )
                for place, key in enumerate(keys)
            ],
            batch_size=1000,
        )
        return keys

    def take_away(self, model: type[models.Model], key: int, *, instead: int | None = None) -> None:
        """Delete a row. Where another stands for it, what points at it points at that one."""
        if instead is not None:
            for pointer in pointers_at(model):
                self.point(pointer, at=key, to=instead)
        self._keep(model, key, read(model, [key])[key], None)
        table, column = model._meta.db_table, _key(model)
        with connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{table}" WHERE "{column}" = %s', [key])  # noqa: S608 - of the models

    def _keep(self, model: type[models.Model], key: int, before: Row, after: Row | None) -> None:
        MergedRow.objects.create(
            merge=self.merge,
            turn=self._turn,
            table=model._meta.label_lower,
            key=key,
            before=before,
            after=after,
        )
        self._turn += 1


def read(model: type[models.Model], keys: Sequence[int]) -> dict[int, Row]:
    """Rows as JSON by key, held until the end of the transaction."""
    table, column = model._meta.db_table, _key(model)
    pairs = ", ".join(f"'{name}', kept.\"{name}\"" for name in _columns(model))
    statement = (
        f'SELECT kept."{column}", jsonb_build_object({pairs})'  # noqa: S608 - of the models
        f' FROM "{table}" AS kept WHERE kept."{column}" = ANY(%s) ORDER BY 1 FOR NO KEY UPDATE'
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(keys)])
        return {int(key): _parsed(row) for key, row in cursor.fetchall()}


def put_back(row: MergedRow, model: type[models.Model]) -> list[str]:
    """Write one row as it was before the merge; return the columns that somebody changed since, which stay as they are.

    What the table had then and has no longer is left out; what it has since is as in a new row. Raises NotPossible where
    what is recorded now stands against it.
    """
    there = set(_columns(model))
    before = {name: value for name, value in row.before.items() if name in there}
    try:
        with transaction.atomic():
            if row.after is None:
                gone = _gone(model, before)
                if any(field.remote_field.on_delete is not models.SET_NULL for field in gone):
                    return list(before)  # it would have gone with what it points at
                _insert(model, {**_since(model, before), **before, **{field.column: None for field in gone}})
                return []
            now = read(model, [row.key]).get(row.key)
            if now is None:
                return list(before)
            same = [name for name in before if now[name] == row.after[name]]
            _update(model, row.key, {name: before[name] for name in same})
            return [name for name in before if name not in same]
    except IntegrityError as clash:
        name = str(model._meta.verbose_name)
        sentence = f"A {name} recorded since stands against what was before: put that right first, then undo the merge."
        raise NotPossible(sentence) from clash


def check_ends() -> None:
    """Raise NotPossible where something put back points at what is not there any more, which is else told at the end."""
    try:
        with transaction.atomic():
            connection.check_constraints()
    except IntegrityError as missing:
        raise NotPossible(
            "Something that was before belongs to what was erased since: it cannot be undone."
        ) from missing


def _since(model: type[models.Model], values: Row) -> Row:
    """What a row has in the columns its table got since it was taken away."""
    columns = {str(field.column): field for field in model._meta.concrete_fields}
    since = {name: columns[name].get_default() for name in _columns(model) if name not in values}
    return {name: value for name, value in since.items() if value is not None}


def _gone(model: type[models.Model], values: Row) -> "list[models.ForeignKey[Any, Any]]":
    """The fields of a row that would point at what is not there any more."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and (value := values.get(str(field.column))) is not None
        and not field.target_field.model._base_manager.filter(**{field.target_field.name: value}).exists()
    ]


def _insert(model: type[models.Model], values: Row) -> None:
    table, columns = model._meta.db_table, ", ".join(f'"{name}"' for name in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({columns})'  # noqa: S608 - of the models
            f' SELECT {columns} FROM jsonb_populate_record(NULL::"{table}", %s::jsonb)',
            [_written(values)],
        )


def _update(model: type[models.Model], key: int, values: Row) -> None:
    if not values:
        return
    table, columns = model._meta.db_table, ", ".join(f'"{name}"' for name in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" SET ({columns}) ='  # noqa: S608 - of the models
            f' (SELECT {columns} FROM jsonb_populate_record(NULL::"{table}", %s::jsonb))'
            f' WHERE "{_key(model)}" = %s',
            [_written(values), key],
        )


def _columns(model: type[models.Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields if not getattr(field, "generated", False)]


def _key(model: type[models.Model]) -> str:
    pk = model._meta.pk
    assert pk is not None
    return str(pk.column)


def _parsed(value: Any) -> Row:
    found: Row = json.loads(value) if isinstance(value, str) else value
    return found


def _written(values: Row) -> str:
    return json.dumps(values)
