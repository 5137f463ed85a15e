"""Customers, the queue and what failed, in a real browser: sound for axe, wide and narrow."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.desk.council import ADDRESS, open_case
from tests.exchange.press import ORDER, Order
from tests.journeys.conftest import NARROWEST, WIDE, Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service
from moothall.domain.exchange import actions, operations
from moothall.domain.exchange.models import Item
from moothall.domain.people import actions as people
from moothall.domain.people import organisations, relationships

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [WIDE, NARROWEST])
def test_the_pages_of_customers_queue_and_failures_are_sound(
    open_page: OpenPage, sign_in: SignIn, sound: Check, service: Service, officer: User, width: int
) -> None:
    now = timezone.now()
    case = open_case(service, at=now)
    badge = people.set_reference(
        case.customer, type="badge_number", number="AB12CD", status="issued", by=officer, at=now
    )
    club = people.create_organisation(people.OrganisationDetails(name="Sample Day Club"), by=officer, at=now)
    organisations.add_vehicle(club, "AB12 CDE", description="Minibus", by=officer, at=now)
    organisations.add_site(club, ADDRESS, by=officer, at=now)
    tie = relationships.relate(case.customer, club, kind="works_for", by=officer, at=now)
    operations.register(Order("http://127.0.0.1:1"))
    item = actions.queue(case, ORDER, by=officer, at=now)
    actions.pause(item, reason="Wrong photograph.", by=officer, at=now)
    page = open_page(width=width)
    sign_in(page, officer)
    for address in (
        f"customers/{case.customer_id}/",
        f"customers/{case.customer_id}/change/",
        f"customers/{case.customer_id}/timeline/",
        f"customers/{case.customer_id}/badges/{badge.pk}/",
        f"customers/{case.customer_id}/relationships/",
        f"customers/{case.customer_id}/relationship/{tie.pk}/end/",
        f"customers/{case.customer_id}/tags/",
        f"customers/{club.pk}/",
        f"customers/{club.pk}/sites/",
        f"customers/{club.pk}/vehicles/",
        "queue/",
        f"queue/{item.pk}/",
        "connectors/",
        f"connectors/{item.connector.key}/cancel/",
        "failures/",
        "national/",
        "create/person/",
        f"create/customers/{case.customer_id}/case/",
        f"create/cases/{case.reference}/documents/",
        f"create/cases/{case.reference}/workflow/",
    ):
        answer = page.goto(f"/desk/{address}")
        assert answer is not None, address
        assert answer.status == 200, address
        sound(page)


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
