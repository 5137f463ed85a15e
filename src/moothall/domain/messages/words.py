"""The few words the product itself puts on a letter or e-mail, in the language of the message."""

import re
from datetime import date

from django.utils import translation
from django.utils.formats import date_format

WORDS = {
    "en": {
        "date": "Date",
        "reference": "Our reference",
        "page": "Page",
        "of": "of",
        "from": "From",
        "to": "To",
        "sent": "Sent",
        "message_id": "Message number",
        "dear": "Dear",
        "sir_or_madam": "Sir or Madam",
        "yes": "Yes",
    },
    "cy": {
        "date": "Dyddiad",
        "reference": "Ein cyfeirnod",
        "page": "Tudalen",
        "of": "o",
        "from": "Oddi wrth",
        "to": "At",
        "sent": "Anfonwyd",
        "message_id": "Rhif y neges",
        "dear": "Annwyl",
        "sir_or_madam": "Syr neu Fadam",
        "yes": "Ie",
    },
}


def of(language: str) -> dict[str, str]:
    """The words in `language`, English where it is not known."""
    return WORDS.get(language, WORDS["en"])


def day(value: date, language: str) -> str:
    """A day in words, e.g. 3 March 2027 or 3 Mawrth 2027."""
    with translation.override(language):
        return date_format(value, "j F Y")


def colour(value: str) -> str:
    """The council's colour for a style sheet. Raises ValueError unless it is written like #1d4f5c."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        raise ValueError(f"The council's colour is “{value}”: write it like #1d4f5c.")
    return value
