"""What was refused of a supply as CSV: line by line, with the field and the rule. Nothing in it runs in a spreadsheet."""

import csv
import io
from collections.abc import Iterator

from moothall.domain.places.models import Supply

HEADING = ("file", "line", "record", "key", "field", "rule", "kept out", "what is wrong")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(supply: Supply) -> Iterator[str]:
    """The report, a line of CSV at a time, in the order of the files."""
    names = [file["name"] for file in supply.files]
    yield _csv(HEADING)
    for one in supply.rejects.order_by("volume", "line", "id").iterator(chunk_size=2_000):
        kept_out = "yes" if one.error else "no"
        file = names[one.volume - 1] if 0 < one.volume <= len(names) else ""
        yield _csv((file, one.line, one.record or "", one.key, one.field, one.rule, kept_out, one.says))


def _csv(values: tuple[object, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(str(value)) for value in values])
    return line.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
