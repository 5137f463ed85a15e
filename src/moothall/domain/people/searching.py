"""Customers searched for by whatever is known of them (PPP-16): names, a birthday, numbers, each with % at either end.

What is asked is made into `Wanted`: the threes (`people_grams`) that lead to the lines by their index, and the pieces of
text that a line must hold. How the lines are found then is said in `search_ways`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Prefetch, QuerySet

from moothall.domain.people.models import NINO_STEM, ContactDetail, Customer, ExternalReference, Residence
from moothall.domain.people.names import fold
from moothall.domain.people.numbers import fold_number
from moothall.domain.people.search_ways import Found, Sought, Wanted
from moothall.kit import email, nino, phone, postcode
from moothall.kit.invalid import Invalid

LOOKED_AT = 2_000
"""Customers shown at most, a page at a time."""

COUNTED = 500
"""Customers who fit are counted up to so many, and as far as the page that is wanted."""

ANY = "%"
TOO_SHORT = (
    "With % on both sides give at least three letters or figures, with % before them at least two; "
    "or add something else you know, such as a date of birth."
)
KINDS = {"nino": "n", "postcode": "p", "email": "e", "phone": "t", "reference": "r"}
"""The letter each kind of fact has in a line; a day of birth has b."""

_LONGEST = 100
_SHOWN = (
    "kind",
    "name",
    "person__surname_key",
    "person__known_as",
    "person__name_at_birth",
    "person__date_of_birth",
    "person__date_of_death",
    "organisation__contact_name",
    "organisation__charity_number",
)
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


def find(
    question: Question,
    *,
    among: "QuerySet[Customer]",
    nearly_all: bool = False,
    also: "QuerySet[Any, Any] | None" = None,
    first: int = 0,
    most: int | None = None,
) -> Found:
    """Who fits the question, of those `among`, in the order of their names; `also` are ids of customers that it must be.

    It costs the less the fewer are wanted: `most` of them from the `first` on, within the first LOOKED_AT. `nearly_all` says
    that `among` leaves out but a few, who are then left out after the cut, which is quicker. Raises TooShort for a question
    that leads nowhere, and Invalid for a number nobody can have, with a sentence.
    """
    wanted = _wanted(question)
    if also is None and not all(one.grams for one in wanted):
        raise TooShort(TOO_SHORT if question.asked else "Enter a name, a number or a day.")
    within = max(0, LOOKED_AT - first)
    most = within if most is None else min(most, within)
    return Sought(
        wanted=wanted,
        among=among,
        also=also,
        nearly_all=nearly_all,
        first=first,
        most=most,
        counted=min(LOOKED_AT, max(COUNTED, first + most)),
    ).found()


def told(ids: Sequence[int], question: Question) -> "QuerySet[Customer]":
    """These customers in the order of their names, with what lists show of them and by which the question may have found them.

    What else there is of them is read when it is asked for, of each alone.
    """
    homes = Residence.objects.select_related("address").only("customer", "to_date", "address__postcode")
    parts: list[Prefetch[Any] | str] = [Prefetch("residences", homes)]
    if question.phone or question.email:
        ways = ContactDetail.objects.only("customer", "value", "normalised", "to_date")
        parts.append(Prefetch("contact_details", ways))
    if question.reference:
        parts.append(Prefetch("references", ExternalReference.objects.only("customer", "type", "number")))
    rows = Customer.objects.filter(pk__in=ids).select_related("person", "organisation").only(*_SHOWN)
    return rows.prefetch_related(*parts).order_by("name", "id")


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
            holds.append(("facts", _line(piece, mark)))
    if question.date_of_birth:
        day = f"b{question.date_of_birth.isoformat()}"
        grams.append(day)
        holds.append(("facts", f"\n{day}\n"))
    names = [_named(words, sounds_like=question.sounds_like) for words in ways]
    return [Wanted(tuple(dict.fromkeys([*name.grams, *grams])), (*name.holds, *holds)) for name in names]


def _named(words: list[Piece], *, sounds_like: bool) -> Wanted:
    if sounds_like and words:
        heard = [f"~{sound}" for sound in sounds(piece.text for piece in words)]
        return Wanted(tuple(heard), tuple(("names", f" {sound} ") for sound in heard))
    grams = [gram for piece in words for gram in piece.grams()]
    return Wanted(tuple(grams), tuple(("names", piece.within(" ", " ")) for piece in words))


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
