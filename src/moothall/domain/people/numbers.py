"""How the numbers and addresses people are reached by are stored and compared."""

import re

from moothall.kit import email, phone
from moothall.kit.invalid import Invalid

_PHONES = ("phone", "mobile", "text", "sms", "fax")


def fold_number(text: str) -> str:
    """Return a reference number as stored: capitals, without spaces, hyphens or full stops."""
    return re.sub(r"[\s.‐‑–-]", "", text).upper()


def normalise_contact(type: str, value: str, *, strict: bool = True) -> str:
    """Return the form under which two spellings of one e-mail address or telephone number are equal.

    What the value must be is read from its type: one with "email" in it is an e-mail address; one with "phone",
    "mobile", "text", "sms" or "fax" a telephone number; any other is text. Raises Invalid with a sentence, unless
    `strict` is false: then what another system sent is kept as text.
    """
    try:
        if "email" in type:
            return email.normalise(value).lower()
        if any(word in type for word in _PHONES):
            return phone.normalise(value)
    except Invalid:
        if strict:
            raise
    return " ".join(value.split()).casefold()
