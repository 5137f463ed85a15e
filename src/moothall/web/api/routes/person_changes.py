"""Who a person or what an organisation is, put right: names, and with a permission of its own, what others are told apart by."""

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Query, Schema
from pydantic import Field, StringConstraints

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import corrected, sight
from moothall.domain.people import corrections, organisations
from moothall.domain.people.models import Customer
from moothall.web.api.hidden import guessing_told
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import Problem, invalid
from moothall.web.api.request import ApiRequest
from moothall.web.api.routes import people
from moothall.web.api.routes.people import PersonOut, customer_named, show_person
from moothall.web.api.schemas import Birthday, Body, Moment, NinoText, Prose, UserOut

router = people.router  # one address takes what reads a person and what changes them
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class PersonChange(Body):
    """What is given changes, what is left out stays. `date_of_birth` and `nino` need the permission people.correct.

    Of an organisation `name`, `charity_number` and `contact_name` can be given, and nothing else.
    """

    version: str = Field(max_length=16, description="The customer's as you saw it")
    reason: Prose
    evidence: str = Field("", max_length=2000, description="What showed it; a date of birth or number needs it")
    title: Short = ""
    first_names: Short = ""
    last_name: Short = ""
    known_as: Short = ""
    name_at_birth: Short = ""
    gender: str = Field("", max_length=12, description="A value of the list genders")
    language: Literal["en", "cy"] = "en"
    speaks: str = Field("", max_length=60, description="A value of the list languages")
    date_of_birth: Birthday | None = None
    nino: NinoText = ""
    name: Short = Field("", description="Of an organisation")
    charity_number: str = Field("", max_length=100, description="Of an organisation")
    contact_name: Short = Field("", description="Of an organisation")

    def changes(self) -> dict[str, Any]:
        """What was given, by the name of the fact."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"version", "reason", "evidence"}}


class EarlierPerson(Schema):
    """A person as they were recorded until they were changed."""

    title: str
    first_names: str
    last_name: str
    known_as: str
    name_at_birth: str
    date_of_birth: date | None
    nino: str | None
    until: Moment
    changed_by: UserOut | None
    reason: str


@router.writes("PATCH", "/people/{int:customer_id}", needs=Permission.EDIT_PEOPLE, answers=PersonOut)
def change_person(request: ApiRequest, customer_id: int, body: PersonChange) -> PersonOut:
    """Change who a person or what an organisation is. What was is kept (`/people/{id}/earlier`), with who changed it and why.

    Answered 409 when they were changed since `version`.
    """
    customer = customer_named(request, customer_id)
    changes = body.changes()
    if not changes:
        raise invalid("body", "Say what is to be changed.")
    of_organisation = changes.keys() & organisations.FACTS.keys()
    if customer.kind == Customer.Kind.ORGANISATION and changes.keys() - of_organisation:
        raise Problem(409, f"{customer.name} is an organisation.", kind="not-a-person")
    if customer.kind == Customer.Kind.PERSON and of_organisation:
        raise Problem(409, f"{customer.name} is a person.", kind="not-an-organisation")
    if corrections.IDENTIFYING & changes.keys():
        _may_correct(request, customer)
    with guessing_told():
        corrected.correct(
            customer,
            changes=changes,
            version=body.version,
            reason=body.reason,
            evidence=body.evidence,
            by=request.auth,
            at=request.now,
        )
    return show_person(request, customer_named(request, customer_id), via="people.change")


@router.reads("/people/{int:customer_id}/earlier", needs=Permission.VIEW_PEOPLE, answers=Page[EarlierPerson])
def earlier_person(request: ApiRequest, customer_id: int, query: Query[PageQuery]) -> Page[EarlierPerson]:
    """The person as they were before each change, the last first."""
    customer = customer_named(request, customer_id)
    recording.read(customer, by=request.auth, at=request.now, via="api people.earlier")
    page = page_of(corrections.earlier(customer), query, lambda row: row)
    users = User.objects.in_bulk({(row.pgh_context or {}).get("by") for row in page.items} - {None})
    whys = corrections.reasons(customer)
    return page.model_copy(update={"items": [_earlier(row, users, whys) for row in page.items]})


def _may_correct(request: ApiRequest, customer: Customer) -> None:
    if not sight.people_within(request.auth, Permission.CORRECT_PEOPLE).filter(pk=customer.pk).exists():
        raise Problem(403, f"To change a date of birth or number needs the permission {Permission.CORRECT_PEOPLE}.")


def _earlier(row: Any, users: dict[int, User], whys: dict[str, str]) -> EarlierPerson:
    context = row.pgh_context or {}
    by = users.get(int(context.get("by") or 0))
    return EarlierPerson(
        title=row.title,
        first_names=row.first_names,
        last_name=row.last_name,
        known_as=row.known_as,
        name_at_birth=row.name_at_birth,
        date_of_birth=row.date_of_birth,
        nino=row.nino,
        until=row.pgh_created_at,
        changed_by=UserOut.of(by) if by else None,
        reason=str(context.get("reason", "")) or whys.get(str(context.get("at", "")), ""),
    )
