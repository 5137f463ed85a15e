"""Boundaries of wards are loaded or drawn, what is on a map is bounded, and a point leads to the nearest addresses."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.places.gazetteer import place, remake, street

from moothall.core.accounts.actions import system_user
from moothall.core.audit.models import Entry
from moothall.core.council import settings as council
from moothall.core.council.settings import SettingRefused
from moothall.domain.places import boundaries, lookup, mapped
from moothall.domain.places.mapped import Map
from moothall.domain.places.models import Area, Boundary
from moothall.kit import grid
from moothall.kit.grid import Bounds
from moothall.kit.invalid import Invalid

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SQUARE = [[-0.2, 51.4], [-0.1, 51.4], [-0.1, 51.5], [-0.2, 51.5], [-0.2, 51.4]]


def geojson(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def ward(code: str = "E05099991", name: str = "North", **geometry: Any) -> dict[str, Any]:
    shape = {"type": "Polygon", "coordinates": [SQUARE], **geometry}
    named = {"FID": 1, "WD25CD": code, "WD25NM": name, "LAD25CD": "E07099999", "LAD25NM": "Example"}
    return {"type": "Feature", "properties": named, "geometry": shape}


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("394851, 283194", (394851, 283194)),
        ("52.4466977, -2.0771786", (Decimal("394851.01"), Decimal("283194.00"))),
        ("52.4466977 -2.0771786", (Decimal("394851.01"), Decimal("283194.00"))),
        ("10 12", None),
        ("10 High Road", None),
        ("990000000101", None),
    ],
)
def test_a_point_is_read_as_people_write_it(text: str, point: object) -> None:
    assert grid.read(text) == point


def test_a_point_outside_great_britain_is_refused_with_a_sentence() -> None:
    for text in ("48.8566, 2.3522", "-0.1278, 51.5074", "999999, 9999999"):
        with pytest.raises(grid.InvalidPoint, match="not in Great Britain"):
            grid.read(text)
    assert grid.to_degrees(Decimal(394851), Decimal(283194)) == (52.446698, -2.077179)


@pytest.mark.django_db
def test_the_nearest_addresses_to_a_latitude_and_longitude_are_those_to_its_point_of_the_grid() -> None:
    street(1, "HIGH ROAD")
    for number in (1, 2, 3):
        place(number, 1, pao_start_number=number, x=394_851 + 40 * number, y=283_194)
    remake()

    found = lookup.near_point(52.4466977, -2.0771786, limit=2)

    assert [one.uprn for one in found] == [1, 2]
    assert found == lookup.near(*grid.to_grid(52.4466977, -2.0771786), limit=2)


@pytest.mark.django_db
def test_boundaries_of_a_file_take_the_place_of_those_kept_and_are_recorded() -> None:
    metres = [[[530_000, 180_000], [531_000, 180_000], [531_000, 181_000], [530_000, 180_000]]]
    for _ in range(2):
        kept = boundaries.load(geojson(ward(), ward("E05099992", "South")), by=system_user(), at=NOON)
    assert kept == 2
    assert boundaries.load(geojson(ward(coordinates=metres)), by=system_user(), at=NOON) == 1

    [one] = boundaries.wards()
    assert (one.code, one.name, one.drawn) == ("E05099991", "North", False)
    assert one.rings[0][0][0] == pytest.approx([-0.128, 51.504], abs=0.001)
    assert Entry.objects.filter(action="boundaries.loaded").count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"not json", "no GeoJSON"),
        (b'{"features": {}}', "no GeoJSON"),
        (geojson(), "0 features"),
        (geojson(ward("here")), "Feature 1: “here” is no code"),
        (geojson(ward(), ward(type="Point")), "Feature 2: It is no polygon"),
        (geojson(ward(coordinates=[SQUARE[:2]])), "fewer than four points"),
        (geojson(ward(coordinates=[[[1e9, 1e9]] * 4])), "not in Great Britain"),
        (geojson(ward(coordinates=[SQUARE * 12_001])), "Take the generalised ones"),
    ],
)
def test_a_file_that_is_none_of_boundaries_is_refused_with_a_sentence_and_changes_nothing(
    content: bytes, why: str
) -> None:
    boundaries.load(geojson(ward()), by=system_user(), at=NOON)
    with pytest.raises(Invalid, match=why):
        boundaries.load(content, by=system_user(), at=NOON)
    assert Boundary.objects.count() == 1


@pytest.mark.django_db
def test_a_ward_without_a_boundary_can_be_drawn_around_its_properties_and_says_so() -> None:
    with pytest.raises(Invalid, match="No property"):
        boundaries.draw(by=system_user(), at=NOON)
    street(1, "HIGH ROAD")
    for number, (x, y) in enumerate([(0, 0), (1000, 0), (1000, 1000), (0, 1000), (500, 500)], 1):
        place(number, 1, pao_start_number=number, x=530_000 + x, y=180_000 + y, ward="E05099991")
    place(9, 1, pao_start_number=9, x=600_000, y=300_000, ward="E05099991", of_status=8)  # it is no more
    Area.objects.create(code="E05099991", name="North", kind="WD")

    assert boundaries.draw(by=system_user(), at=NOON) == 1

    [one] = boundaries.wards()
    assert (one.name, one.drawn) == ("North", True)
    [[ring]] = one.rings
    assert ring[0] == ring[-1]
    corners = {tuple(round(float(side) / 100) for side in grid.to_grid(y, x)) for x, y in ring}
    assert corners == {(5300, 1800), (5310, 1800), (5310, 1810), (5300, 1810)}
    assert boundaries.named() == {"E05099991": "North"}


@pytest.mark.django_db
def test_a_map_shows_the_properties_of_its_part_or_says_that_there_are_too_many() -> None:
    street(1, "HIGH ROAD")
    for number in range(1, 6):
        place(number, 1, pao_start_number=number, latitude=51.5 + number / 1000, longitude=-0.1, ward=f"W{number % 2}")
    place(8, 1, pao_start_number=8, latitude=51.502, longitude=-0.1, classification="PP")
    place(9, 1, pao_start_number=9, latitude=51.502, longitude=-0.1, of_status=8)
    remake()
    part = Bounds.of(-0.2, 51.4, 0, 51.5031)

    assert [one.uprn for one in mapped.properties(part) or []] == ["1", "2", "3"]
    assert [one.uprn for one in mapped.properties(part, ward="W1") or []] == ["1", "3"]
    assert mapped.properties(part, most=2) is None
    assert mapped.properties(Bounds.of(10, 51, 11, 52)) == []


@pytest.mark.django_db
def test_tiles_are_of_one_host_that_can_be_named_or_refused() -> None:
    fine = "https://tiles.example/a/{z}/{x}/{y}.png?key=made-up"
    assert Map(tiles=fine).host == "https://tiles.example"
    assert Map(tiles="https://tiles.example:8443/{z}/{x}/{y}").host == "https://tiles.example:8443"
    assert Map().host == ""
    for wrong in (
        fine.replace("https", "http"),
        fine.replace("tiles.", "{s}."),
        fine.replace("{y}", "1"),
        fine.replace("tiles.example", "tiles.example; script-src *"),
        fine.replace("tiles.example", "who@tiles.example"),
        fine + "{r}",
    ):
        with pytest.raises(SettingRefused, match=r"map\.tiles"):
            council.change(Map, "tiles", [wrong], by=system_user(), at=NOON)
