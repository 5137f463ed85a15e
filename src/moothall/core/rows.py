"""Rows read and written by SQL of our own: for the few statements where Django's making of SQL is most of the cost.

The columns still come from the models, so a new field is read and written without a change here.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Generic, TypeVar, cast

from django.db import connection, models

from moothall.core import planned

M = TypeVar("M", bound=models.Model)


class Rows(Generic[M]):
    """The rows of a model under a table alias, but for the columns named in `without`."""

    def __init__(self, model: type[M], alias: str, *, without: Collection[str] = ()) -> None:
        self.model = model
        self._fields = [field for field in model._meta.concrete_fields if field.attname not in without]
        self._names = [field.attname for field in self._fields]
        self._converted = [(at, cast(Any, f)) for at, f in enumerate(self._fields) if hasattr(f, "from_db_value")]
        self.selected = ", ".join(f'{alias}."{field.column}"' for field in self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def instance(self, values: Sequence[Any]) -> M:
        """The instance that a row of `selected` makes."""
        row = list(values)
        for at, field in self._converted:
            row[at] = field.from_db_value(row[at], None, connection)
        return self.model.from_db(connection.alias, self._names, row)

    def insertion(self, *, keyed: bool = False) -> tuple[str, str]:
        """The columns of a new row, with its key if `keyed`, and their typed placeholders: `new_` and the field's name."""
        given = [field for field in self._fields if keyed or not field.primary_key]
        columns = ", ".join(f'"{field.column}"' for field in given)
        return columns, ", ".join(f"%(new_{field.attname})s::{field.db_type(connection)}" for field in given)

    def new(self, row: M) -> dict[str, Any]:
        """The values of a new row for the placeholders of `insertion`."""
        return {
            f"new_{field.attname}": field.get_db_prep_save(getattr(row, field.attname), connection)
            for field in self._fields
        }


def insert(row: M) -> M:
    """Add a new row by a statement planned once; the database gives its key unless it has one. No signals are sent."""
    rows, statement = _inserting(type(row), keyed=row.pk is not None)
    with planned.cursor() as cursor:
        cursor.execute(statement, rows.new(row))
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias
    return row


def copy(new: Sequence[M]) -> None:
    """Add many new rows of one model, the quickest way there is; who has no key is given one. No signals are sent.

    Triggers run as for any other insertion, those of statements once for all.
    """
    if not new:
        return
    model, key = type(new[0]), type(new[0])._meta.pk
    unkeyed = [row for row in new if row.pk is None]
    fields = [(field.attname, isinstance(field, models.JSONField), cast(Any, field)) for field in _written(model)]
    columns = ", ".join(f'"{field.column}"' for _name, _json, field in fields)
    with connection.cursor() as cursor:
        if unkeyed:
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(sequence, [model._meta.db_table, key.column, len(unkeyed)])
            for row, (number,) in zip(unkeyed, cursor.fetchall(), strict=True):
                row.pk = number
        with cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as rows:
            for row in new:
                rows.write_row(
                    [
                        field.get_db_prep_save(getattr(row, name), connection) if is_json else getattr(row, name)
                        for name, is_json, field in fields
                    ]
                )
    for row in new:
        row._state.adding, row._state.db = False, connection.alias


def _written(model: type[M]) -> "list[models.Field[Any, Any]]":
    return [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]


@cache
def _inserting(model: type[M], *, keyed: bool) -> tuple[Rows[M], str]:
    rows = Rows(model, "new")
    columns, placeholders = rows.insertion(keyed=keyed)
    key = model._meta.pk.column
    statement = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({placeholders}) RETURNING "{key}"'  # noqa: S608
    return rows, statement
