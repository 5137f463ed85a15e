"""What maps on pages and through the API have in common: their ground, the leave to load its pictures, and GeoJSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http.response import HttpResponseBase

from moothall.core.council import settings as council
from moothall.domain.places import boundaries, mapped
from moothall.domain.places.mapped import Map
from moothall.web.ops.middleware import CONTENT_SECURITY_POLICY

Response = TypeVar("Response", bound=HttpResponseBase)


@dataclass(frozen=True)
class Ground:
    """What a map is drawn on. Without `tiles` it is plain, with the wards."""

    wards: str  # the address of the wards as GeoJSON
    tiles: str = ""  # the address of the pictures, with {z}, {x} and {y}
    deepest: int = 0
    attribution: str = ""


def ground(*, wards: str) -> Ground:
    """The ground this council's maps have."""
    kept = council.read(Map)
    return Ground(wards, kept.tiles, kept.deepest, kept.attribution) if kept.tiles else Ground(wards)


def allow(response: Response) -> Response:
    """Let a page with a map load pictures from the council's tiles, and from nowhere else besides our own."""
    if host := council.read(Map).host:
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
            "img-src 'self'", f"img-src 'self' {host}"
        )
    return response


def collection(
    features: Iterable[dict[str, Any]], *, more: bool = False, bbox: list[float] | None = None
) -> dict[str, Any]:
    """A FeatureCollection of GeoJSON (RFC 7946). `more`: there are more than these."""
    box = {} if bbox is None else {"bbox": bbox}
    return {"type": "FeatureCollection", "features": list(features), "more": more, **box}


def point(latitude: float, longitude: float, **properties: Any) -> dict[str, Any]:
    """A feature at a point."""
    geometry = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def wards() -> dict[str, Any]:
    """The wards, and the corner-to-corner box of the council (`bbox`): of its wards, or of its properties where none are kept."""
    kept = boundaries.wards()
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": one.rings},
            "properties": {"code": one.code, "name": one.name, "drawn": one.drawn},
        }
        for one in kept
    ]
    points = [point for one in kept for polygon in one.rings for point in polygon[0]]
    if points:
        longitudes, latitudes = [point[0] for point in points], [point[1] for point in points]
        return collection(features, bbox=[min(longitudes), min(latitudes), max(longitudes), max(latitudes)])
    around = mapped.around()
    return collection(features, bbox=[around.west, around.south, around.east, around.north] if around else None)
