"""Rows as CSV, streamed, safe to open in a spreadsheet."""

from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

from moothall.kit import spreadsheet


def csv_response(head: Sequence[str], rows: Iterable[Sequence[object]], *, name: str) -> StreamingHttpResponse:
    """A download called `name`, in UTF-8 with the mark Excel needs."""

    def lines() -> Iterator[str]:
        yield "\ufeff" + spreadsheet.line(head)
        for row in rows:
            yield spreadsheet.line(row)

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
