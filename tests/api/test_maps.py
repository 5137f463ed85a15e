"""Maps through the API: GeoJSON of what the token's owner may see."""

import pytest
from django.utils import timezone
from tests.api.world import World
from tests.places.gazetteer import place, remake, street
from tests.places.test_map import geojson, ward

from moothall.domain.cases.models import WorkItem
from moothall.domain.people import actions
from moothall.domain.people.details import AddressLines

HERE = {"west": "-0.2", "south": "51.4", "east": "0", "north": "51.6"}


@pytest.fixture
def town(world: World) -> None:
    street(1, "HIGH ROAD")
    place(14, 1, pao_start_number=3, postcode="ZZ1 0AC", latitude=51.5, longitude=-0.1, x=530_000, y=180_000)
    remake()
    now = timezone.now()
    home = AddressLines(line1="3 High Road", town="Northam", postcode="ZZ1 0AC", uprn="14")
    for customer in {item.case.customer for item in WorkItem.objects.filter(finished_at=None).select_related("case")}:
        actions.set_address(customer, home, from_date=now.date(), to_date=None, by=world.users["officer"], at=now)


def references(world: World, who: str, **asked: str) -> set[str]:
    answer = world.clients[who].get("/map/cases", **{**HERE, **asked})
    assert answer.status_code == 200, answer.content
    features = answer.json()["features"]
    assert all(one["geometry"] == {"type": "Point", "coordinates": [-0.1, 51.5]} for one in features)
    return {one["properties"]["reference"] for one in features}


def listed(world: World, who: str) -> set[str]:
    return {one["case"] for one in world.clients[who].get("/work-items", page_size=100).json()["items"]}


def test_the_map_has_the_cases_of_the_list_of_whoever_asks_and_no_other(world: World, town: None) -> None:
    mine, theirs = references(world, "officer"), references(world, "other_officer")
    assert mine == listed(world, "officer")
    assert theirs == listed(world, "other_officer")
    assert mine - theirs
    assert references(world, "officer", stage="nowhere") == set()
    assert references(world, "officer", east="-0.15") == set()


def test_properties_and_wards_are_features_and_a_part_of_the_map_is_in_order(world: World, town: None) -> None:
    client = world.clients["officer"]
    [one] = client.get("/map/places", **HERE).json()["features"]
    assert (one["properties"]["uprn"], one["geometry"]["coordinates"]) == ("14", [-0.1, 51.5])
    for wrong in ({**HERE, "west": "1"}, {**HERE, "north": "nan"}, {"west": "0"}, {**HERE, "south": "-91"}):
        assert client.get("/map/places", **wrong).status_code == 422

    file = ("wards.geojson", geojson(ward()))
    assert world.clients["viewer"].upload("/map/wards", file=file).status_code == 403
    assert client.upload("/map/wards", file=file).json() == {"wards": 1}
    assert client.get("/map/wards").json()["bbox"] == [-0.2, 51.4, -0.1, 51.5]
    assert client.post("/map/wards/draw").status_code == 422  # no property says in which ward it is


def test_the_nearest_addresses_are_found_by_latitude_and_longitude_too(world: World, town: None) -> None:
    near = {"latitude": 51.50402, "longitude": -0.12812}
    [one] = world.clients["officer"].post("/addresses/search", {"near": near}).json()["items"]
    assert (one["uprn"], one["metres"] < 20) == ("14", True)
    for wrong in ({"latitude": 48.8, "longitude": 2.3}, {"latitude": 51.5}, {"latitude": 50.1, "longitude": -8.9}):
        assert world.clients["officer"].post("/addresses/search", {"near": wrong}).status_code == 422
