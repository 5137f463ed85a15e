"""An application as the national service shows it: what we need of it, checked; the rest is kept as it came."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from moothall.kit.invalid import Invalid

_UNREADABLE = "The application cannot be read: "


class Malformed(Invalid):
    """An application is not in the published form. Its sentence says where."""


def _text(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return "" if value is None else value
    return str(value).strip() if isinstance(value, str | int | float) else value


def _code(value: Any) -> Any:
    return _text(value).upper() if isinstance(value, str | None) else value


Text = Annotated[str, BeforeValidator(_text)]
Code = Annotated[str, BeforeValidator(_code)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Contact(_Part):
    fullName: Text = ""
    buildingStreet: Text
    line2: Text = ""
    townCity: Text
    postCode: Text
    primaryPhoneNumber: Text = ""
    secondaryPhoneNumber: Text = ""
    emailAddress: Text = ""


class Person(_Part):
    badgeHolderName: Annotated[Text, Field(min_length=1)]
    nino: Text = ""
    dob: date
    nameAtBirth: Text = ""
    genderCode: Code = ""


class Organisation(_Part):
    badgeHolderName: Annotated[Text, Field(min_length=1)]
    charityNumber: Text = ""


class Party(_Part):
    typeCode: Code
    contact: Contact
    person: Person | None = None
    organisation: Organisation | None = None


class Eligibility(_Part):
    typeCode: Code = ""
    descriptionOfConditions: Text = ""


class Artifact(_Part):
    type: Code = ""
    link: Text = ""


class Application(_Part):
    """The fields intake acts on. Names are the service's own; codes it may add later are let through."""

    applicationId: UUID
    applicationTypeCode: Code
    submissionDate: datetime | None = None
    paymentTaken: bool | None = None
    paymentReference: Text = ""
    existingBadgeNumber: Text = ""
    transferredLaFromCode: Text = ""
    party: Party
    eligibility: Eligibility | None = None
    artifacts: tuple[Artifact, ...] | None = None

    @property
    def documents(self) -> tuple[Artifact, ...]:
        """The files given with it."""
        return self.artifacts or ()


def parse(raw: Any) -> Application:
    """Check an application. Raises Malformed with a sentence naming every place."""
    try:
        read = Application.model_validate(raw)
    except ValidationError as fault:
        places = [f"{'.'.join(str(step) for step in error['loc'])}: {error['msg']}" for error in fault.errors()]
        raise Malformed(f"{_UNREADABLE}{'; '.join(places)}.") from fault
    party = read.party
    if party.typeCode not in ("PERSON", "ORG"):
        raise Malformed(f"{_UNREADABLE}it is for “{party.typeCode}”, neither a person nor an organisation.")
    if (party.person if party.typeCode == "PERSON" else party.organisation) is None:
        raise Malformed(f"{_UNREADABLE}it does not say who the badge is for.")
    return read
