"""How letters are laid out on paper."""

import re

import pytest
from tests.messages.test_pdf import NOON, make_message
from weasyprint import HTML

from moothall.config.demo.council import EXAMPLE
from moothall.domain.messages import pdf

SIGNED = "<h2>If you have a question</h2><p>Phone us. Give your reference.</p><p>Blue Badge team<br>Example Council</p>"


def pages(body: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words of each page."""
    found: list[str] = []

    def write(document: HTML, **_: object) -> bytes:
        for page in document.render().pages:
            found.append(" ".join(box.text for box in page._page_box.descendants() if hasattr(box, "text")))
        return b""

    monkeypatch.setattr(HTML, "write_pdf", write)
    pdf.letter(make_message(html=body), council=EXAMPLE, at=NOON)
    return found


def test_who_signs_never_stands_alone_on_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    for lines in range(18, 34):
        whole = pages("<p>More to read.</p>" * lines + SIGNED, monkeypatch)
        last = next(page for page in whole if "Blue Badge team" in page)
        assert "Phone us." in last, lines


def test_a_reference_is_not_broken_over_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    for words in range(1, 24):
        text = pages(f"<p>{'wo ' * words * 3}BB-C9RN-JPTH</p>", monkeypatch)[0]
        assert "BB-C9RN-JPTH" in text, words


def test_references_in_links_stay_as_they_are() -> None:
    link = '<a href="https://my.example.org/cases/BB-C9RN-JPTH">here</a>'
    assert pdf._unbroken(link) == link
    assert len(re.findall("<span", pdf._unbroken(f"<p>BB-C9RN-JPTH {link} BB-C9RN-JPTH</p>"))) == 2
