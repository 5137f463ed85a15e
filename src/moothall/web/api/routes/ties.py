"""What belongs to a customer's record: relationships, tags, an organisation's sites and vehicles (CT-2, CT-6, CT-51)."""

from datetime import date

from ninja import Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import sight, tagging
from moothall.domain.people import organisations, relationships
from moothall.domain.people.details import AddressLines
from moothall.domain.people.models import Customer, Residence, Vehicle
from moothall.web.api.operations import Operations
from moothall.web.api.problems import not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.routes.people import NewAddress, PersonOut, customer_named, show_person
from moothall.web.api.schemas import Body, Day, Key, Line, RowId

router = Operations(tags=["People"])
MOST = 200


class TagChange(Body):
    set: list[Key] = Field([], max_length=50)
    remove: list[Key] = Field([], max_length=50)


class RelationshipOut(Schema):
    id: int
    text: str = Field(description="What this customer is to the other")
    role: str
    other: int | None = Field(description="The other; none when you may not see them")
    from_date: date
    to_date: date | None


class NewRelationship(Body):
    other: RowId
    kind: str = Field(max_length=40, description="e.g. parent_of; what this customer is to the other")
    role: str = Field("", max_length=100, description="The part they have, such as transport manager")
    from_date: Day | None = None


class SiteOut(Schema):
    id: int
    lines: list[str]
    from_date: date
    to_date: date | None


class NewSite(NewAddress):
    from_date: Day | None = None


class VehicleOut(Schema):
    id: int
    registration: str
    description: str
    from_date: date
    to_date: date | None


class NewVehicle(Body):
    registration: Line
    description: str = Field("", max_length=100)
    from_date: Day | None = None


@router.writes("POST", "/people/{int:customer_id}/tags", needs=Permission.EDIT_PEOPLE, answers=PersonOut)
def tag_person(request: ApiRequest, customer_id: int, body: TagChange) -> PersonOut:
    """Put tags on a customer and take tags off. Those of the system cannot be changed so."""
    customer = customer_named(request, customer_id)
    tagging.tag_customer_alone(customer, set=body.set, remove=body.remove, by=request.auth, at=request.now)
    return show_person(request, customer_named(request, customer_id), via="people.tags")


@router.reads("/people/{int:customer_id}/relationships", needs=Permission.VIEW_PEOPLE, answers=list[RelationshipOut])
def person_relationships(request: ApiRequest, customer_id: int) -> list[RelationshipOut]:
    """Who a customer has to do with, and had: what holds now first."""
    customer = customer_named(request, customer_id)
    recording.read(customer, by=request.auth, at=request.now, via="api people.relationships")
    rows = relationships.of(customer, most=MOST)
    others = [one.other.pk for one in rows]
    seen = set(sight.visible_people(request.auth).filter(pk__in=others).values_list("pk", flat=True))
    return [
        RelationshipOut(
            id=one.row.pk,
            text=one.text,
            role=one.row.role,
            other=one.other.pk if one.other.pk in seen else None,
            from_date=one.row.from_date,
            to_date=one.row.to_date,
        )
        for one in rows
    ]


@router.writes(
    "POST",
    "/people/{int:customer_id}/relationships",
    needs=Permission.EDIT_PEOPLE,
    answers=RelationshipOut,
    status=201,
)
def relate(request: ApiRequest, customer_id: int, body: NewRelationship) -> RelationshipOut:
    """Record what a customer is to another from a day on, today when none is given."""
    customer, other = customer_named(request, customer_id), customer_named(request, body.other)
    row = relationships.relate(
        customer, other, kind=body.kind, role=body.role, from_date=body.from_date, by=request.auth, at=request.now
    )
    made = relationships.one(customer, row.pk)
    return RelationshipOut(
        id=row.pk,
        text=made.text if made else "",
        role=row.role,
        other=other.pk,
        from_date=row.from_date,
        to_date=row.to_date,
    )


@router.writes(
    "POST",
    "/people/{int:customer_id}/relationships/{int:row_id}/end",
    needs=Permission.EDIT_PEOPLE,
    answers=None,
    status=204,
    body="none",
)
def end_relationship(request: ApiRequest, customer_id: int, row_id: int) -> None:
    """It ends today and stays on record. Again changes nothing."""
    customer = customer_named(request, customer_id)
    held = relationships.one(customer, row_id)
    if held is None:
        raise not_found()
    relationships.end(held.row, by=request.auth, at=request.now)


@router.reads("/people/{int:customer_id}/sites", needs=Permission.VIEW_PEOPLE, answers=list[SiteOut])
def sites(request: ApiRequest, customer_id: int) -> list[SiteOut]:
    """Where an organisation works from, and did."""
    customer = customer_named(request, customer_id)
    recording.read(customer, by=request.auth, at=request.now, via="api people.sites")
    return [_site(row) for row in _sites(customer)]


@router.writes("POST", "/people/{int:customer_id}/sites", needs=Permission.EDIT_PEOPLE, answers=SiteOut, status=201)
def add_site(request: ApiRequest, customer_id: int, body: NewSite) -> SiteOut:
    """Record a site of an organisation beside its others; one recorded already is given back."""
    customer = customer_named(request, customer_id)
    lines = AddressLines(**body.model_dump(exclude={"from_date"}))
    return _site(organisations.add_site(customer, lines, from_date=body.from_date, by=request.auth, at=request.now))


@router.writes(
    "POST",
    "/people/{int:customer_id}/sites/{int:row_id}/end",
    needs=Permission.EDIT_PEOPLE,
    answers=None,
    status=204,
    body="none",
)
def end_site(request: ApiRequest, customer_id: int, row_id: int) -> None:
    """The organisation no longer works from there, from today. Again changes nothing."""
    site = next((one for one in _sites(customer_named(request, customer_id)) if one.pk == row_id), None)
    if site is None:
        raise not_found()
    organisations.end_site(site, by=request.auth, at=request.now)


@router.reads("/people/{int:customer_id}/vehicles", needs=Permission.VIEW_PEOPLE, answers=list[VehicleOut])
def vehicles(request: ApiRequest, customer_id: int) -> list[VehicleOut]:
    """The vehicles an organisation carries people in, and did."""
    customer = customer_named(request, customer_id)
    recording.read(customer, by=request.auth, at=request.now, via="api people.vehicles")
    return [_vehicle(row) for row in customer.vehicles.order_by("registration", "-id")[:MOST]]


@router.writes(
    "POST", "/people/{int:customer_id}/vehicles", needs=Permission.EDIT_PEOPLE, answers=VehicleOut, status=201
)
def add_vehicle(request: ApiRequest, customer_id: int, body: NewVehicle) -> VehicleOut:
    """Record a vehicle of an organisation; one it has already is given back."""
    customer = customer_named(request, customer_id)
    row = organisations.add_vehicle(
        customer,
        body.registration,
        description=body.description,
        from_date=body.from_date,
        by=request.auth,
        at=request.now,
    )
    return _vehicle(row)


@router.writes(
    "POST",
    "/people/{int:customer_id}/vehicles/{int:row_id}/end",
    needs=Permission.EDIT_PEOPLE,
    answers=None,
    status=204,
    body="none",
)
def end_vehicle(request: ApiRequest, customer_id: int, row_id: int) -> None:
    """The organisation has it no longer, from today. Again changes nothing."""
    row = customer_named(request, customer_id).vehicles.filter(pk=row_id).first()
    if row is None:
        raise not_found()
    organisations.end_vehicle(row, by=request.auth, at=request.now)


def _sites(customer: Customer) -> list[Residence]:
    rows = customer.residences.filter(purpose=Residence.Purpose.SITE).select_related("address", "customer")
    return list(rows.order_by("-from_date", "-id")[:MOST])


def _site(row: Residence) -> SiteOut:
    return SiteOut(id=row.pk, lines=list(row.address.lines), from_date=row.from_date, to_date=row.to_date)


def _vehicle(row: Vehicle) -> VehicleOut:
    return VehicleOut(
        id=row.pk,
        registration=row.registration,
        description=row.description,
        from_date=row.from_date,
        to_date=row.to_date,
    )
