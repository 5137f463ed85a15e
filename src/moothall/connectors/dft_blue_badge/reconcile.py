"""Finding what an order left behind when its answer was lost: by postcode, then each badge compared with the order."""

from collections.abc import Mapping
from typing import Any

from moothall.connectors.dft_blue_badge import badges
from moothall.connectors.dft_blue_badge.client import Client, Row
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.reading import holder, part

GONE = frozenset({"CANCELLED", "DELETED", "REJECT"})
"""A badge with such a status does not stand in the way of another order."""


def ordered(national: Client, order: Mapping[str, Any]) -> list[Row]:
    """The badges this order made: ours, with its case reference, holder and dates. Raises NationalError."""
    return [
        badge for badge in _alike(national, order) if badge.get("localAuthorityRef") == order.get("localAuthorityRef")
    ]


def in_the_way(national: Client, order: Mapping[str, Any]) -> Row | None:
    """A badge for the same holder and dates that another case, or somebody else, ordered. Raises NationalError."""
    return next(iter(_alike(national, order)), None)


def replacement(national: Client, old: Row) -> Row | None:
    """The badge ordered in place of `old`, which the service does not link: same holder and dates, not yet known to us.

    Raises NationalError when there are several to choose from.
    """
    like = {**old, "party": old.get("party"), "localAuthorityShortCode": old.get("localAuthorityShortCode")}
    found = [
        badge
        for badge in _alike(national, like)
        if badge.get("badgeNumber") != old.get("badgeNumber")
        and badge.get("statusCode") != "REPLACED"
        and badge.get("localAuthorityRef") == old.get("localAuthorityRef")
        and badges.recorded(str(badge.get("badgeNumber"))) is None
    ]
    if len(found) > 1:
        numbers = ", ".join(sorted(str(badge.get("badgeNumber")) for badge in found))
        raise NationalError(
            f"The badge was replaced, but more than one badge may be the new one ({numbers}). Find out which, record it"
            " on the customer, and mark this as done."
        )
    return found[0] if found else None


def _alike(national: Client, order: Mapping[str, Any]) -> list[Row]:
    party = part(order, "party")
    contact, who = part(party, "contact"), holder(party)
    name, la = _folded(who.get("badgeHolderName")), order.get("localAuthorityShortCode")
    found: dict[str, Row] = {}
    for row in national.find_badges(postcode=str(contact.get("postCode") or "")):
        number = str(row.get("badgeNumber") or "")
        like = row.get("localAuthorityShortCode") == la and _folded(row.get("name")) == name
        if not number or number in found or not like or row.get("statusCode") in GONE:
            continue
        badge = national.badge(number)
        if badge and _same(badge, order, who):
            found[number] = badge
    return list(found.values())


def _same(badge: Row, order: Mapping[str, Any], who: Mapping[str, Any]) -> bool:
    theirs = holder(part(badge, "party"))
    return (
        badge.get("statusCode") not in GONE
        and badges.dates(badge) == badges.dates(order)
        and _folded(theirs.get("badgeHolderName")) == _folded(who.get("badgeHolderName"))
        and (theirs.get("dob") or None) == (who.get("dob") or None)
    )


def _folded(name: Any) -> str:
    return " ".join(str(name or "").split()).casefold()
