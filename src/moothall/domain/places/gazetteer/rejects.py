"""What was refused of a supply, line by line: the first of each rule are kept, and all are counted."""

from collections import Counter
from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from moothall.domain.places.gazetteer import staging
from moothall.domain.places.gazetteer.lines import Fault
from moothall.domain.places.gazetteer.rules import BY_KEY
from moothall.domain.places.models import Reject, Supply

KEPT_OF_A_RULE = 10_000
_TAKE = f"""
    INSERT INTO places_reject (supply_id, volume, line, record, key, field, rule, error, says)
    SELECT %s, volume, line, record, key, %s, rule, error, %s
    FROM {staging.SCHEMA}.broken WHERE rule = %s AND error = %s
    ORDER BY volume, line LIMIT %s
"""  # noqa: S608 - our own name


def keep(supply: Supply, faults: Iterable[Fault]) -> None:
    """Keep faults found while reading. `supply` has its counts raised and is not saved."""
    found = []
    for fault in faults:
        if _count(supply, fault.rule, 1, error=fault.error) <= KEPT_OF_A_RULE:
            found.append(
                Reject(
                    supply=supply,
                    volume=fault.volume,
                    line=fault.line,
                    record=min(fault.record, 9_999),
                    key=fault.key,
                    field=fault.field,
                    rule=fault.rule,
                    error=fault.error,
                    says=fault.says,
                )
            )
    Reject.objects.bulk_create(found, batch_size=1_000)


def keep_broken(cursor: CursorWrapper, supply: Supply) -> None:
    """Keep what `checking` wrote down in the staging tables. `supply` has its counts raised and is not saved."""
    cursor.execute(f"SELECT rule, error, count(*) FROM {staging.SCHEMA}.broken GROUP BY 1, 2 ORDER BY 1")  # noqa: S608
    for rule, error, times in cursor.fetchall():
        before = _count(supply, rule, times, error=error) - times
        said = BY_KEY[rule]
        if (left := KEPT_OF_A_RULE - before) > 0:
            cursor.execute(_TAKE, [supply.pk, said.field, said.says, rule, error, left])


def _count(supply: Supply, rule: str, times: int, *, error: bool) -> int:
    """Count lines that broke a rule; how many did until now."""
    kinds = supply.counts.setdefault("errors" if error else "warnings", {})
    kinds[rule] = kinds.get(rule, 0) + times
    if error:
        supply.rejected += times
    else:
        supply.warned += times
    return int(kinds[rule])


def count_lines(supply: Supply, which: str, lines: Counter[int]) -> None:
    """Add to how many lines of each record there are."""
    kinds = supply.counts.setdefault(which, {})
    for record, times in lines.items():
        if times:
            kinds[str(record)] = kinds.get(str(record), 0) + times
