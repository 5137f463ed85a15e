"""Documents at the desk: sent one by one, found, turned, compared; the part of a photograph that is printed."""

import base64
import threading
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.desk.test_case_papers import at, put
from tests.desk.test_workflow import at_stage, hidden, page_of
from tests.documents.conftest import document_folder, pdf, picture, word  # noqa: F401

from moothall.connectors.dft_blue_badge import orders
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import filing
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.documents import pages
from moothall.domain.documents.actions import Refused
from moothall.domain.documents.models import Document
from moothall.kit import framing
from moothall.web.desk.uploading import TWICE

pytestmark = pytest.mark.django_db


def halves() -> bytes:
    """A picture, the left half of it red and the right half blue."""
    whole = Image.new("RGB", (400, 200), "red")
    whole.paste("blue", (200, 0, 400, 200))
    made = BytesIO()
    whole.save(made, "PNG")
    return made.getvalue()


def seen(answer: Any) -> Image.Image:
    return Image.open(BytesIO(answer.content)).convert("RGB")


def is_red(image: Image.Image, place: tuple[int, int]) -> bool:
    colour = image.getpixel(place)
    assert isinstance(colour, tuple)
    return colour[0] > 200 and colour[2] < 60


def test_each_file_sent_by_itself_is_answered_with_its_own_sentence(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    for name, content, status in (("photo.png", picture("PNG"), 201), ("page.html", b"<script>x</script>", 422)):
        answer = at_desk.post(at(case, "documents/upload/"), {"uploads": SimpleUploadedFile(name, content)})
        assert answer.status_code == status
    assert "web page" in answer.json()["sentence"]
    assert [document.name for document in Document.objects.all()] == ["photo.png"]


@pytest.mark.django_db(transaction=True)
def test_the_same_file_sent_twice_at_one_moment_is_kept_once(
    make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case, content, kept = make_case(), picture("PNG"), []
    together = threading.Barrier(2)

    def send() -> None:
        together.wait()
        one = filing.add_document(
            case, name="a.png", content=content, origin="officer", once_within=TWICE, by=officer, at=noon
        )
        kept.append(one.pk)
        connection.close()

    senders = [threading.Thread(target=send) for _ in range(2)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert kept[0] == kept[1]
    assert Document.objects.count() == 1


def test_documents_are_found_by_name_and_tag_without_the_name_in_the_address(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    for name in ("Alma passport.png", "bill.png"):
        put(case, officer, noon, name=name)
    answer = at_desk.post(at(case, "documents/find/"), {"name": "passport", "tag": ""}, follow=True)
    assert "passport" not in answer.redirect_chain[-1][0]
    listed = Page.of(answer).text("table")
    assert "Alma passport.png" in listed
    assert "bill.png" not in listed
    nothing = at_desk.post(at(case, "documents/find/"), {"name": "", "tag": "photograph"}, follow=True)
    assert "No document is like that" in Page.of(nothing).text("main")
    assert at_desk.post(at(case, "documents/find/"), {"name": "a\0b", "tag": "\0"}, follow=True).status_code == 200
    assert at_desk.post(f"/desk/customers/{case.customer_id}/relationships/", {"who": "a\0b"}).status_code == 422
    assert at_desk.post("/desk/addresses/find/", {"text": "a\0b"}).status_code == 200


def test_a_long_list_is_paged_and_costs_as_many_statements_as_a_short_one(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    put(case, officer, noon)
    at_desk.get(at(case, "documents/"))
    with CaptureQueriesContext(connection) as short:
        at_desk.get(at(case, "documents/"))
    for number in range(29):
        put(case, officer, noon, name=f"{number}.png", content=picture("PNG", (10 + number, 10)))
    with CaptureQueriesContext(connection) as long:
        first = at_desk.get(at(case, "documents/"))
    assert len(long) <= len(short) <= 25
    assert "Showing 1 to 25 of 30 documents" in Page.of(first).text("main")
    assert len(Page.of(at_desk.get(at(case, "documents/?page=2"))).all("th", scope="row")) == 5
    assert at_desk.get(at(case, "documents/?page=3")).status_code == 404


def test_a_turned_picture_is_turned_wherever_it_is_shown_and_its_file_stays(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    document = put(case, officer, noon, content=halves())
    at_desk.post(at(case, f"documents/{document.pk}/turn/"), {"degrees": "90"})

    for address in (at(case, f"documents/{document.pk}/picture/"), f"/desk/documents/{document.pk}/framed/"):
        shown = seen(at_desk.get(address))
        assert shown.size == (200, 400)
        assert is_red(shown, (100, 50))
        assert not is_red(shown, (100, 350))
    assert b"".join(at_desk.get(at(case, f"documents/{document.pk}/file/"))) == halves()  # type: ignore[call-overload]
    assert TimelineEntry.objects.filter(case=case, text="Picture “photo.png” turned to the right.").exists()
    for _ in range(3):
        at_desk.post(at(case, f"documents/{document.pk}/turn/"), {"degrees": "90"})
    document.refresh_from_db()
    assert document.turned == 0


def test_only_pictures_are_turned_and_only_by_who_adds_documents(
    at_desk: Client, sign_in_as: SignInAs, viewer: User, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    letter, photo = put(case, officer, noon, name="a.pdf", content=pdf()), put(case, officer, noon)
    with pytest.raises(Refused, match="no picture"):
        filing.turn_document(case, letter, degrees=90, by=officer, at=noon)
    assert sign_in_as(viewer).post(at(case, f"documents/{photo.pk}/turn/"), {"degrees": "90"}).status_code == 403
    at_desk.post(at(case, f"documents/{photo.pk}/turn/"), {"degrees": "45"})
    photo.refresh_from_db()
    assert photo.turned == 0


def test_the_page_of_a_document_leads_to_those_before_and_after_it(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    first, second, third = (put(case, officer, noon, name=f"{name}.png") for name in ("one", "two", "three"))
    links = Page.of(at_desk.get(at(case, f"documents/{second.pk}/"))).links()
    assert links["Before: three.png"].endswith(f"/{third.pk}/")
    assert links["Next: one.png"].endswith(f"/{first.pk}/")
    page = Page.of(at_desk.get(at(case, f"documents/{second.pk}/?zoom=200")))
    assert "app-preview--200" in page.all("img", class_="app-preview")[0]["class"]


@pytest.mark.skipif(not pages.drawn(), reason="Poppler, which draws pages, is not installed")
def test_a_page_of_a_pdf_is_shown_as_a_picture(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    document = put(case, officer, noon, name="letter.pdf", content=pdf(pages=3))
    page = Page.of(at_desk.get(at(case, f"documents/{document.pk}/?page=2")))
    assert "Page 2 of 3" in page.text("main")
    assert seen(at_desk.get(at(case, f"documents/{document.pk}/picture/?page=2"))).height == pages.LONGEST
    assert at_desk.get(at(case, f"documents/{document.pk}/picture/?page=9")).status_code == 404


def test_two_documents_are_compared_each_looked_at_in_its_own_way(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    one, two = put(case, officer, noon, name="one.png"), put(case, officer, noon, name="two.docx", content=word())
    both = f"document={one.pk}&document={two.pk}"
    page = Page.of(at_desk.get(at(case, f"documents/compare/?{both}&a_zoom=150&a_turn=90")))
    assert page.text("h3").split() == ["one.png", "two.docx"]
    [shown] = page.all("img", class_="app-preview")
    assert "app-preview--150" in shown["class"]
    assert "turn=90" in shown["src"]
    chosen = Page.of(at_desk.get(at(case, f"documents/compare/?document={one.pk}")))
    assert [box["value"] for box in chosen.all("input", name="document", checked="")] == [str(one.pk)]


def test_an_assessor_compares_only_what_is_tagged_for_them(
    sign_in_as: SignInAs, make_user: MakeUser, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    mine, other = put(case, officer, noon, name="mine.png"), put(case, officer, noon, name="other.png")
    Document.objects.filter(pk=mine.pk).update(tags=["assessment"])
    granted = [Permission.SIGN_IN, Permission.VIEW_CASES, Permission.VIEW_DOCUMENTS]
    desk = sign_in_as(make_user("Asa Expert", "experts", permissions=granted, document_tags=["assessment"]))
    assert desk.get(at(case, f"documents/compare/?document={mine.pk}&document={other.pk}")).status_code == 404
    assert "other.png" not in Page.of(desk.get(at(case, "documents/compare/"))).text("main")
    for kind in (at(case, f"documents/{other.pk}/picture/"), f"/desk/documents/{other.pk}/framed/"):
        assert desk.get(kind).status_code == 404


def test_tags_are_changed_in_the_line_of_the_list(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    document = put(case, officer, noon)
    address = at(case, f"documents/{document.pk}/tags/")
    assert "<html" not in at_desk.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" in at_desk.get(address).content.decode()
    answer = at_desk.post(address, {"before": "", "tags": ["photograph"], "list": "yes"})
    assert answer["Location"] == at(case, "documents/")


def details(case: Case, by: User, noon: datetime) -> tuple[Any, Document]:
    """The case at the details of the badge, with a photograph."""
    item = at_stage(case, "badge_details", by=by, at=noon)
    photo = filing.add_document(
        case, name="me.png", content=halves(), origin="officer", tags=["photograph"], by=by, at=noon
    )
    return item, photo


def test_without_scripts_a_frame_in_the_shape_of_the_badge_is_set_and_shown(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    item, photo = details(case, officer, noon)
    asked = {**hidden(Page.of(at_desk.get(page_of(item, "confirm")))), "answer_photograph": str(photo.pk)}
    page = Page.of(at_desk.post(page_of(item, "confirm"), {**asked, "step": "frame"}))
    name = "answer_photograph_frame"
    boxes = [float(page.all("input", name=f"{name}_{part}")[0]["value"]) for part in range(4)]
    assert boxes[1:] == [0, 38.89, 100]
    assert boxes[0] == pytest.approx((100 - 38.89) / 2, abs=0.01)
    [result] = page.all("img", class_="app-frame__result")
    wide, high = seen(at_desk.get(result["src"])).size
    assert wide / high == pytest.approx(35 / 45, rel=0.01)

    wrong = at_desk.post(page_of(item, "confirm"), {**asked, f"{name}_of": str(photo.pk), f"{name}_0": "90"})
    assert "Fill in all four boxes" in Page.of(wrong).text("fieldset")


def test_a_part_is_worked_out_anew_when_the_picture_is_turned_and_is_refused_in_another_shape(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    item, photo = details(make_case(), officer, noon)
    there, name = page_of(item, "confirm"), "answer_photograph_frame"
    asked = {**hidden(Page.of(at_desk.get(there))), "answer_photograph": str(photo.pk)}

    def part(page: Page) -> dict[str, str]:
        return {
            **hidden(page),
            **{f"{name}_{box}": page.all("input", name=f"{name}_{box}")[0]["value"] for box in range(4)},
        }

    first = part(Page.of(at_desk.post(there, {**asked, "step": "frame"})))
    turned = {**asked, **first, f"{name}_4": "90"}
    sent_at_once = at_desk.post(there, turned)
    assert "The photograph was turned." in Page.of(sent_at_once).text("main")
    for shown in (sent_at_once, at_desk.post(there, {**turned, "step": "frame"})):
        page = Page.of(shown)
        [result] = page.all("img", class_="app-frame__result")
        wide, high = seen(at_desk.get(result["src"])).size
        assert wide / high == pytest.approx(35 / 45, rel=0.01)
        assert hidden(page)[f"{name}_was"] == "90"

    squashed = {f"{name}_{box}": value for box, value in enumerate(("0", "0", "100", "20", "0"))}
    refused = at_desk.post(there, {**asked, f"{name}_of": str(photo.pk), **squashed})
    assert "The part is not in the shape asked for." in Page.of(refused).text("fieldset")
    whole = at_desk.post(there, {**asked, f"{name}_of": str(photo.pk), f"{name}_4": "180"})
    [result] = Page.of(whole).all("img", class_="app-frame__result")
    assert result["src"].endswith("frame=0+0+100+100+180"), "all of it is sent, turned as said"


def test_what_is_ordered_is_the_part_that_was_chosen(make_case: OpenCase, officer: User, noon: datetime) -> None:
    case = make_case()
    _, photo = details(case, officer, noon)
    frame = framing.Frame(60, 10, 35, 80)
    sent = orders.photograph(case, {"photograph": str(photo.pk), "photograph_frame": str(frame)})
    assert sent is not None
    made = Image.open(BytesIO(base64.b64decode(sent))).convert("RGB")
    assert made.size == (140, 160)
    assert not is_red(made, (5, 5))
    assert Document.objects.get(pk=photo.pk).sha256 == photo.sha256


@pytest.mark.parametrize(
    "text", ["", "1 2 3", "60 0 50 50 0", "0 0 1 50 0", "0 0 50 50 45", "0 0 nan 50 0", "0 -1 50 50 0"]
)
def test_what_is_no_part_of_a_picture_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(framing.InvalidFrame, match=r"\.$"):
        framing.parse(text)


def test_a_message_is_shown_as_it_will_look_while_it_is_written(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    address = f"/desk/cases/{case.reference}/messages/new/?channel=letter&to=customer&template="
    assert "frame-src 'self'" in at_desk.get(address)["Content-Security-Policy"]
    typed = {"subject": "Your badge", "html": "<p onclick='x()'>Soon.</p><script>alert(1)</script>", "step": "live"}
    answer = at_desk.post(address, typed)
    html = answer.content.decode()
    assert "<p>Soon.</p>" in html
    assert "4 Sample Street" in html
    assert "script" not in html
    assert "onclick" not in html
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "Once there are" in at_desk.post(address, {"subject": "", "html": "", "step": "live"}).content.decode()
