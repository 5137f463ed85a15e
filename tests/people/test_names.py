import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moothall.domain.people.names import fold, split_full_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Neill", "o’neill"),
        ("O'Neill", "Oʼ Neill"),
        ("Smith-Jones", "SMITH JONES"),
        ("Núñez", "nunez"),
        ("Łukasz", "lukasz"),
        ("Strauß", "STRAUSS"),
        ("Bjørn", "bjorn"),
        ("van der Berg", "Vanderberg"),
        ("Jose\u0301", "José"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Smith", "Smyth"), ("Lee", "Leigh"), ("陳", "王"), ("राम", "रमा")])
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(max_size=30))
@example("ŉ")
@settings(max_examples=200)
def test_a_key_is_its_own_key_whatever_the_text(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(f" {text}- ") == fold(text)
    assert len(fold(text)) <= 100


def test_signs_alone_are_no_name() -> None:
    assert fold(" -'. ") == ""


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Dr Ana van der Berg", ("Dr", "Ana", "van der Berg")),
        ("Mary Ann Example", ("", "Mary Ann", "Example")),
        ("Mr. John Example Jr", ("Mr.", "John", "Example")),
        ("Example", ("", "", "Example")),
        ("Van Example", ("", "Van", "Example")),
        ("", ("", "", "")),
    ],
)
def test_a_full_name_is_taken_apart(text: str, parts: tuple[str, str, str]) -> None:
    assert split_full_name(text) == parts
