"""What each type of question takes, how it is kept, and what is said of what it does not take."""

import pytest

from moothall.domain.forms import answering
from moothall.domain.forms.definition import Question

ADDRESS = {"line1": " 4  Sample Street", "town": "Exampleton", "postcode": "ex12ab", "uprn": "0100"}
BANK = {"name": "A Example", "sort_code": "12-34-56", "account_number": "123456"}


def ask(type: str, **more: object) -> Question:
    return Question.model_validate({"id": "q", "label": "Q", "type": type, **more})


@pytest.mark.parametrize(
    ("type", "given", "kept"),
    [
        ("text", " Ann ", "Ann"),
        ("number", "1,200", 1200),
        ("money", "£12.50", 1250),
        ("date", "2026-03-01", "2026-03-01"),
        ("yes_no", "no", False),
        ("email", " Ann@EXAMPLE.org ", "Ann@example.org"),
        ("phone", "01632 960001", "+441632960001"),
        ("nino", "ab 12 34 56 c", "AB123456C"),
        ("vehicle", {"registration": "ab12 cde"}, {"registration": "AB12CDE"}),
        ("declaration", "yes", True),
        ("signature", {"name": "Ann Example"}, {"name": "Ann Example", "agreed": False}),
        ("map_pin", {"latitude": "51.5", "longitude": "-0.12"}, {"latitude": 51.5, "longitude": -0.12, "words": ""}),
        ("map_pin", {"words": "By the gate"}, {"latitude": None, "longitude": None, "words": "By the gate"}),
        ("bank", BANK, {"name": "A Example", "sort_code": "123456", "account_number": "00123456"}),
        ("upload", ["a", "b", "a"], ["a", "b"]),
        (
            "address",
            ADDRESS,
            {"uprn": "100", "line1": "4 Sample Street", "line2": "", "town": "Exampleton", "postcode": "EX1 2AB"},
        ),
    ],
)
def test_an_answer_is_kept_in_one_form_and_that_form_is_taken_again(type: str, given: object, kept: object) -> None:
    assert answering.clean(ask(type), given, {}) == kept
    if type != "money":
        assert answering.clean(ask(type), kept, {}) == kept


@pytest.mark.parametrize(
    ("question", "given", "sentence"),
    [
        (ask("email"), "ann", "Enter an e-mail address in the correct form"),
        (ask("phone"), "12", "Enter a telephone number"),
        (ask("nino"), "QQ", "Enter a National Insurance number"),
        (ask("date"), "31 June", "“Q” must be a real date."),
        (ask("text", longest=3), "Anne", "“Q” must be 3 characters or fewer."),
        (ask("address"), {**ADDRESS, "postcode": "EX1"}, "Enter a full UK postcode"),
        (ask("bank"), {**BANK, "sort_code": "12"}, "Enter a sort code of 6 digits."),
        (ask("signature", statement="It is true"), {"name": "Ann"}, "Tick the box to sign."),
        (ask("upload"), "later", "is not among those uploaded"),
        (ask("money", most=5), "5.01", "“Q” must be £5.00 or less."),
        (ask("text", messages={"invalid": {"en": "No"}}), "\x00", "No"),
    ],
)
def test_what_is_not_an_answer_is_refused_with_what_to_do(question: Question, given: object, sentence: str) -> None:
    with pytest.raises(answering.Unsuitable, match=sentence.replace("£", ".")):
        answering.clean(question, given, {}, uploads=frozenset())


def test_a_refusal_is_in_the_language_of_whoever_answers() -> None:
    with pytest.raises(answering.Unsuitable, match="Rhowch god post llawn"):
        answering.clean(ask("address"), {**ADDRESS, "postcode": "EX1"}, {}, "cy")
