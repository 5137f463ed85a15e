"""Addresses of the gazetteer: found by postcode, by typing, by UPRN, and nearest to a point (PPP-22)."""

from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints, model_validator

from moothall.core.accounts.permissions import Permission
from moothall.domain.places import described, lookup, matching
from moothall.domain.places.described import Described
from moothall.domain.places.lookup import Choice, Found
from moothall.domain.places.matching import Match
from moothall.web.api.operations import Operations
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, PostcodeText, UprnText

router = Operations(tags=["Addresses"])
Written = Annotated[str, StringConstraints(max_length=300)]
ClassPrefix = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}[0-9]{0,2}[A-Z]{0,2}$")]


class Point(Body):
    """A place on the British National Grid, in metres."""

    easting: Decimal = Field(ge=0, le=700_000, decimal_places=2)
    northing: Decimal = Field(ge=0, le=1_300_000, decimal_places=2)


class Degrees(Body):
    """A place by latitude and longitude, in degrees; it is put on the grid with the accuracy of OSTN15."""

    latitude: float = Field(ge=49, le=61.5)
    longitude: float = Field(ge=-9, le=2.5)


class AddressSearch(Body):
    """One of `text`, `postcode`, `uprn` and `near`. A postcode is answered whole, in the order of the street."""

    text: str = Field("", max_length=200, description="Any words of the address in any order, finished or not")
    postcode: PostcodeText = ""
    uprn: UprnText = ""
    near: Point | Degrees | None = Field(None, description="A point: easting and northing, or latitude and longitude")
    historic: bool = Field(False, description="Also what is no more")
    shells: bool = Field(False, description="Also divided buildings as a whole, and streets")
    residential: bool = Field(False, description="Homes alone")
    classes: list[ClassPrefix] = Field([], max_length=20, description="What the class begins with, such as RD")
    language: str = Field("ENG", pattern="^(ENG|CYM|GAE)$", description="Which of two names is shown")
    limit: int = Field(20, ge=1, le=lookup.MOST, description="Of text and near")

    @model_validator(mode="after")
    def _one_question(self) -> "AddressSearch":
        if sum(map(bool, (self.text.strip(), self.postcode.strip(), self.uprn.strip(), self.near))) != 1:
            raise ValueError("Give one of text, postcode, uprn and near.")
        return self

    def choice(self) -> Choice:
        """Which addresses may be found."""
        return Choice(
            historic=self.historic,
            shells=self.shells,
            residential=self.residential,
            classes=tuple(self.classes),
            language=self.language,
        )


class PartsOut(Schema):
    """The address as BS 7666 keeps it: a secondary object (SAO) within a primary one (PAO)."""

    organisation: str
    sao_start_number: int | None
    sao_start_suffix: str
    sao_end_number: int | None
    sao_end_suffix: str
    sao_text: str
    pao_start_number: int | None
    pao_start_suffix: str
    pao_end_number: int | None
    pao_end_suffix: str
    pao_text: str
    street: str
    locality: str
    town: str
    post_town: str
    postcode: str


class AddressFound(Schema):
    uprn: str
    parent_uprn: str | None
    usrn: str
    line: str = Field(description="The whole address on one line")
    lines: list[str] = Field(description="As on an envelope, the postcode last")
    fields: dict[str, str] = Field(description="As an address of a customer is sent")
    parts: PartsOut
    language: str
    status: int = Field(
        description="Logical status of the address: 1 approved, 3 alternative, 6 provisional, 8 historical"
    )
    historic: bool
    classification: str
    classification_name: str
    ward: str
    ward_name: str = Field(description="Empty where no list of names has been loaded")
    parish: str
    parish_name: str
    easting: Decimal
    northing: Decimal
    latitude: float | None
    longitude: float | None
    metres: float | None = Field(description="From the point asked for")

    @classmethod
    def of(cls, one: Described) -> "AddressFound":
        found, its = one.found, one.place
        return cls(
            uprn=found.reference,
            parent_uprn=str(its.parent_uprn) if its.parent_uprn else None,
            usrn=str(found.usrn),
            line=found.line,
            lines=list(one.written.lines),
            fields=one.fields,
            parts=PartsOut(**one.parts._asdict()),
            language=found.language,
            status=found.status,
            historic=found.historic,
            classification=found.classification,
            classification_name=one.classification,
            ward=its.ward,
            ward_name=one.ward,
            parish=its.parish,
            parish_name=one.parish,
            easting=its.x,
            northing=its.y,
            latitude=its.latitude,
            longitude=its.longitude,
            metres=found.metres,
        )


class AddressesFound(Schema):
    items: list[AddressFound]


class AddressesToMatch(Body):
    addresses: list[Written] = Field(min_length=1, max_length=matching.MOST, description="As others wrote them")


class MatchOut(Schema):
    uprn: str | None
    line: str
    confidence: float = Field(description=f"0 to 1; below {matching.SURE} somebody should look; not a probability")
    why: str


class MatchesOut(Schema):
    items: list[MatchOut] = Field(description="In the order of the addresses given")


@router.searches("/addresses/match", needs=Permission.VIEW_PEOPLE, answers=MatchesOut)
def match_addresses(request: ApiRequest, body: AddressesToMatch) -> MatchesOut:  # noqa: ARG001
    """Up to 100 addresses as others wrote them, each with the property it means and how sure that is."""
    return MatchesOut(items=[_match_out(matching.match(written)) for written in body.addresses])


def _match_out(one: Match) -> MatchOut:
    uprn, line = (one.found.reference, one.found.line) if one.found else (None, "")
    return MatchOut(uprn=uprn, line=line, confidence=one.confidence, why=one.why)


@router.searches("/addresses/search", needs=Permission.VIEW_PEOPLE, answers=AddressesFound)
def search_addresses(request: ApiRequest, body: AddressSearch) -> AddressesFound:  # noqa: ARG001
    """Addresses of the gazetteer, the likeliest or the nearest first, or those of a postcode in the order of the street."""
    return AddressesFound(items=[AddressFound.of(one) for one in described.describe(_found(body))])


def _found(body: AddressSearch) -> list[Found]:
    choice = body.choice()
    if body.postcode.strip():
        return lookup.at_postcode(body.postcode, choice)
    if body.uprn.strip():
        one = lookup.with_uprn(body.uprn, choice)
        return [one] if one else []
    if isinstance(body.near, Degrees):
        return lookup.near_point(body.near.latitude, body.near.longitude, choice, limit=body.limit)
    if body.near:
        return lookup.near(body.near.easting, body.near.northing, choice, limit=body.limit)
    return lookup.find(body.text, choice, limit=body.limit)
