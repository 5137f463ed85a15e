"""What was refused of a supply as CSV: line by line, with the field and the rule. Nothing in it runs in a spreadsheet."""

from collections.abc import Iterator

from moothall.domain.places.models import Supply
from moothall.kit import spreadsheet

HEADING = ("file", "line", "record", "key", "field", "rule", "kept out", "what is wrong")


def rows(supply: Supply) -> Iterator[str]:
    """The report, a line of CSV at a time, in the order of the files."""
    names = [file["name"] for file in supply.files]
    yield spreadsheet.line(HEADING)
    for one in supply.rejects.order_by("volume", "line", "id").iterator(chunk_size=2_000):
        kept_out = "yes" if one.error else "no"
        file = names[one.volume - 1] if 0 < one.volume <= len(names) else ""
        yield spreadsheet.line((file, one.line, one.record or "", one.key, one.field, one.rule, kept_out, one.says))
