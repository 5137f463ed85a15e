"""What was typed as a session ended is found again, in a real browser: put back by the script, or sent from a page without."""

from datetime import datetime

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect
from tests.desk.conftest import PASSWORD
from tests.desk.council import open_case
from tests.documents.conftest import pdf
from tests.journeys.conftest import Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.core.lists.models import Value
from moothall.domain.cases import actions, progress
from moothall.domain.cases.models import Note, Proposal, WorkItem
from moothall.domain.catalogue.models import Service
from moothall.web.desk.models import Typed

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "She rang about her badge."


def again(page: Page, user: User) -> None:
    """Sign in again, as the page that one was led to asks."""
    page.get_by_label("Email address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="What you had typed is kept")).to_be_visible()


def test_every_form_typed_in_is_put_back_by_the_script(
    open_page: OpenPage, sign_in: SignIn, sound: Check, service: Service, officer: User, noon: datetime
) -> None:
    case = open_case(service, at=noon, by=officer)
    for name in ("one.pdf", "other.pdf"):
        actions.add_document(case, name=name, content=pdf(), origin="officer", by=officer, at=noon)
    page = open_page()
    page.clock.install()
    sign_in(page, officer)
    documents = f"/desk/cases/{case.reference}/documents/"
    page.goto(documents)
    page.get_by_label("Name", exact=True).fill("other")
    tag = page.get_by_role("checkbox").first
    tag.check()
    Session.objects.all().delete()
    page.clock.fast_forward("31:00")

    page.wait_for_url("**/desk/sign-in/?expired=1*")
    assert Typed.objects.count() == 2
    again(page, officer)
    expect(page.get_by_role("main")).to_contain_text("other")
    sound(page)
    page.get_by_role("link", name="Open the page it was typed on").click()

    expect(page.get_by_text("What you had typed is back in the form")).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("other")
    expect(tag).to_be_checked()
    sound(page)
    page.get_by_role("button", name="Find", exact=True).click()
    page.wait_for_url(f"**{documents}**")
    expect(page.get_by_text("What you had typed is back in the form")).to_be_hidden()
    assert [one.path for one in Typed.objects.all()] == [documents]


def test_without_scripts_what_was_sent_too_late_is_shown_and_sent_again(
    open_page: OpenPage, sign_in: SignIn, service: Service, officer: User, noon: datetime
) -> None:
    case = open_case(service, at=noon, by=officer)
    page = open_page(javascript=False)
    sign_in(page, officer)
    page.goto(f"/desk/cases/{case.reference}/notes/")
    page.get_by_label("Note", exact=True).fill(WORDS)
    Session.objects.all().delete()
    page.get_by_role("button", name="Add note").click()

    again(page, officer)
    assert not Note.objects.exists()
    expect(page.get_by_role("main")).to_contain_text(WORDS)
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_role("article").filter(has_text=WORDS)).to_be_visible()
    assert not Typed.objects.exists()


@pytest.mark.parametrize("javascript", [True, False])
def test_what_was_sent_too_late_from_the_second_form_of_an_address_comes_back_to_that_form(
    open_page: OpenPage,
    sign_in: SignIn,
    service: Service,
    officer: User,
    manager: User,
    noon: datetime,
    javascript: bool,
) -> None:
    proposal = refusal(service, officer, noon)
    page = open_page(javascript=javascript)
    sign_in(page, manager)
    page.goto(f"/desk/checks/proposals/{proposal.pk}/")
    reason = page.get_by_label("What should be looked at again?")
    send_back = page.get_by_role("button", name="Send back to")
    reason.fill(WORDS)
    Session.objects.all().delete()
    send_back.click()

    again(page, manager)
    expect(page.get_by_role("main")).to_contain_text(WORDS)
    if javascript:
        page.get_by_role("link", name="Open the page it was typed on").click()
        expect(page.get_by_text("What you had typed is back in the form")).to_be_focused()
        expect(reason).to_have_value(WORDS)
        send_back.click()
    else:
        page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("is sent back to")).to_be_visible()
    proposal.refresh_from_db()
    assert (proposal.state, proposal.reason) == (Proposal.State.SENT_BACK, WORDS)
    assert not Typed.objects.exists()


def refusal(service: Service, officer: User, noon: datetime) -> Proposal:
    """A refusal that a second officer may confirm or send back."""
    case = open_case(service, at=noon, by=officer)
    actions.tag_case(case, set=["terminal_illness"], by=officer, at=noon)
    reason = Value.objects.filter(list__key="blue_badge.refusal_reasons").values_list("key", flat=True)[0]
    for outcome in ("desktop_screening", "refuse"):
        progress.choose(WorkItem.objects.open().get(case=case), outcome, by=officer, at=noon)
    item, answers = WorkItem.objects.open().get(case=case), {"refusal_reasons": [reason]}
    progress.choose(item, "refuse", by=officer, at=noon, answers=answers, note="No evidence")
    return Proposal.objects.get()
