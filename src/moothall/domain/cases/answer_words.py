"""What answers of applications are called and in which order people read them, where a connector brings keys of its own.

The database keeps answers in an order of its own. What is said here comes after what every service has.
"""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise

_words: dict[str, str | Promise] = {}
_places: dict[str, int] = {}


def add(words: Mapping[str, str | Promise], order: Sequence[str]) -> None:
    """What a connector calls its answers, and their order. Called from its AppConfig.ready."""
    _words.update(words)
    for key in order:
        _places.setdefault(key, len(_places))


def called(key: str) -> str:
    """The words for a key; empty where nobody said any."""
    return str(_words.get(key, ""))


def place(key: str) -> int:
    """Where a key stands among those of connectors: from 0, and what nobody named after all others."""
    return _places.get(key, len(_places))
