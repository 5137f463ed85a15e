"""An address is found while typing, by the keyboard alone, and without JavaScript."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.desk.council import open_case
from tests.journeys.conftest import Check, OpenPage, SignIn
from tests.places.gazetteer import place, remake, street

from moothall.core.accounts.models import User
from moothall.domain.catalogue.models import Service
from moothall.domain.people.models import Residence

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_customer_who_moved_gets_an_address_of_the_gazetteer(
    open_page: OpenPage, sign_in: SignIn, sound: Check, service: Service, manager: User, javascript: bool
) -> None:
    case = open_case(service, at=timezone.now())
    street(1, "HIGH ROAD", locality="OLDWICK")
    place(10, 1, pao_start_number=10, postcode="ZZ1 0AB")
    place(20, 1, pao_start_number=10, sao_text="FLAT", sao_start_number=2, postcode="ZZ1 0AB")
    remake()
    page = open_page(javascript=javascript, width=375)
    sign_in(page, manager)
    page.goto(f"/desk/customers/{case.customer_id}/address/")
    if javascript:
        find = page.get_by_role("combobox", name="Find an address")
        find.press_sequentially("10 hig")
        expect(page.get_by_role("option")).to_have_count(2)
        sound(page)
        find.press("ArrowDown")
        find.press("ArrowDown")
        find.press("Enter")
    else:
        page.get_by_label("Find an address").fill("zz10ab")
        page.get_by_role("button", name="Find address").click()
        page.get_by_label("2 addresses found").select_option("20")
        page.get_by_role("button", name="Use this address").click()
    expect(page.get_by_label("Address line 1")).to_have_value("FLAT 2")
    expect(page.get_by_label("Property reference (UPRN)")).to_have_value("20")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The address is recorded.")).to_be_visible()
    assert Residence.objects.filter(address__uprn="20", to_date=None).exists()
