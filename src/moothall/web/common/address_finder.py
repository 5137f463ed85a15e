"""“Find an address” on a form that asks for one: found by a postcode or by typing, chosen, or typed by hand.

It works in steps of the same form, so that nothing typed elsewhere in it is lost; a script finds addresses while one types.
"""

from dataclasses import dataclass, field, replace

from django.http import QueryDict

from moothall.domain.places import described, lookup
from moothall.domain.places.described import Described
from moothall.kit import grid
from moothall.kit import postcode as postcodes
from moothall.kit import text as typed
from moothall.kit import uprn as uprns
from moothall.kit.invalid import Invalid
from moothall.web.common import maps

FIND, USE = "find", "use"  # what the two buttons send as `address_step`
WHILE_TYPING = 8
SHOWN = 100
NEAREST = 20  # to a point


@dataclass(frozen=True)
class Finder:
    """What the component shows."""

    text: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)  # UPRN and address
    searched: bool = False
    chosen: str = ""  # the address whose lines have just been filled in
    more: bool = False  # there are more than are shown
    ground: maps.Ground | None = None  # of the map to choose a point on


@dataclass(frozen=True)
class Looking:
    """What was sent: with `finder`, what to show; with `data`, the form as it goes on; `asked`, whether only to look."""

    finder: Finder | None
    data: QueryDict | None
    asked: bool = False


def looking(data: QueryDict | None, *, wards: str) -> Looking:
    """Take a step of finding an address, if `data` asks for one. Without a gazetteer there is no finder.

    `wards`: the address of the wards, for the map a point is chosen on.
    """
    found = step(data)
    if found.finder is None:
        return found
    return replace(found, finder=replace(found.finder, ground=maps.ground(wards=wards)))


def step(data: QueryDict | None) -> Looking:
    """The same without a map, for pages that have none."""
    if not lookup.is_ready():
        return Looking(None, data)
    if data is None:
        return Looking(Finder(), None)
    text, wanted = data.get("find_address", "")[:200].strip(), data.get("address_step", "")
    if wanted == USE and (one := _one(data.get("found_address", ""))):
        filled = data.copy()
        for name, value in one.fields.items():
            filled[name] = value
        return Looking(Finder(chosen=one.found.line), filled, asked=True)
    if wanted in {FIND, USE} and text:
        found = find(text, limit=SHOWN)
        choices = [(one.reference, _line(one)) for one in found[:SHOWN]]
        return Looking(Finder(text, choices, searched=True, more=len(found) > SHOWN), data, asked=True)
    return Looking(Finder(text), data)


def find(text: str, *, limit: int) -> list[lookup.Found]:
    """The addresses of a postcode in the order of the street, those nearest to a point, or those that the words may mean."""
    text = typed.salvage(text)
    if postcodes.is_valid(text):
        return lookup.at_postcode(text)
    try:
        point = grid.read(text)
    except Invalid:
        return []
    if point:
        return lookup.near(*point, limit=min(limit, NEAREST))
    return lookup.find(text, limit=limit)


def fits(uprn: str, *, line1: str, postcode: str) -> bool:
    """Whether lines are still those of the property they were filled in from."""
    one = _one(uprn)
    said = {"line1": line1, "postcode": postcode}
    return one is not None and all(_alike(one.fields[name], words) for name, words in said.items())


def _alike(one: str, other: str) -> bool:
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


def while_typing(text: str) -> list[dict[str, object]]:
    """A few addresses with the fields of the form they fill."""
    found = described.describe(find(text, limit=WHILE_TYPING)[:WHILE_TYPING]) if text.strip() else []
    return [{"line": _line(one.found), "fields": one.fields} for one in found]


def _line(one: lookup.Found) -> str:
    """The address, and how far it is from the point asked for."""
    return one.line if one.metres is None else f"{one.line} ({one.metres:,.0f}\N{NO-BREAK SPACE}m)"


def _one(uprn: str) -> Described | None:
    try:
        found = lookup.with_uprn(uprns.normalise(uprn))
    except Invalid:
        return None
    return next(iter(described.describe([found])), None) if found else None
