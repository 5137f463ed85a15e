"""The address rule, on the cases others found hard."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.kit import address_words
from moothall.kit.address_lines import Parts, envelope, write

CASES: list[tuple[str, Parts, str]] = [
    ("a range", Parts(pao_start_number=138, pao_end_number=142, street="HIGH ROAD"), "138-142 HIGH ROAD"),
    (
        "a range with suffixes",
        Parts(pao_start_number=1, pao_start_suffix="C", pao_end_number=1, pao_end_suffix="D", street="LOW ROAD"),
        "1C-1D LOW ROAD",
    ),
    (
        "an organisation",
        Parts(organisation="SAMPLE STORES LTD", pao_start_number=12, street="HIGH ROAD", town="NORTHAM"),
        "SAMPLE STORES LTD, 12 HIGH ROAD, NORTHAM",
    ),
    (
        "an organisation said again as the name of the house",
        Parts(organisation="Sample Arms", pao_text="SAMPLE ARMS", street="HIGH ROAD"),
        "Sample Arms, HIGH ROAD",
    ),
    (
        "a kind of thing before its number",
        Parts(sao_text="FLAT", sao_start_number=3, sao_start_suffix="a", pao_start_number=12, street="HIGH ROAD"),
        "FLAT 3A, 12 HIGH ROAD",
    ),
    ("in Welsh too", Parts(sao_text="FFLAT", sao_start_number=3, pao_text="TY GWYN"), "FFLAT 3, TY GWYN"),
    (
        "several words that end in a kind of thing",
        Parts(sao_text="STUDENT FLAT", sao_start_number=7, pao_text="MEADOW HALL", street="LOW ROAD"),
        "STUDENT FLAT 7, MEADOW HALL, LOW ROAD",
    ),
    (
        "a number before any other name",
        Parts(sao_text="THE STABLES", sao_start_number=2, pao_text="MANOR FARM", street="LOW ROAD"),
        "2 THE STABLES, MANOR FARM, LOW ROAD",
    ),
    (
        "a bare number joined to the house it is in",
        Parts(sao_start_number=3, sao_start_suffix="A", pao_text="PARK MANSIONS", street="PARK NORTH"),
        "3A PARK MANSIONS, PARK NORTH",
    ),
    (
        "but never to another number",
        Parts(sao_start_number=3, pao_start_number=12, street="HIGH ROAD"),
        "3, 12 HIGH ROAD",
    ),
    (
        "a house with name and number",
        Parts(pao_text="HIGH HOUSE", pao_start_number=9, street="UPPER ROAD", locality="SALT HILL", town="NORTHAM"),
        "HIGH HOUSE, 9 UPPER ROAD, SALT HILL, NORTHAM",
    ),
    (
        "a house called after what it is and its number in the street",
        Parts(pao_text="HERON LODGE", pao_start_number=52, street="UPPER ROAD"),
        "HERON LODGE, 52 UPPER ROAD",
    ),
    (
        "one of several cottages of one name",
        Parts(sao_text="ROSE COTTAGE", sao_start_number=2, pao_text="MANOR FARM", street="LOW ROAD"),
        "2 ROSE COTTAGE, MANOR FARM, LOW ROAD",
    ),
    (
        "a unit whose number is its own and not the street's",
        Parts(pao_text="UNIT", pao_start_number=4, street="EXAMPLE TRADING ESTATE"),
        "UNIT 4, EXAMPLE TRADING ESTATE",
    ),
    (
        "a place is said once",
        Parts(pao_text="ROSE COTTAGE", street="OLDWICK", locality="OLDWICK", town="Northam", post_town="NORTHAM"),
        "ROSE COTTAGE, OLDWICK, Northam",
    ),
    (
        "a house called like its town keeps both",
        Parts(pao_text="NORTHAM", street="LOW ROAD", town="NORTHAM"),
        "NORTHAM, LOW ROAD, NORTHAM",
    ),
    (
        "the town letters go by stands last",
        Parts(pao_start_number=1, street="LOW ROAD", town="OLDWICK", post_town="NORTHAM", postcode="zz10ab"),
        "1 LOW ROAD, OLDWICK, NORTHAM, ZZ1 0AB",
    ),
    ("a street alone", Parts(street=" HIGH   ROAD ", town="NORTHAM"), "HIGH ROAD, NORTHAM"),
]


@pytest.mark.parametrize(("parts", "line"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_address_is_written_by_one_rule(parts: Parts, line: str) -> None:
    assert write(parts).line == line
    assert ", ".join(write(parts).lines) == line


def test_a_list_goes_up_the_street_by_numbers_suffixes_and_flats_and_then_by_names() -> None:
    street = [
        Parts(pao_start_number=2, street="HIGH ROAD"),
        Parts(pao_start_number=10, street="HIGH ROAD"),
        Parts(pao_start_number=10, pao_start_suffix="A", street="HIGH ROAD"),
        Parts(pao_start_number=11, street="HIGH ROAD"),
        Parts(sao_text="FLAT", sao_start_number=2, pao_start_number=11, street="HIGH ROAD"),
        Parts(sao_text="FLAT 10", pao_start_number=11, street="HIGH ROAD"),
        Parts(pao_start_number=100, street="HIGH ROAD"),
        Parts(pao_text="ACORN HOUSE", street="HIGH ROAD"),
        Parts(sao_text="FLAT", sao_start_number=1, pao_text="ACORN HOUSE", street="HIGH ROAD"),
        Parts(pao_start_number=1, street="LOW ROAD"),
    ]
    keys = [write(parts).sort_key for parts in street]
    assert keys == sorted(keys)


def test_four_fields_of_an_address_hold_the_longest_there_is() -> None:
    whole = Parts("O" * 100, 1234, "AA", 5678, "BB", "S" * 90, 15, "CC", 9876, "AB", "P" * 90, "D" * 100, "L" * 35)
    line1, line2, town, postcode = envelope(write(whole._replace(town="T" * 30, postcode="ZZ1 0AB")))
    assert line1.startswith("1234AA-5678BB SSS")
    assert line2.startswith("15CC-9876AB DDD")
    assert (town, postcode) == ("T" * 30, "ZZ1 0AB")
    assert max(map(len, (line1, line2))) <= 100
    flat = Parts(sao_text="FLAT", sao_start_number=3, pao_start_number=12, street="HIGH ROAD", locality="OLDWICK")
    assert envelope(write(flat._replace(town="NORTHAM"))) == ("FLAT 3", "12 HIGH ROAD, OLDWICK", "NORTHAM", "")
    assert envelope(write(Parts(pao_start_number=12, street="HIGH ROAD", town="NORTHAM")))[:2] == ("12 HIGH ROAD", "")


_text = st.text("AB 'É,\t", max_size=8)
_number = st.none() | st.integers(1, 9999)


@settings(max_examples=60)
@given(
    st.builds(Parts, _text, _number, _text, _number, _text, _text, _number, _text, _number, _text, _text, *[_text] * 5)
)
def test_no_address_has_an_empty_part_or_loses_a_number_and_a_key_is_of_one_line(parts: Parts) -> None:
    written = write(parts)
    assert all(line and line == line.strip(" ,") and "  " not in line for line in written.lines)
    for number in (parts.sao_start_number, parts.pao_start_number):
        assert number is None or str(number) in written.line
    assert written.sort_key.count("\t") == 4


@pytest.mark.parametrize(
    ("said", "also"),
    [
        ("12 St. Alban's Rd", "12 SAINT ALBANS ROAD"),
        ("Flt 3, King’s Ct.", "FLAT 3 KINGS COURT"),
        ("Tŷ Gwyn & Sons", "TY GWYN AND SONS"),
        ("Wavham-by-Sea Gdns", "WAVHAM BY SEA GARDENS"),
    ],
)
def test_the_ways_to_write_a_word_are_one(said: str, also: str) -> None:
    one, two = ([address_words.same(word) for word in address_words.words(text)] for text in (said, also))
    assert one == two


def test_a_number_is_told_from_a_word_with_a_digit() -> None:
    assert [word for word in ["12", "12a", "2nd", "1st", "m25", "123456", "a"] if address_words.is_number(word)] == [
        "12",
        "12a",
    ]
