"""A supply of the gazetteer given, followed and read at the desk, on a desktop and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.conftest import MakeUser
from tests.journeys.conftest import PHONE, Check, OpenPage, SignIn
from tests.places.conftest import custodian  # noqa: F401
from tests.places.supplied import address, descriptor, house, street, supply_of

from moothall.core.accounts.permissions import Permission
from moothall.domain.places import tasks
from moothall.domain.places.models import Supply

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = [
    street(1),
    descriptor(2),
    house(3, 990000000101),
    address(4, 990000000101, "9999L000000001"),
    address(5, 990000000101, "9999L000000002", usrn=99900077),
    address(6, 990000000101, "9999L000000003", status=8).replace("2020-01-01", ""),
]


@pytest.mark.usefixtures("transactional_db", "custodian")
def test_a_supply_comes_in_before_ones_eyes(
    open_page: OpenPage, sign_in: SignIn, sound: Check, make_user: MakeUser, tmp_path: Path
) -> None:
    keeper = make_user("Gus Gazetteer", "keepers", permissions=[Permission.SIGN_IN, Permission.IMPORT_GAZETTEER])
    (tmp_path / "wrong.csv").write_bytes(supply_of(ROWS, custodian=1234))
    (tmp_path / "full.csv").write_bytes(supply_of(ROWS))
    page = open_page(refused=422)
    sign_in(page, keeper)
    page.goto("/desk/gazetteer/")
    sound(page)

    page.get_by_label("Files of one supply").set_input_files(tmp_path / "wrong.csv")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert")).to_contain_text("the custodian is 1234, and yours is 9999")
    sound(page)
    page.get_by_label("Files of one supply").set_input_files(tmp_path / "full.csv")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("0 % is read")).to_be_visible()
    sound(page)
    tasks.import_supply(supply_id=Supply.objects.get().pk)
    expect(page.get_by_text("There is no such street (2400016).")).to_be_visible()  # it looks again by itself
    sound(page)

    phone = open_page(width=PHONE, javascript=False)
    sign_in(phone, keeper)
    phone.goto("/desk/gazetteer/")
    phone.get_by_role("link", name="Full, 27 February 2026").click()
    expect(phone.get_by_text("Applied")).to_be_visible()
    sound(page)
