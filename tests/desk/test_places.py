"""A property and a street seen from the desk: what the gazetteer says, who and what is there, notes and warnings (PPP-23)."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.places.gazetteer import identifier, place, remake, street

from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access, Entry
from moothall.domain.cases.models import Case, Note
from moothall.domain.people import actions
from moothall.domain.people.details import AddressLines
from moothall.domain.people.models import Residence
from moothall.domain.places import notes
from moothall.domain.places.models import Area, CrossReference, PlaceNote, Property

pytestmark = pytest.mark.django_db
HOME = "/desk/places/14/"
STREET = "/desk/streets/2/"


@pytest.fixture
def town() -> None:
    street(2, "STATION ROAD", locality="OLDWICK")
    street(2, "FFORDD YR ORSAF", locality="OLDWICK", language="CYM")
    place(13, 2, pao_start_number=3, classification="PP", postcode="ZZ1 0AC")
    flat = {"pao_start_number": 3, "sao_text": "FLAT", "postcode": "ZZ1 0AC"}
    place(14, 2, sao_start_number=1, parent_uprn=13, ward="E05099999", latitude=51.5, longitude=-0.1, **flat)
    place(15, 2, sao_start_number=2, parent_uprn=13, **flat)
    identifier(14, 2, pao_text="THE GARDEN FLAT", status=3)
    identifier(15, 2, sao_start_number=2, language="CYM", **flat)
    day = date(2020, 1, 1)
    dates = {"start_date": day, "updated_on": day, "entered_on": day}
    CrossReference.objects.create(key="9999X000000001", property_id=14, source="9999CT", reference="40012", **dates)
    Area.objects.create(code="E05099999", name="Example Ward", kind="ward")
    remake()


@pytest.fixture
def lived(town: None, make_case: OpenCase, officer: User) -> Case:
    """A case of somebody who lives in flat 1, and one of somebody who has left it."""
    case, before = make_case(at=timezone.now() - timedelta(days=40)), make_case(at=timezone.now() - timedelta(days=300))
    now = timezone.now()
    flat = AddressLines(line1="Flat 1, 3 Station Road", town="Northam", postcode="ZZ1 0AC", uprn="14")
    for one, begin in ((case, 30), (before, 200)):
        actions.set_address(
            one.customer, flat, from_date=(now - timedelta(days=begin)).date(), to_date=None, by=officer, at=now
        )
    Residence.objects.filter(customer=before.customer, address__uprn="14").update(
        to_date=(now - timedelta(days=50)).date()
    )
    Note.objects.create(case=case, text="Rang twice.", important=True, by=officer, at=now)
    return case


def test_a_property_shows_what_the_gazetteer_says_and_who_and_what_is_there(
    at_desk: Client, lived: Case, officer: User
) -> None:
    page = Page.of(at_desk.get(HOME))
    assert "FLAT 1, 3 STATION ROAD, OLDWICK, NORTHAM, ZZ1 0AC" in page.text("h1")
    for said in (
        "Example Ward (E05099999)",
        "Terraced (RD04)",
        "THE GARDEN FLAT",
        "51.500000",
        "9999CT",
        "40012",
        "Rang twice.",
    ):
        assert said in page.text("main"), said
    assert {lived.reference, lived.customer.name} <= page.links().keys()
    assert page.links()["Part of 3 STATION ROAD, OLDWICK, NORTHAM, ZZ1 0AC"] == "/desk/places/13/"
    assert page.links()["On STATION ROAD"] == STREET
    assert Access.objects.filter(via="desk place", subject_id=lived.customer_id).exists()

    whole = Page.of(at_desk.get("/desk/places/13/"))
    assert "FLAT 2, 3 STATION ROAD, OLDWICK, NORTHAM, ZZ1 0AC" in whole.links()
    around = Page.of(at_desk.get(STREET))
    assert "FFORDD YR ORSAF" in around.text("main")
    assert lived.reference in around.links()
    assert sum(text.startswith("FLAT 2, 3 ") for text in around.links()) == 1
    assert around.links()["FLAT 1, 3 STATION ROAD, OLDWICK, NORTHAM, ZZ1 0AC"] == HOME
    assert [one["data-at"] for one in around.all("li") if "data-at" in one] == ["51.500000,-0.100000"]


def test_a_customers_address_leads_to_its_property_which_is_shown_though_no_gazetteer_has_it(
    at_desk: Client, lived: Case
) -> None:
    record = Page.of(at_desk.get(f"/desk/customers/{lived.customer_id}/"))
    assert record.links()["Flat 1, 3 Station Road, Northam, ZZ1 0AC"] == HOME
    Property.objects.all().delete()
    remake()
    page = Page.of(at_desk.get(HOME))
    assert "Flat 1, 3 Station Road" in page.text("h1")
    assert "gazetteer does not have this property" in page.text("main")
    assert lived.reference in page.links()


def test_who_may_not_see_the_people_sees_nobody_at_a_place_and_no_warning_without_the_permission(
    lived: Case, sign_in_as: SignInAs, make_user: MakeUser
) -> None:
    elsewhere = make_user(
        "Ed Elsewhere",
        "bins",
        permissions=[Permission.SIGN_IN, Permission.VIEW_CASES, Permission.VIEW_PEOPLE],
        services=["bins"],
    )
    client = sign_in_as(elsewhere)
    for address in (HOME, STREET):
        text = Page.of(client.get(address)).text("main")
        assert lived.customer.name not in text
        assert lived.reference not in text
        assert "Rang twice" not in text
    assert client.get(f"{HOME}note/").status_code == 403
    sees = [Permission.SIGN_IN, Permission.VIEW_CASES]
    half = make_user("Hal Half", "halves", permissions=sees, services=["blue_badge"])
    Membership.objects.create(user=half, group=SecurityGroup.objects.get(key="bins"))
    at_home = Page.of(sign_in_as(half).get(HOME)).text("main")
    assert lived.reference not in at_home
    assert lived.customer.name not in at_home
    Property.objects.all().delete()
    remake()
    assert client.get(HOME).status_code == 404


def test_a_warning_stands_on_the_page_until_somebody_ends_it_and_is_forgotten_six_years_later(
    at_desk: Client, town: None, officer: User
) -> None:
    empty = at_desk.post(f"{HOME}note/", {"text": " ", "warning": "on"})
    assert empty.status_code == 422
    assert "Write what there is to know" in Page.of(empty).text("main")
    past = {"text": "A dog.", "review_on_0": "1", "review_on_1": "2", "review_on_2": "2020"}
    refused = at_desk.post(f"{HOME}note/", past)
    assert "must be in the future" in Page.of(refused).text("main")
    assert "A dog." in Page.of(refused).text("textarea")

    assert at_desk.post(f"{HOME}note/", {"text": "A dog.", "warning": "on"}).status_code == 302
    at_desk.post(f"{STREET}note/", {"text": "No through road."})
    assert "A dog." in Page.of(at_desk.get(HOME)).text("strong")
    assert "No through road." in Page.of(at_desk.get(STREET)).text("main")
    note = PlaceNote.objects.get(uprn="14")
    for _twice in range(2):
        assert at_desk.post(f"/desk/place-notes/{note.pk}/end/").status_code == 302
    page = Page.of(at_desk.get(HOME))
    assert "A dog." not in page.text("strong")
    assert "Ended by Olive Officer" in page.text("details")
    assert list(
        Entry.objects.filter(subject_type="placenote", subject_id=note.pk).values_list("action", flat=True)
    ) == [
        "place.noted",
        "place.note_ended",
    ]
    ended = PlaceNote.objects.get(uprn="14").ended_at
    assert notes.forget(before=ended) == 0
    assert notes.forget(before=ended + timedelta(seconds=1)) == 1


def test_the_page_of_a_place_costs_the_same_statements_however_much_is_there(
    at_desk: Client, lived: Case, make_case: OpenCase, officer: User
) -> None:
    at_desk.get(HOME)
    with CaptureQueriesContext(connection) as few:
        at_desk.get(HOME)
    flat = Residence.objects.filter(customer=lived.customer, address__uprn="14").get().address
    for number in range(4):
        other = make_case(at=timezone.now(), last_name=f"Made{number}")
        Residence.objects.create(customer=other.customer, address=flat, from_date=date(2021, 1, 1))
        notes.make(
            uprn="14", text=f"Note {number}", warning=bool(number % 2), review_on=None, by=officer, at=timezone.now()
        )
    with CaptureQueriesContext(connection) as many:
        at_desk.get(HOME)
    assert len(many) == len(few)
    assert len(few) <= 20


@pytest.mark.parametrize("address", ["places/x/", "places/0/", "places/9999999999999/", "places/77/", "streets/77/", "streets/2/?page=0", "streets/2/?page=9"])  # fmt: skip
def test_what_is_no_place_is_not_found(at_desk: Client, town: None, address: str) -> None:
    assert at_desk.get(f"/desk/{address}").status_code == 404


def test_a_case_about_a_place_is_there_wherever_its_customer_lives(
    at_desk: Client, lived: Case, make_case: OpenCase, officer: User
) -> None:
    about = make_case(at=timezone.now(), last_name="Elsewhere")
    flat = Residence.objects.filter(customer=lived.customer, address__uprn="14").latest("pk").address
    Case.objects.filter(pk=about.pk).update(place=flat)
    Note.objects.create(case=about, text="The bin store is locked.", by=officer, at=timezone.now())

    for where in (HOME, STREET):
        page = Page.of(at_desk.get(where))
        assert {about.reference, lived.reference} <= page.links().keys(), where
        assert "The bin store is locked." in page.text("main")
    assert about.reference not in Page.of(at_desk.get("/desk/places/15/")).links()
