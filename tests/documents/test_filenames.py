import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.domain.documents.filenames import LONGEST, clean


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\ann\\proof.pdf", "proof.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ('quote".pdf', "quote.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("CON.pdf", "CON file.pdf"),
        ("", "document.pdf"),
        ("...", "document.pdf"),
        ("proof.PDF", "proof.pdf"),
        ("Letter no. 3", "Letter no. 3.pdf"),
        ("x" * 500 + ".pdf", "x" * (LONGEST - 4) + ".pdf"),
    ],
)
def test_a_name_is_made_safe(given: str, cleaned: str) -> None:
    assert clean(given, endings=("pdf",)) == cleaned


@given(st.text(max_size=300))
@settings(max_examples=200)
def test_whatever_the_name_the_cleaned_one_is_short_plain_and_ends_as_it_should(name: str) -> None:
    cleaned = clean(name, endings=("jpg", "jpeg"))

    assert cleaned.endswith((".jpg", ".jpeg"))
    assert 5 <= len(cleaned) <= LONGEST + len(" file")
    assert not set(cleaned) & set('<>:"/\\|?*%;')
    assert not any(unicodedata.category(letter).startswith("C") for letter in cleaned)
    assert not cleaned.startswith(".")
    assert clean(cleaned, endings=("jpg", "jpeg")) == cleaned
