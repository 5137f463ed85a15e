"""The map by the keyboard alone, without pictures from anywhere, and a point chosen on it for an address."""

import re

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect
from tests.desk.council import open_case
from tests.journeys.conftest import Check, OpenPage, SignIn
from tests.places.gazetteer import place, remake, street

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service
from moothall.domain.people import actions
from moothall.domain.people.details import AddressLines
from moothall.domain.places import boundaries
from moothall.kit import grid

pytestmark = pytest.mark.django_db(transaction=True)


def town(service: Service, *, by: User) -> list[Case]:
    """Two cases, three kilometres apart, each in a ward of its own."""
    cases = [open_case(service, at=timezone.now(), last_name=name, by=by) for name in ("Near", "Far")]
    street(1, "HIGH ROAD", locality="OLDWICK")
    for uprn, (case, x) in enumerate(zip(cases, (530_000, 533_000), strict=True), 1):
        for number, (right, up) in enumerate([(0, 0), (600, 100), (500, 700), (-300, 500)], uprn * 10):
            latitude, longitude = grid.to_degrees(x + right, 180_000 + up)
            at = {"x": x + right, "y": 180_000 + up, "latitude": latitude, "longitude": longitude}
            place(number, 1, pao_start_number=number, postcode="ZZ1 0AB", ward=f"E0509999{uprn}", **at)
        home = AddressLines(line1=f"{uprn}0 High Road", town="Northam", postcode="ZZ1 0AB", uprn=f"{uprn}0")
        actions.set_address(
            case.customer, home, from_date=timezone.now().date(), to_date=None, by=by, at=timezone.now()
        )
    with transaction.atomic():
        remake()
    boundaries.draw(by=system_user(), at=timezone.now())
    return cases


def test_the_map_is_used_by_the_keyboard_and_asks_no_other_machine(
    open_page: OpenPage, sign_in: SignIn, sound: Check, desk: str, service: Service, officer: User, manager: User
) -> None:
    case, _far = town(service, by=officer)
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, officer)
    page.goto("/desk/map/")
    listed = page.get_by_role("region", name="What is on the map")
    ground = page.get_by_role("region", name="Map of cases and places")
    expect(listed.get_by_role("link")).to_have_count(2)
    expect(page.locator(".app-map__ward")).to_have_count(2)
    sound(page)

    page.goto("/desk/map/")  # as large as it was, and at rest
    expect(page.locator(".app-map__ward")).to_have_count(2)
    pin = page.get_by_role("button", name=f"{case.reference} Blue Badge, 10 High Road, Northam, ZZ1 0AB")
    pin.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup").get_by_role("link", name=case.reference)).to_be_focused()
    page.keyboard.press("Escape")
    expect(pin).to_be_focused()
    ground.focus()
    for _ in range(3):
        page.keyboard.press("+")
    expect(listed.get_by_text("0 cases")).to_be_visible()  # the middle is between them
    page.keyboard.press("Enter")
    expect(page.get_by_label("Find a place")).to_have_value(re.compile(r"51\.50\d{4}, -0\.1\d{5}"))

    page.goto(f"/desk/customers/{case.customer_id}/address/")
    page.get_by_text("Choose on a map").click()
    expect(page.locator(".app-map__ward")).to_have_count(2)
    page.get_by_role("region", name="Map to choose a point on").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("option")).to_have_count(8)
    sound(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Town or city")).to_have_value("NORTHAM")
    assert {url for url in asked if not url.startswith(desk)} == set()
