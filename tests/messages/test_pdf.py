"""Letters as PDF: accessible, on the council's letterhead, and closed to the outside."""

import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from moothall.core.council.settings import Council
from moothall.domain.messages import pdf
from moothall.domain.messages.models import Message

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
LONG = (
    "<p>Dear Ŵyn Ŷ,</p><h3>First</h3><p>Text <em>and</em> <strong><em>more</em></strong>.</p><h2>Then</h2>"
    "<h3>Deeper</h3><ul><li>One</li></ul><p><a href='https://www.example.org/x'>Our page</a></p>"
    "<table><thead><tr><th scope='col'>What</th></tr></thead><tbody><tr><td>Badge</td></tr></tbody></table>"
) + "<p>More to read.</p>" * 60


def make_message(**fields: Any) -> Message:
    """A letter that was not saved, unless told otherwise."""
    given = {
        "channel": "letter",
        "reference": "PP-7K3M-Q2R8",
        "to_name": "Ann Applicant",
        "to_lines": ["1 Example Road", "Exampleton", "EX1 1AA"],
        "subject": "We need more from you",
        "html": "<p>Dear Ann,</p>",
    }
    return Message(**given | fields)


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def structure(document: pikepdf.Pdf) -> list[str]:
    def walk(element: Any) -> Iterator[str]:
        if isinstance(element, pikepdf.Array):
            for child in element:
                yield from walk(child)
        elif isinstance(element, pikepdf.Dictionary):
            if "/S" in element:
                yield str(element.S).removeprefix("/")
            if "/K" in element:
                yield from walk(element.K)

    return list(walk(document.Root.StructTreeRoot))


@pytest.fixture(scope="module")
def letter() -> pikepdf.Pdf:
    message = make_message(html=LONG, language="cy", subject="Eich cais: we “need” more")
    return opened(pdf.letter(message, council=Council(name="Cyngor Enghraifft"), at=NOON))


def test_a_letter_says_that_it_is_pdf_ua_with_title_and_language(letter: pikepdf.Pdf) -> None:
    with letter.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Eich cais: we “need” more"
    assert letter.Root.MarkInfo.Marked
    assert letter.Root.Lang == "cy"
    assert letter.Root.ViewerPreferences.DisplayDocTitle
    assert letter.docinfo["/Title"] == "Eich cais: we “need” more"


def test_a_letter_is_tagged_and_no_heading_level_is_skipped(letter: pikepdf.Pdf) -> None:
    tags = structure(letter)

    assert [tag for tag in tags if tag.startswith("H")] == ["H1", "H2", "H2", "H3"]
    assert {"P", "L", "LI", "Link", "Table", "TR", "TH", "TD"} <= set(tags)


def test_every_font_of_a_letter_is_embedded_and_can_be_read_aloud(letter: pikepdf.Pdf) -> None:
    fonts = [font for page in letter.pages for font in page.Resources.Font.values()]

    assert {str(font.BaseFont).rpartition("+")[2].partition("-")[0] for font in fonts} == {"Letter", "LetterMore"}
    assert all("/ToUnicode" in font for font in fonts)
    assert all("/FontFile2" in font.DescendantFonts[0].FontDescriptor for font in fonts)


def test_links_say_where_they_lead_and_pages_follow_the_structure(letter: pikepdf.Pdf) -> None:
    assert len(letter.pages) > 1
    assert all(page.obj.Tabs == "/S" for page in letter.pages)
    (link,) = [note for page in letter.pages for note in page.obj.get("/Annots", [])]
    assert link.Contents == "https://www.example.org/x"


@pytest.mark.parametrize(
    "html",
    ["<img src='http://127.0.0.1:9/x.png'>", "<img src='file:///etc/passwd'>", "<style>@import 'http://x/'</style>"],
)
def test_a_letter_fetches_nothing_even_if_sanitising_had_failed(html: str) -> None:
    with pytest.raises(FatalURLFetchingError):
        pdf.letter(make_message(html=html), council=Council(), at=NOON)


def test_names_and_addresses_are_escaped_on_the_letter() -> None:
    message = make_message(to_name="<img src='http://x/'>", to_lines=["<style>"], reference="</style><img src='x:'>")

    assert pdf.letter(message, council=Council(name="<img src='x:'>"), at=NOON).startswith(b"%PDF-1.7")


def test_a_colour_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="The council's colour is “red;”: write it like #1d4f5c"):
        pdf.letter(make_message(), council=Council().model_copy(update={"colour": "red;"}), at=NOON)
    with pytest.raises(ValueError, match="colour"):
        Council(colour="red;")


def test_the_copy_of_an_email_is_accessible_too() -> None:
    message = make_message(channel="email", to_email="ann@example.org", to_lines=[])

    copy = opened(pdf.email_copy(message, council=Council(), at=NOON, message_id="<1@example.org>"))

    with copy.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
    assert structure(copy).count("TH") == 4


def test_printing_logs_nothing_and_what_fits_a_letter_to_a_screen_is_only_in_the_page_for_one(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("weasyprint"), "propagate", True)
    council, message = Council(name="Example Council"), make_message(html=LONG)

    with caplog.at_level(logging.WARNING):
        pdf.letter(message, council=council, at=NOON)
        pdf.email_copy(message, council=council, at=NOON, message_id="<1@example.org>")

    assert not caplog.messages
    assert "zoom" in pdf.letter_page(message, council=council, at=NOON)
