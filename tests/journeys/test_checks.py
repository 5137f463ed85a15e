"""A decision drawn for a check of its quality, from the menu of a supervisor to the results, in a real browser."""

from datetime import datetime

import pytest
from playwright.sync_api import expect
from tests.desk.council import open_case
from tests.desk.test_checks import drawn
from tests.journeys.conftest import PHONE, WIDE, Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(WIDE, True), (PHONE, False)])
def test_a_supervisor_checks_a_decision_and_its_result_is_counted(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    service: Service,
    officer: User,
    manager: User,
    noon: datetime,
    width: int,
    javascript: bool,
) -> None:
    case = drawn(open_case(service, at=noon, by=officer), by=officer, at=noon).item.case
    page = open_page(width=width, javascript=javascript, refused=422)
    look = (lambda: sound(page)) if javascript else (lambda: None)
    sign_in(page, manager)
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Checks").click()
    look()
    page.get_by_role("row", name=case.reference).get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Check of quality")).to_be_visible()
    expect(page.get_by_text("Decided by Olive Officer")).to_be_visible()
    look()

    for question in page.get_by_role("group").all()[:3]:
        question.get_by_label("Yes").check()
    page.get_by_role("radio", name="Failed").check()
    page.get_by_role("button", name="Keep the check").click()
    expect(page.get_by_role("alert").get_by_role("link", name="Say what was not right")).to_be_visible()
    expect(page.get_by_role("radio", name="Failed")).to_be_checked()
    page.get_by_label("Note").fill("The evidence on page two was not read.")
    page.get_by_role("button", name="Keep the check").click()
    expect(page.get_by_role("row", name=case.reference)).to_have_count(0)

    page.get_by_role("link", name="Quality results").click()
    expect(page.get_by_role("row", name="Olive Officer")).to_be_visible()
    look()
