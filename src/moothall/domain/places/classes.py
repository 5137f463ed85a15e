"""What a property is for, in words: RD04 is a terraced house."""

import csv
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "property_classes.csv"


def describe(code: str) -> str:
    """The description of a class, or of the nearest wider one that has any; empty when there is none."""
    for length in range(len(code), 0, -1):
        if found := _known().get(code[:length]):
            return found
    return ""


@cache
def _known() -> dict[str, str]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row["description"] for row in csv.DictReader(lines)}
