"""What differs between two texts, in words: which were taken out, which were put in, which stayed."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

_TOKENS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\s+|[^\s{]+|\{")
LONGEST = 2_000
"""Lines, or words of a line, that are compared one by one; beyond that the old are all taken out and the new put in."""


@dataclass(frozen=True)
class Piece:
    """Some words on end, and what became of them."""

    how: Literal["same", "out", "in"]
    text: str


def lines(old: str, new: str) -> list[list[Piece]]:
    """The lines of both texts in order, each as the pieces of what was in it and is; what is the same only in `same`."""
    before, after = old.splitlines(), new.splitlines()
    if len(before) + len(after) > LONGEST:
        return [[Piece("out", line)] for line in before] + [[Piece("in", line)] for line in after]
    found: list[list[Piece]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [[Piece("same", line)] for line in before[a:b]]
            continue
        both = min(b - a, d - c)
        found += [words(before[a + n], after[c + n]) for n in range(both)]
        found += [[Piece("out", line)] for line in before[a + both : b]]
        found += [[Piece("in", line)] for line in after[c + both : d]]
    return found


def words(old: str, new: str) -> list[Piece]:
    """One line, word by word, words that changed on end as one piece. A placeholder or condition is one word."""
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    if len(before) + len(after) > LONGEST:
        return [*_piece("out", before), *_piece("in", after)]
    found: list[Piece] = []
    out: list[str] = []
    put: list[str] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        same = before[a:b] if kind == "equal" else []
        if "".join(same).strip():
            found += [*_piece("out", out), *_piece("in", put), *_piece("same", same)]
            out, put = [], []
        elif same and not out and not put:
            found += _piece("same", same)
        else:
            out, put = out + before[a:b], put + after[c:d]
    return [*found, *_piece("out", out), *_piece("in", put)]


def _piece(how: Literal["same", "out", "in"], tokens: Sequence[str]) -> Iterator[Piece]:
    if tokens:
        yield Piece(how, "".join(tokens))
