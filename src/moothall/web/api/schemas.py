"""What every body and answer has in common."""

from datetime import date
from typing import Annotated

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from moothall.core.accounts.models import User

Moment = AwareDatetime
Day = Annotated[date, Field(ge=date(1850, 1, 1), le=date(2199, 12, 31))]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]


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
