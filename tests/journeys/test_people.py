"""Customers, the queue and what failed, in a real browser: sound for axe, wide and narrow."""

import pytest
from django.utils import timezone
from tests.desk.council import open_case
from tests.exchange.press import ORDER, Order
from tests.journeys.conftest import NARROWEST, WIDE, Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.catalogue.models import Service
from moothall.domain.exchange import actions, operations
from moothall.domain.people import actions as people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [WIDE, NARROWEST])
def test_the_pages_of_customers_queue_and_failures_are_sound(
    open_page: OpenPage, sign_in: SignIn, sound: Check, service: Service, officer: User, width: int
) -> None:
    now = timezone.now()
    case = open_case(service, at=now)
    people.set_reference(case.customer, type="badge_number", number="AB12CD", status="issued", by=officer, at=now)
    operations.register(Order("http://127.0.0.1:1"))
    item = actions.queue(case, ORDER, by=officer, at=now)
    actions.pause(item, reason="Wrong photograph.", by=officer, at=now)
    page = open_page(width=width)
    sign_in(page, officer)
    for address in (
        f"customers/{case.customer_id}/",
        f"customers/{case.customer_id}/change/",
        "queue/",
        f"queue/{item.pk}/",
        "connectors/",
        "failures/",
        "national/",
        "create/person/",
        f"create/customers/{case.customer_id}/case/",
        f"create/cases/{case.reference}/documents/",
        f"create/cases/{case.reference}/workflow/",
    ):
        page.goto(f"/desk/{address}")
        sound(page)
