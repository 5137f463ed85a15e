"""Names as people write them, and as they are compared."""

import unicodedata
from typing import NamedTuple

_KEY_LENGTH = 100
_SPELT_OUT = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
)
_TITLES = frozenset({"MR", "MRS", "MS", "MISS", "MX", "DR", "PROF", "PROFESSOR", "REV", "SIR", "DAME", "LADY", "LORD"})
_BEFORE_SURNAMES = frozenset(
    {"VAN", "VON", "DE", "DER", "DEN", "DEL", "DELLA", "DI", "DA", "DOS", "DU", "LA", "LE", "ST", "TER", "BIN", "BINT"}
)
_AFTER_SURNAMES = frozenset({"JR", "JNR", "SR", "SNR", "II", "III", "OBE", "MBE", "CBE"})


class FullName(NamedTuple):
    """A name taken apart. Any part but the last name may be empty."""

    title: str
    first_names: str
    last_name: str


def fold(text: str) -> str:
    """Return the key under which spellings of one name are equal: capitals, no accents, spaces, hyphens or apostrophes.

    At most 100 characters. Text of signs alone has an empty key, which is equal to nothing.
    """
    spelt = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).translate(_SPELT_OUT)
    bare = "".join(letter for letter in spelt if not unicodedata.combining(letter) and _counts(letter))
    return unicodedata.normalize("NFC", bare).upper()[:_KEY_LENGTH]


def split_full_name(text: str) -> FullName:
    """Take apart a name given in one line: "Dr Ana van der Berg" is Dr, Ana and van der Berg."""
    words = text.split()
    title = words.pop(0) if len(words) > 1 and fold(words[0]) in _TITLES else ""
    end = len(words)
    while end > 1 and fold(words[end - 1]) in _AFTER_SURNAMES:
        end -= 1
    start = max(end - 1, 0)
    while start > 1 and fold(words[start - 1]) in _BEFORE_SURNAMES:
        start -= 1
    return FullName(title, " ".join(words[:start]), " ".join(words[start:end]))


def _counts(letter: str) -> bool:
    category = unicodedata.category(letter)  # Lm holds letters used as apostrophes
    return (letter.isalnum() and category != "Lm") or category in {"Mc", "Mn"}
