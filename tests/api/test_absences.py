"""Absences through the API."""

from datetime import timedelta

from django.utils import timezone
from tests.api.world import World

from moothall.core.accounts.models import Absence

WEEK = timedelta(days=7)


def test_ones_own_absence_is_recorded_read_and_ended(world: World) -> None:
    client, today = world.clients["officer"], timezone.localdate()
    body = {"first_day": str(today + WEEK), "last_day": str(today + 2 * WEEK), "reason": "leave"}
    made = client.post("/absences", body)
    assert made.status_code == 201, made.content
    assert [row["id"] for row in client.get("/absences").json()] == [made.json()["id"]]
    assert client.post("/absences", {**body, "last_day": str(today)}).json()["type"].endswith("absence-refused")
    for _ in range(2):
        client.post(f"/absences/{made.json()['id']}/end")
    assert client.get("/absences").json() == []


def test_nobody_records_or_ends_the_absence_of_somebody_they_do_not_supervise(world: World) -> None:
    today, viewer = timezone.localdate(), world.users["viewer"]
    body = {"first_day": str(today + WEEK), "last_day": str(today + WEEK), "reason": "leave", "user": viewer.pk}
    other = world.clients["viewer"].post("/absences", {**body, "user": None})
    assert other.status_code == 201, other.content
    assert world.clients["stranger"].post("/absences", body).status_code in (403, 422)
    assert world.clients["stranger"].post(f"/absences/{other.json()['id']}/end").status_code in (403, 404)
    assert Absence.objects.count() == 1
