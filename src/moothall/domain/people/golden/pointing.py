"""What points at a customer: found from the models, so that a new table cannot be forgotten when two are merged."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from moothall.domain.people.models import Customer

STAYS = {
    "people.Customer.merged_into": "followed by itself: it leads to the golden record, whoever that is",
    "people.Merge.kept": "says which two were merged",
    "people.Merge.absorbed": "says which two were merged",
    "people.Pair.first": "says which two may be one",
    "people.Pair.second": "says which two may be one",
    "cases.WorkLine.customer": "a copy of the case's, kept by triggers",
    "people.SearchLine.customer": "made of the customer by triggers, and of the rows that come to point at them",
}
"""Columns that a merge leaves alone or changes by a rule of its own, each with the reason."""

UNTOLD = {"people.Flag.customer": Q(restricted=True)}
"""Rows that follow a merge of which whoever undoes it is told nothing, for they may not be for their eyes."""


@dataclass(frozen=True)
class Pointer:
    """A column of another table that points at rows of a model."""

    model: type[models.Model]
    field: "models.ForeignKey[Any, Any]"

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        pk = self.model._meta.pk
        assert pk is not None
        return str(pk.column)

    @property
    def column(self) -> str:
        return self.field.column

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.field.name}"


@cache
def pointers_at(target: type[models.Model]) -> tuple[Pointer, ...]:
    """Every foreign key to `target`, but for kept history, which says what was."""
    return tuple(
        Pointer(model, field)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.related_model is target
        and not hasattr(model, "pgh_tracked_model")
    )


@cache
def moved() -> tuple[Pointer, ...]:
    """The columns that a merge makes point at the golden record."""
    return tuple(one for one in pointers_at(Customer) if not one.field.primary_key and one.label not in STAYS)
