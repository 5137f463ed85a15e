"""A supply judged as a whole: its headers, its volumes and its trailers. What is wrong here refuses all of it."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from moothall.domain.places.gazetteer import files, layouts
from moothall.domain.places.gazetteer.files import Source
from moothall.domain.places.gazetteer.kinds import day
from moothall.domain.places.gazetteer.layouts import HEADER
from moothall.domain.places.gazetteer.records import Layout
from moothall.domain.places.gazetteer.refusal import SupplyRefused
from moothall.domain.places.models import Supply
from moothall.kit.invalid import Invalid

BOM = b"\xef\xbb\xbf"
_FIRST = 4096  # bytes in which the first line ends


@dataclass(frozen=True)
class Header:
    """Record 10 of a volume."""

    custodian: int
    processed_on: date
    volume: int
    layout: Layout
    full: bool
    made: str  # the time of day of its TIME_STAMP, such as 101530; empty where it is none

    @property
    def supply(self) -> tuple[object, ...]:
        """What all volumes of a supply have in common."""
        return (self.custodian, self.processed_on, self.layout.format, self.full)


@dataclass(frozen=True)
class Plan:
    """The volumes in order, and what their headers agree on."""

    sources: list[Source]
    header: Header
    tiles: bool  # cut by area and not numbered
    made: str  # the time of day at which the last of them was made, as far as they say


def plan(sources: Sequence[Source]) -> Plan:
    """Read every header and put the volumes in order. Raises SupplyRefused."""
    read = [(header_of(source), source) for source in sources]
    first, named = read[0]
    for header, source in read[1:]:
        if header.supply != first.supply:
            raise SupplyRefused(
                f"{source.name}, line 1: it is not of the same supply as {named.name}. Its custodian, PROCESS_DATE,"
                " version or FILE_TYPE differs."
            )
    numbers = sorted(header.volume for header, _ in read)
    tiles = numbers == [0] * len(numbers) and first.layout.format != Supply.Format.DTF
    if not tiles and numbers != list(range(1, len(numbers) + 1)):
        said = ", ".join(str(number) for number in numbers[:20])
        raise SupplyRefused(
            f"{named.name}, line 1: the VOLUME_NUMBERs are {said}, and must be 1 to {len(numbers)}, each once."
        )
    read.sort(key=lambda one: (one[0].volume, one[1].name))
    return Plan([source for _, source in read], first, tiles, made=max(header.made for header, _ in read))


def header_of(source: Source) -> Header:
    """The header of a volume. Raises SupplyRefused with a sentence naming file, line and rule."""
    with files.opened(source) as stream:
        line = stream.read(_FIRST).partition(b"\n")[0].rstrip(b"\r")
    where = f"{source.name}, line 1"
    if line.startswith(BOM):
        raise SupplyRefused(f"{where}: the file begins with a byte order mark. Save it as UTF-8 without one.")
    try:
        fields = next(csv.reader([line.decode()], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        fields = []
    if not fields or fields[0] != str(HEADER):
        raise SupplyRefused(f"{where}: a supply begins with a header (record 10), and this line is none.")
    if len(fields) != 9:
        raise SupplyRefused(f"{where}: the header has {len(fields)} fields, and must have 9.")
    _, _name, custodian, processed, volume, _entry, stamp, version, kind = (field.strip() for field in fields)
    layout = layouts.of_version(version)
    if layout is None:
        raise SupplyRefused(
            f"{where}: the header says version “{version[:20]}”. Read here are DTF 7.3 and AddressBase Premium 1.0 and 2."
        )
    if kind not in ("F", "C"):
        raise SupplyRefused(f"{where}: FILE_TYPE is “{kind[:5]}”, and must be F (full) or C (changes).")
    if not re.fullmatch(r"[0-9]{1,4}", custodian) or not re.fullmatch(r"[0-9]{1,3}", volume):
        raise SupplyRefused(f"{where}: LOCAL_CUSTODIAN_CODE and VOLUME_NUMBER of the header must be whole numbers.")
    try:
        processed_on = date.fromisoformat(day().read(processed))
    except Invalid as invalid:
        raise SupplyRefused(f"{where}: PROCESS_DATE of the header {invalid}.") from None
    return Header(int(custodian), processed_on, int(volume), layout, full=kind == "F", made=_time_of(stamp))


def _time_of(stamp: str) -> str:
    """A TIME_STAMP as six figures: DTF writes 91530 for half past nine or so, AddressBase Premium 09:15:30."""
    figures = stamp.replace(":", "").zfill(6)
    return figures if re.fullmatch(r"([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]", figures) and stamp else ""


def check_trailer(
    fields: Sequence[str], *, where: str, between: int, metadata: int, volume: int, last: bool, tiles: bool
) -> None:
    """Judge record 99: the count of records and the next volume. Raises SupplyRefused.

    `between`: lines between header and trailer. DTF counts them all, AddressBase Premium leaves out the metadata.
    """
    if len(fields) != 5 or not all(re.fullmatch(r"[0-9]{1,16}", field.strip()) for field in fields[1:3]):
        raise SupplyRefused(
            f"{where}: the trailer (record 99) must have 5 fields, with numbers in the second and third."
        )
    following, count = int(fields[1]), int(fields[2])
    if count not in {between, between - metadata}:
        raise SupplyRefused(
            f"{where}: RECORD_COUNT says {count:,}, and there are {between:,} records. Get the file again."
        )
    expected = 0 if last or tiles else volume + 1
    if following != expected:
        wanted = f"volume {following}, which was not given" if last else f"{following} and not {expected}"
        raise SupplyRefused(f"{where}: NEXT_VOLUME_NUMBER says {wanted}.")
