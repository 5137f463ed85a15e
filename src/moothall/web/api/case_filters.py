"""Which cases are asked for: the same filters for list, count and export."""

from datetime import timedelta
from typing import Literal

from django.db.models import Q
from ninja import Schema
from pydantic import Field, model_validator

from moothall.core.accounts.models import User
from moothall.domain.cases import homes
from moothall.domain.cases.models import CaseQuerySet
from moothall.domain.people.finding import golden, people_found
from moothall.domain.people.models import Customer
from moothall.kit import postcode, references
from moothall.kit.calendars import midnight
from moothall.web.api.paging import PageQuery
from moothall.web.api.schemas import Body, Day, NinoText, PostcodeText, ReferenceText, RowId

Sort = Literal["-opened_at", "opened_at", "reference", "-reference", "-updated_at", "updated_at"]


class CaseFilter(Schema):
    """All that is given must hold. `tag` and `without_tag` may be given several times."""

    service: str | None = Field(None, max_length=60)
    type: str | None = Field(None, max_length=60)
    source: str | None = Field(None, max_length=60)
    tag: list[str] = Field([], max_length=20)
    without_tag: list[str] = Field([], max_length=20)
    state: Literal["open", "closed", "any"] = "any"
    end_state: str | None = Field(None, max_length=20)
    opened_from: Day | None = None
    opened_to: Day | None = Field(None, description="This day included")
    customer: RowId | None = None

    def narrow(self, cases: CaseQuerySet) -> CaseQuerySet:
        """The cases among `cases` for which everything given holds."""
        exact = {
            "service__key": self.service,
            "type": self.type,
            "source": self.source,
            "end_state": self.end_state,
            "customer": self.customer,
        }
        cases = cases.filter(**{name: value for name, value in exact.items() if value is not None})
        if self.tag:
            cases = cases.filter(tags__contains=self.tag)
        if self.without_tag:
            cases = cases.exclude(tags__overlap=self.without_tag)
        if self.state != "any":
            cases = cases.filter(closed_at__isnull=self.state == "open")
        if self.opened_from:
            cases = cases.filter(opened_at__gte=midnight(self.opened_from))
        if self.opened_to:
            cases = cases.filter(opened_at__lt=midnight(self.opened_to) + timedelta(days=1))
        return cases


class CaseListQuery(CaseFilter, PageQuery):
    """Filters, order and page of a list of cases."""

    sort: Sort = "-opened_at"

    def ordered(self, cases: CaseQuerySet) -> CaseQuerySet:
        """`cases` in the order asked for, ties by row."""
        return cases.order_by(self.sort, "-id" if self.sort.startswith("-") else "id")


class CaseSearch(Body):
    """What is known of a case. All that is given must hold; something must be given."""

    reference: ReferenceText | None = None
    name: str | None = Field(None, max_length=200, description="Last name or organisation, its beginning is enough")
    first_names: str | None = Field(None, max_length=150)
    date_of_birth: Day | None = None
    nino: NinoText | None = None
    postcode: PostcodeText | None = None
    page: int = Field(1, ge=1, le=10_000)
    page_size: int = Field(50, ge=1, le=200)

    @model_validator(mode="after")
    def _something(self) -> "CaseSearch":
        if not self.asked():
            raise ValueError("Give a reference, a name, a date of birth, a National Insurance number or a postcode.")
        return self

    def asked(self) -> list[str]:
        """Names of the fields given, for the record of who searched."""
        return sorted(self.model_fields_set & _SEARCHED & {name for name, value in self if value not in (None, "")})

    def narrow(self, cases: CaseQuerySet, user: User) -> CaseQuerySet:
        """The cases found; by a birthday, number or postcode of services whose people the user may see. Raises kit.Invalid with a sentence for a malformed number or postcode."""
        if self.reference:
            cases = cases.filter(reference=references.normalise(self.reference))
        if self.asked() == ["reference"]:
            return cases
        if self.date_of_birth or self.nino or self.postcode:
            cases = cases.filter(homes.people_seen(user))
        found = people_found(
            name=self.name or "",
            first_names=self.first_names or "",
            date_of_birth=self.date_of_birth,
            nino_given=self.nino or "",
            postcode_given="",
        )
        if found:
            cases = cases.filter(customer__in=golden(found))
        if self.postcode:
            code = postcode.normalise(self.postcode)
            here = Customer.objects.filter(residences__address__postcode=code, residences__to_date=None)
            cases = cases.filter(Q(customer__in=here.values("id")) | Q(place__postcode=code))
        return cases


_SEARCHED = {"reference", "name", "first_names", "date_of_birth", "nino", "postcode"}
