"""An organisation's application on paper: recorded by hand, its form scanned, looked at where the answers would stand."""

from typing import Any

import pytest
from playwright.sync_api import expect
from tests.documents.conftest import picture
from tests.documents.scanner import INFECTED
from tests.journeys.conftest import WIDE, Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.catalogue.models import Service
from moothall.domain.documents.models import Document
from moothall.domain.people.models import Customer
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("javascript", [True, False])
def test_an_organisation_its_vehicle_and_its_scanned_form_are_recorded_in_one_go(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    service: Service,
    officer: User,
    scanner: Running,
    javascript: bool,
) -> None:
    page = open_page(width=WIDE, javascript=javascript, refused=422)
    check = sound if javascript else lambda _page: None
    sign_in(page, officer)

    page.goto("/desk/create/organisation/")
    page.get_by_label("Name of the organisation").fill("Sample Day Club")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Add a vehicle").click()
    page.get_by_label("Registration mark").fill("AB12 CDE")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Sites and vehicles")).to_be_visible()
    expect(page.get_by_text("AB12CDE")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Organisation").check()
    page.get_by_label("Paper").check()
    page.get_by_role("button", name="Open the case").click()

    page.get_by_label("Application form").check()
    files: list[Any] = [
        {"name": "page 1.png", "mimeType": "image/png", "buffer": picture("PNG", (210, 297))},
        {"name": "page 2.png", "mimeType": "image/png", "buffer": picture("PNG", (200, 290))},
        {"name": "worse.pdf", "mimeType": "application/pdf", "buffer": INFECTED},
    ]
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_role("button", name="Continue").click()
    if not javascript:
        expect(page.locator("#id_uploads-error")).to_contain_text("worse.pdf")
    expect(page.get_by_text("The virus scanner found Eicar-Test-Signature").first).to_be_visible()
    expect(page.locator("#kept")).to_contain_text("page 1.png")
    expect(page.locator("#kept")).to_contain_text("page 2.png")
    check(page)

    case = Customer.objects.get(name="Sample Day Club").cases.get()
    page.goto(f"/desk/cases/{case.reference}/application/")
    expect(page.get_by_role("heading", name="Application form")).to_be_visible()
    page.get_by_role("link", name="page 2.png").first.click()
    expect(page.locator("img.app-preview")).to_have_js_property("naturalWidth", 200)
    check(page)
    page.get_by_text("Other documents are the application form").click()
    for name in ("page 1.png", "page 2.png"):
        page.get_by_role("checkbox", name=name).uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nothing was sent in online")).to_be_visible()
    check(page)
    assert [one.tags for one in Document.objects.all()] == [[], []]
