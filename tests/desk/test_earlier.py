"""Filling in a case from an earlier one at the desk (CT-7)."""

from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.cases.test_prefilling import SAID
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit.models import Access
from moothall.domain.cases import actions
from moothall.domain.cases.models import Case, RelatedCase
from moothall.domain.catalogue.models import Service
from moothall.web.desk import submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def earlier(make_case: OpenCase) -> Case:
    case = make_case()
    case.submitted = SAID
    case.save(update_fields=["submitted"])
    return case


def begun(at_desk: Client, earlier: Case) -> str:
    given = {"type": "blue_badge.renewal", "source": "phone", "earlier": earlier.reference, "sure": earlier.reference}
    return str(at_desk.post(f"/desk/create/customers/{earlier.customer_id}/case/", given)["Location"])


def test_a_linked_case_is_started_from_a_case_and_nothing_is_taken_unasked(at_desk: Client, earlier: Case) -> None:
    start = Page.of(at_desk.get(f"/desk/cases/{earlier.reference}/")).links()["Start a linked case"]
    chosen = Page.of(at_desk.get(start)).all("option", value=earlier.reference)
    assert "selected" in chosen[0]

    beside = begun(at_desk, earlier)
    case = Case.objects.latest("id")
    assert beside == f"/desk/cases/{case.reference}/earlier/{earlier.reference}/?opening"
    assert case.submitted is None
    assert RelatedCase.objects.get(first=earlier, second=case).kind_for(case) == RelatedCase.Kind.FOLLOWS


def test_earlier_answers_stand_beside_those_of_the_case_and_what_may_be_out_of_date_is_not_ticked(
    at_desk: Client, earlier: Case, officer: User
) -> None:
    beside = begun(at_desk, earlier)
    page = Page.of(at_desk.get(beside))
    ticked = {one["value"] for one in page.all("input", name="answer") if "checked" in one}
    assert {"person/name", "eligibility/type"} <= ticked
    assert "contact/phone" not in ticked
    assert "Not among the ways to reach them today." in page.text("main")
    ways = [one["value"] for one in page.all("input", name="answer")]
    assert ways == sorted(ways, key=submitted.order)
    assert ways[0].startswith("contact/")
    assert Access.objects.filter(user=officer, subject_id=earlier.pk, via="desk case.earlier").exists()

    answer = at_desk.post(beside, {"answer": ["person/name", "contact/phone"]})
    case = Case.objects.latest("id")
    assert answer["Location"] == f"/desk/create/cases/{case.reference}/documents/"
    assert case.submitted == {"person": {"name": "Alma Madeup"}, "contact": {"phone": "020 7946 0000"}}
    application = Page.of(at_desk.get(f"/desk/cases/{case.reference}/application/")).text("main")
    assert f"Taken over from {earlier.reference}" in application


def test_where_an_answer_first_came_from_is_not_named_to_who_may_not_see_that_case(
    at_desk: Client, earlier: Case, noon: datetime
) -> None:
    beside = begun(at_desk, earlier)
    at_desk.post(beside, {"answer": ["person/name"]})
    middle = Case.objects.latest("id")
    told = {"service": earlier.service, "type": "renewal", "source": "phone", "customer": earlier.customer}
    newest = actions.open_case(**told, by=system_user(), at=noon)
    last = f"/desk/cases/{newest.reference}/earlier/{middle.reference}/"
    assert earlier.reference in Page.of(at_desk.get(last)).text("form")

    hidden = Service.objects.create(key="elsewhere", name="Elsewhere", prefix="EL")
    Case.objects.filter(pk=earlier.pk).update(service=hidden)
    told = Page.of(at_desk.get(last)).text("form")
    assert earlier.reference not in told
    assert "Another case" in told


def test_a_case_that_is_open_already_is_filled_in_from_the_tab_of_its_application(
    at_desk: Client, earlier: Case
) -> None:
    begun(at_desk, earlier)
    case = Case.objects.latest("id")
    tab = Page.of(at_desk.get(f"/desk/cases/{case.reference}/application/")).links()
    choose = Page.of(at_desk.get(tab["Fill in from an earlier case"])).links()
    answer = at_desk.post(choose[earlier.reference], {"answer": ["person/name"]})
    assert answer["Location"] == f"/desk/cases/{case.reference}/application/"
    refused = at_desk.post(choose[earlier.reference], {"answer": ["person/nonsense"]})
    assert refused.status_code == 409


def test_who_may_not_change_the_case_or_see_what_was_sent_in_takes_nothing(
    sign_in_as: SignInAs, viewer: User, earlier: Case, make_case: OpenCase
) -> None:
    other = make_case(last_name="Other")
    answer = sign_in_as(viewer).post(f"/desk/cases/{earlier.reference}/earlier/{other.reference}/", {"answer": ["x"]})
    assert answer.status_code == 403


def test_the_page_asks_as_much_however_many_answers_there_are(at_desk: Client, earlier: Case, noon: datetime) -> None:
    beside = begun(at_desk, earlier)
    at_desk.get(beside)
    with CaptureQueriesContext(connection) as few:
        at_desk.get(beside)
    earlier.submitted = {**SAID, "eligibility": {f"q{number}": "yes" for number in range(60)}}
    earlier.save(update_fields=["submitted"])
    with CaptureQueriesContext(connection) as many:
        at_desk.get(beside)
    assert len(many) == len(few) <= 35
