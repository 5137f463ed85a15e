"""First names that are forms of one another, and names that sound alike."""

import re
from functools import cache
from pathlib import Path

from moothall.domain.people.names import fold

_CODES = {
    **dict.fromkeys("BFPV", "1"),
    **dict.fromkeys("CGJKQSXZ", "2"),
    **dict.fromkeys("DT", "3"),
    "L": "4",
    **dict.fromkeys("MN", "5"),
    "R": "6",
}
_SPELT = (("PH", "F"), ("CK", "K"), ("SCH", "S"), ("KN", "N"), ("WR", "R"), ("GH", "G"), ("Y", "I"), ("TH", "T"))


@cache
def families() -> dict[str, frozenset[str]]:
    """For each first name, folded, the fullest forms of the families it is in (`nicknames.txt`)."""
    found: dict[str, set[str]] = {}
    for line in (Path(__file__).parent / "nicknames.txt").read_text(encoding="utf-8").splitlines():
        names = [fold(name) for name in line.split()] if not line.startswith("#") else []
        for name in names:
            found.setdefault(name, set()).add(names[0])
    return {name: frozenset(fullest) for name, fullest in found.items()}


def forms(name: str) -> list[str]:
    """What a folded first name may be short for, or the name itself, in order."""
    return sorted(families().get(name, frozenset({name}))) if name else []


@cache
def sound(name: str) -> str:
    """A code of at most six signs that names which sound alike share: the first letter and the consonants after it."""
    spelt = re.sub(r"[^A-Z]", "", name)
    for written, heard in _SPELT:
        spelt = spelt.replace(written, heard)
    if not spelt:
        return ""
    code, last = spelt[0], _CODES.get(spelt[0], "")
    for letter in spelt[1:]:
        digit = _CODES.get(letter, "")
        if digit and digit != last:
            code += digit
        if letter not in "HW":
            last = digit
    return code[:6]
