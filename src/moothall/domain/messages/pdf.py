"""Letters, and copies of e-mails, as accessible PDF (PDF/UA-1, ISO 14289-1).

Nothing outside the product is ever fetched: the fonts come from its own folder and every other address is refused.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe
from PIL import ImageFile
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from moothall.core.council.settings import Council
from moothall.domain.messages import words
from moothall.domain.messages.models import Message
from moothall.kit.calendars import LONDON

ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint lets the whole process take half a photograph for a whole one
_FONTS = Path(__file__).parent / "fonts"
_TAG_OR_REFERENCE = re.compile(r"""<(?:"[^"]*"|[^>"])*>|\b([A-Z]{2,6}-[0-9A-Z]{4}-[0-9A-Z]{4})\b""")
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_FONT_URL = re.compile(r"moothall-font:([a-z0-9-]+)")


class Refused(ValueError):
    """A document asked for something outside it."""


class _OwnFontsOnly(URLFetcher):  # type: ignore[misc]  # weasyprint is not typed
    def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002
        if not (found := _FONT_URL.fullmatch(url)):
            raise Refused(f"A letter fetches nothing from outside, and this one asked for {url}.")
        return URLFetcherResponse(url, _font(found[1]), {"Content-Type": "font/ttf"})


@cache
def _font(name: str) -> bytes:
    """As it is used: a WOFF2 would be unpacked anew for each letter, which takes longer than all else of it."""
    return (_FONTS / f"atkinson-hyperlegible-next-{name}.ttf").read_bytes()


def letter(message: Message, *, council: Council, at: datetime) -> bytes:
    """The PDF of a letter on the council's letterhead, dated with the day of `at`."""
    return _produce(_letter(message, council, at))


def letter_page(message: Message, *, council: Council, at: datetime) -> str:
    """The same letter as a page for a screen, in the fonts the screen has."""
    return _FONT_FACE.sub("", _letter(message, council, at, screen=True))


def _letter(message: Message, council: Council, at: datetime, *, screen: bool = False) -> str:
    return _page(
        "messages/letter.html",
        message,
        council,
        screen=screen,
        date=words.day(at.astimezone(LONDON).date(), message.language),
        contact=[*council.address, *(re.sub("^https?://", "", line) for line in council.contact_lines)],
    )


def email_copy(message: Message, *, council: Council, at: datetime, message_id: str) -> bytes:
    """The PDF by which officers read an e-mail as it was sent at `at`."""
    own = words.of(message.language)
    moment = at.astimezone(LONDON)
    rows = [
        (own["from"], council.email_from),
        (own["to"], f"{message.to_name} <{message.to_email}>"),
        (own["sent"], f"{words.day(moment.date(), message.language)}, {moment:%H:%M}"),
        (own["message_id"], message_id),
    ]
    return _produce(_page("messages/email_copy.html", message, council, rows=rows))


def record(message: Message, *, council: Council, rows: Sequence[tuple[str, str]]) -> bytes:
    """Anything that was said, as an accessible PDF: `rows` of facts, then the text of `message`, which was not sent."""
    return _produce(_page("messages/email_copy.html", message, council, rows=rows))


def _page(template: str, message: Message, council: Council, **more: object) -> str:
    return render_to_string(
        template,
        {
            "message": message,
            "council": council,
            "colour": words.colour(council.colour),
            "words": words.of(message.language),
            "subject": mark_safe(_unbroken(escape(message.subject))),  # noqa: S308  # escaped
            "body": mark_safe(_unbroken(_levelled(message.html))),  # noqa: S308  # sanitised when it was saved
            **more,
        },
    )


def _produce(html: str) -> bytes:
    document = HTML(string=html, url_fetcher=_OwnFontsOnly(fail_on_errors=True))
    content: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return content


def _unbroken(html: str) -> str:
    """References of cases in the text never go over the end of a line."""
    return _TAG_OR_REFERENCE.sub(
        lambda found: f'<span class="reference">{found[1]}</span>' if found[1] else found[0], html
    )


def _levelled(html: str) -> str:
    """No heading level is skipped (PDF/UA-1, 7.4.2): before the first h2, an h3 becomes one."""
    before, first, after = html.partition("<h2>")
    return before.replace("<h3>", "<h2>").replace("</h3>", "</h2>") + first + after
