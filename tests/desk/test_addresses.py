"""An address is found on the form that asks for one, in steps of the form or while typing, and may still be typed by hand."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.places.gazetteer import place, remake, street

from moothall.domain.people.models import Customer
from moothall.domain.places.models import Address

pytestmark = pytest.mark.django_db
PERSON = {"last_name": "Madeup", "language": "en", "date_of_birth_0": "17"}


@pytest.fixture
def town(db: None) -> None:
    street(1, "HIGH ROAD", locality="OLDWICK")
    for number in (9, 10, 11):
        place(number, 1, pao_start_number=number, postcode="ZZ1 0AB")
    place(20, 1, pao_start_number=10, sao_text="FLAT", sao_start_number=2, postcode="ZZ1 0AB")
    remake()


def test_an_address_is_found_by_its_postcode_chosen_and_kept_with_its_uprn(at_desk: Client, town: None) -> None:
    where = reverse("desk:create_person")
    assert "Find an address" in at_desk.get(where).content.decode()

    found = at_desk.post(where, {**PERSON, "find_address": "zz10ab", "address_step": "find"})

    assert found.status_code == 200
    assert "There is a problem" not in found.content.decode()
    assert found.content.decode().count("HIGH ROAD, OLDWICK, NORTHAM, ZZ1 0AB</option>") == 4
    assert 'value="17"' in found.content.decode()  # half a birthday is kept, and not judged yet

    given = {**PERSON, "find_address": "zz10ab", "address_step": "use", "found_address": "20"}
    filled = at_desk.post(where, given).content.decode()
    assert 'value="FLAT 2"' in filled
    assert 'value="10 HIGH ROAD, OLDWICK"' in filled

    whole = {"last_name": "Madeup", "language": "en", "line1": "Flat 2", "line2": "10 High Road", "town": "Northam"}
    sent = at_desk.post(where, {**whole, "postcode": "ZZ1 0AB", "uprn": "20", "find_address": ""})
    assert sent.status_code == 302
    assert Address.objects.get().uprn == "20"


def test_what_is_not_found_may_be_typed_and_what_is_sent_wrongly_fills_nothing(at_desk: Client, town: None) -> None:
    where = reverse("desk:create_person")
    nothing = at_desk.post(where, {**PERSON, "find_address": "nowhere at all", "address_step": "find"})
    assert "No address was found for “nowhere at all”" in nothing.content.decode()
    for wrong in ("", "nonsense", "999"):
        again = at_desk.post(where, {**PERSON, "address_step": "use", "found_address": wrong, "find_address": "zz10ab"})
        assert again.status_code == 200
        assert "4 addresses found" in again.content.decode()
    assert not Customer.objects.exists()


def test_without_a_gazetteer_there_is_nothing_to_find(at_desk: Client) -> None:
    assert "Find an address" not in at_desk.get(reverse("desk:create_person")).content.decode()


def test_addresses_come_while_typing_with_the_fields_they_fill(at_desk: Client, town: None) -> None:
    answer = at_desk.post(reverse("desk:find_addresses"), {"text": "10 high rd"})

    [house, flat] = answer.json()["found"]
    assert house["line"] == "10 HIGH ROAD, OLDWICK, NORTHAM, ZZ1 0AB"
    fields = {
        "line1": "FLAT 2",
        "line2": "10 HIGH ROAD, OLDWICK",
        "town": "NORTHAM",
        "postcode": "ZZ1 0AB",
        "uprn": "20",
    }
    assert flat["fields"] == fields
    assert at_desk.post(reverse("desk:find_addresses"), {"text": " "}).json() == {"found": []}
