"""A badge of another council: found, taken over as person and case, and asked about while the national service fails."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.desk.council import offer_blue_badges
from tests.dft_blue_badge.conftest import connect, national, running, sandbox  # noqa: F401 - fixtures
from tests.dft_blue_badge.test_status_and_search import seed
from tests.journeys.conftest import Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now() -> datetime:
    """The national service's clock is the machine's."""
    return timezone.now()


def ask(page: Page, then: str) -> None:
    """Ask the national service about the badge; the page says what came of it, and still shows the badge."""
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_role("main")).to_contain_text(then)
    expect(page.get_by_role("main")).to_contain_text("Bertram Elsewhere")


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_badge_from_elsewhere_becomes_person_and_case_and_is_asked_about_though_the_service_fails(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    connect: Callable[..., object],  # noqa: F811
    sandbox: Running,  # noqa: F811
    officer: User,
    now: datetime,
    javascript: bool,
) -> None:
    connect(timeout_seconds=15)
    offer_blue_badges(at=now)
    seed(sandbox, "KKKKK7", la="BIRM", name="Bertram Elsewhere", status="PROCESSED")
    page = open_page(javascript=javascript)
    check = sound if javascript else lambda _page: None
    sign_in(page, officer)

    page.goto("/desk/national/")
    main = page.get_by_role("main")
    main.get_by_label("Badge number").fill("kkkkk7")
    main.get_by_role("button", name="Search").click()
    expect(main.get_by_role("row", name="KKKKK7")).to_contain_text("Bertram Elsewhere")
    check(page)
    page.get_by_role("link", name="Take over").click()
    check(page)
    page.get_by_role("group", name="How did they come to us?").get_by_role("radio").first.check()
    page.get_by_role("button", name="Take over").click()
    expect(main).to_contain_text("The holder is recorded with KKKKK7.")
    case = Case.objects.select_related("customer").get()
    assert case.customer.name == "Bertram Elsewhere"

    page.goto(f"/desk/customers/{case.customer_id}/")
    page.get_by_role("link", name="KKKKK7").click()
    if not javascript:  # with scripts it is asked as the badge is opened
        page.get_by_role("button", name="Ask the national service").click()
    expect(main).to_contain_text("As the national service answered Olive Officer")
    check(page)
    sandbox.set_fault("500", pattern="/badges/")
    ask(page, "The national service is out of order (it answered 500).")
    sandbox.clear_faults()
    sandbox.set_fault("timeout", pattern="/badges/")
    connect(timeout_seconds=0.3)
    ask(page, "The national service did not answer in time.")
    check(page)
    sandbox.clear_faults()
    sandbox.set_fault("slow=1", pattern="/badges/", count=1)
    connect(timeout_seconds=15)
    sandbox.advance("KKKKK7", "REJECT", reason="Photograph not found")
    ask(page, "Photograph not found")
