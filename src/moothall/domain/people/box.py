"""What somebody typed into one box, taken apart: names, a birthday, a postcode, numbers, in any order."""

import re
from dataclasses import replace
from datetime import date

from moothall.domain.people.searching import ANY, Question
from moothall.kit import nino, phone, postcode

_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_PART_OF_A_POSTCODE = re.compile(r"[A-Za-z]{1,2}\d[A-Za-z\d]?(\d[A-Za-z]{0,2})?%")
_FIGURES = 9  # of a telephone number, at least


def taken_apart(text: str) -> Question:
    """The question a text asks. What is no date, postcode or number is a name; figures one after another are one number."""
    words, names, born = text.split(), [], None
    said: dict[str, str] = {}
    while words:
        word = words.pop(0)
        if words and ANY not in word + words[0] and postcode.is_valid(f"{word} {words[0]}"):
            said["postcode"] = f"{word} {words.pop(0)}"
        elif day := _day(word):
            born = day
        elif "@" in word:
            said["email"] = word
        elif any(sign.isdigit() for sign in word):
            kind = _kind(word)
            said[kind] = said.get(kind, "") + word
        else:
            names.append(word)
    if _kind(said.get("reference", "x")) == "phone":
        said["phone"] = said.pop("reference")
    asked = Question(name=" ".join(names), date_of_birth=born)
    return replace(asked, **said)  # type: ignore[arg-type]


def _day(word: str) -> date | None:
    if not (parts := _DAY.fullmatch(word)):
        return None
    day, month, year = map(int, parts.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _kind(word: str) -> str:
    bare = word.strip(ANY)
    if (ANY not in word and postcode.is_valid(word)) or _PART_OF_A_POSTCODE.fullmatch(word):
        return "postcode"
    if ANY not in word and nino.is_valid(word):
        return "nino"
    figures = sum(sign.isdigit() for sign in bare)
    if word[0] in "0+" and (figures > _FIGURES or ANY in word):
        may_be_another = word[0] == "0" and ANY not in word and not phone.is_valid(word)
        return "reference" if may_be_another else "phone"
    return "reference"
