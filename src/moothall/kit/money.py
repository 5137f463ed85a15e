"""Money: whole pence inside, Decimal pounds at the edges.

Text is read the way people in the UK type an amount, and refused when it could mean two things.
"""

import re
from decimal import Decimal

from moothall.kit.invalid import Invalid

_AMOUNT = re.compile(r"£? ?([0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.([0-9]{1,2}))?")


class InvalidMoney(Invalid):
    """The text or number is not an amount of money."""


def parse(text: str) -> int:
    """Return the pence in an amount typed as `£10`, `10.5` or `1,200.00`. Raises InvalidMoney.

    Negative amounts, more than two decimal places and misplaced commas are refused.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise InvalidMoney("Enter an amount in pounds and pence, like 10 or 10.50.")
    pounds, decimals = match.groups(default="")
    return int(pounds.replace(",", "")) * 100 + int(decimals.ljust(2, "0"))


def is_valid(text: str) -> bool:
    """Say whether `parse` would accept the text."""
    try:
        parse(text)
    except InvalidMoney:
        return False
    return True


def to_pence(pounds: Decimal) -> int:
    """Return Decimal pounds, of either sign, as whole pence. Raises InvalidMoney for part of a penny."""
    if not pounds.is_finite():
        raise InvalidMoney(f"{pounds} is not an amount of money.")
    pence = pounds * 100
    if pence != pence.to_integral_value():
        raise InvalidMoney(f"£{pounds} has part of a penny: give at most two decimal places.")
    return int(pence)


def to_pounds(pence: int) -> Decimal:
    """Return whole pence as Decimal pounds with two places."""
    return Decimal(pence).scaleb(-2)


def display(pence: int) -> str:
    """Return pence as people read them: `£1,200.00`, or `-£5.00` for money owed back."""
    pounds, rest = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}£{pounds:,}.{rest:02d}"
