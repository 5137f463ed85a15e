"""A supply read line by line: a good line goes on as it stands, with its number before it; of any other it is said why.

One regular expression of a record accepts a line without looking at its fields. What it does not accept is read slowly,
which either finds it harmless or names the field and the rule.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from moothall.domain.places.gazetteer import files
from moothall.domain.places.gazetteer.files import Source
from moothall.domain.places.gazetteer.layouts import HEADER, METADATA, TRAILER
from moothall.domain.places.gazetteer.records import Layout, Record
from moothall.domain.places.gazetteer.refusal import SupplyRefused
from moothall.domain.places.gazetteer.structure import check_trailer
from moothall.kit.invalid import Invalid

BLOCK = 1 << 20
LONGEST = 8_000  # bytes of a line; the longest record has some 1,200
_LEFT = rb"%d,[\x20-\x7e]{0,8000}+"


@dataclass(frozen=True)
class Place:
    """Where reading goes on."""

    volume: int = 0  # how many are read whole
    byte: int = 0
    line: int = 0
    metadata: int = 0  # records 29 met in this volume

    def kept(self) -> dict[str, int]:
        """As it is written down with its supply."""
        return {"volume": self.volume, "byte": self.byte, "line": self.line, "metadata": self.metadata}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one line."""

    volume: int
    line: int
    record: int
    key: str
    field: str
    rule: str
    says: str
    error: bool = True


@dataclass
class Chunk:
    """Some lines of one volume, sorted by record."""

    rows: dict[int, list[bytes]] = field(default_factory=dict)
    left: dict[int, list[bytes]] = field(default_factory=dict)  # of records that are only counted
    faults: list[Fault] = field(default_factory=list)
    lines: int = 0
    bytes: int = 0
    place: Place = Place()


def read(
    sources: Sequence[Source], layout: Layout, *, place: Place, tiles: bool, lines_at_once: int
) -> Iterator[Chunk]:
    """The supply from `place` on, so many lines at a time. Raises SupplyRefused."""
    for number in range(place.volume, len(sources)):
        volume = _Volume(sources[number], layout, number + 1, last=number + 1 == len(sources), tiles=tiles)
        with files.opened(sources[number]) as stream:
            yield from volume.chunks(stream, place, lines_at_once)
        place = Place(volume=number + 1)


class _Volume:
    """One volume being read."""

    def __init__(self, source: Source, layout: Layout, number: int, *, last: bool, tiles: bool) -> None:
        self.source, self.layout, self.number = source, layout, number
        self.last, self.tiles = last, tiles
        self.line = self.metadata = 0
        self.ended_at = 0  # the line of the trailer
        self.chunk = Chunk()

    def chunks(self, stream: IO[bytes], place: Place, lines_at_once: int) -> Iterator[Chunk]:
        ending = _ending(stream)
        stream.seek(place.byte)
        self.line, self.metadata = place.line, place.metadata
        self._begin(place.byte)
        carried, at = b"", place.byte
        while block := stream.read(BLOCK):
            at += len(block)
            lines = (carried + block).split(ending)
            carried = lines.pop()
            if len(carried) > LONGEST:
                raise self._refused(self.line + len(lines) + 1, f"the line is longer than {LONGEST:,} bytes")
            self._take(lines)
            if self.chunk.lines >= lines_at_once:
                yield self._cut(at - len(carried))
        if carried:
            self._take([carried])
        if not self.ended_at:
            raise self._refused(self.line, "the file ends without a trailer (record 99). Get it again")
        self.chunk.place = Place(volume=self.number)
        self.chunk.bytes = at - self._from
        yield self.chunk

    def _begin(self, byte: int) -> None:
        self.chunk = Chunk()
        self.chunk.rows = {number: [] for number in self.layout.records}
        self.chunk.left = {number: [] for number in self.layout.skipped}
        self._from = byte
        self._ways = {
            b"%d" % number: (record.pattern.fullmatch, self.chunk.rows[number].append)
            for number, record in self.layout.records.items()
        } | {
            b"%d" % number: (re.compile(_LEFT % number).fullmatch, self.chunk.left[number].append)
            for number in self.layout.skipped - {METADATA}
        }

    def _cut(self, byte: int) -> Chunk:
        done = self.chunk
        done.bytes = byte - self._from
        done.place = Place(volume=self.number - 1, byte=byte, line=self.line, metadata=self.metadata)
        self._begin(byte)
        return done

    def _take(self, lines: Sequence[bytes]) -> None:
        """The fast way: most of the time of an import is spent here."""
        ways, number = self._ways, self.line
        numbered = b"%d,%%d,%%b" % self.number
        for line in lines:
            number += 1
            way = ways.get(line[:2])
            if way is not None and way[0](line):
                way[1](numbered % (number, line))
            else:
                self._slowly(line, number)
        self.line = number
        self.chunk.lines += len(lines)
        if self.ended_at and self.ended_at != number:
            raise self._refused(self.ended_at + 1, "there is a line after the trailer (record 99)")

    def _slowly(self, line: bytes, number: int) -> None:
        text = self._text(line, number)
        try:
            fields = next(csv.reader([text], strict=True), [])
        except csv.Error:
            self._fault(
                number, 0, "", "", "not_csv", "The line is no comma-separated values: a quotation mark is wrong."
            )
            return
        kind = int(fields[0]) if re.fullmatch(r" ?[0-9]{1,4}", fields[0]) else 0
        if kind == HEADER:
            if number != 1:
                raise self._refused(number, "there is a second header (record 10)")
        elif kind == TRAILER:
            self._end(fields, number)
        elif kind == METADATA:
            self.metadata += 1
            self.chunk.left[METADATA].append(line)
        elif kind in self.layout.skipped:
            self.chunk.left[kind].append(line)
        elif record := self.layout.records.get(kind):
            self._explain(record, fields, number)
        else:
            says = f"Record “{fields[0][:10]}” is not known in this format."
            self._fault(number, kind, "", "RECORD_IDENTIFIER", "unknown_record", says)

    def _text(self, line: bytes, number: int) -> str:
        """The line as text, or SupplyRefused when the file is not what a supply is."""
        if not line:
            raise self._refused(number, "the line is empty")
        if len(line) > LONGEST:
            raise self._refused(number, f"the line is longer than {LONGEST:,} bytes")
        if b"\0" in line:
            raise self._refused(number, "there is a NUL byte. The file is damaged")
        if b"\r" in line or b"\n" in line:
            raise self._refused(number, "the line ends differently from those before it: CRLF and LF are mixed")
        try:
            return line.decode()
        except UnicodeDecodeError:
            raise self._refused(number, "it is not UTF-8. Export the file as UTF-8") from None

    def _end(self, fields: Sequence[str], number: int) -> None:
        if self.ended_at:
            raise self._refused(number, "there is a second trailer (record 99)")
        where = f"{self.source.name}, line {number:,}"
        check_trailer(
            fields,
            where=where,
            between=number - 2,
            metadata=self.metadata,
            volume=self.number,
            last=self.last,
            tiles=self.tiles,
        )
        self.ended_at = number

    def _explain(self, record: Record, fields: Sequence[str], number: int) -> None:
        """Put the line into the form the fast way takes, or say which fields are wrong."""
        expected = 3 + len(record.fields)
        if len(fields) != expected:
            says = f"The line has {len(fields)} fields, and record {record.number} has {expected}."
            self._fault(number, record.number, _key(record, fields), "", "number_of_fields", says)
            return
        parts, faults = [str(record.number)], []
        change, order = fields[1].strip(), fields[2].strip()
        if change not in ("I", "U", "D"):
            faults.append(("CHANGE_TYPE", "change_type", f"CHANGE_TYPE is “{change[:5]}”, and must be I, U or D."))
        if not re.fullmatch(r"[0-9]{1,16}", order):
            faults.append(("PRO_ORDER", "whole_number", "PRO_ORDER is not a whole number of 16 digits at most."))
        parts += [change, order]
        for one, value in zip(record.fields, fields[3:], strict=True):
            value = value if one.kind.is_text else value.strip()
            try:
                if not value.strip():
                    if one.needed:
                        raise Invalid("is missing")
                    parts.append('""' if one.kind.is_text else "")
                    continue
                read = one.kind.read(value)
            except Invalid as invalid:
                rule = "missing" if str(invalid) == "is missing" else "field_format"
                faults.append((one.name, rule, f"{one.name} {invalid}."))
            else:
                quoted = read.replace('"', '""')
                parts.append(f'"{quoted}"' if one.kind.is_text else read)
        if faults:
            for name, rule, says in faults:
                self._fault(number, record.number, _key(record, fields), name, rule, says)
        else:
            row = f"{self.number},{number},{','.join(parts)}"
            self.chunk.rows[record.number].append(row.encode())

    def _fault(self, line: int, record: int, key: str, name: str, rule: str, says: str) -> None:
        self.chunk.faults.append(Fault(self.number, line, record, key, name, rule, says))

    def _refused(self, line: int, why: str) -> SupplyRefused:
        return SupplyRefused(f"{self.source.name}, line {line:,}: {why}.")


def _ending(stream: IO[bytes]) -> bytes:
    """How the lines of this volume end, by its first one."""
    stream.seek(0)
    first = stream.read(LONGEST)
    at = first.find(b"\n")
    return b"\r\n" if at > 0 and first[at - 1 : at] == b"\r" else b"\n"


def _key(record: Record, fields: Sequence[str]) -> str:
    """The key of a row, as far as it can be read."""
    by_column: dict[str, Any] = dict(zip((one.column for one in record.fields), fields[3:], strict=False))
    return " ".join(str(by_column.get(column, "")) for column in record.key)[:20]
