"""An officer works a case in the browser: outcomes, a letter changed in the editor, the flow diagram."""

from datetime import datetime

import pytest
from tests.desk.council import open_case
from tests.journeys.conftest import PHONE, WIDE, Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.catalogue.models import Service
from moothall.domain.messages.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(WIDE, True), (PHONE, False)])
def test_an_officer_asks_the_applicant_for_what_is_missing(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    service: Service,
    officer: User,
    noon: datetime,
    width: int,
    javascript: bool,
) -> None:
    case = open_case(service, at=noon, by=officer)
    page = open_page(width=width, javascript=javascript)
    check = sound if javascript else lambda _page: None
    sign_in(page, officer)
    page.goto(f"/desk/cases/{case.reference}/workflow/")
    check(page)

    page.get_by_label("In area, incomplete application").check()
    page.get_by_role("button", name="Continue").click()
    check(page)
    page.get_by_role("button", name="In area, incomplete application").click()
    page.get_by_label("Ask the applicant").check()
    page.get_by_role("button", name="Continue").click()
    check(page)
    page.get_by_label("Photograph", exact=False).first.check()
    page.get_by_role("button", name="Continue").click()
    if javascript:
        editor = page.get_by_role("textbox", name="Text")
        editor.press("Control+End")
        editor.type(" Thank you for your patience.")
    else:
        words = page.get_by_label("Text")
        words.fill(f"{words.input_value()}<p>Thank you for your patience.</p>")
    check(page)
    page.get_by_role("button", name="Ask the applicant").click()
    page.get_by_text("Now at Missing Information Result").wait_for()
    check(page)

    sent = Message.objects.first()
    assert sent is not None
    assert sent.edited
    assert "Thank you for your patience." in sent.html
    page.get_by_role("link", name="Flow diagram").click()
    page.get_by_role("heading", name="The same in words").wait_for()
    check(page)
