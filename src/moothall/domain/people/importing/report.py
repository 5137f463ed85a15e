"""What became of each row, as CSV. Nothing in it runs in a spreadsheet."""

from collections.abc import Iterator

from moothall.domain.people.models import Import, ImportRow
from moothall.kit import spreadsheet

HEADING = ("row", "what", "column", "why", "changed", "customer")


def rows(importing: Import, *, outcome: str = "") -> Iterator[str]:
    """The report, a line of CSV at a time, in the order of the file; of one outcome alone, where that is said."""
    yield spreadsheet.line(HEADING)
    found = ImportRow.objects.filter(importing=importing, **({"outcome": outcome} if outcome else {}))
    for one in found.order_by("number").defer("cells").iterator(chunk_size=2_000):
        yield spreadsheet.line(
            (one.number, one.outcome, one.field, one.says, ", ".join(one.changed), one.customer or "")
        )
