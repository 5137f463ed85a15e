"""Addresses are found as people ask for them."""

from decimal import Decimal

import pytest
from tests.places.gazetteer import identifier, place, remake, street

from moothall.domain.places import lookup
from moothall.domain.places.lookup import Choice
from moothall.domain.places.models.gazetteer import Status
from moothall.kit.postcode import InvalidPostcode

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def town(db: None) -> None:
    street(1, "SAINT ALBAN'S ROAD", locality="OLDWICK")
    street(2, "STATION ROAD")
    street(2, "FFORDD YR ORSAF", language="CYM")
    street(3, "STATION ROAD", town="EASTBRIDGE")
    street(4, "ACORN LANE", locality="OLDWICK")
    at = {"postcode": "ZZ1 0AB"}
    place(11, 1, pao_start_number=12, x=1000, y=1000, **at)
    place(12, 1, pao_start_number=12, pao_start_suffix="A", x=1010, y=1000, **at)
    place(13, 1, pao_start_number=100, classification="CR08", organisation="SAMPLE STORES LTD", x=1020, y=1000, **at)
    place(14, 1, pao_start_number=9, of_status=Status.HISTORICAL, x=1001, y=1000, **at)
    place(15, 1, pao_start_number=20, pao_end_number=24, **at)
    place(20, 2, pao_start_number=3, classification="PP", postcode="ZZ1 0AC")
    for flat in (1, 2, 10):
        place(20 + flat, 2, pao_start_number=3, sao_text="FLAT", sao_start_number=flat, postcode="ZZ1 0AC")
        welsh = {"sao_text": "FFLAT", "sao_start_number": flat, "language": "CYM", "postcode": "ZZ1 0AC"}
        identifier(20 + flat, 2, pao_start_number=3, **welsh)
    place(33, 3, pao_start_number=3, postcode="ZZ2 0AA", x=9000, y=1000)
    place(41, 4, pao_text="ROSE COTTAGE", postcode="ZZ1 0AD")
    identifier(41, 4, pao_text="THE OLD FORGE", status=Status.ALTERNATIVE)
    place(42, 4, pao_start_number=4, sao_text="FLAT B", postcode="ZZ1 0AD")
    place(43, 4, pao_start_number=6, sao_text="UNIT B12", postcode="ZZ1 0AD")
    place(44, 4, pao_start_number=6, postcode="ZZ1 0AD")
    remake()


def found(text: str, choice: Choice = Choice()) -> list[int]:  # noqa: B008
    return [one.uprn for one in lookup.find(text, choice)]


def test_a_postcode_gives_one_list_up_the_street_of_what_is_there_now() -> None:
    assert [one.uprn for one in lookup.at_postcode("zz10ab")] == [11, 12, 15, 13]
    assert [one.line.split(",")[0] for one in lookup.at_postcode("ZZ1 0AC")] == ["FLAT 1", "FLAT 2", "FLAT 10"]
    welsh = lookup.at_postcode("ZZ1 0AC", Choice(language="CYM"))
    assert welsh[0].line == "FFLAT 1, 3 FFORDD YR ORSAF, NORTHAM, ZZ1 0AC"
    with pytest.raises(InvalidPostcode):
        lookup.at_postcode("nowhere")


def test_what_was_and_what_is_no_home_comes_by_choice() -> None:
    at = "ZZ1 0AB"
    assert 14 in {one.uprn for one in lookup.at_postcode(at, Choice(historic=True))}
    assert 20 in {one.uprn for one in lookup.at_postcode("ZZ1 0AC", Choice(shells=True))}
    assert 13 not in {one.uprn for one in lookup.at_postcode(at, Choice(residential=True))}
    assert [one.uprn for one in lookup.at_postcode(at, Choice(classes=("CR",)))] == [13]
    assert found("9 st albans road") == []
    assert found("9 st albans road", Choice(historic=True)) == [14]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("12 Saint Alban's Road, Oldwick", 11),
        ("12 st albans rd", 11),
        ("northam road saint albans 12", 11),
        ("12a st. alb", 12),
        ("12 a st albans road", 12),
        ("022 st albans road", 15),  # within 20-24
        ("flat 2 3 station road northam", 22),
        ("3 station rd flt 10", 30),
        ("10/3 station road", 30),
        ("2 3 ffordd yr orsaf", 22),
        ("3 station road eastbridge", 33),
        ("3 station road ZZ2", 33),
        ("12 zz10ab", 11),
        ("rose cott acorn ln", 41),
        ("old forge", 41),
        ("sample stores", 13),
        ("flat b 4 acorn lane", 42),
        ("4b acorn lane", 42),
        ("100 st albans road zz1 0a", 13),
    ],
)
def test_the_address_meant_comes_first_however_it_is_typed(typed: str, first: int) -> None:
    assert found(typed)[0] == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("3 satation road eastbridge", 33),
        ("3 sttaion road eastbridge", 33),
        ("12 saint albens road oldwick", 11),
        ("rose cotage acorn lane", 41),
        ("12 st albans road oldwick exampleshire", 11),
        ("12 st albans road eastbridge", 11),
    ],
)
def test_a_slip_or_a_word_too_many_still_finds_it(typed: str, first: int) -> None:
    assert found(typed)[0] == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("12 st albans road ZZ9 9ZZ", 11),
        ("12 st albans road ZZ9 9Z", 11),
        ("12 st albans road ZZ9", 11),
        ("unit b12", 43),
        ("6 acorn lane b12", 43),
        ("6 acorn lane unit b1", 43),
    ],
)
def test_a_postcode_that_is_wrong_or_none_at_all_is_no_dead_end(typed: str, first: int) -> None:
    assert found(typed)[0] == first


@pytest.mark.parametrize(
    "typed", ["", "  ", "3", "z", "'&;|!:*()\\", "\x00", "13 station road", "flat", "é" * 300, "zz9 9zz"]
)
def test_what_means_nothing_finds_nothing_and_breaks_nothing(typed: str) -> None:
    assert found(typed) == []


def test_a_number_is_never_another_number_and_every_key_has_an_answer() -> None:
    text = "12 st albans road oldwick"
    assert set(found("12 st albans road")) == {11, 12}
    assert all(11 in found(text[:end]) for end in range(6, len(text) + 1) if text[end - 1] != " ")


def test_a_uprn_finds_its_property_whatever_became_of_it() -> None:
    street(9, "LONG ROAD")
    place(10000000014, 9, pao_start_number=1, of_status=Status.HISTORICAL)
    remake(10000000014)

    one = lookup.with_uprn("010000000014")
    assert one is not None
    assert (one.reference, one.historic) == ("10000000014", True)
    assert found("10000000014") == [10000000014]
    assert lookup.with_uprn("999") is None
    assert {one.uprn for one in lookup.with_uprns(["11", "14", "999"])} == {11, 14}


def test_the_nearest_come_first_with_their_metres() -> None:
    near = lookup.near(Decimal(1000), Decimal(1003), limit=2)
    assert [(one.uprn, one.metres) for one in near] == [(11, 3.0), (12, pytest.approx(10.44, abs=0.01))]
    assert lookup.near(Decimal(1000), Decimal(1003), Choice(historic=True))[1].uprn == 14
    assert [one.uprn for one in lookup.near(Decimal(5000), Decimal(1000))] == [13, 12, 11, 33]
    assert lookup.near(Decimal(500_000), Decimal(500_000)) == []
