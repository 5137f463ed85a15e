"""What whoever deals with a customer has to heed, as they may see it, found in one statement (PPP-10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from moothall.core.accounts.models import User
from moothall.core.compiled import compiled
from moothall.core.lists import declared
from moothall.core.lists.models import Value
from moothall.domain.cases import sight
from moothall.domain.people.lists import CHANNELS, FLAG_TYPES, GENDERS, LANGUAGES, NEEDS, PURPOSES
from moothall.domain.people.models import Customer, Flag, Need, Preference
from moothall.domain.people.models_care import holding

MOST = 50
"""Rows of each kind that are shown."""


@dataclass(frozen=True)
class FlagHeld:
    """A flag that holds now."""

    id: int
    type: str
    text: str
    restricted: bool
    from_date: date
    to_date: date | None
    review_on: date | None
    by: str
    at: datetime


@dataclass(frozen=True)
class NeedHeld:
    """A communication need they have now."""

    id: int
    kind: str
    text: str
    from_date: date

    @property
    def words(self) -> str:
        """The need in a few words."""
        return f"{self.kind} ({self.text})" if self.text else self.kind


@dataclass(frozen=True)
class PreferenceHeld:
    """What they agreed to or refused, as it holds now."""

    id: int
    channel: str
    purpose: str
    agreed: bool
    how: str
    given_on: date
    from_date: date
    to_date: date | None
    by: str

    @property
    def words(self) -> str:
        """What it is of: a way to be reached, and what for."""
        return f"{self.channel}, {self.purpose[:1].lower()}{self.purpose[1:]}"


@dataclass(frozen=True)
class Heed:
    """What is to be heeded of one customer. `gender` and `speaks` are words, empty when not known."""

    died: date | None = None
    gender: str = ""
    speaks: str = ""
    flags: tuple[FlagHeld, ...] = ()
    needs: tuple[NeedHeld, ...] = ()
    preferences: tuple[PreferenceHeld, ...] = ()

    @property
    def refused(self) -> list[str]:
        """What they do not want, in words."""
        return [one.words for one in self.preferences if not one.agreed]

    @property
    def told_how(self) -> list[str]:
        """How they must be spoken and written to, in words."""
        return [*([self.speaks] if self.speaks else []), *(one.words for one in self.needs)]


NOTHING = Heed()


def of(customer_id: int, *, user: User, on: date) -> Heed:
    """What is to be heeded of a customer whom the user may see."""
    for died, gender, gender_said, speaks, speaks_said, flags, needs, preferences in _rows(
        user, customer=customer_id, on=on
    ):
        return Heed(
            died=died,
            gender=_said(GENDERS, gender, gender_said),
            speaks=_said(LANGUAGES, speaks, speaks_said),
            flags=tuple(_flag(one) for one in flags),
            needs=tuple(_need(one) for one in needs),
            preferences=tuple(_preference(one) for one in preferences),
        )
    return NOTHING


@compiled
def _rows(user: User, *, customer: int, on: date) -> "QuerySet[Customer, Any]":
    mine = {"customer": OuterRef("pk")}
    flags = Flag.objects.filter(holding(on), sight.flags_seen(user), **mine, ended_at=None)
    needs = Need.objects.filter(holding(on), **mine)
    preferences = Preference.objects.filter(holding(on), **mine, withdrawn_at=None)
    dates = {"from_date": "from_date", "to_date": "to_date", "by": "set_by__full_name", "id": "pk"}
    return Customer.objects.filter(pk=customer).values_list(
        "person__date_of_death",
        "person__gender",
        _label(GENDERS, "person__gender"),
        "person__speaks",
        _label(LANGUAGES, "person__speaks"),
        ArraySubquery(
            flags.order_by("-set_at", "-pk")[:MOST].values(
                row=JSONObject(
                    **dates, key="type", said=_label(FLAG_TYPES, "type"), text="text", restricted="restricted",
                    review_on="review_on", at="set_at",
                )
            )
        ),
        ArraySubquery(
            needs.order_by("-set_at", "-pk")[:MOST].values(
                row=JSONObject(**dates, key="kind", said=_label(NEEDS, "kind"), text="text")
            )
        ),
        ArraySubquery(
            preferences.order_by("-set_at", "-pk")[:MOST].values(
                row=JSONObject(
                    **dates, key="channel", said=_label(CHANNELS, "channel"), purpose="purpose",
                    purpose_said=_label(PURPOSES, "purpose"), agreed="agreed", how="how", given_on="given_on",
                )
            )
        ),
    )  # fmt: skip


def _label(known: declared.Declared, field: str) -> Subquery:
    return Subquery(Value.objects.filter(list__key=known.key, key=OuterRef(field)).values("label")[:1])


def _said(known: declared.Declared, key: str | None, label: str | None) -> str:
    """A value of a list in words: as the council calls it, else as it was declared."""
    if not key or label:
        return label or ""
    return next((str(one.label) for one in known.values if one.key == key), key.replace("_", " ").capitalize())


def _flag(row: Mapping[str, Any]) -> FlagHeld:
    return FlagHeld(
        type=_said(FLAG_TYPES, row["key"], row["said"]),
        at=datetime.fromisoformat(row["at"]),
        review_on=_day(row["review_on"]),
        **_plain(row, ("id", "text", "restricted", "by")),
        **_days(row),
    )


def _need(row: Mapping[str, Any]) -> NeedHeld:
    kind = _said(NEEDS, row["key"], row["said"])
    return NeedHeld(kind=kind, from_date=date.fromisoformat(row["from_date"]), **_plain(row, ("id", "text")))


def _preference(row: Mapping[str, Any]) -> PreferenceHeld:
    return PreferenceHeld(
        channel=_said(CHANNELS, row["key"], row["said"]),
        purpose=_said(PURPOSES, row["purpose"], row["purpose_said"]),
        given_on=date.fromisoformat(row["given_on"]),
        **_plain(row, ("id", "agreed", "how", "by")),
        **_days(row),
    )


def _plain(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _days(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"from_date": date.fromisoformat(row["from_date"]), "to_date": _day(row["to_date"])}


def _day(given: str | None) -> date | None:
    return date.fromisoformat(given) if given else None
