"""Customers searched for by whatever is known of them (PPP-16): names, a birthday, numbers, each with % at either end.

What is asked is made into `Wanted`: the threes (`people_grams`) that lead to the lines by their index, and the pieces of
text that a line must hold. As many lines as `LOOKED_AT` are looked at and none beyond is counted. Where most lines would
fit, the newest `NEAR` of them are looked through first: that many soon hold enough.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, IntegerField, Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL

from moothall.domain.people.models import NINO_STEM, Customer, Residence
from moothall.domain.people.models_search import Grams, SearchLine
from moothall.domain.people.names import fold
from moothall.domain.people.numbers import fold_number
from moothall.kit import email, nino, phone, postcode
from moothall.kit.invalid import Invalid

LOOKED_AT = 2_000
DENSE, NEAR = 100_000, 30_000
ANY = "%"
TOO_SHORT = (
    "With % on both sides give at least three letters or figures, with % before them at least two; "
    "or add something else you know, such as a date of birth."
)
KINDS = {"nino": "n", "postcode": "p", "email": "e", "phone": "t", "reference": "r"}
"""The letter each kind of fact has in a line; a day of birth has b."""

_HOW_MANY = RawSQL("(SELECT count(*) FROM looked_at)", [], IntegerField())
_LONGEST = 100
_TELLING = 3  # threes that hold together lead to no such crowd
_TOLD = 3  # threes of one text that are looked up; the text itself decides


class TooShort(Invalid):
    """What is asked leads to no few customers: its sentence says what to add."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is known of somebody, as typed; all that is given must hold. `%` at either end of a text stands for anything.

    Names are found by how they begin. `sounds_like` finds names that sound alike as well.
    """

    name: str = ""
    date_of_birth: date | None = None
    nino: str = ""
    postcode: str = ""
    phone: str = ""
    email: str = ""
    reference: str = ""
    sounds_like: bool = False

    @property
    def asked(self) -> list[str]:
        """The names of what was given."""
        return sorted(one.name for one in fields(self) if one.name != "sounds_like" and getattr(self, one.name))


@dataclass(frozen=True)
class Piece:
    """A text without its %, and whether the value begins with it, and ends with it."""

    text: str
    begins: bool
    ends: bool

    @classmethod
    def of(cls, given: str, *, open_end: bool) -> "Piece":
        """What was typed, and % at its ends; without any, the value ends with it unless `open_end`."""
        text = given.strip()
        return cls(
            text.strip(ANY), not text.startswith(ANY), not text.endswith(ANY) and (text.startswith(ANY) or not open_end)
        )

    def grams(self, mark: str = "") -> list[str]:
        """Some of the threes that every value with this text has; none where it is too short for that."""
        whole = ("^" if self.begins else "") + self.text + ("$" if self.ends else "")
        if len(whole) == 2 and self.begins and not self.ends:
            return [mark + whole]
        threes = [whole[place : place + 3] for place in range(len(whole) - 2)]
        chosen = [threes[0], threes[-1], threes[len(threes) // 2]][:_TOLD] if threes else []
        return [mark + one for one in dict.fromkeys(chosen)]

    def within(self, before: str, after: str) -> str:
        """What a text holds that has such a value between these two."""
        return (before if self.begins else "") + self.text + (after if self.ends else "")

    def fits(self, value: str) -> bool:
        """Whether this is such a value."""
        return self.within("\n", "\n") in f"\n{value}\n"


_BEFORE = frozenset(Piece(word, True, False) for word in ("O", "MC", "MAC"))
"""What may belong to the name behind it (O Brien), or be a name (Mac Jones)."""


@dataclass(frozen=True)
class Wanted:
    """What a line must have."""

    grams: tuple[str, ...] = ()
    holds: Q = field(default_factory=Q)


@dataclass(frozen=True)
class Found:
    """The numbers of customers found, and whether there are more than were looked at."""

    customers: list[int]
    more: bool


def find(
    question: Question,
    *,
    among: "QuerySet[Customer]",
    nearly_all: bool = False,
    also: "QuerySet[Any, Any] | None" = None,
) -> Found:
    """Who fits the question, of those `among`, in the order of their names; `also` are ids of customers that it must be.

    `nearly_all` says that `among` leaves out but a few, who are then left out after the cut, which is quicker. Raises
    TooShort for a question that leads nowhere, and Invalid for a number nobody can have, with a sentence.
    """
    wanted = _wanted(question)
    leads = all(one.grams for one in wanted)
    if not leads and also is None:
        raise TooShort(TOO_SHORT if question.asked else "Enter a name, a number or a day.")
    lines = SearchLine.objects.filter(reduce(or_, (one.holds for one in wanted)))
    if not nearly_all:
        lines = lines.filter(customer__in=among.order_by())
    if also is not None:
        lines = lines.filter(customer__in=also)
    few_known = min((len(one.grams) for one in wanted), default=0) < _TELLING
    if also is None and few_known and _estimate(wanted) > DENSE:
        near = SearchLine.objects.order_by("-customer").values("customer")[:NEAR]
        found = _first(lines.filter(customer__in=near), among)
        if found.more:
            return found
    return _first(lines.alias(grams=Grams("names", "facts")).filter(_led_to(wanted)) if leads else lines, among)


def told(ids: Sequence[int]) -> "QuerySet[Customer]":
    """These customers in the order of their names, with all by which a question may have found them."""
    homes = Prefetch("residences", Residence.objects.select_related("address"))
    rows = Customer.objects.filter(pk__in=ids).select_related("person", "organisation")
    return rows.prefetch_related(homes, "contact_details", "references").order_by("name", "id")


def _first(lines: "QuerySet[SearchLine]", among: "QuerySet[Customer]") -> Found:
    """The customers `among` of the first of these lines. For a limit PostgreSQL would rather read the table from its beginning
    and cut every line into threes; what is materialised is planned as if all were wanted, by the index, and read no farther.
    """
    shown = RawSQL("SELECT customer FROM looked_at LIMIT %s", [LOOKED_AT])
    rows = among.filter(pk__in=shown).order_by("name", "pk").values_list("pk", _HOW_MANY)
    try:
        led, led_values = lines.values_list("customer", flat=True).query.sql_with_params()
        told, told_values = rows.query.sql_with_params()
    except EmptyResultSet:
        return Found([], False)
    text = (
        f"WITH led (customer) AS MATERIALIZED ({led}), "  # noqa: S608 - Django wrote both; their values are apart
        f"looked_at AS MATERIALIZED (SELECT customer FROM led LIMIT {LOOKED_AT + 1}) {told}"
    )
    with connection.cursor() as cursor:
        cursor.execute(text, [*led_values, *told_values])
        found = cursor.fetchall()
    return Found([row[0] for row in found], any(row[1] > LOOKED_AT for row in found))


def _wanted(question: Question) -> list[Wanted]:
    """What a line must have, once for each way to read the name: one of them has to hold."""
    ways = readings(question.name)
    if question.name.strip(f"{ANY} ") and not any(ways):
        raise Invalid("Enter the letters of a name.")
    grams: list[str] = []
    holds = []
    for kind, mark in KINDS.items():
        if given := getattr(question, kind):
            piece = fact(kind, given)
            grams += piece.grams(mark)
            holds.append(Q(facts__contains=_line(piece, mark)))
    if question.date_of_birth:
        day = f"b{question.date_of_birth.isoformat()}"
        grams.append(day)
        holds.append(Q(facts__contains=f"\n{day}\n"))
    names = [_named(words, sounds_like=question.sounds_like) for words in ways]
    return [Wanted(tuple(dict.fromkeys([*name.grams, *grams])), reduce(and_, holds, name.holds)) for name in names]


def _named(words: list[Piece], *, sounds_like: bool) -> Wanted:
    if sounds_like and words:
        heard = [f"~{sound}" for sound in sounds(piece.text for piece in words)]
        return Wanted(tuple(heard), Q(*(Q(names__contains=f" {sound} ") for sound in heard)))
    grams = [gram for piece in words for gram in piece.grams()]
    return Wanted(tuple(grams), Q(*(Q(names__contains=piece.within(" ", " ")) for piece in words)))


def readings(name: str) -> list[list[Piece]]:
    """The words of a name as they are compared, each with its %. Where O, Mc or Mac stands before one, joined to it too."""
    pieces = [Piece.of(word, open_end=True) for word in name[:_LONGEST].split()]
    apart = [replace(piece, text=folded) for piece in pieces if (folded := fold(piece.text))]
    joined: list[Piece] = []
    for piece in apart:
        if joined and joined[-1] in _BEFORE and piece.begins and piece not in _BEFORE:
            joined[-1] = replace(piece, text=joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return [apart] if joined == apart else [apart, joined]


def fact(kind: str, given: str) -> Piece:
    """A number or address as it is compared. Raises Invalid with a sentence."""
    given = given.strip()[:254]
    if ANY in given.strip(ANY):
        raise Invalid("% stands at the beginning or at the end, not within.")
    if not given.strip(ANY):
        raise Invalid("Give something beside the %.")
    piece = Piece.of(given, open_end=kind in {"nino", "postcode"})
    return replace(piece, text=_TIDIED[kind](piece.text, whole=ANY not in given, begins=piece.begins))


def sounds(words: Iterable[str]) -> list[str]:
    """How folded words sound."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT people_sound(word) FROM unnest(%s::text[]) WITH ORDINALITY AS given(word)", [list(words)]
        )
        return [row[0] for row in cursor.fetchall()]


def _nino(text: str, *, whole: bool, begins: bool) -> str:  # noqa: ARG001
    return nino.normalise(text)[:NINO_STEM] if whole else fold_number(text)


def _postcode(text: str, *, whole: bool, begins: bool) -> str:  # noqa: ARG001
    return postcode.normalise(text).replace(" ", "") if whole and postcode.is_valid(text) else fold_number(text)


def _phone(text: str, *, whole: bool, begins: bool) -> str:
    if whole:
        return phone.normalise(text)
    digits = "".join(sign for sign in text if sign.isdigit() or sign == "+")
    if not digits:
        raise Invalid("Enter figures of the telephone number.")
    return f"+44{digits[1:]}" if begins and text.startswith("0") else digits


def _email(text: str, *, whole: bool, begins: bool) -> str:  # noqa: ARG001
    return email.normalise(text).lower() if whole else text.lower()


def _reference(text: str, *, whole: bool, begins: bool) -> str:  # noqa: ARG001
    folded = fold_number(text)
    if not folded:
        raise Invalid("Enter the number.")
    return folded


_TIDIED = {"nino": _nino, "postcode": _postcode, "phone": _phone, "email": _email, "reference": _reference}


def _line(piece: Piece, mark: str) -> str:
    """What the facts of a line hold; a piece from the middle may lie in a fact of another kind, which is then found too."""
    return (f"\n{mark}" if piece.begins else "") + piece.text + ("\n" if piece.ends else "")


def _led_to(wanted: list[Wanted]) -> Q:
    return reduce(or_, (Q(("grams__contains", list(one.grams))) for one in wanted))


def _estimate(wanted: list[Wanted]) -> int:
    """How many lines PostgreSQL takes to have these threes."""
    rows = SearchLine.objects.alias(grams=Grams(F("names"), F("facts"))).filter(_led_to(wanted))
    sql, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        told = cursor.fetchone()
    return int(told[0][0]["Plan"]["Plan Rows"]) if told else 0
