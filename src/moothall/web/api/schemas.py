"""What every body and answer has in common."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from django.utils import timezone
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from moothall.core.accounts.models import User
from moothall.kit import nino, postcode, references, uprn

Moment = AwareDatetime
Day = Annotated[date, Field(ge=date(1850, 1, 1), le=date(2199, 12, 31))]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]


def _fits(normalise: Callable[[str], str], *, required: bool = False) -> AfterValidator:
    """Refuse text `normalise` refuses, so that the answer names its field; the text stays as it was given."""

    def check(text: str) -> str:
        if required or text.strip():
            normalise(text)
        return text

    return AfterValidator(check)


def _born(day: date) -> date:
    if day > timezone.localdate():
        raise ValueError("The date of birth cannot be after today.")
    return day


NinoText = Annotated[str, Field(max_length=20), _fits(nino.normalise)]
PostcodeText = Annotated[str, Field(max_length=12), _fits(postcode.normalise)]
AddressPostcode = Annotated[str, Field(max_length=12), _fits(postcode.normalise, required=True)]
UprnText = Annotated[str, Field(max_length=12), _fits(uprn.normalise)]
ReferenceText = Annotated[str, Field(max_length=40), _fits(references.normalise)]
Birthday = Annotated[Day, AfterValidator(_born)]


class Body(Schema):
    """What is sent in. A field nobody knows is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


class UserOut(Schema):
    """Somebody who works in the product, as colleagues see them."""

    id: int
    name: str

    @classmethod
    def of(cls, user: User) -> "UserOut":
        return cls(id=user.pk, name=user.full_name)
