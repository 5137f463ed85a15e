import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.kit import text
from moothall.kit.text import Unseen


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
def test_a_control_character_is_refused_by_its_number(control: str) -> None:
    with pytest.raises(Unseen, match=f"U\\+{ord(control):04X}"):
        text.clean(f"Ann{control}Example")
    assert text.salvage(f"Ann{control}Example") == "Ann Example"


@pytest.mark.parametrize("mark", ["\u202a", "\u202e", "\u2066", "\u2069", "\u200b", "\ufeff", "\u200f"])
def test_marks_of_direction_and_characters_without_width_are_taken_out(mark: str) -> None:
    assert text.clean(f"{mark}Ann{mark} Example") == "Ann Example"


def test_a_name_has_one_spelling_and_what_some_scripts_need_stays() -> None:
    assert text.clean("Zoe\u0308") == "Zoë"
    assert text.clean("می\u200cخواهم\tone\r\ntwo") == "می\u200cخواهم\tone\r\ntwo"


@given(st.text())
def test_cleaning_what_is_clean_changes_nothing(given: str) -> None:
    kept = text.salvage(given)
    assert text.clean(kept) == kept
