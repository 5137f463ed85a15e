"""A colleague is mentioned in a note and reads it; a case gets a child."""

from datetime import datetime

import pytest
from playwright.sync_api import expect
from tests.desk.council import open_case
from tests.journeys.conftest import NARROWEST, Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(service: Service, officer: User, second_officer: User, noon: datetime) -> Case:
    return open_case(service, at=noon)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_mention_reaches_a_colleague(
    case: Case,
    officer: User,
    second_officer: User,
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    javascript: bool,
) -> None:
    page = open_page(javascript=javascript)
    sign_in(page, officer)
    page.goto(f"/desk/cases/{case.reference}/notes/")
    if javascript:
        note = page.get_by_label("Note", exact=True)
        note.press_sequentially("Over to you, @osc")
        expect(page.get_by_role("option", name="Oscar Officer")).to_be_visible()
        sound(page)
        note.press("Enter")
        expect(note).to_have_value("Over to you, @Oscar Officer ")
        expect(page.get_by_role("button", name="Do not tell: Oscar Officer")).to_be_visible()
    else:
        page.get_by_label("Note", exact=True).fill("Over to you.")
        page.get_by_label("Tell colleagues").select_option(label="Oscar Officer")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Told: Oscar Officer")).to_be_visible()

    theirs = open_page(width=NARROWEST, javascript=javascript)
    sign_in(theirs, second_officer)
    theirs.get_by_role("link", name="Notifications 1 unread").click()
    if javascript:
        sound(theirs)
    theirs.get_by_role("button", name="Open").click()
    expect(theirs.get_by_text("Over to you")).to_be_visible()
    expect(theirs.get_by_role("link", name="Notifications", exact=True)).to_be_visible()


def test_a_case_is_linked_to_its_child_and_parted_again(
    case: Case, service: Service, officer: User, open_page: OpenPage, sign_in: SignIn, sound: Check, noon: datetime
) -> None:
    child = open_case(service, at=noon, last_name="Notreal")
    twin = open_case(service, at=noon)
    page = open_page()
    sign_in(page, officer)
    page.goto(f"/desk/cases/{case.reference}/")
    expect(page.get_by_text(f"{twin.reference} of Alma Madeup")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="Not a duplicate").click()
    expect(page.get_by_role("heading", name="This may be a duplicate")).to_have_count(0)
    page.get_by_role("link", name="Link another case").click()
    page.get_by_label("This case is").select_option("parent_of")
    page.get_by_label("Reference of the other case").fill(child.reference)
    page.get_by_label("How do they have to do with each other?").fill("Same household")
    page.get_by_role("button", name="Link").click()
    expect(page.get_by_role("rowheader", name=f"Parent of {child.reference}")).to_be_visible()
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    sound(page)
    page.get_by_role("link", name="Remove link").click()
    sound(page)
    page.get_by_label("Why are they not linked any more?").fill("They moved")
    page.get_by_role("button", name="Remove the link").click()
    expect(page.get_by_text("No case is linked to this one.")).to_be_visible()
