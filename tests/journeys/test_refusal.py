"""A refusal of a Blue Badge at the desk up to the appeal, and two officers at once."""

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect
from tests.desk.council import open_case
from tests.desk.test_workflow import at_stage
from tests.journeys.conftest import Check, OpenPage, SignIn

from moothall.config.demo.council import EXAMPLE
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service
from moothall.domain.messages.models import Message

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])


def choose(page: Page, case: Case, outcome: str) -> None:
    """On the Workflow tab: this outcome, up to the page that asks about it or shows what it will do."""
    page.goto(f"/desk/cases/{case.reference}/workflow/")
    page.get_by_label(outcome, exact=True).check()
    page.get_by_role("button", name="Continue").click()


def confirm(page: Page, outcome: str, then: str) -> None:
    """What will happen has been read: it is done, and the case is where it should be."""
    page.get_by_role("button", name=outcome, exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(then)


@SCRIPTS
def test_a_refusal_is_written_with_its_reasons_and_then_appealed(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    service: Service,
    officer: User,
    noon: datetime,
    javascript: bool,
) -> None:
    council.write(EXAMPLE, by=system_user(), at=noon)
    case = open_case(service, at=noon, by=officer)
    at_stage(case, "refusal", by=officer, at=noon)
    page = open_page(javascript=javascript)
    check = sound if javascript else lambda _page: None
    sign_in(page, officer)

    choose(page, case, "Send the refusal")
    page.get_by_role("group", name="Reasons for refusal").get_by_role("checkbox").first.check()
    page.get_by_label("Note").fill("The assessor found no difficulty in walking.")
    page.get_by_role("button", name="Continue").click()
    check(page)
    confirm(page, "Send the refusal", "Refused, open to appeal")
    assert {message.channel for message in Message.objects.filter(case_link__case=case)} >= {"letter"}

    choose(page, case, "Appeal received")
    confirm(page, "Appeal received", "Appeal Received")
    check(page)
    page.goto("/desk/work/?tab=all")
    expect(page.get_by_role("row", name=case.reference)).to_contain_text("Appeal Received")


@SCRIPTS
def test_the_second_of_two_officers_is_told_who_was_first_and_nothing_is_done_twice(
    open_page: OpenPage,
    sign_in: SignIn,
    service: Service,
    officer: User,
    second_officer: User,
    noon: datetime,
    javascript: bool,
) -> None:
    case = open_case(service, at=noon)
    first, second = open_page(javascript=javascript), open_page(javascript=javascript, refused=409)
    sign_in(first, officer)
    sign_in(second, second_officer)
    choose(first, case, "In area, complete application")
    choose(second, case, "Out of area, reject")
    second.get_by_label("Note").fill("They moved to another council.")
    confirm(first, "In area, complete application", "Desktop Screening")

    second.get_by_role("button", name="Continue").click()
    said = second.get_by_role("main")
    expect(said).to_contain_text("Initial Checks was already progressed by Olive Officer")
    expect(said).to_contain_text("They moved to another council.")
    assert case.work_items.open().get().stage.key == "desktop_screening"
