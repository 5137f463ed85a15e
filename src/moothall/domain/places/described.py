"""All that is said of an address that was found: its parts by BS 7666, its lines, where it is and what it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from moothall.domain.places import areas, classes, lookup_lines
from moothall.domain.places.lookup import Found
from moothall.domain.places.models import Property
from moothall.kit import address_lines
from moothall.kit.address_lines import Parts, Written


@dataclass(frozen=True, slots=True)
class Described:
    """An address with its property."""

    found: Found
    parts: Parts
    written: Written
    place: Property
    ward: str  # its name, where it is known; and so the one below
    parish: str

    @property
    def classification(self) -> str:
        """What it is for, in words."""
        return classes.describe(self.found.classification)

    @property
    def fields(self) -> dict[str, str]:
        """The fields an address is kept in."""
        line1, line2, town, postcode = address_lines.envelope(self.written)
        return {"line1": line1, "line2": line2, "town": town, "postcode": postcode, "uprn": self.found.reference}


def describe(found: Sequence[Found]) -> list[Described]:
    """What is known of each of these addresses, in three statements; one taken out of the gazetteer meanwhile is left out."""
    uprns = [one.uprn for one in found]
    with connection.cursor() as cursor:
        parts = lookup_lines.parts_of(cursor, keys=[one.key for one in found], uprns=uprns)
    properties = Property.objects.in_bulk(uprns)
    known = areas.names(code for place in properties.values() for code in (place.ward, place.parish))
    return [
        Described(
            one,
            parts[one.key],
            address_lines.write(parts[one.key]),
            place,
            known.get(place.ward, ""),
            known.get(place.parish, ""),
        )
        for one in found
        if one.key in parts and (place := properties.get(one.uprn))
    ]
