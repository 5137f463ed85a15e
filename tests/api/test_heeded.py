"""What is to be heeded of customers, through the API."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from tests.api.world import World, sign_in

from moothall.core.accounts.models import EVERY_SERVICE, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.people import flags
from moothall.domain.people.models import ContactDetail, Flag, Person

pytestmark = pytest.mark.django_db
EDIT = [Permission.API, Permission.VIEW_PEOPLE, Permission.EDIT_PEOPLE, Permission.VIEW_CASES]


@pytest.fixture
def holder(world: World) -> User:
    user = User.objects.create_user("holder@council.example.org", full_name="Hattie Holder")
    user.groups.add(
        SecurityGroup.objects.create(key="holders", name="Holders", services=[EVERY_SERVICE], permissions=EDIT)
    )
    return user


def test_flags_needs_and_answers_are_set_reviewed_and_ended(world: World, holder: User) -> None:
    client, who = sign_in(holder), f"/people/{world.case().customer_id}"
    today = timezone.localdate()
    made = client.post(f"{who}/flags", {"type": "dog", "text": "A large dog."})
    assert made.status_code == 201
    flag = made.json()["flags"][0]
    assert (flag["type"], flag["restricted"]) == ("Dog", False)
    again = {"text": "A small dog.", "review_on": (today + timedelta(days=9)).isoformat()}
    assert client.post(f"{who}/flags/{flag['id']}/review", again).json()["flags"][0]["text"] == "A small dog."
    assert client.post(f"{who}/flags/{flag['id']}/end", {"why": "It died."}).json()["flags"] == []
    assert client.post(f"{who}/flags/{flag['id']}/end", {"why": "It died."}).status_code == 404

    [need] = client.post(f"{who}/needs", {"kind": "easy_read"}).json()["needs"]
    assert need["kind"] == "Easy read"
    assert client.post(f"{who}/needs/{need['id']}/end").status_code == 200
    assert client.post(f"{who}/needs", {"kind": "shouting"}).status_code == 422
    answer = {"channel": "email", "purpose": "surveys", "agreed": False, "how": "By letter"}
    [said] = client.post(f"{who}/preferences", answer).json()["preferences"]
    assert (said["channel"], said["agreed"]) == ("E-mail", False)
    assert client.post(f"{who}/preferences/{said['id']}/withdrawal", {"how": "Rang"}).json()["preferences"] == []


def test_a_restricted_flag_is_not_there_for_who_lacks_the_permission(
    world: World, holder: User, noon: datetime
) -> None:
    client, customer = sign_in(holder), world.case().customer
    flag = flags.set_flag(customer, type="aggressive", said="Threw a chair.", by=holder, at=noon)
    Flag.objects.update(review_on=noon.date())
    who = f"/people/{customer.pk}"
    assert client.get(f"{who}/heed").json()["flags"] == []
    assert client.get("/reviews").json()["total"] == 0
    assert client.post(f"{who}/flags", {"type": "at_risk", "text": "X"}).status_code == 422
    assert client.post(f"{who}/flags/{flag.pk}/end", {"why": "No."}).status_code == 404
    for where in (who, f"{who}/earlier", "/cases", f"/cases/{world.case().reference}"):
        assert "chair" not in client.get(where).content.decode()

    SecurityGroup.objects.filter(key="holders").update(permissions=[*EDIT, Permission.SEE_RESTRICTED_FLAGS])
    assert [one["restricted"] for one in client.get(f"{who}/heed").json()["flags"]] == [True]
    [due] = client.get("/reviews").json()["items"]
    assert (due["flag"], due["customer"]) == (flag.pk, customer.pk)


def test_a_death_needs_its_permission_and_a_contact_detail_is_put_right_in_place(world: World, holder: User) -> None:
    client, customer = sign_in(holder), world.case().customer
    death = {"died_on": "2026-01-02", "how": "Saw the certificate"}
    assert client.post(f"/people/{customer.pk}/death", death).status_code == 403
    SecurityGroup.objects.filter(key="holders").update(permissions=[*EDIT, Permission.RECORD_DEATHS])
    assert client.post(f"/people/{customer.pk}/death", death).status_code == 204
    assert str(Person.objects.get(pk=customer.pk).date_of_death) == "2026-01-02"
    assert client.get(f"/people/{customer.pk}/heed").json()["died"] == "2026-01-02"

    way = client.post(f"/people/{customer.pk}/contacts", {"type": "email", "value": "a@example.org"}).json()[
        "contacts"
    ][0]
    right = {"value": "b@example.org", "reason": "A slip"}
    where = f"/people/{customer.pk}/contacts"
    row = ContactDetail.objects.get(normalised="a@example.org")
    assert way["value"] == "a@example.org"
    assert client.post(f"{where}/{row.pk}/correction", right).status_code == 200
    assert client.post(f"{where}/{row.pk}/correction", {**right, "value": "no address"}).status_code == 422
    row.refresh_from_db()
    assert row.normalised == "b@example.org"
