"""An officer's first steps: signing in, seeing their work, opening a case, finding it again, signing out."""

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect
from tests.desk.conftest import PASSWORD
from tests.desk.council import open_case
from tests.journeys.conftest import OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(service: Service, officer: User, noon: datetime) -> Case:
    """A case the officer has taken."""
    return open_case(service, at=noon, by=officer)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_an_officer_signs_in_opens_a_case_and_finds_it_among_the_recent_ones(
    open_page: OpenPage, sign_in: SignIn, case: Case, officer: User, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    sign_in(page, officer)
    expect(page.get_by_role("row", name=case.reference)).to_contain_text("Initial Checks")

    page.get_by_role("link", name=case.reference).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(case.reference)
    page.goto("/desk/")
    expect(page.get_by_role("complementary")).to_contain_text(case.reference)

    page.get_by_role("searchbox").fill("madeup")
    page.get_by_role("banner").get_by_role("button", name="Search").click()
    expect(page.get_by_role("table", name="Cases found")).to_contain_text("Alma Madeup")
    assert "madeup" not in page.url.lower()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_everything_is_done_with_the_keyboard_alone(open_page: OpenPage, case: Case, officer: User) -> None:
    officer.set_password(PASSWORD)
    officer.save(update_fields=["password"])
    page = open_page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    press_until(page, "Email address")
    page.keyboard.type(officer.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")

    press_until(page, case.reference)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(case.reference)
    press_until(page, "Workflow")
    page.keyboard.press("Enter")
    page.wait_for_url("**/workflow/")
    press_until(page, "Out of area, reject")
    page.keyboard.press("ArrowDown")
    press_until(page, "Continue")
    page.keyboard.press("Enter")
    page.wait_for_url("**/outcomes/incomplete/**")
    press_until(page, "In area, incomplete application")
    page.keyboard.press("Space")
    expect(page.get_by_role("main")).to_contain_text("Now at Missing Information.")


def press_until(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called so."""
    for _ in range(90):
        page.keyboard.press("Tab")
        focused = page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).innerText")
        if focused.strip() == name:
            return
    raise AssertionError(f"Nothing called “{name}” can be reached with the keyboard.")


def test_who_does_nothing_for_a_while_is_warned_and_may_stay(
    open_page: OpenPage, sign_in: SignIn, case: Case, officer: User
) -> None:
    page = open_page()
    page.clock.install()
    sign_in(page, officer)
    page.clock.fast_forward("26:00")
    box = page.get_by_label("Find in this list")
    box.focus()
    warning = page.get_by_role("alert")
    expect(warning).to_contain_text("You will be signed out within 5 minutes")

    warning.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    expect(box).to_be_focused()


def test_a_first_visit_weighs_little(open_page: OpenPage, sign_in: SignIn, case: Case, officer: User) -> None:
    page = open_page()
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(int(answer.headers.get("content-length", 0))))
    page.goto("/desk/sign-in/")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(weights) < 450_000, "uncompressed here; compressed it is a quarter of it"
