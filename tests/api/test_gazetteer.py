"""Supplies of the gazetteer through the API."""

from datetime import UTC, datetime

from tests.api.world import World

from moothall.core.accounts.models import SecurityGroup
from moothall.core.accounts.permissions import Permission
from moothall.domain.places.models import Reject, Supply

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_a_supply_tells_how_far_it_is_and_what_was_wrong(world: World) -> None:
    SecurityGroup.objects.update(permissions=list(Permission))
    officer = world.users["officer"]
    supply = Supply.objects.create(
        format="dtf",
        full=True,
        custodian=9999,
        processed_on="2026-02-27",
        files=[{"name": "full.csv", "path": "/secret/full.csv", "stored": False}],
        total_bytes=1_000,
        read_bytes=400,
        read_lines=7,
        counts={"lines": {"21": 5}},
        rejected=1,
        begun_at=NOON,
        told_at=NOON,
        by=officer,
    )
    Reject.objects.create(
        supply=supply,
        volume=1,
        line=6,
        record=21,
        key="990000000101",
        field="RPC",
        rule="missing",
        error=True,
        says="RPC is missing.",
    )

    listed = world.clients["officer"].get("/gazetteer/supplies").json()
    one = world.clients["officer"].get(f"/gazetteer/supplies/{supply.pk}").json()
    rejects = world.clients["officer"].get(f"/gazetteer/supplies/{supply.pk}/rejects").json()

    assert listed["items"] == [one]
    assert (one["state"], one["read_bytes"], one["lines"], one["files"]) == ("reading", 400, {"21": 5}, ["full.csv"])
    assert rejects["items"][0]["says"] == "RPC is missing."
    assert world.clients["officer"].get(f"/gazetteer/supplies/{supply.pk + 1}").status_code == 404
