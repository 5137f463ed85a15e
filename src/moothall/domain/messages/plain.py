"""The plain text part of an e-mail, made of its HTML."""

import re
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "h2", "h3", "ul", "ol", "table", "caption"})


def of(html: str) -> str:
    """Return sanitised `html` as text: a blank line between paragraphs, dashes or numbers for lists, links written out."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    lines = [line.strip() for line in "".join(writer.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._counters: list[int | None] = []  # one for each list we are in; None for a bulleted one
        self._link = ""
        self._link_from = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._break(tag)
        if tag in {"ul", "ol"}:
            start = dict(attrs).get("start") or "1"
            self._counters.append(int(start) if tag == "ol" and start.isdigit() else 1 if tag == "ol" else None)
        elif tag == "li":
            self.parts.append("\n" + self._bullet())
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "tr":
            self.parts.append("\n")
            self._cells = 0
        elif tag in {"th", "td"}:
            self.parts.append(" | " if self._cells else "")
            self._cells += 1
        elif tag == "a":
            self._link, self._link_from = dict(attrs).get("href") or "", len(self.parts)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link:
            address = self._link.removeprefix("mailto:")
            if "".join(self.parts[self._link_from :]).strip() != address:
                self.parts.append(f" ({address})")
            self._link = ""
        elif tag in {"ul", "ol"} and self._counters:
            self._counters.pop()
            self._break(tag)
        elif tag in _BLOCKS and not self._counters:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data)
        if not self.parts or self.parts[-1].endswith("\n"):
            text = text.lstrip()
        self.parts.append(text)

    def _break(self, tag: str) -> None:
        """Begin a paragraph; inside a list only a second paragraph of an item begins a line, for `li` does it itself."""
        if not self._counters:
            self.parts.append("\n\n")
        elif tag == "p" and self.parts and not self._after_bullet:
            self.parts.append("\n")

    @property
    def _after_bullet(self) -> bool:
        return re.fullmatch(r"\n(- |\d+\. )", self.parts[-1]) is not None

    def _bullet(self) -> str:
        if not self._counters or self._counters[-1] is None:
            return "- "
        number = self._counters[-1]
        self._counters[-1] = number + 1
        return f"{number}. "
