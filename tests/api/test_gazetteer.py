"""Supplies of the gazetteer through the API."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.api.world import World
from tests.places.conftest import custodian  # noqa: F401
from tests.places.supplied import descriptor, street, supply_of

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


@pytest.mark.usefixtures("custodian")
def test_a_supply_is_given_begun_by_a_worker_and_given_up(world: World, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "given"
    client, path = world.clients["officer"], "/gazetteer/supplies"
    volumes = [supply_of([street(1)], volume=1, following=2), supply_of([descriptor(2)], volume=2)]

    def give(*contents: bytes, who: str = "officer") -> Any:
        files = [SimpleUploadedFile(f"volume{number}.csv", one) for number, one in enumerate(contents)]
        return world.clients[who].upload(path, files=files)

    assert give(*volumes, who="viewer").status_code == 403
    assert give().status_code == 422
    wrong = give(supply_of([], custodian=1234))
    assert (wrong.status_code, "the custodian is 1234, and yours is 9999" in wrong.json()["detail"]) == (422, True)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 300
    assert give(*volumes).status_code in {413, 422}
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024**2
    assert [one for one in settings.MEDIA_ROOT.rglob("*") if one.is_file()] == []

    begun = give(*volumes)
    assert (begun.status_code, begun.json()["files"]) == (201, ["volume0.csv", "volume1.csv"])
    one = f"{path}/{begun.json()['id']}"
    assert ProcrastinateJob.objects.filter(args={"supply_id": begun.json()["id"]}).count() == 1
    assert "is not finished" in give(*volumes).json()["detail"]
    assert client.post(f"{one}/resume").json()["state"] == "reading"
    assert ProcrastinateJob.objects.filter(args={"supply_id": begun.json()["id"]}).count() == 2
    assert client.post(f"{one}/cancel").json()["state"] == "cancelled"
    assert client.post(f"{one}/resume").json()["state"] == "cancelled"
    assert world.clients["viewer"].post(f"{one}/cancel").status_code == 403
