"""Maps as GeoJSON: cases of the open work you may see, properties, wards; and the boundaries of wards (PPP-24)."""

from typing import Any, Literal

from ninja import File, Query, Schema, UploadedFile
from pydantic import Field, model_validator

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import mapped as cases_mapped
from moothall.domain.cases import worklist
from moothall.domain.cases.wanted import Wanted
from moothall.domain.places import boundaries, mapped
from moothall.domain.places.mapped import MOST
from moothall.kit.grid import Bounds
from moothall.web.api.operations import Operations
from moothall.web.api.problems import Problem
from moothall.web.api.request import ApiRequest
from moothall.web.common import maps

router = Operations(tags=["Maps"])


class Feature(Schema):
    type: Literal["Feature"]
    geometry: dict[str, Any] = Field(description="A GeoJSON geometry: longitude before latitude")
    properties: dict[str, Any]


class Features(Schema):
    """A FeatureCollection of GeoJSON (RFC 7946)."""

    type: Literal["FeatureCollection"]
    features: list[Feature]
    more: bool = Field(description="There are more than these")
    bbox: list[float] | None = Field(None, description="West, south, east, north")


class Part(Schema):
    """A part of the map, in degrees."""

    west: float = Field(ge=-180, le=180)
    south: float = Field(ge=-90, le=90)
    east: float = Field(ge=-180, le=180)
    north: float = Field(ge=-90, le=90)
    ward: str = Field("", max_length=10, description="Its code")

    @model_validator(mode="after")
    def _in_order(self) -> "Part":
        if self.west >= self.east or self.south >= self.north:
            raise ValueError("West must be less than east and south less than north.")
        return self

    @property
    def bounds(self) -> Bounds:
        """Its sides."""
        return Bounds(self.west, self.south, self.east, self.north)


class PartOfWork(Part):
    service: str | None = Field(None, max_length=60)
    workflow: str | None = Field(None, max_length=120, description="e.g. blue_badge.application")
    stage: str | None = Field(None, max_length=60)


class Loaded(Schema):
    wards: int


@router.reads("/map/cases", needs=Permission.VIEW_WORK, answers=Features)
def map_cases(request: ApiRequest, query: Query[PartOfWork]) -> dict[str, Any]:
    """Cases with open work you may see, where their customer you may see lives or they have a place: the newest 250.

    Where neither bounds nor a ward is given, the newest 5,000 are looked at; `more` says that there are others."""
    user = request.auth
    wanted = Wanted(service=query.service, workflow=query.workflow, stage=query.stage)
    lines = worklist.waiting(wanted, user=user, stages=worklist.stages_seen(user), now=request.now)
    whole = query.bounds is None and not query.ward
    among, cut = cases_mapped.newest(lines) if whole else (lines.order_by().values("case"), False)
    found = cases_mapped.cases(user, among, bounds=query.bounds, ward=query.ward)
    shown, asked = found[:MOST], sorted(query.model_fields_set)
    recording.searched("case", by=user, at=request.now, via="api map.cases", found=len(shown), asked=asked)
    features = (
        maps.point(
            one.latitude,
            one.longitude,
            **{"kind": "case", "reference": one.reference, "service": one.service},
            **{"uprn": one.uprn, "address": one.address, "opened_at": one.opened_at.isoformat()},
        )
        for one in shown
    )
    return maps.collection(features, more=cut or len(found) > MOST)


@router.reads("/map/places", needs=Permission.VIEW_PEOPLE, answers=Features)
def map_places(request: ApiRequest, query: Query[Part]) -> dict[str, Any]:  # noqa: ARG001
    """Properties of the gazetteer in a part of the map; where there are more than 250, none, and `more` is true."""
    found = mapped.properties(query.bounds, ward=query.ward)
    features = (
        maps.point(one.latitude, one.longitude, kind="place", uprn=one.uprn, address=one.line) for one in found or []
    )
    return maps.collection(features, more=found is None)


@router.reads("/map/wards", needs=Permission.VIEW_PEOPLE, answers=Features)
def map_wards(request: ApiRequest) -> dict[str, Any]:  # noqa: ARG001
    """The boundaries of wards. Where `drawn` is true it is drawn around the ward's properties, and says about where it is."""
    return maps.wards()


@router.writes("POST", "/map/wards", needs=Permission.IMPORT_GAZETTEER, answers=Loaded, body="form")
def load_wards(request: ApiRequest, file: File[UploadedFile]) -> Loaded:
    """Load boundaries from a file of GeoJSON, in place of those kept."""
    if (file.size or 0) > boundaries.MOST_BYTES:
        raise Problem(413, "The file is too large.")
    return Loaded(wards=boundaries.load(file.read(), by=request.auth, at=request.now))


@router.writes("POST", "/map/wards/draw", needs=Permission.IMPORT_GAZETTEER, answers=Loaded, body="none")
def draw_wards(request: ApiRequest) -> Loaded:
    """Draw a boundary around the properties of each ward, in place of those kept."""
    return Loaded(wards=boundaries.draw(by=request.auth, at=request.now))
