"""What is typed into one box is taken apart (ACC-14)."""

from datetime import date

import pytest

from moothall.domain.people.box import taken_apart
from moothall.domain.people.searching import Question


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("smith ann", Question(name="smith ann")),
        ("Smith EX1 2AB 17/5/1958", Question(name="Smith", postcode="EX1 2AB", date_of_birth=date(1958, 5, 17))),
        ("%@example.org", Question(email="%@example.org")),
        ("ex1% jones", Question(name="jones", postcode="ex1%")),
        ("01632 960001", Question(phone="01632960001")),
        ("0123456789", Question(reference="0123456789")),
        ("+0123456789", Question(phone="+0123456789")),
        ("0770%", Question(phone="0770%")),
        ("%9000", Question(reference="%9000")),
        ("7001 234", Question(reference="7001234")),
        ("AB123456C", Question(nino="AB123456C")),
        ("31/2/1958", Question(reference="31/2/1958")),
    ],
)
def test_each_word_is_taken_for_what_it_looks_like(typed: str, question: Question) -> None:
    assert taken_apart(typed) == question
