"""What an officer, an assessor, the contact centre and a stranger find at the desk, and where each is stopped."""

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect
from tests.desk.council import open_case
from tests.journeys.conftest import OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db(transaction=True)
EVERY_TAB = [
    *("Summary", "Online application", "Workflow", "Timeline", "Documents"),
    *("Online messages", "Notes", "Payments", "Badge details"),
]
SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])


@pytest.fixture
def case(service: Service, noon: datetime) -> Case:
    """A case at Initial Checks, of nobody yet."""
    return open_case(service, at=noon)


def answer(page: Page, address: str) -> int:
    """How the desk answers this address. The pages are opened aside, since a refusal is also told to the console."""
    return page.request.get(address).status


@SCRIPTS
def test_an_officer_takes_a_case_and_cannot_confirm_what_is_a_managers(
    open_page: OpenPage, sign_in: SignIn, case: Case, officer: User, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    sign_in(page, officer)
    page.goto("/desk/work/?tab=unassigned")
    page.get_by_role("row", name=case.reference).get_by_role("button", name="Take").click()
    expect(page.get_by_role("main")).to_contain_text(case.reference)
    page.goto(f"/desk/cases/{case.reference}/")
    for tab in EVERY_TAB:
        expect(page.get_by_role("main").get_by_role("link", name=tab, exact=True).first).to_be_visible()
    page.goto(f"/desk/cases/{case.reference}/workflow/")
    expect(page.get_by_role("group", name="What happens next?")).to_be_visible()


@SCRIPTS
def test_an_assessor_sees_no_case_that_waits_for_others_in_the_list_and_nothing_of_payments(
    open_page: OpenPage, sign_in: SignIn, case: Case, assessor: User, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    sign_in(page, assessor)
    page.goto("/desk/work/?tab=all")
    expect(page.get_by_role("main")).not_to_contain_text(case.reference)
    assert answer(page, f"/desk/cases/{case.reference}/payments/") in {403, 404}


@SCRIPTS
def test_the_contact_centre_reads_a_case_and_is_offered_nothing_to_change(
    open_page: OpenPage, sign_in: SignIn, case: Case, viewer: User, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    sign_in(page, viewer)
    page.goto("/desk/work/?tab=all")
    row = page.get_by_role("row", name=case.reference)
    expect(row).to_be_visible()
    expect(row.get_by_role("button", name="Take")).to_have_count(0)
    page.goto(f"/desk/cases/{case.reference}/workflow/")
    expect(page.get_by_role("group", name="What happens next?")).to_have_count(0)
    item = case.work_items.get()
    assert answer(page, f"/desk/work/{item.pk}/outcomes/out_of_area/") in {403, 404}


@SCRIPTS
def test_a_stranger_who_may_sign_in_finds_no_case_no_customer_and_no_list(
    open_page: OpenPage, sign_in: SignIn, case: Case, stranger: User, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    sign_in(page, stranger)
    expect(page.get_by_role("main")).not_to_contain_text(case.reference)
    for address in (
        "work/?tab=all",
        f"cases/{case.reference}/",
        f"cases/{case.reference}/documents/",
        f"customers/{case.customer_id}/",
        "queue/",
        "national/",
        "failures/",
    ):
        assert answer(page, f"/desk/{address}") in {403, 404}, address
