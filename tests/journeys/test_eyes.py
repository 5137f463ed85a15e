"""Two officers on one refusal: proposed, not confirmed by oneself, confirmed by a manager, and the letter goes (BEST-5)."""

from datetime import datetime

import pytest
from tests.desk.council import open_case
from tests.journeys.conftest import PHONE, WIDE, Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases import actions, progress
from moothall.domain.cases.models import Proposal, WorkItem
from moothall.domain.catalogue.models import Service
from moothall.domain.messages.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(WIDE, True), (PHONE, False)])
def test_a_refusal_is_proposed_by_one_officer_and_confirmed_by_another(
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
    case = open_case(service, at=noon, by=officer)
    actions.tag_case(case, set=["terminal_illness"], by=officer, at=noon)
    check = sound if javascript else lambda _page: None
    page = open_page(width=width, javascript=javascript)
    sign_in(page, officer)
    tab = f"/desk/cases/{case.reference}/workflow/"
    page.goto(tab)
    page.get_by_label("Identity is proved").check()
    if not javascript:
        page.get_by_role("button", name="Save the checklist").click()
    page.get_by_text("Done by Olive Officer").wait_for()
    check(page)
    for outcome in ("desktop_screening", "refuse"):
        progress.choose(WorkItem.objects.open().get(case=case), outcome, by=officer, at=noon)
    written = Message.objects.count()

    page.goto(tab)
    page.get_by_label("Send the refusal").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("A second officer may have to confirm it").wait_for()
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Note").fill("Walks well without help")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send the refusal").click()
    page.get_by_text("is proposed, and waits for a second officer").wait_for()
    check(page)
    page.get_by_role("link", name="Look at your proposal or withdraw it").click()
    page.get_by_role("button", name="Withdraw it").wait_for()
    assert page.get_by_role("button", name="Confirm").count() == 0
    check(page)
    assert Message.objects.count() == written

    other = open_page(width=width, javascript=javascript)
    sign_in(other, manager)
    other.goto("/desk/checks/")
    check(other)
    other.get_by_role("link", name="Send the refusal").click()
    other.get_by_text("Walks well without help").wait_for()
    check(other)
    other.get_by_role("button", name="Confirm: Send the refusal").click()
    other.get_by_text("is confirmed. Now at").wait_for()
    check(other)

    assert Message.objects.count() > written
    assert Message.objects.latest("pk").created_by == officer
    assert Proposal.objects.get().ended_by == manager
