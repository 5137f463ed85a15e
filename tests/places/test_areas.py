"""Wards and parishes get their names from published lists."""

from pathlib import Path

import pytest
from tests.places.supplied import NOON

from moothall.config.example import gazetteer as example
from moothall.core.accounts.actions import system_user
from moothall.domain.places import areas
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
