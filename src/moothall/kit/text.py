"""Text as people type it, made fit to keep and to show.

One rule for everything that is typed: characters nobody can see and no keyboard makes (controls other than tab and line
break) are refused, for they hide something or are a mistake. Marks that turn the direction of what follows, and
characters without width, come along when text is copied: they are taken out without a word. What stays is put into
Unicode's composed form (NFC), so that one name has one spelling. Joiners (U+200C, U+200D) stay: some scripts need them.
"""

import re
import unicodedata

from moothall.kit.invalid import Invalid

_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_TAKEN_OUT = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


class Unseen(Invalid):
    """Text holds a character that cannot be shown."""


def clean(text: str) -> str:
    """Text fit to keep. Raises Unseen with a sentence for a control character or half a surrogate pair."""
    if text.isascii() and text.isprintable():
        return text
    if found := _REFUSED.search(text):
        raise Unseen(f"The text holds a character that cannot be shown (U+{ord(found[0]):04X}). Take it out.")
    return unicodedata.normalize("NFC", _TAKEN_OUT.sub("", text))


def salvage(text: str) -> str:
    """As `clean`, for what another system sent and nobody here can put right: what is refused becomes a space."""
    return clean(_REFUSED.sub(" ", text))
