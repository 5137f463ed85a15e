"""HTML that people wrote."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.domain.messages import plain, sanitise


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p onclick=x>Hi <b>you</b></p>", "<p>Hi you</p>"),
        ("<script>alert(1)</script><p>a</p>", "<p>a</p>"),
        ("<a href='javascript:alert(1)'>x</a>", "<a>x</a>"),
        ("<a href='//evil.example.org'>x</a>", "<a>x</a>"),
        ("<a href='https://www.example.org/?a=1&amp;b=2' style='x'>x</a>", '<a href="https://www.example.org/?a=1&amp;b=2">x</a>'),
        ("<a href='mailto:a@example.org'>x</a>", '<a href="mailto:a@example.org">x</a>'),
        ("<img src=x onerror=y><iframe src=z>no</iframe>", ""),
        ("<h1>Big</h1><h2>Less</h2>", "Big<h2>Less</h2>"),
        ("<td colspan=9999>x", "x"),
        ("<ol start=3><li>c</ol>", '<ol start="3"><li>c</li></ol>'),
        ("<!-- secret --><p>a", "<p>a</p>"),
    ],
)  # fmt: skip
def test_only_what_a_letter_needs_is_kept(given: str, kept: str) -> None:
    assert sanitise.clean(given) == kept


@given(st.text(alphabet="<>ap/scrit hef=\"'javo:&;!-x1", max_size=120))
@settings(max_examples=300, deadline=None)
def test_cleaning_again_changes_nothing_and_no_script_is_left(html: str) -> None:
    once = sanitise.clean(html)

    assert sanitise.clean(once) == once
    assert "<script" not in once
    assert 'href="javascript' not in once


def test_a_text_longer_than_a_message_may_be_is_refused() -> None:
    with pytest.raises(sanitise.TooLong, match="at most, and this one has 100,001"):
        sanitise.clean("x" * 100_001)


def test_the_plain_part_reads_like_the_html() -> None:
    html = (
        "<p>Dear Ann &amp; co,<br>hello</p><h2>What  we\nneed</h2><ul><li>A <strong>photo</strong></li>"
        "<li><p>A bill</p><p>or two</p></li></ul><ol start='2'><li>Go to <a href='https://www.example.org/x'>our page</a></li>"
        "<li>Write to <a href='mailto:a@example.org'>a@example.org</a></li></ol>"
        "<table><tr><th>What</th><th>Cost</th></tr><tr><td>Badge</td><td>£10.00</td></tr></table><p>Yours</p>"
    )

    assert plain.of(html) == (
        "Dear Ann & co,\nhello\n\nWhat we need\n\n- A photo\n- A bill\nor two\n\n"
        "2. Go to our page (https://www.example.org/x)\n3. Write to a@example.org\n\n"
        "What | Cost\nBadge | £10.00\n\nYours\n"
    )
