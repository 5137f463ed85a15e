"""Customers, the queue and what failed, in a real browser: sound for axe, wide and narrow."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.desk.council import open_case
from tests.exchange.press import ORDER, Order
from tests.journeys.conftest import OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service
from moothall.domain.exchange import actions, operations
from moothall.domain.exchange.models import Item

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_person_who_may_be_recorded_already_is_recorded_on_purpose_and_gets_a_case_whose_order_is_held(
    open_page: OpenPage, sign_in: SignIn, service: Service, manager: User, javascript: bool
) -> None:
    earlier = open_case(service, at=timezone.now())
    operations.register(Order("http://127.0.0.1:1"))
    page = open_page(javascript=javascript)
    sign_in(page, manager)
    page.goto("/desk/create/person/")
    for label, text in (
        ("First names", "Alma"),
        ("Last name", "Madeup"),
        ("Day", "17"),
        ("Month", "5"),
        ("Year", "1958"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("They may be recorded already.")).to_be_visible()
    expect(page.get_by_label("First names")).to_have_value("Alma")
    page.get_by_role("button", name="They are somebody else: record them").click()
    page.locator("input[name=type]").first.check()
    page.locator("input[name=source]").first.check()
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_url("**/documents/")
    case = Case.objects.exclude(pk=earlier.pk).get()
    assert case.customer_id != earlier.customer_id

    item = actions.queue(case, ORDER, by=manager, at=timezone.now())
    page.goto("/desk/queue/")
    page.get_by_role("link", name="Badge order").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_label("Why?").fill("Wrong photograph.")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("It is paused.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Un-pause").click()
    page.get_by_role("button", name="Un-pause").click()
    item.refresh_from_db()
    assert item.status == Item.Status.QUEUED
