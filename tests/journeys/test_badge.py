"""A Blue Badge at the desk, from the application at the national service to the badge, and to the one that replaces it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.desk.council import offer_blue_badges, open_case
from tests.dft_blue_badge.conftest import (  # noqa: F401 - fixtures
    Post,
    apply,
    citizens,
    connect,
    national,
    running,
    sandbox,
)
from tests.dft_blue_badge.test_status_and_search import seed
from tests.journeys.conftest import Check, OpenPage, SignIn
from tests.sandbox.bodies import application

from moothall.config.demo.council import EXAMPLE
from moothall.connectors.dft_blue_badge import KEY, intake
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.domain.cases.models import Case
from moothall.domain.exchange import dispatch
from moothall.domain.exchange.actions import ensure_connector
from moothall.domain.people import actions as people
from moothall.sandbox.dft.samples import photo_png
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])


@pytest.fixture
def now() -> datetime:
    """The national service's clock is the machine's."""
    return timezone.now()


def choose(page: Page, case: Case, outcome: str) -> None:
    """On the Workflow tab: this outcome, up to the page that asks about it or shows what it will do."""
    page.goto(f"/desk/cases/{case.reference}/workflow/")
    page.get_by_label(outcome, exact=True).check()
    page.get_by_role("button", name="Continue").click()


def confirm(page: Page, outcome: str, then: str) -> None:
    """What will happen has been read: it is done, and the case is where it should be."""
    page.get_by_role("button", name=outcome, exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(f"Now at {then}.")


def pay(page: Page, case: Case) -> None:
    """At the counter; the badge is ordered next."""
    choose(page, case, "Payment received")
    page.get_by_role("group", name="Method").get_by_role("radio").first.check()
    page.get_by_label("Payment reference").fill("TILL-0001")
    confirm(page, "Payment received", "Issue (DfT)")


def add_photograph(page: Page, case: Case) -> None:
    """On the Documents tab: a picture sent in and tagged as the photograph."""
    page.goto(f"/desk/cases/{case.reference}/documents/")
    photo = {"name": "me.png", "mimeType": "image/png", "buffer": photo_png(1)}
    page.get_by_label("Files", exact=True).set_input_files([photo])  # type: ignore[list-item]
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("table", name="Documents")).to_contain_text("me.png")
    page.get_by_role("link", name="me.png", exact=True).click()
    page.get_by_label("Photograph", exact=True).check()
    page.get_by_role("button", name="Save tags").click()


def send_what_waits() -> None:
    """The queue a quarter of an hour later."""
    ensure_connector(KEY, per_minute=60_000, delay_seconds=0, breaker_after=1000)
    dispatch.send_due(KEY, seconds=20, clock=dispatch.clock_from(timezone.now() + timedelta(minutes=16)))


@SCRIPTS
def test_an_application_at_the_national_service_becomes_a_badge(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    connect: Callable[..., object],  # noqa: F811
    sandbox: Running,  # noqa: F811
    apply: Post,  # noqa: F811
    officer: User,
    now: datetime,
    javascript: bool,
) -> None:
    connect(timeout_seconds=15)
    council.write(EXAMPLE.model_copy(update={"nation": "scotland"}), by=system_user(), at=now)
    offer_blue_badges(at=now)
    apply(application("PIP"))
    intake.poll(at=now)
    case = Case.objects.select_related("customer").get()
    page = open_page(javascript=javascript)
    check = sound if javascript else lambda _page: None
    sign_in(page, officer)

    page.goto("/desk/work/?tab=unassigned")
    page.get_by_role("link", name=case.reference).click()
    page.get_by_role("link", name="Online application", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(case.customer.name)
    check(page)

    choose(page, case, "In area, complete application")
    confirm(page, "In area, complete application", "Desktop Screening")
    choose(page, case, "Eligible without further assessment")
    confirm(page, "Eligible without further assessment", "Badge Details")

    add_photograph(page, case)
    choose(page, case, "Badge details are right")
    page.get_by_label("Personal Independence Payment", exact=False).first.check()
    page.get_by_label("me.png").check()
    check(page)
    confirm(page, "Badge details are right", "Payment")

    pay(page, case)

    send_what_waits()
    [badge] = sandbox.control("GET", "/badges")
    page.goto(f"/desk/cases/{case.reference}/issued/")
    expect(page.get_by_role("main")).to_contain_text(badge["number"])
    check(page)
    page.goto(f"/desk/cases/{case.reference}/timeline/")
    expect(page.get_by_role("main")).to_contain_text("Case closed: complete.")
    check(page)


@SCRIPTS
def test_a_lost_badge_is_replaced_and_the_old_one_holds_no_longer(
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
    council.write(EXAMPLE.model_copy(update={"nation": "scotland"}), by=system_user(), at=now)
    first = open_case(offer_blue_badges(at=now), at=now - timedelta(days=400))
    seed(sandbox, "KKKKKK")
    people.set_reference(first.customer, type="badge_number", number="KKKKKK", status="issued", by=officer, at=now)
    page = open_page(javascript=javascript, refused=422)
    check = sound if javascript else lambda _page: None
    sign_in(page, officer)

    page.goto(f"/desk/customers/{first.customer_id}/")
    page.get_by_role("button", name="Open a case").click()
    page.get_by_label("Replacement", exact=False).check()
    page.get_by_role("group", name="How did it come in?").get_by_role("radio").first.check()
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("alert")).to_contain_text("There is an open case already")
    page.get_by_role("button", name="It is something else: open the case").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Start it").click()
    expect(page.get_by_role("main")).to_contain_text("The workflow is started.")
    case = Case.objects.latest("pk")

    choose(page, case, "Badge is lost")
    confirm(page, "Badge is lost", "Replacement Details")
    choose(page, case, "Details are right")
    page.get_by_label("Number of the badge to be replaced").fill("KKKKKK")
    check(page)
    confirm(page, "Details are right", "Payment")
    pay(page, case)

    send_what_waits()
    old, new = sorted(sandbox.control("GET", "/badges"), key=lambda badge: badge["number"] != "KKKKKK")
    page.goto(f"/desk/customers/{first.customer_id}/")
    expect(page.get_by_role("row", name=f"{new['number']} replaces KKKKKK")).to_contain_text("Ordered")
    expect(page.get_by_role("row", name="KKKKKK").last).to_contain_text("Replaced")
    check(page)
    assert old["status"] != "ISSUED"
    page.goto(f"/desk/cases/{case.reference}/timeline/")
    expect(page.get_by_role("main")).to_contain_text("Case closed: complete.")
