"""Wards and parishes get their names from published lists."""

from pathlib import Path

import pytest
from tests.places.supplied import NOON, address, descriptor, house, street, supply_of, take

from moothall.config.example import gazetteer as example
from moothall.core.accounts.actions import system_user
from moothall.domain.places import areas, classes, described, lookup
from moothall.domain.places.lookup import Choice
from moothall.domain.places.models import Area
from moothall.kit.invalid import Invalid

pytestmark = pytest.mark.django_db


def load(*lines: str) -> int:
    return areas.load(lines, by=system_user(), at=NOON)


def test_pairs_of_columns_are_found_by_their_names_whatever_the_year(tmp_path: Path) -> None:
    example.write_areas(tmp_path / "wards.csv")
    assert load(*(tmp_path / "wards.csv").read_text().splitlines()) == len(example.WARDS)

    load(
        "PARNCP25CD,PARNCP25NM,LAD25CD,LAD25NM,FID",
        "E04000001,Oldwick,E07000999,Northam,1",
        "E04000002,Salt Hill,E07000999,Northam,2",
    )
    load("WD27CD,WD27NM", "E05099000,Acorn and Oak")

    assert Area.objects.get(code="E05099000").name == "Acorn and Oak"
    assert set(Area.objects.exclude(kind="WD").values_list("kind", "name")) == {
        ("PAR", "Oldwick"),
        ("PAR", "Salt Hill"),
        ("LAD", "Northam"),
    }


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["code,name", "E05099000,Acorn"], "no pair of columns"),
        (["WD25CD,WD25NM", "E05099000"], "Line 2 has 1 columns"),
        (["WD25CD,WD25NM", "E05099001,Briar", "Acorn,E05099000"], "Line 3: “Acorn” is no code of an area"),
        ([], "no pair of columns"),
    ],
)
def test_a_list_that_is_wrong_loads_nothing(lines: list[str], sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        load(*lines)

    assert not Area.objects.exists()


def test_a_class_is_said_in_words_and_one_that_is_not_known_as_the_wider_one() -> None:
    assert classes.describe("RD04") == "Terraced"
    assert classes.describe("RD99") == "Dwelling"
    assert classes.describe("7") == ""


def test_an_address_that_is_found_says_its_ward_by_name(tmp_path: Path, custodian: None) -> None:
    load("WD27CD,WD27NM", "E05099000,Acorn and Oak")
    take(
        tmp_path,
        supply_of([street(1), descriptor(2), house(3, 990000000101), address(4, 990000000101, "9999L000000001")]),
    )

    (one,) = described.describe(lookup.find("1 acorn road", Choice()))

    assert (one.ward, one.parish, one.classification) == ("Acorn and Oak", "", "Terraced")
