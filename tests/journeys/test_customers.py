"""Customers in a real browser, with JavaScript and without: searched for, looked at, merged and parted, and imported."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.desk.council import open_case
from tests.desk.test_duplicates import EVIDENCE
from tests.journeys.conftest import Check, OpenPage, SignIn
from tests.people.imported import ANN, BOB, csv_of

from moothall.core.accounts.models import User
from moothall.domain.catalogue.models import Service
from moothall.domain.people import actions as people
from moothall.domain.people import tasks
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.models import Customer, Import, Pair

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_customers_are_found_looked_at_merged_parted_and_imported(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    service: Service,
    administrator: User,
    tmp_path: Path,
    javascript: bool,
) -> None:
    now: dict[str, Any] = {"by": administrator, "at": timezone.now()}
    alma = open_case(service, at=timezone.now()).customer
    elma = people.create_person(PersonDetails(first_names="Elma", last_name="Maidup", known_as="Elm"), **now)
    found = {"probability": 0.987, "model": "people-1", "found_at": timezone.now(), "evidence": EVIDENCE}
    Pair.objects.create(first=alma, second=elma, **found)
    page = open_page(javascript=javascript)
    check = sound if javascript else (lambda _: None)  # axe is a script itself
    sign_in(page, administrator)

    ask(page, "Search for a case or a customer", "%adeup ex1%", javascript=javascript)
    expect(page.locator("#found")).to_contain_text("EX1 2AB")
    expect(page.locator("#found")).not_to_contain_text("Elma")
    page.goto("/desk/search/")
    page.get_by_text("Search by what you know").click()
    page.get_by_label("Names that sound like it as well").check()
    ask(page, "Name", "Madup", javascript=javascript)
    for name in ("Alma Madeup", "Elma Maidup", "sounds like it"):
        expect(page.locator("#found")).to_contain_text(name)
    check(page)
    page.get_by_role("link", name="Alma Madeup").first.click()
    expect(page.get_by_role("heading", name="Alma Madeup")).to_be_visible()
    check(page)

    merge_and_part(page, elma, check)
    bring_in(page, tmp_path / "people.csv", check)


def ask(page: Page, label: str, text: str, *, javascript: bool) -> None:
    """Look for this: as it is typed, or with the button."""
    if "/search/" not in page.url:
        page.goto("/desk/search/")
    box = page.get_by_label(label, exact=True)
    if javascript:
        box.press_sequentially(text)
    else:
        box.fill(text)
        page.get_by_role("main").get_by_role("button", name="Search", exact=True).click()


def merge_and_part(page: Page, other: Customer, check: Check) -> None:
    """From the page of a customer: merged with Elma Maidup, and parted again."""
    page.get_by_role("link", name="Merge with another record").click()
    page.get_by_role("link", name="Elma Maidup").first.click()
    check(page)
    page.get_by_label("Elm", exact=True).check()
    page.get_by_label("How do you know?").fill("Saw both passports.")
    page.get_by_role("button", name="Merge: they are the same").click()
    expect(page.get_by_text("They are one record now.")).to_be_visible()
    assert Customer.objects.get(pk=other.pk).merged_into is not None
    page.get_by_text("Merged from other records").click()
    page.get_by_role("link", name="Look at it or undo it").click()
    check(page)
    page.get_by_label("How do you know that they are not the same?").fill("They are cousins.")
    page.get_by_role("button", name="Make two records of it again").click()
    expect(page.get_by_text("They are two records again, each as it was.")).to_be_visible()


def bring_in(page: Page, file: Path, check: Check) -> None:
    """Three rows given, tried and brought in, one of which is refused; two were recorded before."""
    page.goto("/desk/imports/")
    file.write_bytes(csv_of(ANN, BOB, [*ANN[:2], "", *ANN[3:]]))
    page.get_by_label("File of customers").set_input_files(file)
    page.get_by_role("button", name="Continue").click()
    check(page)
    page.get_by_role("button", name="Try every row").click()
    one = Import.objects.get()
    page.wait_for_url(f"**/imports/{one.pk}/")
    tasks.import_customers(import_id=one.pk)
    page.reload()
    expect(page.get_by_text("This is what would become of each row.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("There is no last name.")
    check(page)
    assert Customer.objects.count() == 2
    page.get_by_role("button", name="Start the import").click()
    page.wait_for_url(f"**/imports/{one.pk}/")
    tasks.import_customers(import_id=one.pk)
    page.reload()
    expect(page.get_by_text("Done", exact=True)).to_be_visible()
    assert Customer.objects.count() == 4
