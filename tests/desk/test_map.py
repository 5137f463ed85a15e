"""The map at the desk: cases of the work list where they are, by the permission of whoever looks, with and without tiles."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.places.gazetteer import place, remake, street
from tests.places.test_map import geojson, ward

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.core.council import settings as council
from moothall.domain.cases import around
from moothall.domain.cases import mapped as cases_mapped
from moothall.domain.cases.models import Case
from moothall.domain.people import actions
from moothall.domain.people.details import AddressLines
from moothall.domain.people.models import Residence
from moothall.domain.places import boundaries
from moothall.domain.places.mapped import Map
from moothall.domain.places.models import Address, Boundary
from moothall.kit.grid import Bounds

pytestmark = pytest.mark.django_db
MAP = "/desk/map/"
HERE = "west=-0.2&south=51.4&east=0&north=51.6"
ELSEWHERE = "west=-3&south=52&east=-2&north=53"


@pytest.fixture
def town(db: None) -> None:
    street(1, "HIGH ROAD")
    place(
        14,
        1,
        pao_start_number=3,
        postcode="ZZ1 0AC",
        latitude=51.5,
        longitude=-0.1,
        x=530_000,
        y=180_000,
        ward="E05099991",
    )
    place(15, 1, pao_start_number=5, postcode="ZZ1 0AC", latitude=52.5, longitude=-2.5, x=366_000, y=292_000)
    remake()


@pytest.fixture
def lived(town: None, make_case: OpenCase, officer: User) -> Case:
    case, now = make_case(at=timezone.now() - timedelta(days=1), by=officer), timezone.now()
    home = AddressLines(line1="3 High Road", town="Northam", postcode="ZZ1 0AC", uprn="14")
    actions.set_address(case.customer, home, from_date=now.date(), to_date=None, by=officer, at=now)
    return case


def test_a_case_of_the_work_list_is_where_its_customer_lives_or_at_its_own_place(
    at_desk: Client, lived: Case, make_case: OpenCase
) -> None:
    nowhere = make_case(at=timezone.now())
    whole = Page.of(at_desk.get(MAP))
    assert whole.links()[lived.reference] == f"/desk/cases/{lived.reference}/"
    assert nowhere.reference not in whole.links()
    assert [one["data-at"] for one in whole.all("li") if "data-at" in one] == ["51.500000,-0.100000"]
    assert "1 case" in whole.text("main")
    assert "3 High Road, Northam, ZZ1 0AC" in whole.text("main")
    assert Access.objects.filter(via="desk map", detail__found=1).exists()

    part = at_desk.get(f"{MAP}?{HERE}&ward=E05099991&places=on", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert Page.of(part).links() == {
        lived.reference: f"/desk/cases/{lived.reference}/",
        "3 HIGH ROAD, NORTHAM, ZZ1 0AC": "/desk/places/14/",
    }
    assert lived.reference not in Page.of(at_desk.get(f"{MAP}?{ELSEWHERE}")).links()
    assert lived.reference not in Page.of(at_desk.get(f"{MAP}?tab=all&source=paper")).links()

    Case.objects.filter(pk=lived.pk).update(
        place=Address.objects.create(uprn="15", line1="5 High Road", postcode="ZZ1 0AC")
    )
    assert lived.reference not in Page.of(at_desk.get(f"{MAP}?{HERE}")).links()
    moved = Page.of(at_desk.get(f"{MAP}?{ELSEWHERE}"))
    assert lived.reference in moved.links()
    for wrong in (
        "?west=1",
        "?west=a&south=1&east=2&north=3",
        "?west=nan&south=1&east=2&north=3",
        HERE.replace("west", "?x"),
    ):
        assert at_desk.get(MAP + wrong).status_code == 404, wrong
    assert at_desk.get(f"{MAP}?ward=nowhere").status_code == 422


def test_nobody_sees_a_case_on_the_map_that_they_would_not_see_in_the_list(
    lived: Case, make_user: MakeUser, sign_in_as: SignInAs
) -> None:
    at_home = [Permission.SIGN_IN, Permission.VIEW_WORK, Permission.VIEW_CASES]
    for service, permissions, answer in (
        (["blue_badge"], at_home, 403),  # may not see people
        (["another"], [*at_home, Permission.VIEW_PEOPLE], 200),
    ):
        user = make_user(f"Nora {service[0]}")
        group = SecurityGroup.objects.create(key=service[0], name=service[0], permissions=permissions, services=service)
        Membership.objects.create(user=user, group=group)
        asked = sign_in_as(user).get(MAP)
        assert asked.status_code == answer
        assert lived.reference not in asked.content.decode()


def test_of_more_cases_than_a_map_shows_the_newest_are_told(lived: Case, officer: User) -> None:
    among = Case.objects.values("pk")
    for bounds in (None, Bounds.of(-0.2, 51.4, 0, 51.6)):
        assert [one.reference for one in cases_mapped.cases(officer, among, bounds=bounds)] == [lived.reference]
        assert len(cases_mapped.cases(officer, among, bounds=bounds, most=0)) == 1  # one more than are shown


def test_of_very_many_cases_the_newest_are_looked_at_which_is_said(
    at_desk: Client, lived: Case, make_case: OpenCase, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_case(at=timezone.now() + timedelta(minutes=1), by=officer)  # whose customer lives nowhere on the map
    monkeypatch.setattr(cases_mapped, "NEWEST", 1)
    whole = at_desk.get(MAP).content.decode()
    assert "Only the newest 1 cases were looked at." in whole
    assert lived.reference not in whole
    part = at_desk.get(f"{MAP}?{HERE}").content.decode()
    assert lived.reference in part
    assert "Only the newest" not in part


def test_a_map_takes_as_many_statements_for_many_cases_as_for_one(
    at_desk: Client, lived: Case, make_case: OpenCase, officer: User
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as made:
            assert at_desk.get(f"{MAP}?{HERE}&places=on").status_code == 200
        return len(made)

    at_desk.get(MAP)
    before = statements()
    home = lived.customer.residences.get(to_date=None).address
    for _ in range(3):
        another = make_case(at=timezone.now(), by=officer)
        Residence.objects.filter(customer=another.customer).update(address=home)
    assert statements() == before


def test_what_is_on_a_street_or_in_a_part_of_the_map_is_found_by_indexes() -> None:
    part = Bounds.of(-0.2, 51.4, 0, 51.6)
    placed = cases_mapped.inside("address__", part, "")
    for condition, indexes in ((around.on_street(2), {"address_uprn"}), (placed, {"address_uprn", "property_degrees"})):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # a few rows are read whole at once
        plan = Residence.objects.filter(condition).explain()
        assert {name for name in indexes if name in plan} == indexes, plan


def test_a_place_is_found_for_the_map_by_postcode_address_or_point(at_desk: Client, lived: Case) -> None:
    for text in ("zz1 0ac", "3 high road", "530000, 180010", "51.504, -0.128"):
        page = Page.of(at_desk.post(MAP, {"find_place": text}))
        assert page.links().get("3 HIGH ROAD, NORTHAM, ZZ1 0AC") == "/desk/places/14/", text
    assert "No place was found" in at_desk.post(MAP, {"find_place": "48.8566, 2.3522"}).content.decode()
    assert at_desk.post(MAP, {"find_place": ""}).status_code == 422


def test_a_point_finds_the_nearest_addresses_on_a_form_without_a_script(at_desk: Client, town: None) -> None:
    given = {"last_name": "Madeup", "find_address": "530000, 180030", "address_step": "find"}
    page = at_desk.post("/desk/create/person/", given).content.decode()
    assert "3 HIGH ROAD, NORTHAM, ZZ1 0AC (30\N{NO-BREAK SPACE}m)</option>" in page
    assert 'data-picks="find_address"' in page


def test_pictures_are_loaded_from_the_tiles_of_the_council_and_from_nowhere_without_them(
    at_desk: Client, lived: Case
) -> None:
    pages = (MAP, "/desk/places/14/", "/desk/create/person/")
    for where in pages:
        assert "img-src 'self';" in at_desk.get(where)["Content-Security-Policy"]
        assert "data-tiles" not in at_desk.get(where).content.decode()
    tiles = Map(tiles="https://tiles.example/{z}/{x}/{y}.png", attribution="© A made-up survey <i>2026</i>")
    council.write(tiles, by=system_user(), at=timezone.now())
    for where in pages:
        page = at_desk.get(where)
        assert "img-src 'self' https://tiles.example;" in page["Content-Security-Policy"]
        assert "© A made-up survey &lt;i&gt;2026" in page.content.decode()
    assert "tiles.example" not in at_desk.get("/desk/work/")["Content-Security-Policy"]


def test_boundaries_are_loaded_and_drawn_by_who_imports_the_gazetteer_and_shown_on_maps(
    town: None, at_desk: Client, make_user: MakeUser, sign_in_as: SignInAs
) -> None:
    where = "/desk/gazetteer/boundaries/"
    assert at_desk.get(where).status_code == 403
    group = SecurityGroup.objects.create(
        key="gazetteer", name="Gazetteer", services=["*"], permissions=[Permission.SIGN_IN, Permission.IMPORT_GAZETTEER]
    )
    custodian = make_user("Carl Custodian")
    Membership.objects.create(user=custodian, group=group)
    client = sign_in_as(custodian)
    assert client.get("/desk/map/wards/").json()["bbox"] == [-2.5, 51.5, -0.1, 52.5]  # of the properties

    drawn = client.post(f"{where}draw/", follow=True)
    assert "1 wards are drawn" in drawn.content.decode()
    assert Boundary.objects.get().drawn
    loaded = client.post(where, {"boundaries": SimpleUploadedFile("w.geojson", geojson(ward()))}, follow=True)
    assert "North" in Page.of(loaded).text("table")
    wrong = client.post(where, {"boundaries": SimpleUploadedFile("w.geojson", b"{}")})
    assert (wrong.status_code, "no GeoJSON" in wrong.content.decode()) == (422, True)

    shown = client.get("/desk/map/wards/").json()
    assert json.dumps(shown["features"][0]["properties"]) == '{"code": "E05099991", "name": "North", "drawn": false}'
    assert shown["bbox"] == [-0.2, 51.4, -0.1, 51.5]
    assert "North" in Page.of(at_desk.get(MAP)).text("select", id="map_ward")
    assert boundaries.wards()[0].rings[0][0][0] == [-0.2, 51.4]
