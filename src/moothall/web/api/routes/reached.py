"""Ways to reach somebody and numbers of theirs, one by one; where they were on a day; what was dealt with before."""

from datetime import date

from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import sight
from moothall.domain.people import reaching
from moothall.domain.people.models import ContactDetail, Customer, EarlierDealing
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.routes.people import AddressOut, PersonOut, customer_named, show_person
from moothall.web.api.schemas import Body, Day, Line

router = Operations(tags=["People"])


class OnDay(Schema):
    on: Day | None = Field(None, description="The day asked about; today when left out")


class EarlierDealingOut(Schema):
    """A contact or case of a system before this one, carried over."""

    source: str = Field(description="The name of that system")
    number: str = Field(description="Its number there")
    kind: EarlierDealing.Kind
    on: date
    ended_on: date | None
    subject: str
    way: str = Field(description="How they got in touch, in the words of that system")
    stood: str = Field(description="Its status there")
    service: str = Field(description="The key of the service it belongs to; empty for none")
    text: str


class MadeSure(Body):
    how: Line = Field(description="How you made sure that it is theirs")


@router.reads("/people/{int:customer_id}/residences", needs=Permission.VIEW_PEOPLE, answers=list[AddressOut])
def residences(request: ApiRequest, customer_id: int, query: Query[OnDay]) -> list[AddressOut]:
    """Where somebody was on a day, for each purpose; of two that overlap, the one moved to last is first."""
    customer = customer_named(request, customer_id)
    recording.read(customer, by=request.auth, at=request.now, via="api people.residences")
    return [AddressOut.of(row) for row in customer.residences_on(query.on or timezone.localdate(request.now))]


@router.reads(
    "/people/{int:customer_id}/earlier-dealings", needs=Permission.VIEW_PEOPLE, answers=Page[EarlierDealingOut]
)
def earlier_dealings(request: ApiRequest, customer_id: int, query: Query[PageQuery]) -> Page[EarlierDealingOut]:
    """Contacts and cases of the systems before this one, of services whose cases you may see, the last first."""
    customer = customer_named(request, customer_id)
    recording.read(customer, by=request.auth, at=request.now, via="api people.earlier_dealings")
    seen = sight.visible_dealings(request.auth).filter(customer=customer)
    return page_of(seen.order_by("-on", "-id"), query, EarlierDealingOut.from_orm)


@router.writes(
    "POST",
    "/people/{int:customer_id}/contacts/{int:row_id}/end",
    needs=Permission.EDIT_PEOPLE,
    answers=PersonOut,
    body="none",
)
def end_contact(request: ApiRequest, customer_id: int, row_id: int) -> PersonOut:
    """They are not reached so any more, from today. Again changes nothing."""
    customer = customer_named(request, customer_id)
    reaching.end_contact(_way(customer, row_id), by=request.auth, at=request.now)
    return show_person(request, customer, via="people.contacts")


@router.writes(
    "POST",
    "/people/{int:customer_id}/contacts/{int:row_id}/first",
    needs=Permission.EDIT_PEOPLE,
    answers=PersonOut,
    body="none",
)
def prefer_contact(request: ApiRequest, customer_id: int, row_id: int) -> PersonOut:
    """Put it first among those of its type. Again changes nothing."""
    customer = customer_named(request, customer_id)
    reaching.prefer_contact(_way(customer, row_id), by=request.auth, at=request.now)
    return show_person(request, customer, via="people.contacts")


@router.writes(
    "POST", "/people/{int:customer_id}/contacts/{int:row_id}/verified", needs=Permission.EDIT_PEOPLE, answers=PersonOut
)
def verify_contact(request: ApiRequest, customer_id: int, row_id: int, body: MadeSure) -> PersonOut:
    """You made sure that it is theirs, and say how."""
    customer = customer_named(request, customer_id)
    reaching.verify_contact(_way(customer, row_id), how=body.how, by=request.auth, at=request.now)
    return show_person(request, customer, via="people.contacts")


@router.writes(
    "POST",
    "/people/{int:customer_id}/references/{int:row_id}/end",
    needs=Permission.EDIT_PEOPLE,
    answers=PersonOut,
    body="none",
)
def end_reference(request: ApiRequest, customer_id: int, row_id: int) -> PersonOut:
    """The number holds no longer, from today. Again changes nothing."""
    customer = customer_named(request, customer_id)
    row = customer.references.filter(pk=row_id).first()
    if row is None:
        raise not_found()
    reaching.end_reference(row, by=request.auth, at=request.now)
    return show_person(request, customer, via="people.references")


def _way(customer: Customer, row_id: int) -> ContactDetail:
    row = customer.contact_details.filter(pk=row_id).first()
    if row is None:
        raise not_found()
    return row
