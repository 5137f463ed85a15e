"""An officer asks somebody outside for an opinion, who answers on a phone without JavaScript; the officer reads it."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page
from tests.desk.council import open_case
from tests.journeys.conftest import NARROWEST, PHONE, Check, OpenPage, SignIn
from tests.opinions.conftest import pdf_bytes

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council_settings
from moothall.domain.cases import filing
from moothall.domain.catalogue.models import Service
from moothall.domain.opinions import copies, links
from moothall.domain.opinions.models import Opinion, OpinionCode
from moothall.domain.opinions.rules import Opinions

pytestmark = pytest.mark.django_db(transaction=True)


def ask(desk: Page, check: Check) -> None:
    """Of the therapist, with what the service asks."""
    desk.get_by_role("link", name="Ask for an opinion").click()
    check(desk)
    desk.get_by_label("Independent mobility assessor").check()
    desk.get_by_role("button", name="Continue").click()
    check(desk)
    desk.get_by_label("Name", exact=True).fill("Tara Therapist")
    desk.get_by_label("Email address").fill("tara@therapy.example.org")
    desk.get_by_role("button", name="Ask for the opinion").click()
    desk.get_by_text("Tara Therapist was asked for an opinion").wait_for()
    check(desk)


def give(phone: Page, opinion: Opinion, check: Check) -> None:
    """By the link, after the code."""
    phone.goto(f"/opinion/{links.token(opinion.seed)}/")
    check(phone)
    phone.get_by_role("button", name="Send me a code").click()
    check(phone)
    phone.get_by_label("Code", exact=True).fill(links.code(OpinionCode.objects.get().seed))
    phone.get_by_role("button", name="Continue").click()
    check(phone)
    phone.get_by_role("group", name="What do you recommend?").get_by_label("They meet the conditions").check()
    phone.get_by_role("group", name="Have you met the applicant?").get_by_label("Yes").check()
    phone.get_by_label("For good").check()
    phone.get_by_label("Your opinion").fill("She walks 20 metres with a stick.")
    phone.get_by_label("Files").set_input_files(
        {"name": "findings.pdf", "mimeType": "application/pdf", "buffer": pdf_bytes()}
    )
    phone.get_by_role("button", name="Continue").click()
    phone.get_by_role("heading", name="Check your answer").wait_for()
    check(phone)
    phone.get_by_role("button", name="Send your answer").click()
    phone.get_by_text("Your answer was sent").wait_for()
    check(phone)


@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (NARROWEST, True)])
def test_an_opinion_is_asked_for_given_by_the_link_and_read(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    service: Service,
    officer: User,
    noon: datetime,
    settings: Any,
    tmp_path: Path,
    width: int,
    javascript: bool,
) -> None:
    cache.clear()
    council_settings.write(Opinions(url="http://localhost"), by=system_user(), at=noon)
    case = open_case(service, at=noon, by=officer)
    filing.add_document(
        case, name="report.pdf", content=pdf_bytes(), origin="officer", tags=["assessment"], by=officer, at=noon
    )

    desk = open_page()
    sign_in(desk, officer)
    desk.goto(f"/desk/cases/{case.reference}/workflow/")
    ask(desk, sound)

    opinion = Opinion.objects.get()
    phone = open_page(width=width, javascript=javascript)
    give(phone, opinion, sound if javascript else lambda _page: None)

    copies.file(opinion.pk, at=noon)
    desk.goto(f"/desk/cases/{case.reference}/workflow/")
    sound(desk)
    desk.get_by_role("link", name="Independent mobility assessor").click()
    desk.get_by_text("She walks 20 metres with a stick.").wait_for()
    desk.get_by_role("link", name="findings.pdf").wait_for()
    sound(desk)
