"""Addresses as others wrote them are matched, and how sure that is tells right from wrong."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from tests.places.gazetteer import place, remake, street

from moothall.domain.places.matching import SURE, match

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def town(db: None) -> None:
    street(1, "HIGH ROAD", locality="OLDWICK")
    street(2, "CHURCH GARDENS", locality="CAPFIELD")
    street(3, "RAINBOW ROAD", town="EASTBRIDGE")
    for number in (9, 10, 11, 12):
        place(number, 1, pao_start_number=number, postcode="ZZ1 0AB")
    place(20, 1, pao_start_number=12, sao_text="FLAT", sao_start_number=2, postcode="ZZ1 0AB")
    place(21, 1, pao_start_number=12, sao_text="FLAT", sao_start_number=3, postcode="ZZ1 0AB")
    place(30, 2, pao_start_number=8, postcode="ZZ2 0AB")
    place(31, 2, pao_start_number=8, sao_text="ANNEXE", postcode="ZZ2 0AB")
    place(32, 2, pao_text="OLD FARM COTTAGE", postcode="ZZ2 0AB")
    place(40, 3, pao_start_number=6, organisation="SUES NAILS", postcode="ZZ3 0AB")
    place(41, 3, pao_start_number=9, postcode="ZZ3 0AB")
    street(4, "HIGH STREET", town="WESTHAM")
    place(50, 4, pao_start_number=12, sao_text="FLAT", sao_start_number=2, postcode="ZZ4 0AB")
    place(51, 4, pao_start_number=10, postcode="ZZ4 0AB")
    place(52, 4, pao_start_number=14, sao_text="FLAT", sao_start_number=2, postcode="ZZ4 0AB")
    place(53, 4, pao_start_number=16, sao_text="FLAT A", postcode="ZZ4 0AB")
    place(54, 4, pao_start_number=18, sao_text="FLAT 02B", postcode="ZZ4 0AB")
    place(55, 4, pao_start_number=20, pao_end_number=24, postcode="ZZ4 0AB")
    place(56, 4, pao_start_number=26, sao_text="THE STABLES", sao_start_number=3, postcode="ZZ4 0AB")
    street(5, "HILL LANE", town="WESTHAM")
    place(60, 5, pao_start_number=7, postcode="ZZ4 0AD")
    remake()


RIGHT = [
    ("10 High Road, Oldwick, Northam ZZ1 0AB", 10),
    ("10, high rd, northam zz10ab", 10),
    ("10 Hihg Road Northam ZZ1 0AB", 10),
    ("10 High Road, Northam, Exampleshire", 10),
    ("Flat 2, 12 High Road, Northam, ZZ1 0AB", 20),
    ("12 High Road Flat 3 Northam ZZ1 0AB", 21),
    ("8, CHURCH GARDENS, CAPFIELD, LYNN ZZ2 0AB", 30),
    ("Annexe, 8 Church Gardens ZZ2 0AB", 31),
    ("THE OLD FARM COTTAGE CHURCH GARDENS ZZ2 0AB", 32),
    ("BURGER PARADISE 9 RAINBOW ROAD ZZ3 0AB", 41),
    ("10 High Road Northam ZZ1 0AC", 10),
    ("Flat 2, 12 High Street, Westham", 50),
    ("Flat A, 16 High St, ZZ4 0AB", 53),
    ("Flat 2b, 18 High Street, Westham", 54),
    ("20-24 High Street, Westham", 55),
    ("3 The Stables, 26 High Street, Westham", 56),
    ("6 Rainbow Road, Eastbridge, ZZ3 0AB", 40),
]
NOT_THERE = [
    "13 High Road, Northam ZZ1 0AB",
    "10 Low Street, Westham",
    "99 Church Gardens ZZ2 0AB",
    "",
    "ZZ9 9ZZ",
    "Flat 9, 12 High Road ZZ1 0AB",
    "Flat 2, 12 Station Road, Westham, ZZ4 0AB",
    "Flat 2, 10 High Street, Westham, ZZ4 0AB",
    "Ground Floor Flat, 10 High Street, Westham, ZZ4 0AB",
    "Annexe, 10 High Street, Westham, ZZ4 0AB",
    "14 High Street, Westham, ZZ4 0AB",
    "16 High Street, Westham, ZZ4 0AB",
    "Flat B, 16 High Street, Westham, ZZ4 0AB",
    "Flat B, 10 High Street, Westham, ZZ4 0AB",
    "Flat 14, 2 High Street, Westham, ZZ4 0AB",
    "2-14 High Street, Westham, ZZ4 0AB",
    "26 High Street, Westham, ZZ4 0AB",
    "Old Farm House, Church Gardens ZZ2 0AB",
    "Sunnyside, Church Gardens ZZ2 0AB",
    "7 Mill Lane, Westham",
    "10 High Street, Cambridge, CB1 1AA",
    "10 High Street, Newtown",
    "10 New High Street, Westham",
    "10 High Street, Westham, and so on" + " x" * 100 + " flat 3",
]


@pytest.mark.parametrize(("written", "uprn"), RIGHT)
def test_an_address_as_others_write_it_is_its_property(written: str, uprn: int) -> None:
    found = match(written)
    assert found.found is not None
    assert found.found.uprn == uprn
    assert found.confidence >= SURE, found


@pytest.mark.parametrize("written", NOT_THERE)
def test_what_is_not_there_is_never_matched_for_sure(written: str) -> None:
    assert match(written).confidence < SURE
    assert match(written).why


def test_a_csv_file_is_given_back_with_what_each_address_means(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("id,line,code\n=1,10 High Rd Northam,ZZ1 0AB\n2,nowhere,\n", encoding="utf-8-sig")
    out = StringIO()

    call_command("addresses", "match", str(file), "--column", "line", "code", stdout=out)

    right, none = csv.DictReader(StringIO(out.getvalue()))
    assert (right["id"], right["uprn"], right["matched_address"]) == (
        "'=1",
        "10",
        "10 HIGH ROAD, OLDWICK, NORTHAM, ZZ1 0AB",
    )
    assert (none["uprn"], none["confidence"]) == ("", "0.0")
    with pytest.raises(CommandError, match="no column “address”"):
        call_command("addresses", "match", str(file))
