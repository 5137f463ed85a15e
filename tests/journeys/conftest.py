"""A real browser at the desk of a council that offers the Blue Badge, and what is asked of every page it shows."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import Browser, CDPSession, ConsoleMessage, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer
from tests.desk.conftest import PASSWORD
from tests.desk.council import offer_blue_badges
from tests.documents.scanner import scanner, scanner_running  # noqa: F401

from moothall.core.accounts.models import User
from moothall.domain.catalogue.models import Service

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
RUN = """axe.run(document, {resultTypes: ['violations'], iframes: false})
    .then(found => found.violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`))"""
WIDE, PHONE, NARROWEST = 1280, 375, 320
WIDTH = """new Promise(done => requestAnimationFrame(() => requestAnimationFrame(  // what scripts fit to it is fitted
    () => done(document.documentElement.scrollWidth))))"""
WIDEST = """(() => {  // the innermost element without which the page would fit
    const wide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
    const without = one => { const was = one.style.display; one.style.display = "none"; const fits = !wide();
        one.style.display = was; return fits; };
    let at = document.body;
    for (let next; (next = [...at.children].find(without)); ) at = next;
    return `${at.tagName}.${at.className}`;
})()"""
TABLES = """[...document.querySelectorAll(".app-table")].filter(one => one.scrollWidth > one.clientWidth)
    .map(one => `${one.getAttribute("aria-label")} is ${one.scrollWidth - one.clientWidth} pixels too wide`)"""
TABLET, DESK = 769, 1000  # the narrowest windows with tables in place of cards, those of many columns in the second
PATIENCE = 30_000  # milliseconds: the first page of a process is slow on a busy machine

OpenPage = Callable[..., Page]
SignIn = Callable[[Page, User], None]
Check = Callable[[Page], None]
Faults = Callable[..., list[str]]


def complaint(said: ConsoleMessage, *, refused: int) -> Iterator[str]:
    """What the console complains of, and of which address."""
    if said.type in {"error", "warning"} and f"status of {refused} " not in said.text:
        yield f"{said.text} {said.location['url']}"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed, and only an administrator can install it: apt-get install chromium")
    expect.set_options(timeout=PATIENCE)
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's driver keeps a loop in this thread
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of the styles and scripts as an installation serves them: compressed, under names with digests.

    The processes of one run share it.
    """
    own = tmp_path_factory.getbasetemp()
    among = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, whole = among / "collected", among / "collected.whole"
    with (among / "collected.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            with override_settings(STATIC_ROOT=str(folder)):
                call_command(
                    "collectstatic", interactive=False, verbosity=0, ignore_patterns=["ninja"]
                )  # 8 MB, of the API
            whole.touch()
    return str(folder)


@pytest.fixture(scope="session")
def live_server(collected: str) -> Iterator[LiveServer]:
    """The product over HTTP, serving its own styles and scripts as it does for users."""
    server = LiveServer("localhost", start=False)
    server.thread.static_handler = lambda product: product
    with override_settings(STATIC_ROOT=collected, WHITENOISE_USE_FINDERS=False):
        server.start()
    yield server
    server.stop()


@pytest.fixture
def desk(live_server: LiveServer, collected: str, settings: Any, tmp_path: Path) -> str:
    """Where the product answers, over plain HTTP on this machine."""
    settings.STATIC_ROOT = collected
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "session", False
    settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE = "csrf", False
    settings.MEDIA_ROOT = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a sign-in costs little
    return str(live_server.url)


@pytest.fixture
def service(transactional_db: None, noon: datetime) -> Service:
    """The Blue Badge, published."""
    return offer_blue_badges(at=noon)


@pytest.fixture
def open_page(browser: Browser, desk: str) -> Iterator[OpenPage]:
    """`open_page(width=320, javascript=False)`: a page of a browser of its own. What its console complains of fails the
    test, but for answers of the status `refused`."""
    contexts, complaints = [], []

    def open_page(*, width: int = WIDE, javascript: bool = True, refused: int = 0) -> Page:
        context = browser.new_context(
            base_url=desk, viewport={"width": width, "height": 800}, java_script_enabled=javascript
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.extend(complaint(said, refused=refused)))
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in() -> SignIn:
    """`sign_in(page, officer)`: through the page everybody signs in on."""

    def sign_in(page: Page, user: User) -> None:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        page.goto("/desk/sign-in/")
        page.get_by_label("Email address").fill(user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/desk/")

    return sign_in


@pytest.fixture
def faults() -> Faults:
    """`faults(page)`: what axe finds, and whether anything is wider than the window, this one or the narrowest.

    With `narrow`, axe looks at the narrowest too, where a page may be laid out otherwise, and no table scrolls sideways
    wherever it begins to be laid out otherwise.
    """
    told: dict[Page, CDPSession] = {}

    def faults(page: Page, *, narrow: bool = False) -> list[str]:
        if page not in told:
            told[page] = page.context.new_cdp_session(page)
        told[page].send("Runtime.evaluate", {"expression": f"{AXE};0"})  # `evaluate` would look through all of it first
        found: list[str] = page.evaluate(RUN)
        assert page.viewport_size is not None
        width, height = page.viewport_size["width"], page.viewport_size["height"]
        for window in dict.fromkeys((width, NARROWEST)):
            page.set_viewport_size({"width": window, "height": height})
            if narrow and window == NARROWEST != width:
                found += [f"{fault} at {window}" for fault in page.evaluate(RUN)]
            if (wide := page.evaluate(WIDTH)) > window:
                found.append(f"{wide} pixels wide in a window of {window}: {page.evaluate(WIDEST)}")
            if narrow:
                found += [f"{fault} in a window of {window}" for fault in page.evaluate(TABLES)]
        for window in (TABLET, DESK) if narrow and page.locator(".app-table").count() else ():
            page.set_viewport_size({"width": window, "height": height})
            page.evaluate(WIDTH)
            found += [f"{fault} in a window of {window}" for fault in page.evaluate(TABLES)]
        page.set_viewport_size({"width": width, "height": height})
        return found

    return faults


@pytest.fixture
def sound(faults: Faults) -> Check:
    """`sound(page)`: axe finds nothing, and nothing is wider than the window, this one or the narrowest."""

    def check(page: Page) -> None:
        assert faults(page) == [], page.url

    return check
