"""What differs between two texts, in words."""

from moothall.kit import differences
from moothall.kit.differences import Piece


def test_words_that_changed_on_end_are_one_piece_and_a_placeholder_is_one_word() -> None:
    assert differences.words("Dear {{ first_name }}, we wait.", "Dear {{ last_name }}, we shall not wait.") == [
        Piece("same", "Dear "),
        Piece("out", "{{ first_name }}"),
        Piece("in", "{{ last_name }}"),
        Piece("same", ", we "),
        Piece("in", "shall not "),
        Piece("same", "wait."),
    ]
    assert [piece.how for piece in differences.words("one two three", "four five six")] == ["out", "in"]


def test_lines_are_compared_with_those_in_their_place_and_others_are_taken_out_or_put_in() -> None:
    found = differences.lines("One\nTwo\nThree", "One\nThree\nFour")

    assert found == [[Piece("same", "One")], [Piece("out", "Two")], [Piece("same", "Three")], [Piece("in", "Four")]]


def test_texts_too_long_to_compare_are_taken_out_and_put_in_whole() -> None:
    found = differences.lines("a\n" * 3_000, "b\n" * 3_000)

    assert [line[0].how for line in (found[0], found[-1])] == ["out", "in"]
