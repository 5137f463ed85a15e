"""How an address of the gazetteer is written: on one line, on the lines of an envelope, and its place in a list.

BS 7666 keeps an address in parts: a secondary object (SAO: a flat, a unit) within a primary one (PAO: a house, a block), each a
number or a range with suffixes, a text, or both; a street, a locality and a town. The rule that makes one address of them is
written down, with its reasons and hard cases, in `docs/developers/addresses.md`. Text is kept in the letters it was supplied in.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_KINDS = (
    "ANNEXE APARTMENT BAY BEDSIT BERTH BLOCK BUNGALOW CARAVAN CHALET COTTAGE DORMITORY FFLAT FLAT FLOOR GARAGE HANGAR HUT "
    "KIOSK LLAIN LODGE MAISONETTE OFFICE PITCH PLOT POD ROOM SHOP STALL STORE STUDIO SUITE UNED UNIT WORKSHOP YSTAFELL"
)
KINDS = frozenset(_KINDS.split())
UNITS = frozenset("APARTMENT BEDSIT FFLAT FLAT FLOOR MAISONETTE ROOM SUITE UNED UNIT YSTAFELL".split())  # noqa: SIM905
"""Words that, alone, say what a number is of and stand before it: FLAT 3, LODGE 3; but 3 THE STABLES. Some are Welsh. Those of
`UNITS` also do so at the end of others: STUDENT FLAT 3; but 3 ROSE COTTAGE, for a cottage has a name."""

_DIGITS = re.compile(r"[0-9]+")
_POSTCODE = re.compile(r"[A-Z0-9]{2,4} [A-Z0-9]{3}")
_LABEL = re.compile(r"[0-9]{1,4}[A-Z]{0,2}|[A-Z]{1,2}")
_AFTER_NUMBERS = ":"  # the sign after 9, where signs are put in order by their code


class Parts(NamedTuple):
    """An address as BS 7666 keeps it. What is not there is None (numbers) or empty (text)."""

    organisation: str = ""
    sao_start_number: int | None = None
    sao_start_suffix: str = ""
    sao_end_number: int | None = None
    sao_end_suffix: str = ""
    sao_text: str = ""
    pao_start_number: int | None = None
    pao_start_suffix: str = ""
    pao_end_number: int | None = None
    pao_end_suffix: str = ""
    pao_text: str = ""
    street: str = ""
    locality: str = ""
    town: str = ""
    post_town: str = ""  # where letters are sorted, when supplied; it may be another place than the town of the street
    postcode: str = ""


class Written(NamedTuple):
    """An address as it is read."""

    organisation: str
    premises: tuple[str, ...]  # up to two: the secondary object and the name of the primary one
    street: str  # with its number before it
    places: tuple[str, ...]  # locality and towns, from the nearest on
    postcode: str
    sort_key: str  # compared sign by sign it gives the order of a street walked: numbers as numbers, then names
    number: str  # of the primary object with its suffix, such as 12A; empty if it has none
    flat: str  # what tells the secondary object apart in a word, such as 3, 3A or B; empty if nothing does
    named: bool  # whether anybody would look for it by a name rather than by number and street

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of an envelope, the postcode last."""
        return tuple(
            line for line in (self.organisation, *self.premises, self.street, *self.places, self.postcode) if line
        )

    @property
    def line(self) -> str:
        """The whole address on one line."""
        return ", ".join(self.lines)


def write(parts: Parts) -> Written:
    """Put an address together by the rule of `docs/developers/addresses.md`."""
    organisation, sao_text, pao_text = _tidy(parts.organisation), _tidy(parts.sao_text), _tidy(parts.pao_text)
    sao_range, pao_range = _range(*parts[1:5]), _range(*parts[6:10])
    if sao_text and sao_text.upper() in {organisation.upper(), pao_text.upper()}:
        sao_text = ""
    if pao_text and pao_text.upper() == organisation.upper():
        pao_text = ""
    sao = _with_kind(sao_text, sao_range)
    unit = bool(pao_range) and pao_text.upper() in KINDS  # UNIT 4 on an estate whose street has no numbers
    pao = f"{pao_text} {pao_range}" if unit else pao_text
    premises = (f"{sao} {pao}",) if sao_range and not sao_text and pao and not unit else (sao, pao)
    street, places = _street_and_places(parts.street, parts.locality, parts.town, parts.post_town)
    flat = _flat(sao_text, parts.sao_start_number, parts.sao_start_suffix)
    number = f"{parts.pao_start_number}{_suffix(parts.pao_start_suffix)}" if parts.pao_start_number else ""
    return Written(
        organisation=organisation,
        premises=tuple(one for one in premises if one),
        street=street if unit or not pao_range else f"{pao_range} {street}".rstrip(),
        places=places,
        postcode=_postcode(parts.postcode),
        sort_key=_sort_key(street, parts, pao_text, sao),
        number=number,
        flat=flat,
        named=bool(organisation or (sao and not flat) or (pao_text and not unit) or not street),
    )


def envelope(written: Written, *, longest: int = 100) -> tuple[str, str, str, str]:
    """The address in the four fields it is kept in: two lines, town, postcode; no line above `longest` signs.

    Where all does not fit, the organisation is left out first (letters name it above the address), then what is too long is cut.
    """
    near, town = (written.places[:-1], written.places[-1]) if written.places else ((), "")
    above = [one for one in (written.organisation, *written.premises) if one]
    below = [one for one in (written.street, *near) if one]
    if written.organisation and len(", ".join(above)) > longest:
        above = above[1:]
    if len(above) + len(below) <= 2:
        first, second = [*above, *below, "", ""][:2]
    else:
        first, second = (", ".join(above), ", ".join(below)) if above else (below[0], ", ".join(below[1:]))
    return first[:longest].rstrip(" ,"), second[:longest].rstrip(" ,"), town, written.postcode


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" ,") if text else ""


def _suffix(text: str) -> str:
    return "".join(filter(str.isalnum, text)).upper() if text else ""


def _postcode(text: str) -> str:
    """As it is written, whatever stands between its halves; what is too short or too long to be one is left alone."""
    if _POSTCODE.fullmatch(text):
        return text
    signs = "".join(filter(str.isalnum, text)).upper()
    return f"{signs[:-3]} {signs[-3:]}" if 5 <= len(signs) <= 7 else signs


def _range(number: int | None, suffix: str, end: int | None, end_suffix: str) -> str:
    """12, 12A, 12-14, 1C-1D; empty without a number."""
    if not number:
        return ""
    start = f"{number}{_suffix(suffix)}"
    return f"{start}-{end}{_suffix(end_suffix)}" if end else start


def _is_kind(text: str) -> bool:
    before, _, last = text.upper().rpartition(" ")
    return last in (UNITS if before else KINDS)


def _with_kind(text: str, numbers: str) -> str:
    if text and numbers:
        return f"{text} {numbers}" if _is_kind(text) else f"{numbers} {text}"
    return text or numbers


def _flat(text: str, number: int | None, suffix: str) -> str:
    if number:
        return f"{number}{_suffix(suffix)}" if not text or _is_kind(text) else ""
    words = text.upper().split()
    rest = [word for word in words if word not in KINDS]
    return rest[0] if len(rest) == 1 and len(words) > 1 and _LABEL.fullmatch(rest[0]) else ""


@lru_cache(maxsize=2_000)
def _street_and_places(street: str, *names: str) -> tuple[str, tuple[str, ...]]:
    """The street; and locality, town and post town, none twice and none that is the street's own name."""
    street = _tidy(street)
    places: dict[str, str] = {street.upper(): ""}
    for name in names:
        place = _tidy(name)
        places.setdefault(place.upper(), place)
    return street, tuple(place for place in places.values() if place)


def _sort_key(street: str, parts: Parts, pao_text: str, sao: str) -> str:
    number = f"{parts.pao_start_number:05}" if parts.pao_start_number else _AFTER_NUMBERS
    key = (street, number, _suffix(parts.pao_start_suffix), natural(pao_text), natural(sao))
    return "\t".join(key).upper()


def natural(text: str) -> str:
    """The text with its numbers filled up, so that FLAT 10 comes after FLAT 9."""
    return _DIGITS.sub(lambda digits: digits[0].zfill(5), text) if text else ""
