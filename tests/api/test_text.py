"""What people type is fit to keep and to show, and what is wrong with it is said in plain words."""

import json
from typing import Any

import pytest
from django.utils import timezone
from tests.api.client import ApiClient
from tests.api.world import World

from moothall.core.accounts import actions

NEW = {"kind": "person", "last_name": "Example"}


@pytest.mark.parametrize("control", ["\x07", "\x1b", "\x7f"])
def test_a_control_character_is_refused_in_a_name_a_note_and_an_answer(world: World, control: str) -> None:
    client, item = world.clients["manager"], world.item()
    bodies: dict[str, tuple[dict[str, Any], str]] = {
        "/people": (NEW | {"first_names": f"An{control}n"}, "body.first_names"),
        f"/cases/{world.case().reference}/notes": ({"text": f"An{control}n"}, "body.text"),
        f"/work-items/{item.pk}/progress": (
            {"outcome": "complete", "version": 1, "answers": {"zone": f"no{control}rth"}},
            "body.answers.zone",
        ),
    }
    for path, (body, field) in bodies.items():
        answer = client.post(path, body)
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["field"] == field
        assert f"U+{ord(control):04X}" in error["sentence"]


def test_marks_that_turn_text_or_have_no_width_are_taken_out_and_names_have_one_spelling(world: World) -> None:
    client = world.clients["manager"]
    made = client.post("/people", NEW | {"first_names": "\u202eZoe\u0308\u200b \ufeffAnn\u2069"}).json()
    assert made["person"]["first_names"] == "Zoë Ann"
    note = client.post(f"/cases/{world.case().reference}/notes", {"text": "\u202ewollof\u202c\nagain"}).json()
    assert note["text"] == "wollof\nagain"


def test_two_fields_that_differ_in_what_nobody_sees_are_one_given_twice(world: World) -> None:
    body = json.dumps({"text": "One", "text\u200b": "Two"})
    assert world.clients["manager"].post(f"/cases/{world.case().reference}/notes", body).status_code == 400


def test_json_in_another_encoding_than_utf_8_is_refused(world: World) -> None:
    path = f"/cases/{world.case().reference}/notes"
    for body in ('{"text": "x"}'.encode("utf-16"), b'{"text": "\xff"}'):
        assert world.clients["manager"].post(path, body).status_code == 400


def test_an_answer_to_a_question_of_endless_name_is_refused_without_repeating_it(world: World) -> None:
    body = {"outcome": "complete", "version": 1, "answers": {"z" * 100_000: "x"}}
    answer = world.clients["manager"].post(f"/work-items/{world.item().pk}/progress", body)
    assert answer.status_code == 422
    assert len(answer.content) < 1000


def test_deeply_nested_json_is_refused(world: World) -> None:
    path = f"/work-items/{world.item().pk}/progress"
    for depth in (400, 900, 100_000):
        body = '{"outcome": "complete", "version": 1, "answers": {"zone": ' + "[" * depth + "]" * depth + "}}"
        assert world.clients["manager"].post(path, body).status_code in {400, 422}


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("/cases", {"service": "permits", "source": "paper", "customer": 1}, "Give type."),
        ("/people", NEW | {"surname": "x"}, "There is no field “surname” here."),
        ("/people", NEW | {"last_name": "x" * 101}, "“last_name” may have at most 100 characters."),
        ("/people", NEW | {"date_of_birth": "soon"}, "“date_of_birth” must be a day, written like 2026-03-01."),
        ("/people", NEW | {"language": "fr"}, "“language” must be 'en' or 'cy'."),
        ("/people", NEW | {"contacts": [{"type": "email"}]}, "Give contacts.0.value."),
        ("/people/search", {"name": "x", "page": 0}, "“page” must be 1 or more."),
        ("/people/search", {"name": "x", "page": "two"}, "“page” must be a whole number."),
    ],
)
def test_what_is_wrong_with_a_field_is_said_in_a_sentence_that_names_it(
    world: World, path: str, body: dict[str, Any], sentence: str
) -> None:
    answer = world.clients["manager"].post(path, body)
    assert answer.status_code == 422
    assert [error["sentence"] for error in answer.json()["errors"]] == [sentence]


@pytest.mark.parametrize(
    ("part", "body"),
    [
        ("addresses", {"line1": "1 Road", "town": "Exampleton", "postcode": "SW1A 1AA", "from_date": "2199-01-01"}),
        ("references", {"type": "badge_number", "number": "1", "from_date": "2199-01-01"}),
    ],
)
def test_nothing_begins_more_than_five_years_ahead(world: World, part: str, body: dict[str, Any]) -> None:
    answer = world.clients["manager"].post(f"/people/{world.case().customer_id}/{part}", body)
    assert answer.status_code == 422
    assert "five years" in answer.json()["detail"]


def test_nobody_is_born_tomorrow(world: World) -> None:
    answer = world.clients["manager"].post("/people", NEW | {"date_of_birth": "2199-01-01"})
    wrong = {"field": "body.date_of_birth", "sentence": "The date of birth cannot be after today."}
    assert (answer.status_code, answer.json()["errors"]) == (422, [wrong])


def test_a_password_is_taken_as_it_is_typed(world: World) -> None:
    password = "e\u0301 long \u200benough passphrase"
    actions.set_password(world.users["officer"], password=password, by=world.users["manager"], at=timezone.now())
    answer = ApiClient().post("/tokens", {"email": world.users["officer"].email, "password": password})
    assert answer.status_code == 201
