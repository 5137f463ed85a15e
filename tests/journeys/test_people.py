"""Customers, the queue and what failed, in a real browser: sound for axe, wide and narrow."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.desk.council import open_case
from tests.exchange.press import CONNECTOR, ORDER, Order, running
from tests.journeys.conftest import OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service
from moothall.domain.exchange import actions, dispatch, operations
from moothall.domain.exchange.models import Item

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_person_who_may_be_recorded_already_is_recorded_on_purpose_and_gets_a_case_whose_order_is_held_and_put_right(
    open_page: OpenPage, sign_in: SignIn, service: Service, manager: User, javascript: bool
) -> None:
    earlier = open_case(service, at=timezone.now())
    page = open_page(javascript=javascript, refused=422)
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

    with running() as press:
        operations.register(Order(press.url))
        item = actions.queue(case, ORDER, by=manager, at=timezone.now())
        page.goto("/desk/queue/")
        page.get_by_role("link", name="Badge order").click()
        page.get_by_role("button", name="Pause").click()
        page.get_by_label("Why?").fill("Wrong photograph.")
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("It is paused.", exact=True)).to_be_visible()
        page.get_by_role("button", name="Un-pause").click()
        page.get_by_role("button", name="Un-pause").click()
        expect(page.get_by_text("It goes on.")).to_be_visible()

        press.faults.append("400")
        send(minutes=20)
        page.reload()
        page.get_by_role("button", name="Edit the request").click()
        asked = page.get_by_label("Request", exact=True)
        asked.fill("{")
        page.get_by_role("button", name="Queue it again, edited so").click()
        expect(page.get_by_role("main")).to_contain_text("The request is not well formed")
        asked.fill(json.dumps({"name": "Alma Right", "reference": item.idempotency_key}))
        page.get_by_role("button", name="Queue it again, edited so").click()
        expect(page.get_by_text("It is queued again.")).to_be_visible()
        send(minutes=60)
        assert [order["name"] for order in press.orders] == ["Alma Right"]
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("Done")
    item.refresh_from_db()
    assert item.status == Item.Status.DONE


def send(*, minutes: int) -> None:
    """What waits is sent, as many minutes from now."""
    dispatch.send_due(CONNECTOR, seconds=45, clock=dispatch.clock_from(timezone.now() + timedelta(minutes=minutes)))
