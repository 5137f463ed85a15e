"""A made-up county for look-up to be measured on: streets with numbers, suffixes and ranges, flats in shells, houses with names,
businesses, localities, Welsh twins, older and other addresses of one property; written into the gazetteer's tables by COPY."""

import random
from collections.abc import Iterator
from itertools import count, product
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper

_STARTS = "Salt Thorn Wick Bram Crake Dun Ever Fal Gorse Hart Ink Kel Lark Mar Nor Oak Pen Quill Rud Sel Tarn Ul Ver Whin Yar Zeal".split()  # noqa: SIM905
_ENDS = "ham wick ton ley bury mouth stead combe field worth".split()  # noqa: SIM905
TOWNS = [a + b for a, b in product(_STARTS, _ENDS)]
_WORDS = [
    "Acorn",
    "Alder",
    "Ash",
    "Aspen",
    "Badger",
    "Baker",
    "Barley",
    "Beacon",
    "Beech",
    "Bell",
    "Birch",
    "Bishop",
    "Bluebell",
    "Bramble",
    "Briar",
    "Bridge",
    "Brook",
    "Brewer",
    "Canal",
    "Castle",
    "Cedar",
    "Chapel",
    "Cherry",
    "Chestnut",
    "Church",
    "Clover",
    "Coach",
    "Coopers",
    "Copper",
    "Corn",
    "Cowslip",
    "Cross",
    "Dale",
    "Daisy",
    "Dane",
    "Deer",
    "Dove",
    "Eagle",
    "Elder",
    "Elm",
    "Falcon",
    "Fern",
    "Field",
    "Finch",
    "Forest",
    "Forge",
    "Fox",
    "Fuller",
    "Garden",
    "Glebe",
    "Granary",
    "Grange",
    "Grove",
    "Hawthorn",
    "Hazel",
    "Heath",
    "Heather",
    "Heron",
    "High",
    "Hill",
    "Holly",
    "Honeysuckle",
    "Hopper",
    "Ivy",
    "Jubilee",
    "Juniper",
    "Kestrel",
    "King",
    "Kiln",
    "Knights",
    "Lake",
    "Larch",
    "Laurel",
    "Lavender",
    "Lilac",
    "Lime",
    "Linden",
    "Low",
    "Magnolia",
    "Main",
    "Mallard",
    "Manor",
    "Maple",
    "Market",
    "Marsh",
    "Martin",
    "Mason",
    "Meadow",
    "Mercer",
    "Mill",
    "Mulberry",
    "Nelson",
    "New",
    "Nightingale",
    "Oak",
    "Old",
    "Orchard",
    "Osprey",
    "Otter",
    "Park",
    "Partridge",
    "Pasture",
    "Pear",
    "Pheasant",
    "Pine",
    "Plover",
    "Poplar",
    "Primrose",
    "Priory",
    "Quarry",
    "Queen",
    "Raven",
    "Rectory",
    "Reed",
    "Ridge",
    "River",
    "Robin",
    "Rook",
    "Rose",
    "Rowan",
    "Saddlers",
    "Saffron",
    "School",
    "Shepherd",
    "Silver",
    "Sorrel",
    "Spring",
    "Spruce",
    "Station",
    "Stone",
    "Sunny",
    "Swallow",
    "Swan",
    "Sycamore",
    "Tanner",
    "Teal",
    "Thistle",
    "Tower",
    "Turner",
    "Valley",
    "Victoria",
    "Vicarage",
    "Walnut",
    "Warren",
    "Water",
    "Weaver",
    "Well",
    "Wheat",
    "Willow",
    "Windmill",
    "Windsor",
    "Wood",
    "Wren",
    "Yew",
]
_KINDS = "Road Road Road Street Street Lane Lane Avenue Close Close Drive Court Crescent Gardens Grove Place Terrace Way Walk Mews Hill".split()  # noqa: SIM905
_BEFORE = ("", "", "", "", "Saint ", "Upper ", "Lower ", "North ", "Old ", "Great ")
_HOUSES = "Cottage House Lodge Farm Barn Villa Bungalow Grange Cottage House".split()  # noqa: SIM905
_TRADES = [
    "Bakery Dental Surgery",
    "Motors",
    "Hair Studio",
    "Newsagents",
    "Day Nursery",
    "Pharmacy",
    "Plumbing",
    "Arms",
    "Garden Centre",
    "Print Works",
]
_WELSH = {"Road": "Ffordd", "Street": "Stryd", "Lane": "Lôn", "Close": "Clos", "Avenue": "Rhodfa", "Court": "Cwrt"}


class Made(NamedTuple):
    """One address as it goes in: `variant` says which of a property's addresses it is."""

    key: str
    uprn: int
    usrn: int
    language: str
    status: int
    property_status: int
    classification: str
    organisation: str
    parent: int | None
    sao_number: int | None
    sao_suffix: str
    sao_text: str
    number: int | None
    suffix: str
    end_number: int | None
    name: str
    postcode: str
    x: int
    y: int
    first: bool  # of its property


class Street(NamedTuple):
    """A street as it goes in."""

    usrn: int
    name: str
    locality: str
    town: str
    welsh: str


def streets(most: int, seed: int = 7) -> Iterator[Street]:
    """Streets of towns and localities; a name is there once in each locality."""
    chance = random.Random(seed)  # noqa: S311 - the same county every time
    for usrn in range(99_000_000, 99_000_000 + most):
        number = usrn - 99_000_000
        town = TOWNS[number // 350 % len(TOWNS)]
        locality = (
            ""
            if number % 3
            else f"{TOWNS[(number * 7) % len(TOWNS)]} {chance.choice(('Green', 'Hill', 'End', 'Common'))}"
        )
        kind = chance.choice(_KINDS)
        name = f"{chance.choice(_BEFORE)}{chance.choice(_WORDS)}"
        if chance.random() < 0.3:
            name += f" {chance.choice(_WORDS)}"
        welsh = f"{_WELSH[kind]} {name}" if number % 40 == 0 and kind in _WELSH else ""
        yield Street(usrn, f"{name} {kind}".upper(), locality.upper(), town.upper(), welsh.upper())


def addresses(places: Iterator[Street], most: int, seed: int = 11) -> Iterator[Made]:
    """About `most` properties in these streets, each with an address or more."""
    chance = random.Random(seed)  # noqa: S311 - the same county every time
    uprns, keys, codes = count(990_000_000_001), count(1), count()
    last = 990_000_000_000
    for street in places:
        side = f"{_code(next(codes))}"
        east, north = 300_000 + street.usrn % 300 * 250, 200_000 + street.usrn // 300 % 300 * 250
        for place in range(chance.choice((6, 12, 20, 30, 45, 60))):
            if place % 15 == 14:
                side = _code(next(codes))
            made = _house(street, place + 1, side, chance, uprns, (east + place * 4, north + place % 2 * 12))
            for one in made:
                last = one.uprn
                yield one._replace(key=f"9999L{next(keys):09}")
        if last - 990_000_000_000 >= most:
            return


def _house(
    street: Street, place: int, code: str, chance: random.Random, uprns: Any, point: tuple[int, int]
) -> list[Made]:
    uprn = next(uprns)
    dice = chance.random()
    status = 8 if chance.random() < 0.03 else 6 if chance.random() < 0.01 else 1
    plain = Made(
        "",
        uprn,
        street.usrn,
        "ENG",
        status,
        status,
        "RD04",
        "",
        None,
        None,
        "",
        "",
        place,
        "",
        None,
        "",
        code,
        *point,
        True,
    )
    name = f"{chance.choice(_WORDS)} {chance.choice(_HOUSES)}".upper()
    if dice < 0.06:  # a house with a name
        house = plain._replace(number=None if dice < 0.04 else place, name=name, classification="RD02")
        return _twins([house], street)
    if dice < 0.11:  # a business, now and then over several numbers
        named = f"{chance.choice(TOWNS)} {chance.choice(_TRADES)}".upper()
        end = place + 2 if dice < 0.07 else None
        return [plain._replace(organisation=named, classification="CR08", end_number=end)]
    if dice < 0.13:  # flats in a house, by number or letter; the house is a shell
        shell = plain._replace(classification="PP", name=name if dice < 0.117 else "")
        flats = [
            shell._replace(
                uprn=next(uprns),
                parent=uprn,
                classification="RD06",
                sao_number=flat if dice < 0.125 else None,
                sao_text="FLAT" if dice < 0.125 else f"FLAT {'ABCDEFGHIJKL'[flat - 1]}",
            )
            for flat in range(1, chance.choice((3, 5, 9, 13)))
        ]
        return _twins([shell, *flats], street)
    if dice < 0.15:
        plain = plain._replace(suffix=chance.choice("ABC"))
    if dice > 0.97 and status == 1:  # another name is known too, or the number was another one before
        other = plain._replace(
            first=False, **({"status": 3, "name": name} if dice > 0.985 else {"status": 8, "number": place + 400})
        )
        return [plain, other]
    return _twins([plain], street)


def _twins(made: list[Made], street: Street) -> list[Made]:
    return [*made, *(one._replace(language="CYM", first=False) for one in made)] if street.welsh else made


def _code(number: int) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    number, unit = divmod(number, 400)
    area, sector = divmod(number, 10)
    return f"ZZ{area + 1} {sector}{letters[unit // 20]}{letters[unit % 20]}"


def load(cursor: CursorWrapper, most: int) -> int:
    """Write a county of about so many properties into the gazetteer, which is empty. Returns how many there are."""
    every = list(streets(max(20, most // 24)))
    with cursor.copy(
        "COPY places_streetdescriptor (usrn, language, description, locality, town, area) FROM STDIN"
    ) as copy:
        for street in every:
            copy.write_row((street.usrn, "ENG", street.name, street.locality, street.town, "EXAMPLESHIRE"))
            if street.welsh:
                copy.write_row((street.usrn, "CYM", street.welsh, street.locality, street.town, "EXAMPLESHIRE"))
    cursor.execute(f"CREATE TEMPORARY TABLE made ({_COLUMNS})")
    with cursor.copy("COPY made FROM STDIN") as copy:
        for one in addresses(iter(every), most):
            copy.write_row(one)
    cursor.execute(_PROPERTIES)
    cursor.execute(_IDENTIFIERS)
    cursor.execute("DROP TABLE made")
    cursor.execute("ANALYZE places_property, places_identifier, places_streetdescriptor")
    cursor.execute("SELECT count(*) FROM places_property")
    return int(cursor.fetchone()[0])


_COLUMNS = (
    "key text, uprn bigint, usrn int, language text, status int, property_status int, classification text, organisation text,"
    " parent bigint, sao_number int, sao_suffix text, sao_text text, number int, suffix text, end_number int, name text,"
    " postcode text, x int, y int, first boolean"
)
_PROPERTIES = """
INSERT INTO places_property (uprn, status, classification, parent_uprn, x, y, rpc, custodian, start_date, updated_on, entered_on,
    organisation, ward, parish, can_key, country, postal, postcode)
SELECT uprn, property_status, classification, parent, x, y, 1, 9999, '2005-01-01', '2024-05-01', '2005-01-01',
    organisation, 'E05099999', '', '', '', '', '' FROM made WHERE first
"""
_IDENTIFIERS = """
INSERT INTO places_identifier (key, uprn, language, status, start_date, updated_on, entered_on, sao_start_number, sao_start_suffix,
    sao_end_suffix, sao_text, pao_start_number, pao_start_suffix, pao_end_number, pao_end_suffix, pao_text, usrn, level, postal,
    postcode, post_town, official, can_key, area)
SELECT key, uprn, language, status, '2005-01-01', '2024-05-01', '2005-01-01', sao_number, sao_suffix, '', sao_text, number, suffix,
    end_number, '', name, usrn, '', 'Y', postcode, '', 'Y', '', '' FROM made
"""
