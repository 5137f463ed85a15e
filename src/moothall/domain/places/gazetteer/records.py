"""What a field, a record and a format are: the types that the layouts are written in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db import models

from moothall.domain.places.gazetteer.kinds import Kind
from moothall.domain.places.models import Supply


@dataclass(frozen=True)
class Field:
    """`column` is ours; a field without one is read and left."""

    name: str  # as published
    column: str
    kind: Kind
    needed: bool = False


@dataclass(frozen=True)
class Record:
    """One kind of record: its model, the columns that are its key, and its fields after the first three."""

    number: int
    model: type[models.Model]
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def table(self) -> str:
        """The table that holds what is in force."""
        return self.model._meta.db_table

    @property
    def columns(self) -> list[str]:
        """Our columns that this record fills."""
        return [field.column for field in self.fields if field.column]

    @cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """A line of this record in which nothing is unusual."""
        parts = [rf'{self.number},(?:"[IUD]"|[IUD]),\d{{1,16}}+']
        for field in self.fields:
            optional = "" if field.needed or field.kind.is_text else "?"
            value = _some(field.kind) if field.needed and field.kind.is_text else field.kind.pattern
            parts.append(f"(?:{value}){optional}")
        return re.compile(",".join(parts).encode("ascii"))


def _some(kind: Kind) -> str:
    """Text that must not be empty."""
    return rf'(?!""|,|$){kind.pattern}'


@dataclass(frozen=True)
class Layout:
    """A format: its records, and those that may be met and are only counted."""

    format: Supply.Format
    records: Mapping[int, Record]
    skipped: frozenset[int]
