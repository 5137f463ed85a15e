"""Case references: every single mistake shows."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.kit import references
from moothall.kit.references import ALPHABET, HIGHEST_NUMBER, InvalidReference

PREFIX_LETTERS = "".join(sorted(set(string.ascii_uppercase) - set("ILO")))
EVERY_CHARACTER = string.ascii_uppercase + string.digits

prefixes = st.text(PREFIX_LETTERS, min_size=2, max_size=4)
numbers = st.integers(0, HIGHEST_NUMBER)


@settings(deadline=None)
@given(prefixes, numbers)
def test_a_reference_can_be_taken_apart_again(prefix: str, number: int) -> None:
    assert references.parse(references.make(prefix, number)) == (prefix, number)


@settings(max_examples=60, deadline=None)
@given(prefixes, numbers)
def test_every_single_wrong_character_shows(prefix: str, number: int) -> None:
    letters = references.make(prefix, number).replace("-", "")
    for place, right in enumerate(letters):
        for wrong in set(EVERY_CHARACTER) - {right}:
            assert not references.is_valid(letters[:place] + wrong + letters[place + 1 :])


@settings(deadline=None)
@given(prefixes, numbers)
def test_every_swap_of_two_neighbours_shows(prefix: str, number: int) -> None:
    letters = references.make(prefix, number).replace("-", "")
    for place in range(len(letters) - 1):
        swapped = letters[:place] + letters[place + 1] + letters[place] + letters[place + 2 :]
        assert swapped == letters or not references.is_valid(swapped)


def test_every_pair_of_characters_in_every_place_is_told_from_its_swap() -> None:
    """Exhaustive: the sum is linear, so a pair's own part of it decides, whatever stands around it."""
    for place in range(1, 8):
        for first in ALPHABET:
            for second in set(ALPHABET) - {first}:
                pair, swapped = ["2"] * 8, ["2"] * 8
                pair[place - 1 : place + 1] = [first, second]
                swapped[place - 1 : place + 1] = [second, first]
                assert not (references.is_valid("BB" + "".join(pair)) and references.is_valid("BB" + "".join(swapped)))
                assert _sum(pair) != _sum(swapped)


def _sum(body: list[str]) -> int:
    return sum(weight * ALPHABET.index(letter) for weight, letter in enumerate(reversed(body), start=1)) % 23


def test_no_two_numbers_of_a_service_share_a_reference() -> None:
    made = {references.make("BB", number) for number in range(20_000)}

    assert len(made) == 20_000


def test_neighbouring_numbers_look_different() -> None:
    for number in range(500):
        one, next_one = references.make("BB", number), references.make("BB", number + 1)
        assert sum(a != b for a, b in zip(one, next_one, strict=True)) >= 3


def test_a_reference_has_no_character_that_can_be_taken_for_another() -> None:
    assert not set(ALPHABET) & set("0O1IL2Z5S6G8BUVAE") - set("2568")
    assert len(set(ALPHABET)) == 23


@pytest.mark.parametrize("mangle", [str.lower, lambda text: text.replace("-", ""), lambda text: f"  {' '.join(text)} ",
                                    lambda text: text.replace("-", " - "), lambda text: text.replace("-", "–")])  # fmt: skip
def test_case_spaces_and_hyphens_do_not_matter(mangle: object) -> None:
    reference = references.make("BB", 4711)

    assert callable(mangle)
    assert references.normalise(mangle(reference)) == reference
    assert references.display(mangle(reference)) == reference


def test_a_wrong_character_is_answered_with_what_to_do() -> None:
    reference = references.make("BB", 4711)
    wrong = reference[:-1] + ("C" if reference[-1] != "C" else "D")

    with pytest.raises(InvalidReference, match=r"has a wrong or swapped character\. Check it against the letter"):
        references.normalise(wrong)


@pytest.mark.parametrize("text", ["", "BB", "BB-1234-5678", "12-3456-7892", "BB-2345-6789-2", "B" * 5000])
def test_text_of_another_shape_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(InvalidReference, match=r"is not a case reference\. A reference looks like BB-"):
        references.normalise(text)


def test_a_reference_of_another_service_is_refused_where_one_is_expected() -> None:
    with pytest.raises(InvalidReference, match=r"belongs to another service: its references start with CT-\."):
        references.normalise(references.make("BB", 1), prefix="CT")


@pytest.mark.parametrize("prefix", ["", "B", "bb", "B1", "LIC", "ABCDE"])
def test_a_prefix_people_could_misread_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidReference, match="cannot be a prefix"):
        references.make(prefix, 1)


@pytest.mark.parametrize("number", [-1, HIGHEST_NUMBER + 1])
def test_a_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(InvalidReference, match="cannot be a case number"):
        references.make("BB", number)
