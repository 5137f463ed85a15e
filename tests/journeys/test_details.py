"""Who somebody is, changed on what showed it and confirmed by a manager; read on the case and on the customer's record."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.desk.council import open_case
from tests.journeys.conftest import PHONE, Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases.models import WorkItem
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_number_is_put_right_by_two_officers_who_see_what_is_recorded(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    service: Service,
    officer: User,
    manager: User,
    javascript: bool,
) -> None:
    case = open_case(service, at=timezone.now())
    check = sound if javascript else lambda _page: None
    page = open_page(width=PHONE, javascript=javascript, refused=422)
    sign_in(page, officer)
    page.goto(f"/desk/cases/{case.reference}/")
    expect(page.get_by_role("main")).to_contain_text("We have your application and are checking it")
    page.get_by_role("button", name="Start Change of personal details").click()
    expect(page.get_by_role("heading", name="Start Change of personal details?")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Start Change of personal details").click()
    page.wait_for_url("**/workflow/")
    item = WorkItem.objects.get(case=case, stage__key="change")

    page.goto(f"/desk/work/{item.pk}/outcomes/identity/")
    expect(page.get_by_role("heading", name="As recorded now")).to_be_visible()
    page.get_by_label("New National Insurance number").fill("nonsense")
    page.get_by_label("What did you see that shows it?").fill("A payslip")
    page.get_by_label("Why is this changed?").fill("It was left out.")
    button = page.get_by_role("button", name="Change date of birth or National Insurance number")
    button.click()
    expect(page.locator("#id_answer_nino-error")).to_contain_text("Enter a National Insurance number")
    expect(page.get_by_label("What did you see that shows it?")).to_have_value("A payslip")
    check(page)
    page.get_by_label("New National Insurance number").fill("AB 12 34 56 C")
    button.click()
    expect(page.get_by_text("Waiting for a second officer")).to_be_visible()

    page = open_page(javascript=javascript)
    sign_in(page, manager)
    page.goto(f"/desk/cases/{case.reference}/workflow/")
    page.locator("a[href*='/desk/checks/proposals/']").first.click()
    expect(page.get_by_role("heading", name="As recorded now")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/workflow/")
    page.goto(f"/desk/customers/{case.customer_id}/")
    expect(page.get_by_role("main")).to_contain_text("AB123456C")
    expect(page.get_by_role("main")).to_contain_text("Reason: It was left out. Shown by: A payslip")
