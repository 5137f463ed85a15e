"""What is kept of a call, and how what was shortened is put back."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.domain.exchange import masking

PICTURE = "iVBORw0KGgo" * 60
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "name",
    ["Authorization", "client_secret", "clientSecret", "access_token", "refreshToken", "token", "X-API-Key", "password",
     "Set-Cookie", "Proxy-Authorization", "private_key", "client_assertion"],
)  # fmt: skip
def test_a_value_under_a_secret_name_is_hidden(name: str) -> None:
    assert masking.mask({"body": [{name: "abc"}]}) == {"body": [{name: "[hidden]"}]}


@pytest.mark.parametrize("name", ["secretary", "tokens_used", "author", "keyboard", "passport", "description"])
def test_a_value_under_a_harmless_name_is_kept(name: str) -> None:
    assert masking.mask({name: "abc"}) == {name: "abc"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer [hidden]"),
        ("grant_type=x&client_secret=abc&scope=y", "grant_type=x&client_secret=[hidden]&scope=y"),
        ('{"access_token": "abc", "n": 1}', '{"access_token": [hidden], "n": 1}'),
        (
            "https://store.example.org/a?X-Amz-Signature=abc&b=1",
            "https://store.example.org/a?X-Amz-Signature=[hidden]&b=1",
        ),
        ("sent with bearer eyJhbGciOiJIUzI1NiJ9.e30.abc", "sent with bearer [hidden]"),
        ("sent with Basic dXNlcmFubmE6cGFzc3dvcmQ=", "sent with Basic [hidden]"),
        ("sent with Bearer aaBBccDDeeFFggHHiiJJkk", "sent with Bearer [hidden]"),
    ],
)
def test_a_secret_inside_a_text_is_hidden(text: str, kept: str) -> None:
    assert masking.mask(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "Amy Basic Worthington",
        "Basic research is what he does.",
        "Bearer Featherstonehaugh-Cholmondeley",
        "12 Basic Lane, Bearer McDonald-MacGregor-Example",
        "The standard bearer 1234567890",
    ],
)
def test_names_and_addresses_are_never_taken_for_secrets(text: str) -> None:
    assert masking.mask({"name": text, "address": {"line1": text}}) == {"name": text, "address": {"line1": text}}


def test_a_picture_is_kept_as_its_length_and_digest() -> None:
    kept = masking.mask({"imageFile": PICTURE, "content": b"abc"})
    assert kept["imageFile"].startswith("[660 characters of data, sha256 ")
    assert kept["content"].startswith("[3 characters of data, sha256 ba7816bf8f01cfea")


def test_a_long_text_of_words_is_kept_whole() -> None:
    text = "He walks with two sticks. " * 100
    assert masking.mask(text) == text


def test_what_json_and_the_database_cannot_hold_is_turned_into_text_they_can() -> None:
    kept = masking.mask({"a": float("nan"), "b": "x\x00y\ud800", "c": date(2026, 3, 3), 4: (1, 2)})
    assert kept == {"a": "nan", "b": "x\ufffdy?", "c": "2026-03-03", "4": [1, 2]}


def test_what_was_shortened_is_put_back_in_its_place_and_edits_stay() -> None:
    whole = {"name": "Ann", "photo": PICTURE, "papers": [{"data": PICTURE}, {"data": "short"}]}
    edited = {**masking.mask(whole), "name": "Bea"}
    assert masking.left_out(edited)
    assert masking.restore(edited, whole) == {**whole, "name": "Bea"}


def test_what_is_no_longer_the_same_is_not_put_back() -> None:
    edited = masking.mask({"photo": PICTURE})
    other = masking.restore(edited, {"photo": PICTURE[::-1]})
    assert masking.left_out(other)


@settings(max_examples=60)
@given(json_values)
def test_anything_can_be_kept_and_masking_twice_changes_nothing(value: Any) -> None:
    import json

    kept = masking.mask(value)
    text = json.dumps(kept, allow_nan=False)
    assert "\\u0000" not in text
    assert masking.mask(kept) == kept
