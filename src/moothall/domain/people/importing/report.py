"""What became of each row, as CSV. Nothing in it runs in a spreadsheet."""

import csv
import io
from collections.abc import Iterator

from moothall.domain.people.models import Import, ImportRow

HEADING = ("row", "what", "column", "why", "changed", "customer")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(importing: Import, *, outcome: str = "") -> Iterator[str]:
    """The report, a line of CSV at a time, in the order of the file; of one outcome alone, where that is said."""
    yield _csv(HEADING)
    found = ImportRow.objects.filter(importing=importing, **({"outcome": outcome} if outcome else {}))
    for one in found.order_by("number").defer("cells").iterator(chunk_size=2_000):
        yield _csv((one.number, one.outcome, one.field, one.says, ", ".join(one.changed), one.customer or ""))


def _csv(values: tuple[object, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(str(value)) for value in values])
    return line.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
