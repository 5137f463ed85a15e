"""Two citizens and their forms: a missed bin on a phone without scripts, and a Blue Badge at a desk, a part of it in Welsh."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.forms.conftest import MISSED_BIN
from tests.forms.test_drafts import PNG
from tests.journeys.conftest import PHONE, Check, OpenPage

from moothall.config.demo.council import EXAMPLE
from moothall.config.management.commands import services
from moothall.core.accounts.actions import system_user
from moothall.core.council import settings as council
from moothall.domain.cases.models import Case
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.citizens.rules import Portal
from moothall.domain.forms import delivering
from moothall.domain.forms import published as published_forms
from moothall.domain.forms.models import Delivery, Submission

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def portal(transactional_db: None, noon: datetime) -> Iterator[None]:
    """The council opened its portal."""
    council.write(EXAMPLE, by=system_user(), at=noon)
    council.write(Portal(open=True), by=system_user(), at=noon)
    published_forms.forget()
    yield
    published_forms.forget()


def onward(page: Page, check: Check, button: str = "Continue") -> None:
    """The page is sound, and one goes on."""
    check(page)
    page.get_by_role("button", name=button, exact=True).last.click()


def day(page: Page, name: str, at: datetime) -> None:
    boxes = page.get_by_role("group", name=name)
    for label, value in (("Day", at.day), ("Month", at.month), ("Year", at.year)):
        boxes.get_by_label(label).fill(str(value))


def opened() -> Case:
    """The case made of what was sent."""
    for delivery in delivering.undelivered():
        delivering.deliver(delivery.pk, at=timezone.now())
    assert [one.problem for one in Delivery.objects.all()] == [""]
    return Case.objects.get(reference=Submission.objects.get().reference)


@pytest.fixture
def check(sound: Check) -> Check:
    return sound


def test_a_missed_bin_is_reported_on_a_phone_without_scripts(
    open_page: OpenPage, portal: None, check: Check, noon: datetime
) -> None:
    catalogue.forget()
    catalogue_actions.publish(services.read(MISSED_BIN), by=system_user(), at=noon)
    page, looker = open_page(width=PHONE, javascript=False, refused=422), open_page(width=PHONE)

    def sound(here: Page) -> None:
        """The same page where scripts run: axe is one."""
        looker.context.add_cookies(here.context.cookies())  # type: ignore[arg-type]
        looker.goto(here.url)
        check(looker)

    page.goto("/")
    page.get_by_role("link", name="Missed bins").click()
    sound(page)
    page.get_by_role("button", name="Start now").click()

    onward(page, sound)
    expect(page.get_by_role("alert")).to_contain_text("Enter the address")
    sound(page)
    page.get_by_label("Address line 1").fill("4 Sample Street")
    page.get_by_label("Town or city").fill("Exampleton")
    page.get_by_label("Postcode").fill("ex1 2ab")
    onward(page, sound)
    page.get_by_label("Food waste").check()
    page.get_by_role("group", name="Does the crew fetch").get_by_label("No", exact=True).check()
    onward(page, sound)
    day(page, "Day the bin was due", timezone.localtime())
    page.get_by_role("group", name="Was the bin out").get_by_label("Yes").check()
    photograph = {"name": "bin.png", "mimeType": "image/png", "buffer": PNG}
    page.get_by_label("Photograph of the bin").set_input_files(photograph)  # type: ignore[arg-type]
    onward(page, sound)
    page.get_by_label("First names").fill("Ann")
    page.get_by_label("Last name").fill("Resident")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_text("bin.png").first).to_be_visible()
    page.get_by_role("button", name="Continue", exact=True).last.click()
    page.get_by_label("First names").fill("Ann")
    page.get_by_label("Last name").fill("Resident")
    onward(page, sound)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    onward(page, sound, "Send")
    reference = Submission.objects.get().reference
    expect(page.get_by_role("main")).to_contain_text(reference)
    sound(page)
    assert opened().customer.name == "Ann Resident"


def about_the_applicant(page: Page, sound: Check) -> None:
    """Everything from the name to the declaration."""
    page.get_by_label("First names").fill("Ann")
    page.get_by_label("Last name").fill("Resident")
    onward(page, sound)
    day(page, "Date of birth", datetime(1950, 3, 4))  # noqa: DTZ001 - a day
    page.get_by_label("Female").check()
    onward(page, sound)
    page.get_by_label("National Insurance number").fill("AB123456C")
    onward(page, sound)
    page.get_by_label("Address line 1").fill("4 Sample Street")
    page.get_by_label("Town or city").fill("Exampleton")
    page.get_by_label("Postcode").fill("EX1 2AB")
    onward(page, sound)
    page.get_by_label("Telephone number").fill("01632 960001")
    onward(page, sound)
    page.get_by_role("group", name="Is it awarded").get_by_label("Yes").check()
    page.get_by_label("I will send it later").check()
    onward(page, sound)
    for one in page.get_by_label("I will send it later").all():
        one.check()
    onward(page, sound)
    onward(page, sound)  # equality: nothing is to be answered
    page.get_by_role("checkbox").check()
    onward(page, sound)


def test_a_blue_badge_is_applied_for_at_a_desk_partly_in_welsh(
    open_page: OpenPage, service: Service, portal: None, sound: Check, tmp_path: Path
) -> None:
    page = open_page(refused=422)
    page.goto("/services/blue_badge/apply/")
    onward(page, sound, "Start now")
    page.get_by_label("Yourself").check()
    onward(page, sound)
    has = page.get_by_role("group", name="Does the person the badge is for hold")
    expect(page.get_by_label("Number of that badge")).to_be_hidden()
    has.get_by_label("Yes").check()
    page.get_by_label("Number of that badge").fill("12")
    onward(page, sound)
    expect(page.get_by_role("alert")).to_contain_text("six letters and digits")
    sound(page)
    page.get_by_role("link", name="six letters and digits").click()
    expect(page.get_by_label("Number of that badge")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("0A1B2C")
    page.keyboard.press("Enter")

    page.get_by_role("link", name="Cymraeg").click()
    expect(page.locator("html")).to_have_attribute("lang", "cy")
    page.get_by_label("Taliad Annibyniaeth Personol").check()
    onward(page, sound, "Parhau")
    page.get_by_label("8 pwynt").check()
    onward(page, sound, "Parhau")
    page.get_by_role("link", name="English").click()

    about_the_applicant(page, sound)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    page.get_by_role("link", name="Change Telephone number").click()
    page.get_by_label("Telephone number").fill("01632 960002")
    onward(page, sound)
    expect(page.get_by_role("main")).to_contain_text("01632 960002")
    onward(page, sound, "Send")
    expect(page.get_by_role("main")).to_contain_text(Submission.objects.get().reference)
    sound(page)
    case = opened()
    assert (case.type, case.customer.name) == ("renewal", "Ann Resident")
