"""Looks for faults in the HTML of a template: what would not be kept, what is never closed, links that lead nowhere."""

import re
from html.parser import HTMLParser

from moothall.domain.messages.sanitise import ATTRIBUTES, SCHEMES, TAGS, is_kept_link

DEEPEST = 50


def faults(source: str) -> list[str]:
    """What is wrong with the HTML of a template, a sentence each."""
    parser = _Tags()
    without_tags = re.sub(r"\{%.*?%\}", " ", source)
    parser.feed(re.sub(r"\{\{.*?\}\}", "https:", without_tags))  # a link may be what a placeholder holds
    parser.finish()
    kept = ", ".join(sorted(TAGS))
    return [
        f"The tag <{tag}> is not kept in messages. Those kept: {kept}." for tag in sorted(parser.unkept)
    ] + parser.faults


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.unkept: set[str] = set()
        self.faults: list[str] = []
        self._open: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        if tag not in TAGS:
            self.unkept.add(tag)
        elif tag != "br":
            self._open.append((tag, line))
            if len(self._open) == DEEPEST + 1:
                self.faults.append(f"Line {line}: <{tag}> lies inside more than {DEEPEST} other tags.")
        for name, _ in attrs if tag in TAGS else ():
            if name not in ATTRIBUTES.get(tag, set()):
                self.faults.append(f"Line {line}: “{name}” of <{tag}> is not kept in messages: leave it out.")
        link = dict(attrs).get("href") if tag == "a" else None
        if link is not None and not is_kept_link(link.strip()):
            schemes = ", ".join(f"{scheme}:" for scheme in sorted(SCHEMES))
            self.faults.append(f"Line {line}: the link “{link[:60]}” is not kept: a link begins with one of {schemes}.")

    def handle_endtag(self, tag: str) -> None:
        if tag not in TAGS or tag == "br":
            return
        if tag not in [name for name, _ in self._open]:
            self.faults.append(f"Line {self.getpos()[0]}: </{tag}> closes what was never opened.")
            return
        while self._open:
            name, line = self._open.pop()
            if name == tag:
                return
            self._unclosed(name, line)

    def finish(self) -> None:
        """Read what is left, and name the tags still open."""
        if self.rawdata.startswith("<!"):
            self.faults.append(f"Line {self.getpos()[0]}: what begins with “{self.rawdata[:4]}” is never closed.")
        else:
            self.close()
        for name, line in self._open:
            self._unclosed(name, line)

    def _unclosed(self, tag: str, line: int) -> None:
        self.faults.append(f"Line {line}: <{tag}> is never closed with </{tag}>.")
