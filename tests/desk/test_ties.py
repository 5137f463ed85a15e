"""Relationships, tags, sites, vehicles, badges and the line of time on a customer's record."""

from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.lists import actions as lists
from moothall.domain.cases import actions as cases
from moothall.domain.cases.models import Case
from moothall.domain.people import actions as people
from moothall.domain.people import organisations, relationships
from moothall.domain.people.models import Customer, Vehicle
from moothall.web.desk import customers

pytestmark = pytest.mark.django_db


@pytest.fixture
def alma(make_case: OpenCase) -> Customer:
    return make_case().customer


@pytest.fixture
def bert(officer: User, noon: datetime) -> Customer:
    details = people.PersonDetails(first_names="Bert", last_name="Notreal")
    return people.create_person(details, by=officer, at=noon)


@pytest.fixture
def club(officer: User, noon: datetime) -> Customer:
    return people.create_organisation(people.OrganisationDetails(name="Sample Day Club"), by=officer, at=noon)


def address(customer: Customer, part: str = "") -> str:
    return f"/desk/customers/{customer.pk}/{part}"


def test_somebody_is_looked_for_chosen_and_related(at_desk: Client, alma: Customer, bert: Customer) -> None:
    looked = at_desk.post(address(alma, "relationships/"), {"who": "Notreal", "step": "look"})
    assert "Bert Notreal" in Page.of(looked).text("main")

    given = {"who": "Notreal", "step": "save", "other": str(bert.pk), "kind": "carer", "role": "by night"}
    shown = Page.of(at_desk.post(address(alma, "relationships/"), given, follow=True))
    assert "Carer of (by night) Bert Notreal" in shown.text("main")
    assert "Cared for by (by night) Alma Madeup" in Page.of(at_desk.get(address(bert))).text("main")


def test_what_is_missing_is_said_and_what_was_typed_stays(at_desk: Client, alma: Customer, bert: Customer) -> None:
    wild = at_desk.post(address(alma, "relationships/"), {"who": "12%34", "step": "look"})
    assert (wild.status_code, "stands at the beginning or at the end" in wild.content.decode()) == (422, True)
    nobody = at_desk.post(address(alma, "relationships/"), {"who": "Madeup", "step": "look"})
    assert (nobody.status_code, "Nobody else was found" in Page.of(nobody).text("main")) == (422, True)
    unsaid = at_desk.post(address(alma, "relationships/"), {"who": "Notreal", "step": "save", "other": str(bert.pk)})
    assert unsaid.status_code == 422
    assert "Choose what they are to each other." in Page.of(unsaid).text("main")
    assert relationships.of(alma, most=5) == []


def test_a_relation_one_may_not_see_has_no_name(
    sign_in_as: SignInAs, make_user: MakeUser, alma: Customer, bert: Customer, officer: User, noon: datetime
) -> None:
    Case.objects.filter(customer=alma).update(customer=bert)
    case = Case.objects.get(customer=bert)
    relationships.relate(alma, bert, kind="partner", by=officer, at=noon)
    permissions = [Permission.SIGN_IN, Permission.VIEW_CASES, Permission.VIEW_PEOPLE]
    other = sign_in_as(make_user("Tim Taxes", "taxes", permissions=permissions, services=["council_tax"]))
    shown = Page.of(other.get(address(alma))).text("main")
    assert case.customer == bert
    assert "Partner of somebody you may not see" in shown
    assert "Notreal" not in shown


def test_a_relationship_is_ended_after_a_question_and_a_second_click_finds_it_ended(
    at_desk: Client, alma: Customer, bert: Customer, officer: User, noon: datetime
) -> None:
    row = relationships.relate(alma, bert, kind="carer", by=officer, at=noon)
    where = address(alma, f"relationship/{row.pk}/end/")
    assert "Carer of Bert Notreal" in Page.of(at_desk.get(where)).text("main")
    for _ in range(2):
        assert at_desk.post(where).status_code == 302
    row.refresh_from_db()
    assert row.to_date is not None
    assert at_desk.get(address(bert, "vehicle/1/end/")).status_code == 404


def test_tags_are_chosen_by_hand_but_not_those_that_workflows_set(
    at_desk: Client, alma: Customer, officer: User, noon: datetime
) -> None:
    lists.ensure_tags("customer", {"large_print": "Large print"}, by=officer, at=noon)
    Customer.objects.filter(pk=alma.pk).update(tags=["badge_holder"])
    asked = Page.of(at_desk.get(address(alma, "tags/"))).text("form")
    assert "Large print" in asked
    assert "Badge holder" not in asked

    shown = at_desk.post(address(alma, "tags/"), {"tags": ["large_print"]}, follow=True)
    assert "Badge holder Large print" in Page.of(shown).text("main")
    alma.refresh_from_db()
    assert alma.tags == ["badge_holder", "large_print"]
    assert at_desk.post(address(alma, "tags/"), {"tags": ["badge_holder"]}).status_code == 422


def test_sites_and_vehicles_are_added_and_ended(at_desk: Client, club: Customer, alma: Customer) -> None:
    site = {"line1": "Sample House", "town": "Exampleton", "postcode": "ex1 2ab"}
    at_desk.post(address(club, "sites/"), site)
    shown = at_desk.post(
        address(club, "vehicles/"), {"registration": "ab12 cde", "description": "Minibus"}, follow=True
    )
    text = Page.of(shown).text("main")
    assert "Sample House, Exampleton, EX1 2AB Site" in text
    assert "AB12CDE Minibus" in text

    vehicle = club.vehicles.get()
    at_desk.post(address(club, f"vehicle/{vehicle.pk}/end/"))
    vehicle.refresh_from_db()
    assert vehicle.to_date is not None
    assert at_desk.post(address(club, "vehicles/"), {"registration": "?"}).status_code == 422
    assert at_desk.get(address(alma, "vehicles/")).status_code == 404


def test_all_that_happened_is_one_line_of_time_by_kind_and_page(
    at_desk: Client, alma: Customer, officer: User, noon: datetime
) -> None:
    case = Case.objects.get(customer=alma)
    for number in range(55):
        cases.add_note(case, text=f"Note {number}", by=officer, at=noon)
    assert "Case opened" not in Page.of(at_desk.get(address(alma, "timeline/"))).text("main")
    assert "Case opened" in Page.of(at_desk.get(address(alma, "timeline/?page=2"))).text("main")
    assert "Note" not in Page.of(at_desk.get(address(alma, "timeline/?kind=case"))).text("ol")
    for wrong in ("?kind=gossip", "?page=9", "?page=x"):
        assert at_desk.get(address(alma, f"timeline/{wrong}")).status_code == 404


def test_the_record_asks_the_database_no_more_for_many_relations(
    at_desk: Client, alma: Customer, club: Customer, officer: User, noon: datetime
) -> None:
    at_desk.get(address(alma))
    with CaptureQueriesContext(
        connection,
    ) as few:
        at_desk.get(address(alma))
    for number in range(8):
        other = people.create_person(people.PersonDetails(last_name=f"Kin{number}"), by=officer, at=noon)
        relationships.relate(alma, other, kind="relative", by=officer, at=noon)
    with CaptureQueriesContext(connection) as many:
        at_desk.get(address(alma))
    assert len(many) <= len(few) + 1  # whom one may see is asked once there is anybody
    assert len(many) <= 25
    organisations.add_vehicle(club, "AB12 CDE", by=officer, at=noon)
    assert at_desk.get(address(club)).status_code == 200


def test_a_long_record_says_that_it_is_cut_and_is_shown_whole_with_what_holds_now_first(
    at_desk: Client, club: Customer, officer: User, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "MOST", 2)
    here = f"/desk/customers/{club.pk}/"
    for number in range(3):
        Vehicle.objects.create(customer=club, registration=f"AB1{number} CDE", from_date=noon.date())
    Vehicle.objects.filter(registration="AB10 CDE").update(to_date=noon.date())

    cut, whole = Page.of(at_desk.get(here)), Page.of(at_desk.get(f"{here}?whole=yes"))
    assert "Of each list at most 2 are shown, those that hold now first." in cut.text("main")
    assert "AB10 CDE" not in cut.text("main")
    assert cut.links()["Show all of this record"] == "?whole=yes"
    assert all(f"AB1{number} CDE" in whole.text("main") for number in range(3))
    assert "at most" not in whole.text("main")
