"""A made-up council's gazetteer as files of DTF 7.3 or AddressBase Premium 2, of any size, and changes to it.

Streets, people and numbers are invented: USRNs begin with 999, UPRNs with 9900 and postcodes with ZZ. The same size gives the
same places every time, so changes can be written of a council made before.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TextIO

from moothall.domain.places.models import Supply

CUSTODIAN = 9999
FIRST_UPRN = 990_000_000_100
FIRST_USRN = 99_900_000
NAME = "NORTHAM COUNCIL (FICTIONAL)"
HOUSES = 60  # properties in a street, about
WARDS = ("Acorn", "Briar", "Cedar", "Dovecote", "Elder", "Fernhill", "Glebe", "Hazelmere", "Ivybank", "Juniper")
_FIRST = [
    "ACORN",
    "BRIAR",
    "CEDAR",
    "DOVE",
    "ELDER",
    "FERN",
    "GLEBE",
    "HAZEL",
    "IVY",
    "JUNIPER",
    "KESTREL",
    "LARCH",
    "MAPLE",
    "NETTLE",
    "OAK",
    "PEEL",
    "QUARRY",
    "ROWAN",
    "SORREL",
    "THISTLE",
    "ULSTER",
    "VALE",
    "WILLOW",
    "YEW",
]
_LAST = [
    "ROAD",
    "STREET",
    "LANE",
    "AVENUE",
    "CLOSE",
    "GARDENS",
    "MEWS",
    "TERRACE",
    "WALK",
    "CRESCENT",
    "DRIVE",
    "PLACE",
]
_TOWNS = (("OLDWICK", "NORTHAM"), ("", "NORTHAM"), ("SALT HILL", "EASTBRIDGE"), ("", "EASTBRIDGE"))
_TRADES = ("BAKERY", "BOOKSHOP", "CYCLES", "FLORIST", "HARDWARE", "PHARMACY")
_SCHEME = "AddressBase Premium Classification Scheme"


@dataclass(frozen=True, slots=True)
class Road:
    """A street."""

    usrn: int
    name: str
    locality: str
    town: str
    x: int
    y: int
    postcode: str
    ward: str


@dataclass(frozen=True, slots=True)
class Place:
    """A property with its address."""

    uprn: int
    parent: int | None
    kind: str
    status: int
    number: int
    suffix: str
    flat: int | None
    name: str
    organisation: str
    road: Road
    serial: int  # of its keys

    @property
    def shell(self) -> bool:
        """Whether it is the whole of a divided building, to which no post goes."""
        return self.kind == "PP"


@dataclass(frozen=True)
class Council:
    """A council of about so many properties, as its custodian would export it on a day."""

    uprns: int
    day: date = date(2026, 2, 27)

    @cached_property
    def roads(self) -> list[Road]:
        """Every street."""
        return [_road(number) for number in range(max(2, self.uprns // HOUSES))]

    def places(self) -> Iterator[Place]:
        """Every property, street by street."""
        pick = random.Random(7)  # noqa: S311 - the same every time
        uprn, made = FIRST_UPRN, 0
        while made < self.uprns:
            road = self.roads[made * len(self.roads) // self.uprns]
            number, flats = 1 + made % HOUSES, 4 if pick.random() < 0.1 else 0
            status = 1 if (drawn := pick.random()) < 0.94 else 6 if drawn < 0.96 else 8
            uprn += 1
            shell, house, shop = uprn, pick.choice(("RD04", "RD03", "RD02")), pick.random() < 0.04
            kind = "PP" if flats else "CR08" if shop else house
            name = f"{pick.choice(_FIRST)} COTTAGE" if pick.random() < 0.06 else ""
            organisation = f"{road.name.split()[0]} {pick.choice(_TRADES)}" if kind == "CR08" else ""
            suffix = "A" if pick.random() < 0.03 else ""
            for flat in (None, *range(1, flats + 1)):
                if flat is not None:
                    uprn, kind, name = uprn + 1, "RD06", ""
                parent = None if flat is None else shell
                serial = uprn - FIRST_UPRN
                yield Place(uprn, parent, kind, status, number, suffix, flat, name, organisation, road, serial)
                made += 1


def write(path: Path, council: Council, format: Supply.Format = Supply.Format.DTF) -> int:
    """Write a full supply; how many lines it has."""
    made: Iterable[str] = chain(
        (line for road in council.roads for line in _of_road(road, format)),
        (line for place in council.places() for line in _of_place(place, format)),
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        return _write(file, council, made, format, kind="F")


def write_changes(path: Path, council: Council, records: int) -> int:
    """Write so many changes to the council in DTF 7.3: addresses renumbered, references ended, houses built."""
    with path.open("w", encoding="utf-8", newline="") as file:
        return _write(file, council, _changes(council, records), Supply.Format.DTF, kind="C")


def write_areas(path: Path) -> None:
    """Write the council's wards, in the shape of a list of names and codes."""
    lines = ["WD26CD,WD26NM", *(f"{_ward(number)},{name}" for number, name in enumerate(WARDS))]
    path.write_text("\n".join(lines) + "\n")


def _write(file: TextIO, council: Council, made: Iterable[str], format: Supply.Format, *, kind: str) -> int:
    day, end = council.day.isoformat(), "\r\n"
    version, custodian, time = ("7.3.3.1", CUSTODIAN, "101530") if format == "dtf" else ("2.1", 7655, "10:15:30")
    file.write(f'10,"{NAME}",{custodian},{day},1,{day},{time},"{version}","{kind}"{end}')
    count = 0
    for count, line in enumerate(made, 1):
        record, change, rest = line.split(",", 2)
        file.write(f"{record},{change},{count},{rest}{end}")
    file.write(
        f'29,"LLPG","LAND AND PROPERTY","NORTHAM","","NORTHAM COUNCIL","D","NORTHAM COUNCIL",990000000001,{custodian},'
        f'"British National Grid","Metres",{day},"DEC",{day},"ENG","UTF-8"{end}'
    )
    file.write(f"99,0,{count + (format == 'dtf')},{day},{time}{end}")
    return count + 3


def _road(number: int) -> Road:
    first, last = _FIRST[number % 24], _LAST[number // 24 % 12]
    second = "" if number < 288 else f"{_FIRST[number // 24 % 24]} "
    third = "" if number < 6_912 else f"{_FIRST[number // 6_912 % 24]} "
    locality, town = _TOWNS[number % 4]
    postcode = f"ZZ{1 + number % 9} {number // 9 % 9}{chr(65 + number // 81 % 26)}{chr(65 + number // 2_106 % 26)}"
    x, y = 430_000 + number % 250 * 100, 210_000 + number // 250 * 100
    return Road(
        FIRST_USRN + number,
        f"{first} {third}{second}{last}",
        locality,
        town,
        x,
        y,
        postcode,
        _ward(number % len(WARDS)),
    )


def _ward(number: int) -> str:
    return f"E05099{number:03d}"


def _of_road(road: Road, format: Supply.Format) -> Iterator[str]:
    start, end = f"{road.x}.00,{road.y}.00", f"{road.x + 90}.00,{road.y}.00"
    named = f'"{road.name}","{road.locality}","{road.town}","NORTHAM","ENG"'
    if format == Supply.Format.DTF:
        days = "2000-01-01,2020-01-01,2000-01-01,"
        yield f'11,"I",{road.usrn},1,{CUSTODIAN},2,2000-01-01,1,8,0,{days},{start},{end},10'
        yield f'15,"I",{road.usrn},{named}'
    else:
        days = "2000-01-01,,2020-01-01,2000-01-01"
        yield f'11,"I",{road.usrn},1,{CUSTODIAN},2,2000-01-01,1,8,0,{days},{start},,,{end},,,10'
        yield f'15,"I",{road.usrn},{named},{days}'


def _of_place(place: Place, format: Supply.Format, *, change: str = "I") -> Iterator[str]:
    yield from (_dtf(place, change) if format == Supply.Format.DTF else _premium(place, change))


def _state(place: Place) -> str:
    return {1: "2", 6: "6"}.get(place.status, "4")


def _ended(place: Place) -> str:
    return "2019-06-30" if place.status == 8 else ""


def _objects(place: Place, *, named: bool = False) -> str:
    secondary = f'{place.flat},"",,"","FLAT"' if place.flat else ',"",,"",""'
    primary = f',"",,"","{place.name}"' if named else f'{place.number},"{place.suffix}",,"",""'
    return f"{secondary},{primary},{place.road.usrn}"


def _dtf_address(place: Place, key: str, *, status: int, change: str = "I", named: bool = False) -> str:
    postal = '"N","",""' if place.shell else f'"Y","{place.road.postcode}","{place.road.town}"'
    days = f"2005-01-01,{_ended(place) if status == 8 else ''},2005-01-01,2024-05-01"
    return (
        f'24,"{change}",{place.uprn},"{key}","ENG",{status},{days},{_objects(place, named=named)},"",{postal},"Y",,,""'
    )


def _dtf_property(place: Place, change: str) -> str:
    road = place.road
    return (
        f'21,"{change}",{place.uprn},{place.status},{_state(place)},2010-01-01,"{place.kind}",{place.parent or ""},'
        f"{road.x + place.number}.00,{road.y + 5}.00,1,{CUSTODIAN},2005-01-01,{_ended(place)},2024-05-01,2005-01-01,"
        f'"{place.organisation}","{road.ward}","",,,""'
    )


def _dtf(place: Place, change: str) -> Iterator[str]:
    yield _dtf_property(place, change)
    yield _dtf_address(place, f"{CUSTODIAN}L{place.serial:09d}", status=place.status, change=change)
    if place.name and place.status == 1:
        yield _dtf_address(place, f"{CUSTODIAN}L5{place.serial:08d}", status=3, change=change, named=True)
    if place.flat is None:
        yield (f'22,"{change}",{place.uprn},"{CUSTODIAN}P{place.serial:09d}","P","",2005-01-01,2005-01-01,,2024-05-01')
    if not place.shell:
        yield _council_tax(place, change)


def _council_tax(place: Place, change: str) -> str:
    days = "2005-01-01,2024-05-01,2005-01-01,"
    return f'23,"{change}",{place.uprn},"{CUSTODIAN}X{place.serial:09d}",{days},"{place.serial:012d}","{CUSTODIAN}CT"'


def _premium(place: Place, change: str) -> Iterator[str]:
    road, days = place.road, f"2005-01-01,{_ended(place)},2024-05-01,2005-01-01"
    flag = f'"{"N" if place.shell else "D"}","{road.postcode}"'
    yield (
        f'21,"{change}",{place.uprn},{place.status},{_state(place)},2010-01-01,{place.parent or ""},'
        f'{road.x + place.number}.00,{road.y + 5}.00,,,1,{CUSTODIAN},"E",{days},{flag},0'
    )
    for key, status, named in (("", place.status, False), ("5", 3, True)):
        if not named or (place.name and place.status == 1):
            written = f"{CUSTODIAN}L{key}{place.serial:0{9 - len(key)}d}"
            objects = _objects(place, named=named)
            yield f'24,"{change}",{place.uprn},"{written}","ENG",{status},{days},{objects},1,"","","Y"'
    yield f'32,"{change}",{place.uprn},"{CUSTODIAN}C{place.serial:09d}","{place.kind}","{_SCHEME}",1.0,{days}'
    yield f'23,"{change}",{place.uprn},"{CUSTODIAN}X{place.serial:09d}","{road.ward}",,"7666OW",{days}'
    if place.organisation and place.flat is None:
        yield f'31,"{change}",{place.uprn},"{CUSTODIAN}O{place.serial:09d}","{place.organisation}","",{days}'
    if not place.shell and place.status == 1:
        within = f'"{f"FLAT {place.flat}" if place.flat else ""}","{place.name}",{place.number}'
        area = f'"","{road.name}","","{road.locality}","{road.town}","{road.postcode}","S","1A"'
        welsh = '"","","","","",""'
        serial = 50_000_000 + place.serial
        yield (
            f'28,"{change}",{place.uprn},{serial},"{place.organisation}","",{within},{area},{welsh},2024-05-01,{days}'
        )


def _changes(council: Council, records: int) -> Iterator[str]:
    """Nine of ten are of what is there: a suffix more, an ended reference; the others are new houses, address first."""
    number = 0
    for place in council.places():
        if number >= records:
            return
        if place.shell or place.status != 1:
            continue
        turn = place.serial % 4
        if turn == 0:
            made = [_council_tax(place, "D")]
        elif turn == 1:
            new = _built(place, council)
            made = [_dtf_address(new, f"{CUSTODIAN}L7{new.serial:08d}", status=1), _dtf_property(new, "I")]
        else:
            renumbered = replace(place, suffix="B")
            made = [_dtf_address(renumbered, f"{CUSTODIAN}L{place.serial:09d}", status=1, change="U")]
        for line in made[: records - number]:
            number += 1
            yield line


def _built(place: Place, council: Council) -> Place:
    """A new house in the street of another."""
    serial = 2 * council.uprns + place.serial
    return Place(FIRST_UPRN + serial, None, "RD02", 1, 200 + place.number, "", None, "", "", place.road, serial)
