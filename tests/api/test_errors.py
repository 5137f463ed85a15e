"""What is wrong with a request is told by field, everything at once."""

from typing import Any

import pytest
from tests.api.world import World

WRONG = {
    "kind": "person",
    "date_of_birth": "2198-01-01",
    "nino": "12",
    "address": {"line1": "1 Example Street", "town": "Exampleton", "postcode": "nowhere", "uprn": "x"},
    "contacts": [{"type": "email", "value": "nobody"}],
}


def fields(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.content
    assert all(error["sentence"] for error in answer.json()["errors"])
    return [error["field"] for error in answer.json()["errors"]]


def test_every_wrong_field_of_a_new_person_is_named_at_once(world: World) -> None:
    assert fields(world.clients["officer"].post("/people", WRONG)) == [
        "body.last_name",
        "body.date_of_birth",
        "body.nino",
        "body.address.postcode",
        "body.address.uprn",
        "body.contacts.0.value",
    ]


def test_an_organisation_without_a_name_is_refused_by_its_name(world: World) -> None:
    assert fields(world.clients["officer"].post("/people", {"kind": "organisation"})) == ["body.name"]


@pytest.mark.parametrize(
    ("method", "path", "body", "wrong"),
    [
        ("post", "/people/search", {"nino": "12", "email": "nobody"}, ["body.nino", "body.email"]),
        ("post", "/cases/search", {"reference": "?", "nino": "1", "postcode": "no"},
         ["body.reference", "body.nino", "body.postcode"]),
        ("post", "/people/{customer}/contacts", {"type": "email", "value": "x"}, ["body.value"]),
        ("post", "/people/{customer}/addresses", {"line1": "1", "town": "T", "postcode": ""}, ["body.postcode"]),
        ("patch", "/people/{customer}", {"version": "1", "reason": "Wrong", "nino": "1"}, ["body.nino"]),
        ("post", "/national-badges/search", {"nino": "1", "postcode": "no"}, ["body.postcode", "body.nino"]),
        ("post", "/users", {"email": "nobody", "name": ""}, ["body.email", "body.name"]),
    ],
)  # fmt: skip
def test_a_wrong_number_postcode_reference_or_email_is_named(
    world: World, method: str, path: str, body: dict[str, str], wrong: list[str]
) -> None:
    call = getattr(world.clients["manager"], method)
    assert fields(call(path.format(customer=world.case().customer_id), body)) == wrong


def test_a_wrong_reference_in_a_list_of_work_is_named(world: World) -> None:
    assert fields(world.clients["officer"].get("/work-items", case="?")) == ["query.case"]


def test_what_no_single_field_is_to_blame_for_is_told_of_the_whole_body(world: World) -> None:
    body = {"line1": "1", "town": "T", "postcode": "SW1A 1AA", "from_date": "2199-01-01"}
    path = f"/people/{world.case().customer_id}/addresses"
    assert fields(world.clients["officer"].post(path, body)) == ["body"]


def test_wrong_answers_are_placed_among_the_answers_and_the_rest_where_the_body_has_it(world: World) -> None:
    item = world.item()
    path = f"/work-items/{item.pk}/progress"
    answers = {"outcome": "complete", "version": item.version, "answers": {"zone": "west"}, "note": "x" * 20_000}
    assert fields(world.clients["officer"].post(path, answers)) == ["body.note", "body.answers.zone"]
    missing_tag = {"outcome": "needs_payment", "version": item.version}
    world.case().__class__.objects.filter(pk=item.case_id).update(tags=[])
    assert fields(world.clients["officer"].post(path, missing_tag)) == ["body.outcome"]
