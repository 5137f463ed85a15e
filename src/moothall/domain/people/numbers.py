"""How the numbers and addresses people are reached by are stored and compared."""

import re
from collections.abc import Mapping

from moothall.domain.people import lists
from moothall.kit import email, phone
from moothall.kit.invalid import Invalid

_PHONES = ("phone", "mobile", "text", "sms", "fax")


def fold_number(text: str) -> str:
    """Return a reference number as stored: capitals, without spaces, hyphens or full stops."""
    return re.sub(r"[\s.‐‑–-]", "", text).upper()


def normalise_contact(type: str, value: str, *, strict: bool = True, forms: Mapping[str, str] | None = None) -> str:
    """Return the form under which two spellings of one e-mail address or telephone number are equal.

    What the value must be is said by its type in the list `contact_types`; of a type not listed it is read from its
    key: one with "email" in it is an e-mail address; one with "phone", "mobile", "text", "sms" or "fax" a telephone
    number; any other is text. Raises Invalid with a sentence, unless `strict` is false: then what another system sent
    is kept as text. `forms` are those of the list (`lists.forms`), when they are read already.
    """
    form = (lists.forms() if forms is None else forms).get(type) or _form_by_name(type)
    try:
        if form == "email":
            return email.normalise(value).lower()
        if form == "phone":
            return phone.normalise(value)
    except Invalid:
        if strict:
            raise
    return " ".join(value.split()).casefold()


def _form_by_name(type: str) -> str:
    if "email" in type:
        return "email"
    return "phone" if any(word in type for word in _PHONES) else "text"
