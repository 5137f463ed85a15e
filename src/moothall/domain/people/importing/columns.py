"""Columns kept under a name for the next file of the same kind, and what is proposed for a file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.people.importing import fields, options
from moothall.domain.people.importing.files import Looked
from moothall.domain.people.importing.options import Options
from moothall.domain.people.importing.refusal import ImportRefused
from moothall.domain.people.models import ImportColumns

MOST = 100


def keep(name: str, *, columns: Mapping[str, str], given: Mapping[str, Any], by: User, at: datetime) -> ImportColumns:
    """Keep columns and options under a name, in the place of what was kept under it. Raises ImportRefused."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > 100:
        raise ImportRefused("Give a name of up to 100 characters to keep the columns under.")
    with recording.because(action="import.columns_kept", by=by, at=at):
        if ImportColumns.objects.exclude(name=tidy).count() >= MOST:
            raise ImportRefused(f"Columns are kept under {MOST} names already. Use one of them again.")
        values = {"columns": dict(columns), "options": options.of(given).model_dump(), "by": by, "at": at}
        row, _ = ImportColumns.objects.update_or_create(name=tidy, defaults=values)
        recording.record("import.columns_kept", row, by=by, at=at, name=tidy)
    return row


def named(name: str) -> ImportColumns:
    """What is kept under a name. Raises ImportRefused."""
    found = ImportColumns.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(
            f"“{one}”" for one in ImportColumns.objects.order_by("name").values_list("name", flat=True)[:20]
        )
        raise ImportRefused(f"No columns are kept under the name “{name}”. There are: {known or 'none'}.")
    return found


def propose(looked: Looked) -> tuple[dict[str, str], Options]:
    """The columns and options of a file: as kept for one with the same headings, else by what its headings say."""
    for kept in ImportColumns.objects.order_by("-at", "-pk")[:MOST]:
        if set(kept.columns) <= set(looked.headings) and len(kept.columns) > 1:
            return kept.columns, options.of(kept.options)
    proposed = fields.propose(looked.headings)
    born = next((heading for heading, field in proposed.items() if field == "date_of_birth"), "")
    place = looked.headings.index(born) if born else -1
    days = [cells[place] for _, cells in looked.sample if 0 <= place < len(cells)]
    return proposed, Options(dates=options.dates_of(days))
