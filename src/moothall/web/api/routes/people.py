"""People and organisations: found, read, recorded."""

from datetime import date
from typing import Literal

from ninja import Query, Schema
from pydantic import Field, ValidationInfo, field_validator, model_validator

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import sight
from moothall.domain.cases.models import Case
from moothall.domain.people import actions, corrections, organisations
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.models import Customer, Residence
from moothall.domain.people.numbers import normalise_contact
from moothall.web.api.case_views import CaseLine
from moothall.web.api.hidden import number_kept
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import Problem, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.routes.cases import AccessOut, accesses_of, show_access
from moothall.web.api.schemas import AddressPostcode, Birthday, Body, Day, Line, Moment, NinoText, UprnText

router = Operations(tags=["People"])
SHOWN = 200


class AddressOut(Schema):
    lines: list[str]
    uprn: str
    purpose: str
    from_date: date
    to_date: date | None

    @classmethod
    def of(cls, row: Residence) -> "AddressOut":
        return cls(
            lines=row.address.lines,
            uprn=row.address.uprn,
            purpose=row.purpose,
            from_date=row.from_date,
            to_date=row.to_date,
        )


class ContactOut(Schema):
    id: int
    type: str
    value: str
    holder: str
    preferred: bool
    from_date: date
    to_date: date | None
    verified_at: Moment | None
    verified_how: str


class ReferenceOut(Schema):
    id: int
    type: str
    number: str
    status: str
    from_date: date | None
    to_date: date | None


class WebAccountOut(Schema):
    """What they sign in with on the website; it opens nothing before it is confirmed."""

    email: str
    since: date | None
    confirmed_at: Moment | None


class PersonFacts(Schema):
    title: str
    first_names: str
    last_name: str
    known_as: str
    name_at_birth: str
    date_of_birth: date | None
    date_of_death: date | None
    gender: str
    nino: str | None
    nino_claimed: str
    language: str = Field(description="Of letters")
    speaks: str = Field(description="The language they prefer: a value of the list languages")


class OrganisationFacts(Schema):
    charity_number: str
    contact_name: str


class PersonOut(Schema):
    id: int
    kind: str
    name: str
    tags: list[str]
    version: str = Field(description="What changing who they are asks for")
    person: PersonFacts | None
    organisation: OrganisationFacts | None
    addresses: list[AddressOut]
    contacts: list[ContactOut]
    references: list[ReferenceOut] = Field(description="Badges and other numbers")
    web_accounts: list[WebAccountOut]
    cases: list[CaseLine] = Field(description="Those you may see, newest first")


class NewAddress(Body):
    line1: Line
    line2: str = Field("", max_length=100)
    town: Line
    postcode: AddressPostcode
    uprn: UprnText = ""


class NewContact(Body):
    type: str = Field(max_length=60)
    value: str = Field(min_length=1, max_length=254)
    holder: str = Field("", max_length=200)
    preferred: bool = False

    @field_validator("value")
    @classmethod
    def _of_its_type(cls, value: str, given: ValidationInfo) -> str:
        if not value.strip():
            raise ValueError("Enter the contact detail.")
        normalise_contact(given.data.get("type", ""), value)
        return value


class NewResidence(NewAddress):
    """Where somebody lives or gets letters, from a day on (today when left out)."""

    purpose: Residence.Purpose = Residence.Purpose.HOME
    from_date: Day | None = None
    to_date: Day | None = None


class Reached(NewContact):
    verified: bool = Field(False, description="You made sure that it is theirs")


class NewReference(Body):
    """A number another system knows somebody by, or its new status and dates."""

    type: str = Field(max_length=60, description="A value of the list reference_types")
    number: str = Field(min_length=1, max_length=60)
    status: str = Field("", max_length=30)
    from_date: Day | None = None
    to_date: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "NewReference":
        if self.from_date and self.to_date and self.to_date < self.from_date:
            raise ValueError("The last day cannot be before the first.")
        return self


class NewCustomer(Body):
    """A person (with a last name) or an organisation (with a name)."""

    kind: Literal["person", "organisation"]
    name: str = Field("", max_length=200, validate_default=True, description="Of an organisation")
    charity_number: str = Field("", max_length=100)
    contact_name: str = Field("", max_length=200)
    title: str = Field("", max_length=30)
    first_names: str = Field("", max_length=150)
    last_name: str = Field("", max_length=100, validate_default=True)
    known_as: str = Field("", max_length=100)
    name_at_birth: str = Field("", max_length=200)
    date_of_birth: Birthday | None = None
    gender: str = Field("", max_length=12, description="A value of the list genders")
    nino: NinoText = ""
    language: Literal["en", "cy"] = "en"
    speaks: str = Field("", max_length=60, description="A value of the list languages")
    address: NewAddress | None = None
    contacts: list[NewContact] = Field([], max_length=20)

    @field_validator("name")
    @classmethod
    def _organisation_named(cls, name: str, given: ValidationInfo) -> str:
        if given.data.get("kind") == "organisation" and not name.strip():
            raise ValueError("Enter the name of the organisation.")
        return name

    @field_validator("last_name")
    @classmethod
    def _person_named(cls, last_name: str, given: ValidationInfo) -> str:
        if given.data.get("kind") == "person" and not last_name.strip():
            raise ValueError("Enter the person's last name.")
        return last_name


@router.reads("/people/{int:customer_id}", needs=Permission.VIEW_PEOPLE, answers=PersonOut)
def read_person(request: ApiRequest, customer_id: int) -> PersonOut:
    """One person or organisation: who they are, how they are reached, their badges and cases."""
    customer = customer_named(request, customer_id)
    return show_person(request, customer, via="people.detail")


@router.writes("POST", "/people", needs=Permission.EDIT_PEOPLE, answers=PersonOut, status=201)
def create_person(request: ApiRequest, body: NewCustomer) -> PersonOut:
    """Record a new person or organisation."""
    address = AddressLines(**body.address.model_dump()) if body.address else None
    contacts = [Contact(**contact.model_dump()) for contact in body.contacts]
    by, at = request.auth, request.now
    if body.kind == "organisation":
        organisation = actions.OrganisationDetails(
            name=body.name, charity_number=body.charity_number, contact_name=body.contact_name
        )
        customer = actions.create_organisation(organisation, address=address, contacts=contacts, by=by, at=at)
    else:
        person = actions.PersonDetails(
            last_name=body.last_name,
            first_names=body.first_names,
            title=body.title,
            known_as=body.known_as,
            name_at_birth=body.name_at_birth,
            date_of_birth=body.date_of_birth,
            gender=body.gender,
            nino=body.nino,
            language=body.language,
            speaks=body.speaks,
        )
        with number_kept(request, body.nino):
            customer = actions.create_person(person, address=address, contacts=contacts, by=by, at=at)
    return show_person(request, customer, via="people.new")


@router.writes(
    "POST", "/people/{int:customer_id}/contacts", needs=Permission.EDIT_PEOPLE, answers=PersonOut, status=201
)
def set_contact(request: ApiRequest, customer_id: int, body: Reached) -> PersonOut:
    """Record how somebody is reached from today. What it replaces (same type and holder) ends and is kept."""
    customer = customer_named(request, customer_id)
    contact = Contact(**body.model_dump(exclude={"verified"}))
    actions.set_contact(customer, contact, verified=body.verified, by=request.auth, at=request.now)
    return show_person(request, customer, via="people.contacts")


@router.writes(
    "POST", "/people/{int:customer_id}/addresses", needs=Permission.EDIT_PEOPLE, answers=PersonOut, status=201
)
def set_address(request: ApiRequest, customer_id: int, body: NewResidence) -> PersonOut:
    """Record where somebody lives or gets letters. The previous address ends the day before and is kept."""
    customer = customer_named(request, customer_id)
    held = {"purpose", "from_date", "to_date"}
    actions.set_address(
        customer,
        AddressLines(**body.model_dump(exclude=held)),
        purpose=body.purpose,
        from_date=body.from_date,
        to_date=body.to_date,
        by=request.auth,
        at=request.now,
    )
    return show_person(request, customer, via="people.addresses")


@router.writes(
    "POST", "/people/{int:customer_id}/references", needs=Permission.EDIT_PEOPLE, answers=PersonOut, status=201
)
def set_reference(request: ApiRequest, customer_id: int, body: NewReference) -> PersonOut:
    """Record the number another system knows somebody by, or its new status and dates (PPP-12)."""
    customer = customer_named(request, customer_id)
    with number_kept(request, body.number):
        actions.set_reference(customer, **body.model_dump(), by=request.auth, at=request.now)
    return show_person(request, customer, via="people.references")


@router.reads("/people/{int:customer_id}/accesses", needs=Permission.VIEW_AUDIT, answers=Page[AccessOut])
def person_accesses(request: ApiRequest, customer_id: int, query: Query[PageQuery]) -> Page[AccessOut]:
    """Who read this person's record, or one merged into it, newest first."""
    customer = customer_named(request, customer_id)
    absorbed = customer.absorbed.values_list("pk", flat=True)
    return page_of(accesses_of("customer", customer.pk, *absorbed), query, show_access)


def customer_named(request: ApiRequest, customer_id: int) -> Customer:
    """The customer with this id, or its golden record, whom the permission is given for. Does not record the reading."""
    people = sight.visible_people(request.auth)
    customer = people.filter(pk=customer_id).first() or people.filter(absorbed=customer_id).first()
    if customer is None:
        raise not_found()
    if request.needs and not sight.people_within(request.auth, request.needs).filter(pk=customer.pk).exists():
        raise Problem(403, f"This needs the permission {request.needs} for a service this person has a case of.")
    return customer


def show_person(request: ApiRequest, customer: Customer, *, via: str) -> PersonOut:
    """Somebody as shown to whoever asks, which is recorded, also when a change answers with it (PPP-6)."""
    recording.read(customer, by=request.auth, at=request.now, via=f"api {via}")
    is_person = customer.kind == Customer.Kind.PERSON
    cases = Case.objects.visible_to(request.auth).filter(customer=customer).select_related("service", "customer")
    residences = customer.residences.select_related("address").order_by("-from_date", "-id")[:SHOWN]
    contacts = customer.contact_details.order_by("-from_date", "-id")[:SHOWN]
    return PersonOut(
        id=customer.pk,
        kind=customer.kind,
        name=customer.name,
        tags=customer.tags,
        version=corrections.version_of(customer.person) if is_person else organisations.version_of(customer),
        person=PersonFacts.model_validate(customer.person, from_attributes=True) if is_person else None,
        organisation=None
        if is_person
        else OrganisationFacts.model_validate(customer.organisation, from_attributes=True),
        addresses=[AddressOut.of(row) for row in residences],
        contacts=[ContactOut.model_validate(row, from_attributes=True) for row in contacts],
        references=[
            ReferenceOut.model_validate(row, from_attributes=True)
            for row in customer.references.order_by("-id")[:SHOWN]
        ],
        web_accounts=[
            WebAccountOut.model_validate(row, from_attributes=True)
            for row in customer.web_accounts.order_by("email")[:SHOWN]
        ],
        cases=[CaseLine.of(case) for case in cases.defer("submitted").order_by("-opened_at", "-id")[:SHOWN]],
    )
