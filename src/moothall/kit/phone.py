"""Telephone numbers: stored internationally (E.164), shown as dialled in the United Kingdom.

Numbering plans come from the `phonenumbers` library. The ranges Ofcom keeps for fiction are accepted as well, because
example data has to use them.
"""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from moothall.kit.invalid import Invalid

_AS_DIALLED = re.compile(r"0[0-9]{9,10}")
_BETWEEN = str.maketrans("", "", " -")
_KEPT_FOR_FICTION = re.compile(r"\+44(?:1632960|7700900)[0-9]{3}")


class InvalidPhone(Invalid):
    """The text is not a telephone number."""


def normalise(text: str) -> str:
    """Return the number in E.164, such as `+441134960000`, with `;ext=123` after it when it has an extension.

    A number without a country code is taken as a UK number. Raises InvalidPhone.
    """
    dialled = text.translate(_BETWEEN)
    if _AS_DIALLED.fullmatch(dialled):  # most are: what is valid here need not be looked for in every plan of +44
        here = PhoneNumber(country_code=44, national_number=int(dialled))
        if phonenumbers.is_valid_number_for_region(here, "GB"):
            return f"+44{dialled[1:]}"
    number = _parse(text)
    stored = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{stored};ext={number.extension}" if number.extension else stored


def is_valid(text: str) -> bool:
    """Say whether `normalise` would accept the text."""
    try:
        normalise(text)
    except InvalidPhone:
        return False
    return True


def display(value: str) -> str:
    """Return a UK number as dialled at home (`0113 496 0000`), any other with its country code. Raises InvalidPhone."""
    number = _parse(value)
    home = number.country_code == 44
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)


def _parse(text: str) -> PhoneNumber:
    try:
        number = phonenumbers.parse(text, "GB")
    except NumberParseException as error:
        raise _refusal() from error
    stored = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if not (phonenumbers.is_valid_number(number) or _KEPT_FOR_FICTION.fullmatch(stored)):
        raise _refusal()
    return number


def _refusal() -> InvalidPhone:
    return InvalidPhone("Enter a telephone number, like 0113 496 0000, or +33 1 23 45 67 89 if it is not a UK number.")
