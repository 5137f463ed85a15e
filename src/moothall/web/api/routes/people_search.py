"""People and organisations found by what is known of them (PPP-16)."""

from collections.abc import Sequence
from datetime import date

from ninja import Schema
from pydantic import Field, ValidationInfo, field_validator, model_validator

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import finding as case_finding
from moothall.domain.cases import sight
from moothall.domain.people import searching, told
from moothall.domain.people.matching import BADGE_NUMBER
from moothall.domain.people.models import Customer
from moothall.domain.people.numbers import fold_number
from moothall.domain.people.searching import Question
from moothall.kit.invalid import Invalid
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Day

router = Operations(tags=["People"])


class PeopleSearch(Body):
    """What is known of somebody. All that is given must hold; something must be given.

    `%` at either end of a text stands for anything; of a name its beginning is enough.
    """

    name: str | None = Field(
        None, max_length=100, description="Any of their names, known-as or at birth; words in any order"
    )
    first_names: str | None = Field(None, max_length=100)
    sounds_like: bool = Field(False, description="Find names that sound alike as well")
    date_of_birth: Day | None = None
    nino: str | None = Field(None, max_length=20)
    postcode: str | None = Field(None, max_length=12)
    phone: str | None = Field(None, max_length=40)
    email: str | None = Field(None, max_length=254)
    reference: str | None = Field(None, max_length=60, description="A number of another system, of any kind")
    badge_number: str | None = Field(None, max_length=60)
    case: str | None = Field(None, max_length=40, description="A case reference; % at one end only")
    page: int = Field(1, ge=1, le=10_000)
    page_size: int = Field(50, ge=1, le=200)

    @field_validator(*searching.KINDS)
    @classmethod
    def _sound(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value:
            try:
                searching.fact(str(info.field_name), value)
            except Invalid as error:
                raise ValueError(str(error)) from error
        return value

    @model_validator(mode="after")
    def _something(self) -> "PeopleSearch":
        if not self.asked():
            raise ValueError("Give a name, a day, a postcode, a number or an address.")
        return self

    def asked(self) -> list[str]:
        """Names of the fields given."""
        given = {name for name, value in self if value not in (None, "")}
        return sorted((self.model_fields_set & given) - {"page", "page_size", "sounds_like"})

    def question(self) -> Question:
        """What is asked of the search lines."""
        names = " ".join(part for part in (self.first_names, self.name) if part)
        texts = {kind: getattr(self, kind) or "" for kind in ("nino", "postcode", "phone", "email", "reference")}
        if self.badge_number and not self.reference:
            texts["reference"] = self.badge_number
        return Question(name=names, date_of_birth=self.date_of_birth, sounds_like=self.sounds_like, **texts)


class PersonLine(Schema):
    id: int
    kind: str
    name: str
    date_of_birth: date | None
    postcode: str | None
    why: list[str] = Field([], description="What fits besides the name, when searched for")

    @classmethod
    def of(cls, customer: Customer, why: Sequence[str] = ()) -> "PersonLine":
        person = customer.person if customer.kind == Customer.Kind.PERSON else None
        now = [residence for residence in customer.residences.all() if residence.to_date is None]
        return cls(
            id=customer.pk,
            kind=customer.kind,
            name=customer.name,
            date_of_birth=person.date_of_birth if person else None,
            postcode=now[0].address.postcode if now else None,
            why=list(why),
        )


@router.searches("/people/search", needs=Permission.VIEW_PEOPLE, answers=Page[PersonLine])
def search_people(request: ApiRequest, body: PeopleSearch) -> Page[PersonLine]:
    """People and organisations you may see, by what is known of them, in the order of their names.

    At most the first 2,000 are shown. Where many fit they are not all counted: `total_is_more` says that there are others.
    """
    question, people = body.question(), sight.visible_people(request.auth)
    if body.badge_number:
        people = people.filter(references__type=BADGE_NUMBER, references__number=fold_number(body.badge_number))
    named = case_finding.customers(body.case, request.auth) if body.case else None
    nearly_all = not body.badge_number and sight.sees_everybody(request.auth)
    first = (body.page - 1) * body.page_size
    found = searching.find(question, among=people, nearly_all=nearly_all, also=named, first=first, most=body.page_size)
    rows = searching.told(found.customers, question)
    why = told.reasons(rows, question)
    recording.searched(
        "customer",
        by=request.auth,
        at=request.now,
        via="api people.search",
        found=found.total,
        asked=body.asked(),
    )
    return Page(
        items=[PersonLine.of(one, why[one.pk]) for one in rows],
        page=body.page,
        page_size=body.page_size,
        total=found.total,
        total_is_more=found.more,
    )
