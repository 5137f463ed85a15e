"""What every body and answer has in common."""

from typing import Annotated

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, StringConstraints

Moment = AwareDatetime
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
RowId = int


class Body(Schema):
    """What is sent in. A field nobody knows is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


class UserOut(Schema):
    """Somebody who works in the product, as colleagues see them."""

    id: int
    name: str
