"""A supervisor shares work out, somebody is away, somebody leaves; an officer chooses columns. In a real browser."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.desk.council import open_case
from tests.journeys.conftest import Check, OpenPage, SignIn

from moothall.core.accounts import absence
from moothall.core.accounts.models import Absence, User
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("javascript", [True, False])
def test_work_is_shared_out_to_who_is_here_and_handed_over_when_they_leave(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    service: Service,
    officer: User,
    second_officer: User,
    manager: User,
    javascript: bool,
) -> None:
    now = timezone.now()
    cases = [open_case(service, at=now - timedelta(days=1)) for _ in range(2)]
    today = timezone.localdate()
    absence.record(second_officer, first_day=today, last_day=today + timedelta(days=3), reason=Absence.WhyAway.LEAVE,
                   cover=officer, by=second_officer, at=now)  # fmt: skip
    page = open_page(javascript=javascript)
    look = (lambda: sound(page)) if javascript else (lambda: None)
    sign_in(page, manager)
    page.get_by_role("link", name="Team", exact=True).click()
    look()
    page.get_by_role("button", name="Share out work").click()
    look()
    page.get_by_label("Oscar Officer").check()
    page.get_by_label("Mandla Manager").uncheck()
    page.get_by_role("button", name="Share out", exact=True).click()
    expect(page.get_by_text("2 of 2 done.")).to_be_visible()
    look()

    hers = open_page(javascript=javascript)
    sign_in(hers, officer)
    for case in cases:
        expect(hers.get_by_role("link", name=case.reference).first).to_be_visible()
    expect(hers.get_by_text("You cover for Oscar Officer")).to_be_visible()

    page.goto("/desk/absences/")
    look()
    page.goto(f"/desk/team/{officer.pk}/")
    look()
    page.get_by_role("link", name="Hand over all their work").click()
    look()
    page.get_by_label("Mandla Manager").check()
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("2 of 2 done.")).to_be_visible()
    page.goto("/desk/work/?tab=mine")
    expect(page.get_by_role("link", name=cases[0].reference).first).to_be_visible()
    page.get_by_role("link", name="Team", exact=True).click()
    page.get_by_role("link", name="What I did with many cases").click()
    look()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_column_is_found_added_moved_and_seen(
    open_page: OpenPage, sign_in: SignIn, sound: Check, service: Service, officer: User, javascript: bool
) -> None:
    case = open_case(service, at=timezone.now(), by=officer)
    Case.objects.filter(pk=case.pk).update(submitted={"contact": {"phone": "01632 960001"}})
    page = open_page(javascript=javascript)
    sign_in(page, officer)
    page.get_by_role("link", name="Choose columns").click()
    if javascript:
        sound(page)
    page.get_by_label("Find a column").fill("phone")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_label("Contact – Phone").check()
    page.get_by_role("button", name="Add columns").click()
    page.get_by_role("button", name=re.compile("Up ?: Contact – Phone")).click()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("cell", name="01632 960001")).to_be_visible()
