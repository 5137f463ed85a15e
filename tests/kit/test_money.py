"""Money: pence inside, pounds at the edges."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.kit import money
from moothall.kit.money import InvalidMoney


@pytest.mark.parametrize(
    ("typed", "pence"),
    [("£10", 1000), ("10.5", 1050), ("1,200.00", 120000), (" £ 0.05 ", 5), ("0", 0), ("1,234,567.89", 123456789)],
)
def test_an_amount_is_read_as_people_type_it(typed: str, pence: int) -> None:
    assert money.parse(typed) == pence
    assert money.is_valid(typed)


@pytest.mark.parametrize(
    "typed",
    ["", "£", "ten", "10.555", "10.", ".50", "1,20", "1,2000", "12,00.00", "-5", "1e3", "10 50", "£10 or so", "١٠", "NaN", "10,5"],
)  # fmt: skip
def test_what_could_mean_something_else_is_refused(typed: str) -> None:
    with pytest.raises(InvalidMoney, match="Enter an amount in pounds and pence"):
        money.parse(typed)
    assert not money.is_valid(typed)


def test_money_is_shown_with_commas_pence_and_its_sign() -> None:
    assert money.display(120000) == "£1,200.00"
    assert money.display(5) == "£0.05"
    assert money.display(-500) == "-£5.00"


@settings(deadline=None)
@given(st.integers(0, 10**12))
def test_what_is_shown_can_be_typed_again(pence: int) -> None:
    assert money.parse(money.display(pence)) == pence


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12))
def test_pence_and_pounds_turn_into_one_another(pence: int) -> None:
    assert money.to_pence(money.to_pounds(pence)) == pence
    assert money.to_pounds(pence).as_tuple().exponent == -2


@pytest.mark.parametrize("pounds", ["0.001", "NaN", "Infinity"])
def test_pounds_that_are_no_whole_pence_are_refused(pounds: str) -> None:
    with pytest.raises(InvalidMoney):
        money.to_pence(Decimal(pounds))
