"""Who a person is can be put right, what was is kept, and a number is no way to find out about people one may not see."""

from datetime import timedelta
from typing import Any

import pytest
from tests.api.client import ApiClient
from tests.api.world import World, sign_in

from moothall.core.accounts.models import SecurityGroup
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Entry
from moothall.domain.cases import numbers
from moothall.domain.people.matching import BADGE_NUMBER
from moothall.domain.people.models import ExternalReference, Person


def change(client: ApiClient, path: str, **body: Any) -> Any:
    version = client.get(path).json()["version"]
    return client.send(
        "PATCH", path, {"version": version, "reason": "Deed poll", "evidence": "Seen: deed poll", **body}
    )


def test_a_name_is_changed_with_a_reason_and_the_earlier_one_is_kept(world: World) -> None:
    client, path = world.clients["officer"], f"/people/{world.case().customer_id}"
    before = client.get(path).json()
    answer = change(client, path, last_name="O\u2019Samplé", known_as="Patsy")
    assert answer.status_code == 200, answer.content
    assert answer.json()["name"] == "Pat P0 O\u2019Samplé"
    assert answer.json()["person"] == before["person"] | {"last_name": "O\u2019Samplé", "known_as": "Patsy"}
    [earlier] = client.get(f"{path}/earlier").json()["items"]
    assert (earlier["last_name"], earlier["reason"], earlier["changed_by"]["name"]) == (
        "Exampleson",
        "Deed poll",
        "Officer",
    )
    assert Entry.objects.get(action="person.changed").detail == {
        "changed": ["last_name", "known_as"],
        "evidence": "Seen: deed poll",
    }
    found = client.post("/people/search", {"name": "osample"}).json()["items"]
    assert [row["id"] for row in found] == [world.case().customer_id]


def test_what_an_organisation_is_called_is_changed_and_nothing_that_only_people_have(world: World) -> None:
    client = world.clients["officer"]
    made = client.post("/people", {"kind": "organisation", "name": "Sample Day Club"}).json()
    path = f"/people/{made['id']}"
    answer = change(client, path, name="Sample Social Club", contact_name="Ann Example")
    assert (answer.json()["name"], answer.json()["organisation"]["contact_name"]) == (
        "Sample Social Club",
        "Ann Example",
    )
    assert change(client, path, last_name="Example").json()["type"].endswith("not-a-person")
    of_person = change(client, f"/people/{world.case().customer_id}", name="Club")
    assert of_person.json()["type"].endswith("not-an-organisation")


def test_a_change_of_a_person_changed_meanwhile_is_refused(world: World) -> None:
    client, path = world.clients["officer"], f"/people/{world.case().customer_id}"
    stale = client.get(path).json()["version"]
    assert change(client, path, known_as="One").status_code == 200
    body = {"version": stale, "reason": "Deed poll", "known_as": "Two"}
    assert client.send("PATCH", path, body).json()["type"].endswith("changed-meanwhile")
    assert Person.objects.get(pk=world.case().customer_id).known_as == "One"


@pytest.mark.parametrize(
    "body",
    [
        {"reason": " "},
        {"last_name": " "},
        {"nino": "QQ123456C"},
        {"date_of_birth": "2199-01-01"},
        {"id": 1},
        {"surname_key": "X"},
        {"nino_claimed": "AB123456C"},
        {"first_names": "x" * 151},
    ],
)
def test_a_change_that_makes_no_sense_is_refused(world: World, body: dict[str, Any]) -> None:
    answer = change(world.clients["officer"], f"/people/{world.case().customer_id}", **body)
    assert answer.status_code == 422
    assert not Entry.objects.filter(action="person.changed").exists()


def test_a_number_and_a_birthday_are_put_right_only_with_the_permission(world: World) -> None:
    path = f"/people/{world.case().customer_id}"
    SecurityGroup.objects.filter(key="officers").update(
        permissions=[one for one in world.users["officer"].permissions if one != Permission.CORRECT_PEOPLE]
    )
    for body in ({"nino": "AB123456A"}, {"date_of_birth": "1950-02-01"}):
        refused = change(world.clients["officer"], path, **body)
        assert refused.status_code == 403
        assert Permission.CORRECT_PEOPLE in refused.json()["detail"]
        assert change(world.clients["manager"], path, **body, evidence="").status_code == 422
        assert change(world.clients["manager"], path, **body).status_code == 200
    person = Person.objects.get(pk=world.case().customer_id)
    assert (person.nino, str(person.date_of_birth)) == ("AB123456A", "1950-02-01")


def test_nobody_changes_a_person_they_may_not_see(world: World) -> None:
    path = f"/people/{world.case('bins').customer_id}"
    body = {"version": "x", "reason": "Spite", "last_name": "Other"}
    assert world.clients["officer"].send("PATCH", path, body).status_code == 404
    assert world.clients["officer"].get(f"{path}/earlier").status_code == 404
    assert world.clients["viewer"].send("PATCH", f"/people/{world.case().customer_id}", body).status_code == 403


def recording_with(client: ApiClient, nino: str | None) -> Any:
    return client.post("/people", {"kind": "person", "last_name": "Guess", "nino": nino})


def test_a_number_on_record_is_told_to_who_may_see_whose_it_is_and_to_nobody_else(world: World) -> None:
    theirs, others = (world.case(service).customer.person.nino for service in ("permits", "bins"))
    officer = world.clients["officer"]
    assert "National Insurance number is recorded already" in recording_with(officer, theirs).json()["detail"]
    refused = recording_with(officer, others)
    assert refused.status_code == 409
    assert "number" not in refused.json()["detail"].lower()
    assert "insurance" not in refused.content.decode().lower()
    changed = change(officer, f"/people/{world.case().customer_id}", nino=others)
    assert {**changed.json(), "instance": ""} == {**refused.json(), "instance": ""}
    assert Entry.objects.filter(action=numbers.REFUSED, by=world.users["officer"]).count() == 2
    assert recording_with(world.clients["manager"], others).json()["type"].endswith("nino-taken")


def test_numbers_cannot_be_guessed_at_one_after_another(world: World) -> None:
    officer, others = world.clients["officer"], world.case("bins").customer.person.nino
    for _ in range(numbers.MOST_REFUSED):
        assert recording_with(officer, others).status_code == 409
    for nino in (others, "AB999999A"):
        answer = recording_with(officer, nino)
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= timedelta(days=1).total_seconds() + 1
    assert officer.post("/people", {"kind": "person", "last_name": "Numberless"}).status_code == 201
    assert recording_with(world.clients["manager"], "AB999999A").status_code == 201


def giving(client: ApiClient, world: World, number: str) -> Any:
    path = f"/people/{world.case().customer_id}/references"
    return client.post(path, {"type": BADGE_NUMBER, "number": number})


@pytest.fixture
def badges(world: World) -> tuple[str, str]:
    """A badge of somebody the officer may see, and one of somebody they may not."""
    for number, customer in (("SEEN01", world.cases["permits"][1].customer), ("HIDD01", world.case("bins").customer)):
        ExternalReference.objects.create(customer=customer, type=BADGE_NUMBER, number=number)
    return "SEEN01", "HIDD01"


def test_a_badge_on_record_is_told_to_who_may_see_whose_it_is_and_to_nobody_else(
    world: World, badges: tuple[str, str]
) -> None:
    officer, (seen, kept) = world.clients["officer"], badges
    assert giving(officer, world, seen).json()["type"].endswith("reference-taken")
    refused = giving(officer, world, kept)
    assert refused.status_code == 409
    assert "HIDD01" not in refused.content.decode()
    assert "another customer" not in refused.json()["detail"]
    assert Entry.objects.filter(action=numbers.REFUSED, by=world.users["officer"]).count() == 1
    assert giving(world.clients["manager"], world, kept).json()["type"].endswith("reference-taken")


def test_badges_cannot_be_guessed_at_one_after_another(world: World, badges: tuple[str, str]) -> None:
    officer = world.clients["officer"]
    for _ in range(numbers.MOST_REFUSED):
        assert giving(officer, world, badges[1]).status_code == 409
    for number in (badges[1], "FREE01"):
        assert giving(officer, world, number).status_code == 429
    assert recording_with(officer, "AB999999A").status_code == 429


def test_the_refusals_of_one_user_do_not_keep_another_from_working(world: World) -> None:
    others = world.case("bins").customer.person.nino
    for _ in range(numbers.MOST_REFUSED):
        recording_with(world.clients["officer"], others)
    world.users["viewer"].groups.add(SecurityGroup.objects.get(key="officers"))
    assert recording_with(sign_in(world.users["viewer"]), "AB999998A").status_code == 201
