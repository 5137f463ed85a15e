"""Why a search found a customer, in words for whoever searched."""

from collections.abc import Iterable

from moothall.domain.people.models import Customer
from moothall.domain.people.names import fold
from moothall.domain.people.numbers import fold_number
from moothall.domain.people.searching import KINDS, Piece, Question, fact, readings

SOUNDS = "sounds like it"


def reasons(customers: Iterable[Customer], question: Question) -> dict[int, list[str]]:
    """What of each customer fits, by their number, as far as their name does not say it. Best of those `searching.told` read."""
    ways = readings(question.name)
    pieces = {kind: fact(kind, given) for kind in KINDS if (given := getattr(question, kind))}
    return {one.pk: _reasons(one, question, ways, pieces) for one in customers}


def _reasons(customer: Customer, question: Question, ways: list[list[Piece]], pieces: dict[str, Piece]) -> list[str]:
    found = _name(customer, ways, sounds=question.sounds_like)
    if question.date_of_birth:
        found.append(f"born {question.date_of_birth:%-d %B %Y}")
    if question.nino:
        found.append("National Insurance number")
    if piece := pieces.get("postcode"):
        found += _postcodes(customer, piece)
    for kind, what in (("phone", "telephone"), ("email", "e-mail")):
        if piece := pieces.get(kind):
            found += _ways(customer, piece, what)
    if piece := pieces.get("reference"):
        found += _numbers(customer, piece)
    return list(dict.fromkeys(found))


def _name(customer: Customer, ways: list[list[Piece]], *, sounds: bool) -> list[str]:
    """Of the ways to read the name, what those say that have the fewest words merely sounding like theirs."""
    said = [[why for word in words for why in _names(customer, word, sounds=sounds)] for words in ways]
    least = min(way.count(SOUNDS) for way in said)
    return [why for way in said if way.count(SOUNDS) == least for why in way]


def _names(customer: Customer, word: Piece, *, sounds: bool) -> list[str]:
    shown = [fold(part) for part in customer.name.replace("-", " ").split()] + [
        fold(part) for part in customer.name.split()
    ]
    if any(_fits(word, part) for part in shown):
        return []
    if customer.kind == Customer.Kind.PERSON:
        others = {"known as": customer.person.known_as, "name at birth": customer.person.name_at_birth}
        if _fits(word, customer.person.surname_key):
            return []
    else:
        others = {"speak to": customer.organisation.contact_name}
    for what, name in others.items():
        if any(_fits(word, fold(part)) for part in name.split()):
            return [f"{what} {name}"]
    return [SOUNDS] if sounds else []


def _fits(word: Piece, value: str) -> bool:
    return word.within(" ", " ") in f" {value} "


def _postcodes(customer: Customer, piece: Piece) -> list[str]:
    for home in sorted(customer.residences.all(), key=lambda one: one.to_date is not None):
        if piece.fits(home.address.postcode.replace(" ", "")):
            until = f" until {home.to_date:%-d %B %Y}" if home.to_date else ""
            return [f"{home.address.postcode}{until}"]
    return []


def _ways(customer: Customer, piece: Piece, what: str) -> list[str]:
    for way in sorted(customer.contact_details.all(), key=lambda one: one.to_date is not None):
        if piece.fits(way.normalised):
            until = f" until {way.to_date:%-d %B %Y}" if way.to_date else ""
            return [f"{what} {way.value}{until}"]
    return []


def _numbers(customer: Customer, piece: Piece) -> list[str]:
    for one in customer.references.all():
        if piece.fits(one.number):
            return [f"{one.type.replace('_', ' ')} {one.number}"]
    if customer.kind == Customer.Kind.ORGANISATION and piece.fits(fold_number(customer.organisation.charity_number)):
        return [f"charity number {customer.organisation.charity_number}"]
    return []
