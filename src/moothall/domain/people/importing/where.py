"""Addresses of rows as they are kept: as written, from the gazetteer by UPRN, or matched to it (`places.matching`)."""

from collections.abc import Iterable
from dataclasses import replace

from moothall.domain.people.details import AddressLines
from moothall.domain.people.importing.given import Given
from moothall.domain.people.importing.options import Options
from moothall.domain.people.importing.refusal import RowRefused
from moothall.domain.places import described, lookup, matching
from moothall.domain.places.actions import check_lengths
from moothall.domain.places.models import Address
from moothall.kit import postcode as postcodes
from moothall.kit.invalid import Invalid


class Addresses:
    """Finds the addresses of some rows; a text that comes again is matched once. What was matched before is given back."""

    def __init__(self, options: Options) -> None:
        self._ready, self._match = lookup.is_ready(), options.match
        self._matched: dict[str, str] = {}
        self._known: dict[str, AddressLines] = {}

    def know(self, uprns: Iterable[str]) -> None:
        """Read the lines of these properties, in one go."""
        wanted = sorted(set(uprns) - self._known.keys() - {""})
        found = lookup.with_uprns(wanted) if wanted and self._ready else []
        self._known |= {one.found.reference: AddressLines(**one.fields) for one in described.describe(found)}

    def settled(self, given: Given, *, before: str = "") -> tuple[Given, str]:
        """The row with the lines of its address, and the UPRN it was matched to. Raises RowRefused.

        `before`: the UPRN that an earlier look found.
        """
        if given.lines is None and given.whole:
            return self._whole(given, before)
        if given.lines is None and given.uprn:
            if given.uprn not in self._known:
                raise RowRefused("", "The UPRN is not in the gazetteer, and there is no whole address beside it.")
            return replace(given, lines=self._known[given.uprn]), ""
        if given.lines is None:
            return given, ""
        if self._match and not given.lines.uprn and self._ready:
            parts = (given.lines.line1, given.lines.line2, given.lines.town, given.lines.postcode)
            if uprn := before or self._find(", ".join(part for part in parts if part)):
                self.know([uprn])
                if uprn in self._known:
                    return replace(given, lines=self._known[uprn]), uprn
        _check(given.lines)
        return given, ""

    def _whole(self, given: Given, before: str) -> tuple[Given, str]:
        if uprn := before or given.uprn or (self._find(given.whole) if self._ready else ""):
            self.know([uprn])
            if uprn in self._known:
                return replace(given, lines=self._known[uprn]), uprn
        lines = _apart(given.whole, given.uprn)
        _check(lines)
        return replace(given, lines=lines), ""

    def _find(self, text: str) -> str:
        if text not in self._matched:
            found = matching.match(text)
            sure = found.found is not None and found.confidence >= matching.SURE
            self._matched[text] = found.found.reference if found.found and sure else ""
        return self._matched[text]


def _apart(whole: str, uprn: str) -> AddressLines:
    """An address in one value, divided at its commas: the postcode last, the town before it."""
    parts = [part for part in (" ".join(piece.split()) for piece in whole.split(",")) if part]
    words = parts[-1].split() if parts else []
    code = next((tail for size in (2, 1) if postcodes.is_valid(tail := " ".join(words[-size:]))), "") if words else ""
    if code:
        rest = " ".join(words[: len(words) - len(code.split())])
        parts = [*parts[:-1], *([rest] if rest else [])]
    if not code or len(parts) < 2:
        raise RowRefused("", "The address is not found in the gazetteer, and does not end in a town and a postcode.")
    if len(parts) > 1 and parts[-1] == code:
        parts.pop()
    return AddressLines(
        line1=parts[0], line2=", ".join(parts[1:-1]), town=parts[-1], postcode=postcodes.normalise(code), uprn=uprn
    )


def _check(lines: AddressLines) -> None:
    try:
        check_lengths(Address, line1=lines.line1, line2=lines.line2, town=lines.town)
    except Invalid as invalid:
        raise RowRefused("", str(invalid)) from invalid
