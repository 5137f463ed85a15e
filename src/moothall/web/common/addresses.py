"""Addresses of pages, worked out once: a page tells dozens, and Django takes fifty steps for each."""

from functools import lru_cache

from django.urls import reverse
from django.utils.translation import get_language

MOST = 4096
_IN_LANGUAGES = "portal:"


def address(name: str, *places: str | int) -> str:
    """The address of the page `name` with what stands in it. Raises NoReverseMatch."""
    return _address(name, _language(name), places)


def named(name: str, places: tuple[tuple[str, str | int], ...]) -> str:
    """The same, of a page that names what stands in it."""
    return _named(name, _language(name), places)


def _language(name: str) -> str | None:
    """The addresses of citizens' pages begin with their language, those of all others are the same in each."""
    return get_language() if name.startswith(_IN_LANGUAGES) else None


@lru_cache(maxsize=MOST)
def _address(name: str, _language: str | None, places: tuple[str | int, ...]) -> str:
    return reverse(name, args=places)


@lru_cache(maxsize=MOST)
def _named(name: str, _language: str | None, places: tuple[tuple[str, str | int], ...]) -> str:
    return reverse(name, kwargs=dict(places))
