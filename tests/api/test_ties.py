"""Relationships, tags, sites and vehicles of customers, and one's notifications, through the API."""

import pytest
from django.utils import timezone
from tests.api.world import World

from moothall.core.audit.models import Access
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.domain.people import actions as people
from moothall.domain.people.models import Customer

SITE = {"line1": "9 Example Road", "town": "Exampleton", "postcode": "EX1 3AB"}


@pytest.fixture
def club(world: World) -> Customer:
    club = people.OrganisationDetails(name="Sample Day Club")
    return people.create_organisation(club, by=world.users["officer"], at=timezone.now())


def test_a_relationship_is_recorded_once_read_from_both_sides_and_ended(world: World, club: Customer) -> None:
    client, person = world.clients["officer"], world.case().customer_id
    body = {"other": club.pk, "kind": "works_for"}
    first, again = (client.post(f"/people/{person}/relationships", body) for _ in range(2))
    assert first.status_code == 201, first.content
    assert first.json()["id"] == again.json()["id"]
    [there] = client.get(f"/people/{club.pk}/relationships").json()
    assert (there["other"], there["to_date"]) == (person, None)
    for _ in range(2):
        assert client.post(f"/people/{person}/relationships/{there['id']}/end").status_code == 204
    assert client.get(f"/people/{club.pk}/relationships").json()[0]["to_date"]
    assert client.post(f"/people/{club.pk}/relationships/{there['id'] + 1}/end").status_code == 404
    assert Access.objects.filter(via="api people.relationships", subject_id=club.pk).exists()
    assert client.post(f"/people/{person}/relationships", {**body, "kind": "dragon_of"}).status_code == 422


def test_an_organisation_has_sites_and_vehicles_and_a_person_has_none(world: World, club: Customer) -> None:
    client, person = world.clients["officer"], world.case().customer_id
    for part, body in (("sites", SITE), ("vehicles", {"registration": "ab12 cde", "description": "Minibus"})):
        first, again = (client.post(f"/people/{club.pk}/{part}", body) for _ in range(2))
        assert first.status_code == 201, first.content
        assert first.json() == again.json()
        assert client.post(f"/people/{person}/{part}", body).status_code == 422
        assert client.post(f"/people/{club.pk}/{part}/{first.json()['id']}/end").status_code == 204
        [row] = client.get(f"/people/{club.pk}/{part}").json()
        assert row["to_date"]
    assert row["registration"] == "AB12CDE"


def test_ones_own_notifications_are_read_and_nobody_elses(world: World) -> None:
    officer, viewer = world.users["officer"], world.users["viewer"]
    Notification.objects.all().delete()
    for cause in ("one", "two"):
        given = {"kind": Notification.Kind.WORK, "text": f"Look at {cause}.", "cause": cause, "at": timezone.now()}
        notify([officer, viewer], **given)  # type: ignore[arg-type]
    client = world.clients["officer"]
    newest = client.get("/notifications").json()["items"][0]
    assert newest["text"] == "Look at two."
    assert client.post("/notifications/reading", {"only": newest["id"]}).json() == {"read": 1}
    assert client.get("/notifications?unread=true").json()["total"] == 1
    assert client.post("/notifications/reading", {}).json() == {"read": 1}
    assert Notification.objects.filter(user=viewer, read_at=None).count() == 2


def test_a_contact_is_made_sure_of_and_ended_and_the_address_of_a_day_is_told(world: World) -> None:
    officer, who = world.clients["officer"], f"/people/{world.case().customer_id}"
    way = officer.get(who).json()["contacts"][0]["id"]
    sure = officer.post(f"{who}/contacts/{way}/verified", {"how": "Wrote to it and had an answer"})
    assert sure.json()["contacts"][0]["verified_how"] == "Wrote to it and had an answer"
    assert officer.post(f"{who}/contacts/{way}/first").json()["contacts"][0]["preferred"] is True
    assert officer.post(f"{who}/contacts/{way}/end").json()["contacts"][0]["to_date"]
    today = officer.get(who).json()["addresses"][0]["from_date"]
    assert officer.get(f"{who}/residences?on={today}").json()[0]["purpose"] == "home"
    assert officer.get(f"{who}/residences?on=1990-01-01").json() == []
