"""Names of files, made safe to show, store and download under."""

import re
import unicodedata

LONGEST = 120
_UNSAFE = re.compile(r'[<>:"/\\|?*%;]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def clean(name: str, *, endings: tuple[str, ...]) -> str:
    """Return a name without folders, signs that mean something to a system, or invisible letters.

    It ends in one of `endings` (the first, when it had none of them), which say what the file is.
    """
    bare = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(letter for letter in bare if unicodedata.category(letter)[0] != "C")
    tidy = " ".join(_UNSAFE.sub(" ", seen).split()).strip(". ")
    stem, _, ending = tidy.rpartition(".")
    if not stem:
        stem, ending = tidy, ""
    if ending.lower() not in endings:
        if ending and not known_ending(ending):
            stem = tidy
        ending = endings[0]
    stem = stem[: LONGEST - len(ending) - 1].strip(". ") or "document"
    if _DEVICES.fullmatch(stem):
        stem = f"{stem} file"
    return f"{stem}.{ending.lower()}"


def ending_of(name: str) -> str:
    """The ending of a name in small letters, without the dot; empty when it has none."""
    stem, dot, ending = name.strip().rpartition(".")
    return ending.lower() if dot and stem and known_ending(ending) else ""


def known_ending(ending: str) -> bool:
    """Whether text after the last dot looks like a file's ending, rather than part of its name."""
    return re.fullmatch(r"[A-Za-z0-9]{1,5}", ending) is not None
