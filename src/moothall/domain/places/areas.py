"""Names of wards and parishes, from the lists of names and codes that the Office for National Statistics publishes.

Such a list has pairs of columns, such as WD25CD and WD25NM: what kind of area, of which year, and its code or its name.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.places.models import Area
from moothall.kit.invalid import Invalid

_COLUMN = re.compile(r"([A-Z]{2,8}?)(?:NCP)?([0-9]{2})(CD|NM)", re.IGNORECASE)
_CODE = re.compile(r"[A-Z][0-9]{8}")
AT_ONCE = 2_000


def load(lines: Iterable[str], *, by: User, at: datetime) -> int:
    """Keep every area of a list, in place of what its code was called before; how many. Raises Invalid with a sentence."""
    found = {area.code: area for area in _read(csv.reader(lines))}
    with recording.because(action="areas.loaded", by=by, at=at):
        Area.objects.bulk_create(
            found.values(),
            batch_size=AT_ONCE,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "kind"],
        )
    return len(found)


def names(codes: Iterable[str]) -> dict[str, str]:
    """The names of those of these areas that are known."""
    return dict(Area.objects.filter(code__in={code for code in codes if code}).values_list("code", "name"))


def _read(rows: Iterator[list[str]]) -> Iterator[Area]:
    pairs = _pairs(next(rows, []))
    for number, row in enumerate(rows, 2):
        for kind, code_at, name_at in pairs:
            if len(row) <= max(code_at, name_at):
                raise Invalid(f"Line {number} has {len(row)} columns, fewer than the first. Nothing was loaded.")
            code, name = row[code_at].strip(), row[name_at].strip()
            if not code:
                continue
            if not _CODE.fullmatch(code) or not 0 < len(name) <= 100:
                raise Invalid(
                    f"Line {number}: “{code[:20]}” is no code of an area, or its name is missing. Nothing was loaded."
                )
            yield Area(code=code, name=name, kind=kind)


def _pairs(heading: list[str]) -> list[tuple[str, int, int]]:
    """Kind, and where its code and its name stand."""
    at: dict[tuple[str, str], dict[str, int]] = {}
    for place, column in enumerate(heading):
        if found := _COLUMN.fullmatch(column.strip().lstrip("\ufeff")):
            at.setdefault((found[1].upper(), found[2]), {})[found[3].upper()] = place
    pairs = [(kind, where["CD"], where["NM"]) for (kind, _), where in at.items() if where.keys() == {"CD", "NM"}]
    if not pairs:
        raise Invalid("The first line names no pair of columns such as WD25CD and WD25NM. Nothing was loaded.")
    return pairs
