"""What a page weighs on a first visit, whether it moves while it comes, and what of it is on paper."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Page, Route
from tests.desk.council import open_case
from tests.journeys.conftest import PHONE, WIDE, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases import actions
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 250 * 1024
CASES = 28
SHIFTS = """() => new Promise(done => {
    let shifted = 0
    new PerformanceObserver(list => list.getEntries().forEach(entry => { shifted += entry.value }))
        .observe({ type: "layout-shift", buffered: true })
    setTimeout(() => done(shifted), 100)
})"""
LATE_MS = 300
SLOWER = 8  # times


def late_scripts(page: Page) -> None:
    """Every script comes after the first paint, as on a slow network."""

    def late(route: Route) -> None:
        page.wait_for_timeout(LATE_MS)
        route.continue_()

    page.route("**/*.js", late)


TABS = ("", "application/", "workflow/", "timeline/", "documents/", "notes/", "payments/", "issued/")


@pytest.fixture
def case(service: Service, officer: User, noon: datetime) -> Case:
    """The last of enough cases to fill a page of the list, with notes."""
    for _ in range(CASES):
        case = open_case(service, at=noon, by=officer)
    for number in range(20):
        actions.add_note(
            case, text=f"Note {number} of a long conversation.", important=number == 1, by=officer, at=noon
        )
    return case


def main_pages(case: Case) -> Iterator[str]:
    yield from ("/desk/", "/desk/work/?tab=all", "/desk/search/", f"/desk/customers/{case.customer_id}/")
    yield from ("/desk/queue/", "/desk/failures/", "/desk/create/person/", "/desk/components/")
    yield from (f"/desk/cases/{case.reference}/{tab}" for tab in TABS)


def test_a_first_visit_to_any_page_is_light_and_nothing_moves(
    open_page: OpenPage, sign_in: SignIn, officer: User, case: Case
) -> None:
    page = open_page(width=WIDE)
    sign_in(page, officer)
    late_scripts(page)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received: list[float] = []
    devtools.on("Network.loadingFinished", lambda file: received.append(file["encodedDataLength"]))

    heavy, moving = {}, {}
    for address in main_pages(case):
        received.clear()
        answer = page.goto(address, wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200, address
        assert answer.headers["content-encoding"] == "gzip", address
        if (weight := sum(received)) > MOST:
            heavy[address] = weight
        if shifted := page.evaluate(SHIFTS):
            moving[address] = shifted
    assert received
    assert heavy == {}
    assert moving == {}


def test_nothing_moves_on_a_slow_machine(open_page: OpenPage, sign_in: SignIn, officer: User, case: Case) -> None:
    page = open_page(width=WIDE)
    sign_in(page, officer)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    for address in ("/desk/", f"/desk/cases/{case.reference}/", f"/desk/cases/{case.reference}/timeline/"):
        page.goto(address, wait_until="networkidle")
        assert page.evaluate(SHIFTS) == 0, address


def test_nothing_moves_on_a_phone(open_page: OpenPage, sign_in: SignIn, officer: User, case: Case) -> None:
    page = open_page(width=PHONE)
    sign_in(page, officer)
    for address in ("/desk/work/?tab=all", f"/desk/cases/{case.reference}/"):
        page.goto(address, wait_until="networkidle")
        assert page.evaluate(SHIFTS) == 0, address


def test_scripts_wait_for_the_page_and_assets_are_kept_for_ever(
    open_page: OpenPage, sign_in: SignIn, officer: User, case: Case
) -> None:
    page = open_page()
    sign_in(page, officer)
    files: dict[str, str] = {}
    page.on("response", lambda file: files.update({file.url: file.headers.get("cache-control", "")}))
    page.goto("/desk/work/?tab=all", wait_until="networkidle")

    scripts = page.locator("script[src]").evaluate_all("all => all.map(one => [one.src, one.type, one.defer])")
    assert scripts
    assert [src for src, kind, waits in scripts if kind != "module" and not waits] == []
    static = {url: kept for url, kept in files.items() if "/static/" in url}
    assert len(static) > 3
    for url, kept in static.items():
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", url), url
        assert "immutable" in kept, url
    assert page.locator("img:not([width]), img:not([height])").count() == 0


def on_paper(page: Page, address: str) -> Page:
    page.goto(address)
    page.emulate_media(media="print")
    for pressed in ("nav", "footer", "aside", "[role=search]", "main .govuk-button", ".govuk-skip-link"):
        visible = [one for one in page.locator(pressed).all() if one.is_visible()]
        assert visible == [], f"{pressed} on {address}"
    assert page.locator("h1").is_visible()
    written = page.locator("main a[href]").evaluate_all(
        "all => all.map(one => getComputedStyle(one, '::after').content)"
    )
    assert set(written) <= {"none", "normal"}, address
    return page


def test_on_paper_are_facts_and_nothing_to_press(
    open_page: OpenPage, sign_in: SignIn, officer: User, case: Case
) -> None:
    page = open_page()
    sign_in(page, officer)
    place = f"/desk/cases/{case.reference}"

    on_paper(page, f"{place}/")
    assert page.get_by_role("heading", name="Tags").is_visible()
    assert page.get_by_text("Change tags").is_hidden()
    on_paper(page, f"{place}/timeline/")
    assert page.get_by_text("Case opened").first.is_visible()
    whole = page.locator(".moj-timeline__item").first.evaluate("one => getComputedStyle(one).breakInside")
    assert whole == "avoid"
    on_paper(page, f"{place}/notes/")
    assert page.get_by_text("Note 19 of a long conversation.").is_visible()
    assert page.locator("textarea").is_hidden()
    on_paper(page, f"{place}/workflow/")
    assert page.get_by_text("Initial Checks").first.is_visible()
    assert page.get_by_text("What happens next?").is_hidden()
    on_paper(page, f"/desk/customers/{case.customer_id}/")
    assert page.get_by_text(case.reference).first.is_visible()
    assert page.get_by_role("link", name="Add or replace an address").is_hidden()


def test_the_work_list_on_paper_is_a_whole_table(
    open_page: OpenPage, sign_in: SignIn, officer: User, case: Case
) -> None:
    page = open_page()
    sign_in(page, officer)

    on_paper(page, "/desk/work/?tab=all")
    rows = page.locator("main table tbody tr")
    assert rows.count() == 25
    assert rows.last.is_visible()
    assert rows.last.evaluate("one => getComputedStyle(one).breakInside") == "avoid"
    assert page.locator("main thead").evaluate("one => getComputedStyle(one).display") == "table-header-group"
    for pressed in ("input[type=checkbox]", "main button", "main details"):
        assert [one for one in page.locator(pressed).all() if one.is_visible()] == [], pressed
    assert page.locator("main table").evaluate("one => one.parentElement.scrollWidth <= one.parentElement.clientWidth")
