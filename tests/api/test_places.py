"""Addresses are found through the API with all that is known of them."""

import pytest
from tests.api.world import World
from tests.places.gazetteer import identifier, place, remake, street

ASK = "/addresses/search"


@pytest.fixture
def town(world: World) -> None:
    street(1, "HIGH ROAD", locality="OLDWICK")
    whole = {"x": "530000.50", "y": "180000.00", "ward": "E05099999", "parent_uprn": 13}
    place(11, 1, sao_text="FLAT", sao_start_number=2, pao_start_number=12, postcode="ZZ1 0AB", **whole)
    identifier(11, 1, pao_text="HIGH FLATS", status=3, postcode="ZZ1 0AB")
    place(12, 1, pao_start_number=3, classification="CR08", organisation="SAMPLE STORES", postcode="ZZ1 0AB")
    place(13, 1, pao_start_number=12, classification="PP", postcode="ZZ1 0AB")
    remake()


def test_an_address_comes_with_its_parts_its_lines_and_where_it_is(world: World, town: None) -> None:
    client = world.clients["officer"]

    answer = client.post(ASK, {"text": "flat 2 12 high rd"})

    assert answer.status_code == 200, answer.content
    [one] = answer.json()["items"]
    assert one["uprn"] == "11"
    assert one["line"] == "FLAT 2, 12 HIGH ROAD, OLDWICK, NORTHAM, ZZ1 0AB"
    assert one["lines"] == ["FLAT 2", "12 HIGH ROAD", "OLDWICK", "NORTHAM", "ZZ1 0AB"]
    assert one["fields"]["line2"] == "12 HIGH ROAD, OLDWICK"
    assert (one["parts"]["sao_text"], one["parts"]["sao_start_number"], one["parts"]["pao_start_number"]) == (
        "FLAT",
        2,
        12,
    )
    assert (one["ward"], one["easting"], one["parent_uprn"], one["status"]) == ("E05099999", "530000.50", "13", 1)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"postcode": "zz10ab"}, ["12", "11"]),
        ({"postcode": "zz10ab", "residential": True}, ["11"]),
        ({"postcode": "zz10ab", "classes": ["CR"]}, ["12"]),
        ({"postcode": "zz10ab", "shells": True}, ["12", "13", "11"]),
        ({"uprn": "011"}, ["11"]),
        ({"uprn": "99"}, []),
        ({"near": {"easting": 530000, "northing": 180000}}, ["11"]),
        ({"text": "sample stores"}, ["12"]),
    ],
)
def test_each_way_to_ask_has_its_answer(world: World, town: None, asked: dict[str, object], found: list[str]) -> None:
    assert [one["uprn"] for one in world.clients["officer"].post(ASK, asked).json()["items"]] == found


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"text": "a", "uprn": "1"},
        {"postcode": "nowhere"},
        {"text": "x", "classes": ["%"]},
        {"text": "x", "limit": 101},
    ],
)
def test_a_question_that_is_none_is_refused(world: World, asked: dict[str, object]) -> None:
    assert world.clients["officer"].post(ASK, asked).status_code == 422


def test_addresses_as_others_wrote_them_are_matched_in_their_order(world: World, town: None) -> None:
    asked = {"addresses": ["Flat 2, 12 High Rd, Northam ZZ1 0AB", "nowhere at all"]}
    right, none = world.clients["officer"].post("/addresses/match", asked).json()["items"]
    assert (right["uprn"], none["uprn"]) == ("11", None)
    assert right["confidence"] > 0.9 > none["confidence"]
    assert world.clients["officer"].post("/addresses/match", {"addresses": ["x"] * 101}).status_code == 422
