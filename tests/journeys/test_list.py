"""The work list at a desk: its columns fit, its lines are low, and the keyboard comes to it at once."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect
from tests.desk.council import open_case
from tests.journeys.conftest import NARROWEST, PHONE, WIDE, Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/desk/work/?tab=all"


def test_the_usual_columns_fit_at_a_desk_and_the_keyboard_skips_to_the_list(
    open_page: OpenPage, sign_in: SignIn, sound: Check, service: Service, officer: User, noon: datetime
) -> None:
    for name, by in (("Featherstonehaugh-Example", officer), ("Madeup", None)):
        case = open_case(service, at=noon - timedelta(days=9), by=by, last_name=name)
    case.reference = "BB-WWMW-WMWW"  # as wide as any
    case.save()
    page = open_page(width=WIDE)
    sign_in(page, officer)
    page.goto(LIST)
    sound(page)

    table = page.get_by_role("region", name="Work items")
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert page.get_by_role("row", name=case.reference).evaluate("one => one.offsetHeight") <= 72
    assert page.locator(".app-target__due").first.evaluate("one => one.getClientRects().length") == 1
    page.get_by_role("link", name="Skip to the list").press("Enter")
    expect(page.locator("#work-list")).to_be_focused()
    expect(page.get_by_role("heading", name="At each stage")).to_be_visible()
    expect(page.get_by_role("link", name="Initial Checks")).to_be_visible()


def test_on_a_phone_the_counts_of_the_stages_are_opened_when_wanted(
    open_page: OpenPage, sign_in: SignIn, service: Service, officer: User, noon: datetime
) -> None:
    open_case(service, at=noon, by=officer)
    page = open_page(width=PHONE, javascript=False)
    sign_in(page, officer)
    page.goto(LIST)
    stage = page.get_by_role("link", name="Initial Checks")
    expect(stage).to_be_hidden()
    page.get_by_text("At each stage").first.click()
    expect(stage).to_be_visible()
    assert page.get_by_label("Select all").is_hidden()


def test_on_the_narrowest_phone_a_row_is_a_card_that_tells_everything_and_the_list_can_be_sorted(
    open_page: OpenPage, sign_in: SignIn, sound: Check, service: Service, officer: User, noon: datetime
) -> None:
    for name, by in (("Zuleika-Example", officer), ("Aardvark-Example", None)):
        open_case(service, at=noon - timedelta(days=9), by=by, last_name=name)
    page = open_page(width=NARROWEST, javascript=False)
    sign_in(page, officer)
    page.goto(LIST)

    table = page.get_by_role("region", name="Work items")
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth")
    card = page.get_by_role("row", name="Zuleika-Example")
    for told in ("Zuleika-Example", "Blue Badge application", "Initial Checks", "due"):
        cell = card.get_by_role("cell").filter(has_text=told).last
        expect(cell).to_be_visible()
        assert cell.evaluate("one => one.scrollWidth <= one.clientWidth"), told
    expect(card.get_by_role("button", name="Release")).to_be_visible()
    label = "one => getComputedStyle(one, '::before').content"
    assert card.get_by_role("cell").filter(has_text="days").last.evaluate(label) == '"In stage for:"'
    expect(card.get_by_role("checkbox")).to_be_visible()
    assert card.evaluate("one => one.offsetHeight") <= 300  # nine columns, most of them on a line of their own
    page.get_by_role("link", name="To the stages").click()
    expect(page.get_by_text("At each stage").first).to_be_in_viewport()

    page.get_by_role("columnheader", name="Customer").get_by_role("link").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Aardvark-Example")
    page.get_by_role("columnheader", name="Customer").get_by_role("link").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Zuleika-Example")
    page.get_by_role("row", name="Aardvark-Example").get_by_role("button", name="Take").click()
    expect(page.get_by_text("is yours.")).to_be_visible()


def test_with_the_shift_key_all_between_two_are_ticked_by_mouse_and_by_keyboard(
    open_page: OpenPage, sign_in: SignIn, service: Service, officer: User, noon: datetime
) -> None:
    for _ in range(6):
        open_case(service, at=noon, by=officer)
    page = open_page()
    sign_in(page, officer)
    page.goto(LIST)
    expect(page.get_by_label("Select all")).to_be_visible()  # the script is there
    boxes = page.get_by_role("checkbox", name="Initial Checks")

    def ticked() -> list[int]:
        return [number for number, box in enumerate(boxes.all()) if box.is_checked()]

    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    assert ticked() == [1, 2, 3]
    boxes.nth(2).click()
    assert ticked() == [1, 3]
    boxes.nth(0).click(modifiers=["Shift"])
    assert ticked() == [0, 1, 2, 3]

    boxes.nth(5).focus()
    page.keyboard.press("Space")
    boxes.nth(3).focus()
    page.keyboard.press("Shift+Space")
    assert ticked() == [0, 1, 2]
