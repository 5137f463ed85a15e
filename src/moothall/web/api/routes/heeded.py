"""What is to be heeded of customers: flags, communication needs, what they agreed to, deaths; and what is to be reviewed."""

from datetime import date

from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import died, flagging, heed, reviews, sight
from moothall.domain.cases.reviews import ToReview
from moothall.domain.people import flags, needs, reaching
from moothall.domain.people.models import ContactDetail, Customer, Flag
from moothall.domain.places import notes
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.routes.people import PersonOut, customer_named, show_person
from moothall.web.api.schemas import Body, Day, Line, Moment, Prose

router = Operations(tags=["People"])


class FlagOut(Schema):
    id: int
    type: str = Field(description="In words")
    text: str
    restricted: bool
    from_date: date
    to_date: date | None
    review_on: date | None
    by: str
    at: Moment


class NeedOut(Schema):
    id: int
    kind: str = Field(description="In words")
    text: str
    from_date: date


class PreferenceOut(Schema):
    id: int
    channel: str = Field(description="In words")
    purpose: str = Field(description="In words")
    agreed: bool
    how: str
    given_on: date
    from_date: date
    to_date: date | None
    by: str


class HeedOut(Schema):
    """What holds now. Of flags, those you may see."""

    died: date | None
    speaks: str = Field(description="The preferred language, in words")
    flags: list[FlagOut]
    needs: list[NeedOut]
    preferences: list[PreferenceOut]


class NewFlag(Body):
    type: str = Field(max_length=60, description="A value of the list flag_types")
    text: Prose
    from_date: Day | None = None
    to_date: Day | None = None
    review_on: Day | None = Field(None, description="The day the list says, when left out")


class FlagReviewed(Body):
    text: Prose = Field(description="What there is to know now")
    review_on: Day


class FlagEnded(Body):
    why: Line


class NewNeed(Body):
    kind: str = Field(max_length=60, description="A value of the list communication_needs")
    text: str = Field("", max_length=300)
    from_date: Day | None = None


class NewPreference(Body):
    channel: str = Field(max_length=60, description="A value of the list contact_channels")
    purpose: str = Field(max_length=60, description="A value of the list contact_purposes")
    agreed: bool
    how: Line = Field(description="How they said so")
    given_on: Day | None = None
    from_date: Day | None = None
    to_date: Day | None = None


class Withdrawal(Body):
    how: Line = Field(description="How they said so")


class Death(Body):
    died_on: Day | None = Field(description="None takes a death back that was recorded wrongly")
    how: Line = Field(description="How it is known")


class Correction(Body):
    value: str = Field(min_length=1, max_length=254)
    holder: str | None = Field(None, max_length=200)
    reason: Line


class ReviewQuery(PageQuery):
    when: reviews.When = "due"


class ReviewOut(Schema):
    """A flag on a customer, or a note about a property (`uprn`) or a street (`usrn`)."""

    flag: int | None
    customer: int | None
    note: int | None
    uprn: str
    usrn: int | None
    text: str
    restricted: bool
    review_on: date


class NoteReviewed(Body):
    review_on: Day | None = Field(description="None: it is not looked at again")


@router.reads("/people/{int:customer_id}/heed", needs=Permission.VIEW_PEOPLE, answers=HeedOut)
def read_heed(request: ApiRequest, customer_id: int) -> HeedOut:
    """What whoever deals with somebody has to heed."""
    customer = customer_named(request, customer_id)
    return _shown(request, customer)


@router.writes("POST", "/people/{int:customer_id}/flags", needs=Permission.EDIT_PEOPLE, answers=HeedOut, status=201)
def set_flag(request: ApiRequest, customer_id: int, body: NewFlag) -> HeedOut:
    """Set a flag. A type whose flags are restricted needs the permission people.flags.restricted."""
    customer = customer_named(request, customer_id)
    given = body.model_dump(exclude={"text"})
    flagging.set_flag(customer, said=body.text, **given, by=request.auth, at=request.now)
    return _shown(request, customer)


@router.writes(
    "POST", "/people/{int:customer_id}/flags/{int:row_id}/review", needs=Permission.EDIT_PEOPLE, answers=HeedOut
)
def review_flag(request: ApiRequest, customer_id: int, row_id: int, body: FlagReviewed) -> HeedOut:
    """You looked at it again: it holds still."""
    customer, flag = _flag(request, customer_id, row_id)
    flags.review(flag, said=body.text, review_on=body.review_on, by=request.auth, at=request.now)
    return _shown(request, customer)


@router.writes(
    "POST", "/people/{int:customer_id}/flags/{int:row_id}/end", needs=Permission.EDIT_PEOPLE, answers=HeedOut
)
def end_flag(request: ApiRequest, customer_id: int, row_id: int, body: FlagEnded) -> HeedOut:
    """It holds no longer; it stays on record."""
    customer, flag = _flag(request, customer_id, row_id)
    flags.end(flag, why=body.why, by=request.auth, at=request.now)
    return _shown(request, customer)


@router.writes("POST", "/people/{int:customer_id}/needs", needs=Permission.EDIT_PEOPLE, answers=HeedOut, status=201)
def set_need(request: ApiRequest, customer_id: int, body: NewNeed) -> HeedOut:
    """Record a communication need. The same again takes new words."""
    customer = customer_named(request, customer_id)
    needs.set_need(customer, kind=body.kind, said=body.text, from_date=body.from_date, by=request.auth, at=request.now)
    return _shown(request, customer)


@router.writes(
    "POST",
    "/people/{int:customer_id}/needs/{int:row_id}/end",
    needs=Permission.EDIT_PEOPLE,
    answers=HeedOut,
    body="none",
)
def end_need(request: ApiRequest, customer_id: int, row_id: int) -> HeedOut:
    """They need it no longer, from today. Again changes nothing."""
    customer = customer_named(request, customer_id)
    row = customer.needs.filter(pk=row_id).first()
    if row is None:
        raise not_found()
    needs.end_need(row, by=request.auth, at=request.now)
    return _shown(request, customer)


@router.writes(
    "POST", "/people/{int:customer_id}/preferences", needs=Permission.EDIT_PEOPLE, answers=HeedOut, status=201
)
def set_preference(request: ApiRequest, customer_id: int, body: NewPreference) -> HeedOut:
    """Record what somebody agreed to or refused. What they said of it before ends and is kept."""
    customer = customer_named(request, customer_id)
    needs.set_preference(customer, **body.model_dump(), by=request.auth, at=request.now)
    return _shown(request, customer)


@router.writes(
    "POST",
    "/people/{int:customer_id}/preferences/{int:row_id}/withdrawal",
    needs=Permission.EDIT_PEOPLE,
    answers=HeedOut,
)
def withdraw(request: ApiRequest, customer_id: int, row_id: int, body: Withdrawal) -> HeedOut:
    """They take back what they agreed to or refused, from now on. Again changes nothing."""
    customer = customer_named(request, customer_id)
    row = customer.preferences.filter(pk=row_id).first()
    if row is None:
        raise not_found()
    needs.withdraw(row, how=body.how, by=request.auth, at=request.now)
    return _shown(request, customer)


@router.writes("POST", "/people/{int:customer_id}/death", needs=Permission.RECORD_DEATHS, answers=None, status=204)
def record_death(request: ApiRequest, customer_id: int, body: Death) -> None:
    """Record that somebody died, or take it back. Their open cases say so, and the officers of those are told."""
    customer = customer_named(request, customer_id)
    died.record(customer, died_on=body.died_on, how=body.how, by=request.auth, at=request.now)


@router.writes(
    "POST",
    "/people/{int:customer_id}/contacts/{int:row_id}/correction",
    needs=Permission.EDIT_PEOPLE,
    answers=PersonOut,
)
def correct_contact(request: ApiRequest, customer_id: int, row_id: int, body: Correction) -> PersonOut:
    """Put a slip of the pen right, in place. What stood there is kept; a new number is a new contact detail."""
    customer = customer_named(request, customer_id)
    row: ContactDetail | None = customer.contact_details.filter(pk=row_id).first()
    if row is None:
        raise not_found()
    reaching.correct_contact(
        row, value=body.value, holder=body.holder, reason=body.reason, by=request.auth, at=request.now
    )
    return show_person(request, customer, via="people.contacts")


@router.reads("/reviews", needs=Permission.VIEW_PEOPLE, answers=Page[ReviewOut])
def list_reviews(request: ApiRequest, query: Query[ReviewQuery]) -> Page[ReviewOut]:
    """Flags and notes about places that you may see and that are due to be looked at again, the longest due first."""
    rows = reviews.listed(request.auth, when=query.when, today=timezone.localdate(request.now))
    page = page_of(rows, query, lambda row: row)
    found = reviews.read(page.items)
    seen = {one.flag.customer_id: one.flag.customer for one in found if one.flag}
    recording.read(*seen.values(), by=request.auth, at=request.now, via="api people.detail")
    return page.model_copy(update={"items": [_review(one) for one in found]})


@router.writes("POST", "/place-notes/{int:row_id}/review", needs=Permission.EDIT_PEOPLE, answers=None, status=204)
def review_note(request: ApiRequest, row_id: int, body: NoteReviewed) -> None:
    """You looked at a note about a place again: it holds still."""
    note = sight.visible_place_notes(request.auth).filter(pk=row_id, ended_at=None).first()
    if note is None:
        raise not_found()
    notes.review(note.pk, review_on=body.review_on, by=request.auth, at=request.now)


def _flag(request: ApiRequest, customer_id: int, row_id: int) -> tuple[Customer, Flag]:
    customer = customer_named(request, customer_id)
    flag = flagging.named(customer, row_id, user=request.auth)
    if flag is None:
        raise not_found()
    return customer, flag


def _shown(request: ApiRequest, customer: Customer) -> HeedOut:
    """What holds of a customer, the reading of which is recorded: of whether there is a flag, the record tells nothing."""
    recording.read(customer, by=request.auth, at=request.now, via="api people.heed")
    held = heed.of(customer.pk, user=request.auth, on=timezone.localdate(request.now))
    return HeedOut.model_validate(held, from_attributes=True)


def _review(one: ToReview) -> ReviewOut:
    row = one.flag or one.note
    assert row is not None
    return ReviewOut(
        flag=one.flag.pk if one.flag else None,
        customer=one.flag.customer_id if one.flag else None,
        note=one.note.pk if one.note else None,
        uprn=one.note.uprn if one.note else "",
        usrn=one.note.usrn if one.note else None,
        text=row.text,
        restricted=row.restricted,
        review_on=one.review_on,
    )
