"""The national service's codes and our words, and its published code lists.

The lists are read from the service at run time and kept as a look-up; a code they do not have is shown as it is.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from moothall.connectors.dft_blue_badge import KEY, client
from moothall.core import database
from moothall.core.accounts.models import User
from moothall.domain.exchange import lookups
from moothall.domain.exchange.models import Lookup

GENDERS: Mapping[str, str] = {"MALE": "male", "FEMALE": "female", "UNSPECIFIE": "unspecified"}
NATIONAL_GENDERS: Mapping[str, str] = {ours: theirs for theirs, ours in GENDERS.items()}
CHANNELS: Mapping[str, str] = {"online": "ONLINE", "paper": "PAPER", "phone": "PHONE", "in_person": "INPERSON"}
STATUSES: Mapping[str, str] = {
    "ORDERED": "ordered",
    "PROCESSED": "being printed",
    "ISSUED": "issued",
    "REJECT": "rejected",
    "CANCELLED": "cancelled",
    "REPLACED": "replaced",
    "DELETED": "deleted",
}
CONTACTS: Mapping[str, str] = {
    "phone": "primaryPhoneNumber",
    "other_phone": "secondaryPhoneNumber",
    "email": "emailAddress",
}
DOCUMENT_TAGS: Mapping[str, str] = {
    "PHOTO": "photograph",
    "PROOF_ELIG": "proof_of_eligibility",
    "PROOF_ADD": "proof_of_address",
    "PROOF_ID": "proof_of_identity",
    "SUPPORT_DOCS": "supporting",
}
AUTOMATIC = frozenset({"PIP", "DLA", "AFRFCS", "WPMS", "BLIND"})
ASSESSED = frozenset({"WALKD", "ARMS", "CHILDBULK", "CHILDVEHIC", "COGNITIVE", "TRAF_RISK"})

_NATIONAL: Mapping[str, str] = {
    "standard": "STAND",
    "fast": "FAST",
    "stolen": "STOLE",
    "undelivered": "UNDELIVER",
    "not_received": "UNDELIVER",
    "deceased": "DECEASE",
    "no_longer_needed": "NOLONG",
    "revoked": "REVOKE",
}
_KIND = "reference_data"
_DOMAINS = ("APP", "BADGE")
_FRESH = timedelta(days=1)


def status(code: str) -> str:
    """A badge's status in our words; an unknown code as it is."""
    return STATUSES.get(code, code.lower())


def national(key: str) -> str:
    """The national code of a value of our lists, which are its lower-case forms or plain words."""
    return _NATIONAL.get(key, key.upper())


def refresh(*, by: User, at: datetime, force: bool = False) -> Lookup:
    """Read the service's code lists unless they were read within a day. Raises NationalError."""
    kept = lookups.latest(KEY, _KIND, asked={})
    if kept and not force and at - kept.at < _FRESH:
        return kept
    found: dict[str, dict[str, str]] = {}
    rows = [row for domain in _DOMAINS for row in client.current().reference_data(domain)]
    for row in rows:
        group, code, label = (row.get(name) for name in ("groupShortCode", "shortCode", "description"))
        if isinstance(group, str) and isinstance(code, str) and isinstance(label, str):
            found.setdefault(group, {})[code] = label
    forget()
    return lookups.keep(KEY, _KIND, asked={}, found=found, by=by, at=at, count=len(rows))


def labels() -> Mapping[str, Mapping[str, str]]:
    """Code lists by group and code, as last read; empty before the first time. At most a minute old."""
    where = database.where()
    kept = _labels.get(where)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    newest = Lookup.objects.filter(connector__key=KEY, kind=_KIND).order_by("-at", "-pk").first()
    found: Mapping[str, Mapping[str, str]] = newest.found if newest else {}
    _labels[where] = (time.monotonic() + _KEPT_SECONDS, found)
    return found


def forget() -> None:
    """Drop the lists kept in this process; for whoever has just read new ones."""
    _labels.clear()


_KEPT_SECONDS = 60.0
_labels: dict[str, tuple[float, Mapping[str, Mapping[str, str]]]] = {}
