"""Addresses of pages, worked out once: a page tells dozens, and Django takes fifty steps for each."""

from functools import lru_cache

from django.urls import reverse

MOST = 4096


@lru_cache(maxsize=MOST)
def address(name: str, *places: str | int) -> str:
    """The address of the page `name` with what stands in it. Raises NoReverseMatch."""
    return reverse(name, args=places)


@lru_cache(maxsize=MOST)
def named(name: str, places: tuple[tuple[str, str | int], ...]) -> str:
    """The same, of a page that names what stands in it."""
    return reverse(name, kwargs=dict(places))
