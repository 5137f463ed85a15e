"""Why a search found a customer, in words for whoever searched."""

from moothall.domain.people.models import Customer
from moothall.domain.people.names import fold
from moothall.domain.people.numbers import fold_number
from moothall.domain.people.searching import Piece, Question, fact, readings

SOUNDS = "sounds like it"


def reasons(customer: Customer, question: Question) -> list[str]:
    """What of the customer fits, as far as their name does not say it. Their parts are best prefetched."""
    found = _name(customer, question)
    if question.date_of_birth:
        found.append(f"born {question.date_of_birth:%-d %B %Y}")
    if question.nino:
        found.append("National Insurance number")
    if question.postcode:
        found += _postcodes(customer, fact("postcode", question.postcode))
    for kind, what in (("phone", "telephone"), ("email", "e-mail")):
        if given := getattr(question, kind):
            found += _ways(customer, fact(kind, given), what)
    if question.reference:
        found += _numbers(customer, fact("reference", question.reference))
    return list(dict.fromkeys(found))


def _name(customer: Customer, question: Question) -> list[str]:
    """Of the ways to read the name, what those say that have the fewest words merely sounding like theirs."""
    ways = [
        [why for word in words for why in _names(customer, word, sounds=question.sounds_like)]
        for words in readings(question.name)
    ]
    least = min(way.count(SOUNDS) for way in ways)
    return [why for way in ways if way.count(SOUNDS) == least for why in way]


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
