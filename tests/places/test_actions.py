import pytest

from moothall.domain.places.actions import TooLong, keep_address
from moothall.domain.places.models import Address
from moothall.kit.invalid import Invalid

pytestmark = pytest.mark.django_db
HOME = {"line1": "1 Example Street", "town": "Exampleton", "postcode": "EX1 1AA"}


def test_the_same_lines_are_one_address_however_they_are_spaced() -> None:
    one = keep_address(**HOME)
    two = keep_address(line1=" 1  Example Street ", town="Exampleton", postcode="ex11aa")

    assert one == two
    assert one.lines == ["1 Example Street", "Exampleton", "EX1 1AA"]


def test_a_property_number_makes_it_another_address() -> None:
    keep_address(**HOME)

    assert keep_address(**HOME, uprn="010012345678").uprn == "10012345678"
    assert Address.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"line1": " "}, "first line"),
        ({"town": ""}, "town or city"),
        ({"postcode": "nowhere"}, "postcode"),
        ({"uprn": "abc"}, "UPRN"),
    ],
)
def test_an_address_letters_cannot_reach_is_refused_with_a_sentence(wrong: dict[str, str], sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        keep_address(**{**HOME, **wrong})
    assert not Address.objects.exists()


def test_a_line_longer_than_what_is_kept_is_refused_with_both_lengths() -> None:
    with pytest.raises(TooLong, match="town can have 100 characters at most; this one has 101"):
        keep_address(**{**HOME, "town": "x" * 101})
