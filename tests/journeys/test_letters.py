"""A document that did not come, in a real browser: another copy asked for, by letter to the other contact, and printed."""

from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.desk.council import open_case
from tests.journeys.conftest import NARROWEST, WIDE, Check, OpenPage, SignIn

from moothall.config.demo.council import EXAMPLE
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.domain.cases import delivery, timeline
from moothall.domain.catalogue.models import Service
from moothall.domain.messages.models import Message
from moothall.domain.people.models import ContactDetail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(WIDE, True), (NARROWEST, False)])
def test_another_copy_is_asked_for_by_a_letter_to_the_other_contact_which_is_then_printed(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    service: Service,
    officer: User,
    noon: datetime,
    width: int,
    javascript: bool,
) -> None:
    council.write(EXAMPLE, by=system_user(), at=noon)
    case = open_case(service, at=noon, by=officer)
    carer = {"type": "address", "value": "2 Sample Row, Exampleton, EX1 4AB", "holder": "Carl Carer"}
    ContactDetail.objects.create(customer=case.customer, normalised="", from_date=noon.date(), **carer)
    about = {"missing": "proof.png", "artifact": 0, "type": "PROOF_ID"}
    timeline.write(case, kind="document", text="The proof “proof.png” is not here.", by=officer, at=noon, **about)
    page = open_page(width=width, javascript=javascript)
    check = sound if javascript else lambda _page: None
    sign_in(page, officer)

    page.goto(f"/desk/cases/{case.reference}/documents/")
    page.get_by_role("link", name="Ask the applicant for another copy").click()
    check(page)
    page.get_by_role("link", name="In area, incomplete application").click()
    page.get_by_role("button", name="In area, incomplete application").click()
    page.goto(f"/desk/cases/{case.reference}/documents/")
    page.get_by_role("link", name="Ask the applicant for another copy").click()
    expect(page.get_by_label("Proof of identity", exact=True)).to_be_checked()
    page.get_by_role("button", name="Continue").click()

    page.get_by_label("Their other contact: Carl Carer").check()
    page.get_by_role("button", name="Write it to whom you chose").click()
    expect(page.get_by_role("heading", name="Message to Carl Carer")).to_be_visible()
    expect(page.get_by_text("This message to Carl Carer was written anew.")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Ask the applicant").click()
    expect(page.get_by_text("Now at Missing Information Result")).to_be_visible()

    letter = Message.objects.get(channel="letter")
    assert (letter.to_name, letter.to_lines[0]) == ("Carl Carer", "2 Sample Row")
    delivery.deliver(letter.pk, at=timezone.now())
    page.goto("/desk/letters/")
    check(page)
    if javascript:
        page.get_by_label("Choose all on this page").check()
    else:
        page.get_by_label("to Carl Carer").check()
    page.get_by_role("button", name="They are printed").click()
    expect(page.get_by_text("1 letter is marked as printed.")).to_be_visible()
    expect(page.get_by_text("No letter waits to be printed")).to_be_visible()
    check(page)
