"""E-mail addresses a message can be sent to.

Rule: the national Blue Badge service publishes `\\S+@\\S+`. This is narrower, since that lets through text no mail
server delivers: one `@`, a domain with a dot, the lengths of RFC 5321, no characters which would break a header.
"""

import re

from moothall.kit.invalid import Invalid

_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"[^\W_](?:[^\W_]|-)*")


class InvalidEmail(Invalid):
    """The text is not an e-mail address."""


def normalise(text: str) -> str:
    """Return the address without spaces around it, its domain in lower case. Raises InvalidEmail."""
    value = text.strip()
    local, _, domain = value.rpartition("@")
    labels = domain.split(".")
    if not (
        _LOCAL.fullmatch(local)
        and len(local) <= 64
        and len(value) <= 254
        and len(labels) >= 2
        and all(_LABEL.fullmatch(label) and len(label) <= 63 and not label.endswith("-") for label in labels)
        and not labels[-1].isdigit()
    ):
        raise InvalidEmail("Enter an e-mail address in the right format, like name@example.org.")
    return f"{local}@{domain.lower()}"


def is_valid(text: str) -> bool:
    """Say whether `normalise` would accept the text."""
    try:
        normalise(text)
    except InvalidEmail:
        return False
    return True


def display(value: str) -> str:
    """Return the address as stored. Raises InvalidEmail."""
    return normalise(value)
