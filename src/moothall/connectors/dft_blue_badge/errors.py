"""What the national service refuses, by its stable keys, in sentences an officer can act on.

Keys: the service's published error keys, and bean validation `<Constraint>.<request>.<path>`. A key not known here is
shown as it is, with the service's own reason.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moothall.connectors.dft_blue_badge.reading import text
from moothall.domain.exchange.operations import SendError

ALREADY_EXISTS = "AlreadyExists.badge"
CANCEL_STATUS = "Invalid.badge.cancel.status"
REPLACE_STATUS = "Invalid.badge.replace.badgeStatus"
NO_BADGE = "NotFound.badge"
NO_APPLICATION = frozenset({"NotFound.application", "NotFound.Application"})

_SENTENCES: Mapping[str, str] = {
    "Organisation.invalid.badge.notForReassessment": (
        "“No reassessment needed” cannot be said of an organisation's badge: take the answer out."
    ),
    "Person.invalid.badge.notForReassessment": (
        "“No reassessment needed” cannot be said of somebody who qualifies automatically: take the answer out."
    ),
    "DateInPast.badge.applicationDate": "The application date cannot be in the future.",
    "DateInPast.badge.dob": "The date of birth cannot be in the future: correct it on the person.",
    "Invalid.badge.partyCode": "The badge must be for a person or an organisation.",
    "Invalid.badge.eligibilityCode": "The national service does not know this eligibility: choose another.",
    "NotNull.badge.eligibilityCode": "Choose why the person is eligible.",
    "NotNull.badge.party.contact.fullName": "Enter the name of the organisation's contact.",
    "NotNull.badge.party.person.dob": "Enter the person's date of birth.",
    "Invalid.badge.deliverToCode": "Deliver to the home address or to the council: choose one.",
    "Invalid.badge.deliverOptionCode": "Choose standard delivery, or fast track, which goes to the home address only.",
    "Invalid.badge.channelCode": "The national service does not know how this application came in.",
    "Invalid.badge.localAuthority": "The national service does not know our authority code: check the settings.",
    "DateInPast.badge.startDate": "The start date has passed: choose today or later.",
    "DateRange.badge.expiryDate": "The expiry date must be after the start date and at most three years later.",
    "Invalid.badge.numberOfBadges": "A person has one badge; an organisation has between 1 and 999.",
    "Invalid.badge.genderCode": "The national service does not know this gender: correct it on the person.",
    "Invalid.badgeCancelRequest.cancelReasonCode": "The national service does not know this reason: choose another.",
    "NotNull.badge.person": "The order has no person in it.",
    "NotNull.badge.organisation": "The order has no organisation in it.",
    "NotNull.params.badge.find": "Enter a name or a postcode to search by.",
    "TooMany.params.badge.find": "Search by name or by postcode, not by both.",
    "Invalid.badge.cancel.expiryDate": "The badge has expired, so it need not and cannot be cancelled.",
    CANCEL_STATUS: "The badge cannot be cancelled as it stands: only one that is ordered or issued can be.",
    "Unexpected.cancel.fail": "The national service could not cancel the badge. Try again later.",
    "Invalid.badgeNumber": "The badge number is not right: check it.",
    "Invalid.badge.replace.replaceReason": "The national service does not know this reason: choose another.",
    "Invalid.badge.replace.expiryDate": "The badge has expired, so it cannot be replaced: take a new application.",
    REPLACE_STATUS: "The badge cannot be replaced as it stands: only one that is issued can be.",
    "InvalidNation.badge.eligibilityCode": (
        "This eligibility does not apply in our nation: cognitive impairment is for Wales, risk in traffic for Scotland."
    ),
    "Invalid.badge.expiryDate": "The expiry date must be today or later.",
    ALREADY_EXISTS: "A badge with the same holder, postcode and dates is there already.",
    "NotFound.badge": "The national service has no badge with this number.",
    "NotFound.application": "The national service has no such application any more.",
    "NotFound.Application": "The national service has no such application any more.",
    "NotFound.Postcode": "The national service does not know this postcode.",
    "NotFound.Local Authority": "The national service does not know this authority.",
}
_FIELDS: Mapping[str, str] = {
    "buildingStreet": "first line of the address",
    "line2": "second line of the address",
    "townCity": "town",
    "postCode": "postcode",
    "postcode": "postcode",
    "fullName": "name of the contact",
    "primaryPhoneNumber": "telephone number",
    "secondaryPhoneNumber": "second telephone number",
    "emailAddress": "e-mail address",
    "badgeHolderName": "name of the badge holder",
    "nino": "National Insurance number",
    "dob": "date of birth",
    "genderCode": "gender",
    "eligibilityCode": "eligibility",
    "imageFile": "photograph",
    "startDate": "start date",
    "expiryDate": "expiry date",
    "applicationDate": "application date",
    "applicationChannelCode": "source of the application",
    "deliverToCode": "place of delivery",
    "deliveryOptionCode": "way of delivery",
    "numberOfBadges": "number of badges",
    "localAuthorityRef": "case reference",
    "localAuthorityShortCode": "authority code",
    "cancelReasonCode": "reason for cancelling",
    "replaceReasonCode": "reason for replacing",
    "badgeNumber": "badge number",
    "name": "name",
}
_REQUESTS = frozenset({"badgeOrderRequest", "badgeReplaceRequest", "badgeCancelRequest", "application", "badge"})
_LIMIT = re.compile(r"between (\d+) and (\d+)")


class NationalError(SendError):
    """A call to the national service failed. `status` is its HTTP status (0: no answer), `keys` its error keys."""

    def __init__(self, sentence: str, *, status: int = 0, keys: Iterable[str] = (), **more: Any) -> None:
        super().__init__(sentence, **more)
        self.status = status
        self.keys = frozenset(keys)

    @property
    def transferred(self) -> bool:
        """Does what was asked for belong to another authority?"""
        return self.status == 403

    @property
    def deleted(self) -> bool:
        """Does the service say that it has no such application? Any 404 may come of a wrong address."""
        return self.status == 404 and bool(self.keys & NO_APPLICATION)

    @property
    def gone(self) -> bool:
        """Is an application not ours any more, transferred or deleted?"""
        return self.transferred or self.deleted

    def said(self, sentence: str, **more: Any) -> "NationalError":
        """The same failure in other words: same status, keys, request and response."""
        kept = {"request": self.transcript.request, "response": self.transcript.response}
        return NationalError(sentence, status=self.status, keys=self.keys, **kept, **more)


@dataclass(frozen=True)
class Problem:
    """One entry of an error answer: the stable key, and what the service says of it."""

    key: str
    field: str = ""
    reason: str = ""

    @property
    def sentence(self) -> str:
        """What an officer should do about it."""
        if self.key in _SENTENCES:
            return _SENTENCES[self.key]
        constraint, _, path = self.key.partition(".")
        return _of_constraint(constraint, path or self.field, self.reason) or self._as_it_is()

    def _as_it_is(self) -> str:
        said = f"{self.key}: {self.reason}" if self.reason else self.key
        return f"The national service refused it ({said})."


def problems(body: Any) -> list[Problem]:
    """The problems in an error answer, field errors first; none when the answer has another shape."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return []
    listed = error.get("errors")
    found = [
        Problem(key=text(entry.get("message")), field=text(entry.get("field")), reason=text(entry.get("reason")))
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict)
    ]
    whole = text(error.get("message"))
    return [*found, Problem(key=whole, reason=text(error.get("reason")))] if whole else found


def sentences(found: Iterable[Problem]) -> str:
    """Each problem's sentence once, in order."""
    return " ".join(dict.fromkeys(problem.sentence for problem in found))


def _of_constraint(constraint: str, path: str, reason: str) -> str:
    parts = [part for part in re.sub(r"\[\d+\]", "", path).split(".") if part not in _REQUESTS]
    what = _FIELDS.get(parts[-1], "") if parts else ""
    if not what:
        return ""
    if constraint in ("NotNull", "NotBlank", "NotEmpty"):
        return f"Enter the {what}."
    if constraint == "Size":
        limit = _LIMIT.search(reason)
        return f"The {what} is too long: use {limit[2]} characters at most." if limit else f"The {what} is too long."
    if constraint in ("Pattern", "InvalidFormat", "Invalid", "NotValid", "typeMismatch", "Min", "Max"):
        return f"The {what} is not in a form the national service takes: correct it."
    return ""
