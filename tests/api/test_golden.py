"""Merging and following customers through the API."""

import pytest
from django.utils import timezone
from tests.api.world import World

from moothall.domain.people import actions as people
from moothall.domain.people.golden import changes
from moothall.domain.people.models import Customer, Pair


@pytest.fixture
def ally(world: World) -> Customer:
    details = people.PersonDetails(first_names="Ally", last_name="Madeup")
    return people.create_person(details, by=world.users["officer"], at=timezone.now())


def test_two_are_merged_parted_and_told_apart_and_whoever_follows_is_told(world: World, ally: Customer) -> None:
    client, kept = world.clients["manager"], world.case().customer_id
    changes.place()
    position = client.get("/changes?limit=500").json()["last"]

    made = client.post(f"/people/{kept}/merges", {"absorbed": ally.pk, "reason": "Saw both passports."})
    assert made.status_code == 201, made.content
    assert client.get(f"/people/{ally.pk}").json()["id"] == kept
    assert client.post(f"/people/{kept}/merges", {"absorbed": ally.pk, "reason": "Again."}).status_code == 409
    [row] = client.get(f"/people/{kept}/merges").json()
    changes.place()
    told = client.get(f"/changes?after={position}&values=true").json()
    [merge] = [one for one in told["changes"] if one["kind"] == "merged"]
    assert (merge["customer"], merge["other"]) == (kept, ally.pk)
    assert merge["values"]["last_name"]
    assert client.get(f"/changes?after={told['last']}").json()["changes"] == []

    parted = client.post(f"/merges/{row['id']}/undoing", {"reason": "Cousins."})
    assert (parted.status_code, parted.json()["added"]) == (200, {})
    assert client.get(f"/people/{ally.pk}").json()["id"] == ally.pk
    assert client.get("/changes").json()["changes"][0]["values"] is None


def test_pairs_are_read_with_their_evidence_and_told_apart_with_a_reason(world: World, ally: Customer) -> None:
    client, first = world.clients["manager"], world.case().customer_id
    given = {"probability": 0.9, "model": "people-1", "found_at": timezone.now(), "evidence": [["email", 0, 13.5]]}
    pair = Pair.objects.create(first_id=min(first, ally.pk), second_id=max(first, ally.pk), **given)

    [read] = client.get("/duplicates").json()["items"]
    assert read["evidence"] == [{"compared": "email", "came_out": "An address of both", "weight": 13.5}]
    done = client.post(f"/duplicates/{pair.pk}/different", {"reason": "Cousins."})
    assert done.json()["state"] == "different"
    assert client.get("/duplicates").json()["items"] == []


def test_a_record_merged_meanwhile_is_not_taken_for_the_one_it_went_into_and_nothing_chosen_is_nothing(
    world: World, ally: Customer
) -> None:
    client, kept = world.clients["manager"], world.case().customer_id
    details = people.PersonDetails(first_names="Al", last_name="Madeup", known_as="Al")
    other = people.create_person(details, by=world.users["officer"], at=timezone.now())
    reason = {"reason": "Saw both passports."}
    made = client.post(f"/people/{ally.pk}/merges", {"absorbed": other.pk, "chosen": [], **reason})
    assert (made.status_code, made.json()["chosen"]) == (201, [])

    refused = client.post(f"/people/{kept}/merges", {"absorbed": other.pk, **reason})
    assert refused.status_code == 409
    assert client.post(f"/people/{other.pk}/merges", {"absorbed": kept, **reason}).status_code == 409

    client.post(f"/merges/{made.json()['id']}/undoing", reason)
    suggested = client.post(f"/people/{kept}/merges", {"absorbed": other.pk, **reason})
    assert "known_as" in suggested.json()["chosen"]


def test_who_read_a_record_before_it_was_merged_is_told_with_the_golden_one(world: World, ally: Customer) -> None:
    client, kept = world.clients["manager"], world.case().customer_id
    client.get(f"/people/{ally.pk}")
    client.post(f"/people/{kept}/merges", {"absorbed": ally.pk, "reason": "Saw both passports."})

    read = client.get(f"/people/{kept}/accesses").json()["items"]
    assert [row["via"] for row in read] == ["api people.detail"]
