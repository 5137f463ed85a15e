"""Identifiers people type: what is accepted, how it is kept and how it is shown."""

import re
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.kit import email, nino, phone, postcode, references, uprn
from moothall.kit.invalid import Invalid

PUBLISHED_NINO = re.compile(
    r"^(?!BG)(?!GB)(?!NK)(?!KN)(?!TN)(?!NT)(?!ZZ)(?:[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])(?:\s*\d\s*){6}([A-D]?\s*)$",
    re.ASCII | re.IGNORECASE,
)
PUBLISHED_BADGE_POSTCODE = re.compile(r"^[A-Za-z]{1,2}[0-9][0-9A-Za-z]?\s?[0-9][A-Za-z]{2}$", re.ASCII)


@pytest.mark.parametrize(
    ("module", "typed", "stored", "shown"),
    [
        (nino, " ab 12 34 56 c ", "AB123456C", "AB 12 34 56 C"),
        (nino, "AB123456", "AB123456", "AB 12 34 56"),
        (nino, "ab-12-34-56-d", "AB123456D", "AB 12 34 56 D"),
        (postcode, "sw1a1aa", "SW1A 1AA", "SW1A 1AA"),
        (postcode, " m1  1aE", "M1 1AE", "M1 1AE"),
        (postcode, "W1A-0AX", "W1A 0AX", "W1A 0AX"),
        (postcode, "gir0aa", "GIR 0AA", "GIR 0AA"),
        (phone, "(0113) 496-0000", "+441134960000", "0113 496 0000"),
        (phone, "07700 900123", "+447700900123", "07700 900123"),
        (phone, "07400-123456", "+447400123456", "07400 123456"),
        (phone, "07781 123456", "+447781123456", "07781 123456"),
        (phone, "01632 960 001", "+441632960001", "01632 960001"),
        (phone, "+44 (0)20 7946 0123", "+442079460123", "020 7946 0123"),
        (phone, "+33 1 23 45 67 89", "+33123456789", "+33 1 23 45 67 89"),
        (phone, "0113 496 0000 #123", "+441134960000;ext=123", "0113 496 0000 x123"),
        (email, "  Ann.Example+badge@Example.ORG ", "Ann.Example+badge@example.org", "Ann.Example+badge@example.org"),
        (email, "o'hara@mail.example.org", "o'hara@mail.example.org", "o'hara@mail.example.org"),
        (uprn, "010012345678", "10012345678", "10012345678"),
        (uprn, "1", "1", "1"),
    ],
)
def test_an_identifier_is_kept_in_one_form_and_shown_in_another(
    module: ModuleType, typed: str, stored: str, shown: str
) -> None:
    assert module.normalise(typed) == stored
    assert module.normalise(stored) == stored
    assert module.display(stored) == shown
    assert module.is_valid(typed)


@pytest.mark.parametrize(
    ("module", "typed"),
    [
        *((nino, f"{prefix}123456A") for prefix in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ", "DA", "AO", "QA", "VA")),
        *((nino, text) for text in ("", "AB12345C", "AB1234567", "AB123456E", "AB١٢٣٤٥٦C", "AB123456C\x00")),
        *((postcode, text) for text in ("", "SW1A", "1AA SW1A", "SW1A 1A", "SW1A 1AAA", "ABC 1AA", "SW1A 1A1", "M١ 1AE")),
        *((phone, text) for text in ("", "none", "12345", "0113 496", "01134960000000", "999")),
        *(
            (email, text)
            for text in (
                "", "ann", "ann@", "@example.org", "ann@example", "ann@@example.org", "a b@example.org",
                "ann@example..org", ".ann@example.org", "ann@-example.org", "ann@example.org\nBcc: x@example.org",
                "Ann <ann@example.org>", "ann@10.0.0.1", f"{'a' * 65}@example.org", f"a@{'b.' * 126}org",
            )
        ),
        *((uprn, text) for text in ("", "0", "1234567890123", "-1", "12a", "1.5", "١٢٣")),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence_that_gives_an_example(module: ModuleType, typed: str) -> None:
    with pytest.raises(Invalid, match=r"^Enter .* like .*\.$"):
        module.normalise(typed)

    assert not module.is_valid(typed)


def test_the_badge_order_takes_no_girobank_postcode_though_it_is_one() -> None:
    assert not postcode.is_valid_for_badge("GIR 0AA")
    assert postcode.is_valid("GIR 0AA")


def test_the_badge_order_takes_a_second_letter_i_or_z() -> None:
    assert postcode.is_valid_for_badge("AZ1 1AA")


def test_a_postcode_goes_to_the_national_service_without_its_space() -> None:
    assert postcode.compact("sw1a 1aa") == "SW1A1AA"


@settings(deadline=None)
@given(st.from_regex(PUBLISHED_NINO, fullmatch=True))
def test_every_number_the_published_nino_pattern_takes_is_taken(text: str) -> None:
    assert PUBLISHED_NINO.match(nino.normalise(text))


@settings(deadline=None)
@given(st.from_regex(PUBLISHED_BADGE_POSTCODE, fullmatch=True))
def test_every_postcode_the_published_badge_pattern_takes_is_taken(text: str) -> None:
    assert PUBLISHED_BADGE_POSTCODE.match(postcode.normalise(text))


@settings(deadline=None)
@given(st.text(max_size=20), st.sampled_from([nino, postcode, phone, email, uprn, references]))
def test_no_text_at_all_is_more_than_accepted_or_refused(text: str, module: ModuleType) -> None:
    if module.is_valid(text):
        stored = module.normalise(text)
        assert module.normalise(stored) == stored
        assert module.normalise(module.display(stored)) == stored
