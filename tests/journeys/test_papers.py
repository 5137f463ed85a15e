"""Documents in a real browser: dropped, turned, compared; a photograph framed by the keyboard; a letter seen as typed."""

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect
from tests.desk.council import open_case
from tests.desk.test_papers import halves
from tests.desk.test_workflow import at_stage, page_of
from tests.documents.conftest import picture
from tests.journeys.conftest import NARROWEST, WIDE, Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases import actions
from moothall.domain.catalogue.models import Service
from moothall.domain.documents.models import Document

pytestmark = pytest.mark.django_db(transaction=True)
DROP = """(zone, files) => {
  const given = new DataTransfer()
  for (const [name, bytes] of files) given.items.add(new File([new Uint8Array(bytes)], name))
  zone.dispatchEvent(new DragEvent('drop', { dataTransfer: given, bubbles: true, cancelable: true }))
}"""


def asks_before_it_is_left(page: Page) -> None:
    """While a file is on its way."""
    page.route("**/documents/upload/", lambda _route: None)  # never answered
    page.locator("input[type=file]").set_input_files({"name": "slow.png", "mimeType": "image/png", "buffer": picture()})
    page.get_by_role("button", name="Add", exact=True).click()
    page.once("dialog", lambda question: question.dismiss())
    with page.expect_event("dialog") as asked:
        page.evaluate("location.href = '/desk/'")
    assert asked.value.type == "beforeunload"
    page.unroute("**/documents/upload/")
    page.once("dialog", lambda question: question.accept())
    page.reload()


@pytest.mark.parametrize(("width", "javascript"), [(WIDE, True), (NARROWEST, True), (WIDE, False)])
def test_documents_come_are_turned_and_compared_and_a_photograph_is_framed(
    open_page: OpenPage,
    sign_in: SignIn,
    sound: Check,
    service: Service,
    officer: User,
    noon: datetime,
    width: int,
    javascript: bool,
) -> None:
    case = open_case(service, at=noon, by=officer)
    item = at_stage(case, "badge_details", by=officer, at=noon)
    page = open_page(width=width, javascript=javascript)
    check = sound if javascript else lambda _page: None
    sign_in(page, officer)
    files = [("me.png", halves()), ("bill.png", picture("PNG", (300, 200)))]

    page.goto(f"/desk/cases/{case.reference}/documents/")
    if javascript:
        page.locator(".app-upload").evaluate(DROP, [[name, list(content)] for name, content in files])
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator(".app-upload__kept")).to_have_count(2)
        asks_before_it_is_left(page)
        expect(page.get_by_role("table", name="Documents")).to_contain_text("bill.png")
    else:
        given = [{"name": name, "mimeType": "image/png", "buffer": content} for name, content in files]
        page.get_by_label("Files").set_input_files(given)  # type: ignore[arg-type]
        page.get_by_role("button", name="Add", exact=True).click()
    check(page)
    photo, bill = Document.objects.get(name="me.png"), Document.objects.get(name="bill.png")

    page.get_by_role("link", name="bill.png", exact=True).click()
    page.get_by_role("button", name="Turn right").click()
    expect(page.locator("img.app-preview")).to_have_js_property("naturalWidth", 200)
    check(page)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("img.app-preview")).to_have_count(2)
    page.get_by_role("link", name="200%").first.click()
    expect(page.locator("img.app-preview--200")).to_have_count(1)
    check(page)

    actions.tag_document(case, photo, set=["photograph"], by=officer, at=noon)
    page.goto(page_of(item, "confirm"))
    page.get_by_label("me.png").check()
    if javascript:
        frame = page.get_by_role("group", name="Frame: the arrow keys move it")
        expect(frame).to_be_visible()
        frame.focus()
        for key in ("ArrowRight", "Shift+ArrowRight", "-"):
            page.keyboard.press(key)
        expect(page.get_by_label("Left, %")).to_have_value("36.56")
        expect(page.get_by_label("Width, %")).to_have_value("33.89")
    else:
        page.get_by_role("button", name="Show the photograph as it will be sent").click()
        expect(page.get_by_label("Width, %")).to_have_value("38.89")
    result = page.get_by_alt_text("The photograph as it will be sent")
    expect(result).to_be_visible()
    check(page)
    assert bill.turned == 0


def test_a_letter_is_seen_as_it_is_typed_and_its_tools_are_reached_with_the_keys(
    open_page: OpenPage, sign_in: SignIn, sound: Check, service: Service, officer: User, noon: datetime
) -> None:
    case = open_case(service, at=noon, by=officer)
    page = open_page()
    sign_in(page, officer)
    page.goto(f"/desk/cases/{case.reference}/messages/new/?channel=letter&to=customer&template=")
    page.get_by_label("Subject").fill("Your badge")
    page.get_by_role("textbox", name="Text").press_sequentially("Nearly there.")
    expect(page.frame_locator(".app-live__frame iframe").last.get_by_text("Nearly there.")).to_be_visible()
    bar = page.get_by_role("toolbar", name="Formatting")
    bar.get_by_role("button", name="Bold").focus()
    page.keyboard.press("ArrowRight")
    expect(bar.get_by_role("button", name="Italic")).to_be_focused()
    sound(page)
    page.get_by_role("button", name="Keep as a draft").click()
    page.get_by_text("The draft is kept.").wait_for()
