"""Points of the British National Grid and their latitude and longitude, with the accuracy of OSTN15.

Latitude and longitude are ETRS89, which web maps take for WGS84.
"""

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from convertbng.cutil import convert_bng, convert_osgb36_to_ll

from moothall.kit.invalid import Invalid

PLACES = 6  # of a degree: a tenth of a metre
_DEGREES = re.compile(r"\s*([-+]?\d{1,2}\.\d{1,12})(?:\s*,\s*|\s+)([-+]?\d{1,3}\.\d{1,12})\s*", re.ASCII)
_METRES = re.compile(r"\s*(\d{4,6}(?:\.\d{1,3})?)(?:\s*,\s*|\s+)(\d{4,7}(?:\.\d{1,3})?)\s*", re.ASCII)


class InvalidPoint(Invalid):
    """There is no such point on the grid."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A part of the map between two latitudes and two longitudes, in degrees."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def of(cls, west: float, south: float, east: float, north: float) -> "Bounds":
        """Checked. Raises InvalidPoint when they are none, or not in order."""
        sides = (west, south, east, north)
        if not all(map(math.isfinite, sides)) or not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise InvalidPoint("West must be less than east and south less than north, in degrees.")
        return cls(*sides)


def to_grid(latitude: float, longitude: float) -> tuple[Decimal, Decimal]:
    """Easting and northing in metres, to the centimetre. Raises InvalidPoint outside the grid."""
    eastings, northings = convert_bng([longitude], [latitude])
    x, y = float(eastings[0]), float(northings[0])
    if not (math.isfinite(x) and math.isfinite(y)):
        raise InvalidPoint(
            "This point is not in Great Britain. Give latitude and then longitude, like 51.5074, -0.1278."
        )
    return Decimal(f"{x:.2f}"), Decimal(f"{y:.2f}")


def to_degrees(x: Decimal | float, y: Decimal | float) -> tuple[float, float]:
    """Latitude and longitude of an easting and a northing. Raises InvalidPoint outside the grid."""
    longitudes, latitudes = convert_osgb36_to_ll([float(x)], [float(y)])
    latitude, longitude = float(latitudes[0]), float(longitudes[0])
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        raise InvalidPoint("This point is not in Great Britain. Give easting and then northing, like 530000, 180000.")
    return round(latitude, PLACES), round(longitude, PLACES)


def read(text: str) -> tuple[Decimal, Decimal] | None:
    """Easting and northing of a point as people write it: “530000, 180000”, or “51.5074, -0.1278”.

    None for what is neither: degrees have decimals, metres at least four figures. Raises InvalidPoint for a pair outside the grid.
    """
    if found := _DEGREES.fullmatch(text):
        return to_grid(float(found[1]), float(found[2]))
    if found := _METRES.fullmatch(text):
        x, y = Decimal(found[1]), Decimal(found[2])
        to_degrees(x, y)
        return x, y
    return None
