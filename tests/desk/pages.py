"""A page as its reader finds it: text, links, by a few questions asked of its HTML."""

import re
from html.parser import HTMLParser

from django.http import HttpResponse

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta"}


class Page(HTMLParser):
    """What stands where. `texts` are pairs of the tags around a text, each with its attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[list[tuple[str, dict[str, str]]], str]] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    @classmethod
    def of(cls, response: object) -> "Page":
        assert isinstance(response, HttpResponse)
        return cls(response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = (tag, {name: value or "" for name, value in attrs})
        self.tags.append(given)
        if tag not in VOID:
            self._open.append(given)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((list(self._open), re.sub(r"\s+", " ", data.strip())))

    def text(self, tag: str = "body", **attributes: str) -> str:
        """All text within tags of this kind with these attributes (`class_` for class, one of several is enough)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return " ".join(text for around, text in self.texts if any(_is(one, tag, wanted) for one in around))

    def links(self) -> dict[str, str]:
        """Where each link leads, by its text."""
        return {text: around[-1][1]["href"] for around, text in self.texts if around and around[-1][0] == "a"}

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """The attributes of every such tag."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [given for kind, given in self.tags if _is((kind, given), tag, wanted)]


def _is(one: tuple[str, dict[str, str]], tag: str, wanted: dict[str, str]) -> bool:
    kind, given = one
    return kind == tag and all(
        value in given.get(name, "").split() if name == "class" else given.get(name) == value
        for name, value in wanted.items()
    )
