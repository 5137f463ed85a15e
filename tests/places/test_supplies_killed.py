"""A supply whose import is killed again and again, at ever other points: the gazetteer is as it was, and then as it shall be."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.killing import ever_later, nursery
from tests.places.supplied import NOON
from tests.places.test_gazetteer_changes import in_force, undone

from moothall.config.example import gazetteer as example
from moothall.core.accounts.actions import system_user
from moothall.core.council import settings
from moothall.domain.places.gazetteer import full, supplies
from moothall.domain.places.gazetteer.supplies import Gazetteer
from moothall.domain.places.models import Supply
from moothall.domain.places.models.lookup import LookupLine, LookupStreet

pytestmark = pytest.mark.django_db(transaction=True)


SIZES = {
    "moothall.domain.places.gazetteer.supplies.LINES_AT_ONCE": 60,
    "moothall.domain.places.gazetteer.lines.BLOCK": 4_096,
}


def whole() -> dict[str, Any]:
    """All that is in force, and all it is found by."""
    return in_force() | {"lines": sorted(LookupLine.objects.values_list("key", "uprn", "line"))}


def test_killed_at_any_point_and_resumed_a_full_supply_and_changes_come_into_force_once_and_at_once(
    tmp_path: Path,
) -> None:
    settings.write(Gazetteer(custodian=example.CUSTODIAN), by=system_user(), at=NOON)
    council = example.Council(60)
    example.write(tmp_path / "full.csv", council)
    example.write_changes(tmp_path / "changes.csv", council, 20)
    files = [tmp_path / name for name in ("full.csv", "changes.csv")]
    came = []

    with nursery(SIZES) as killed:
        for file in files:
            before, seen = whole(), set()
            for after in ever_later():
                what = ["resume"] if supplies.unfinished() else ["import", str(file)]
                ended = not killed(["gazetteer", *what], after)
                latest = Supply.objects.order_by("-pk").first()
                if ended or (latest and latest.state == "applied" and latest.files[0]["path"] == str(file)):
                    break  # or it was killed after its end
                seen |= {latest.state} if latest else set()
                assert whole() == before
            assert seen >= {"reading", "checking", "applying"}
            came.append(whole())
    assert [one.state for one in Supply.objects.all()] == ["applied", "applied"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('gazetteer_staging')")
        assert cursor.fetchone() == (None,)
    with undone():
        tables = (*full.TABLES.values(), *(model._meta.db_table for model in (LookupLine, LookupStreet)))
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE places_supply, {', '.join(tables)} CASCADE")
        for file, then in zip(files, came, strict=True):
            supplies.work(supplies.begin([str(file)], by=system_user(), at=NOON))
            assert whole() == then
