"""A badge as the national service holds it, in lines: for the page of a customer's badge and that of a case."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from moothall.connectors.dft_blue_badge import badges, codes
from moothall.connectors.dft_blue_badge.reading import day, holder, mapping, part, text
from moothall.domain.exchange.models import Lookup
from moothall.domain.people.models import ExternalReference
from moothall.kit import postcode
from moothall.web.components.parts import Row
from moothall.web.components.templatetags.components import day as shown_day


def rows(badge: Mapping[str, Any]) -> list[Row]:
    """What is known of a badge, without what is empty."""
    party = part(badge, "party")
    contact, who = part(party, "contact"), mapping(holder(party))
    lines = [text(contact.get(name)) for name in ("buildingStreet", "line2", "townCity")]
    lines.append(postcode.shown(text(contact.get("postCode"))))
    facts = [
        (_("Badge"), text(badge.get("badgeNumber"))),
        (_("Status"), badges.status_of(badge).capitalize()),
        (_("Issued by"), _label("LA", badge.get("localAuthorityShortCode"))),
        (_("Reference there"), text(badge.get("localAuthorityRef"))),
        (_("Valid from"), _day(badge.get("startDate"))),
        (_("Valid until"), _day(badge.get("expiryDate"))),
        (_("Ordered"), _day(badge.get("orderDate"))),
        (_("Printing asked for"), _day(badge.get("printRequestDateTime"))),
        (_("Issued"), _day(badge.get("issuedDate"))),
        (_("Sent back by the printer"), text(badge.get("rejectedReason"))),
        (_("Why it was cancelled"), _label("CANCEL", badge.get("cancelReasonCode"))),
        (_("Why it was replaced"), _label("REPLACE", badge.get("replaceReasonCode"))),
        (_("Holder"), text(who.get("badgeHolderName"))),
        (_("Date of birth"), _day(who.get("dob"))),
        (_("National Insurance number"), text(who.get("nino"))),
        (_("Eligibility"), _label("ELIGIBILIT", badge.get("eligibilityCode"))),
        (_("Address"), ", ".join(line for line in lines if line)),
        (_("Telephone"), text(contact.get("primaryPhoneNumber"))),
        (_("Other telephone"), text(contact.get("secondaryPhoneNumber"))),
        (_("E-mail"), text(contact.get("emailAddress"))),
    ]
    return [Row(key, value) for key, value in facts if value]


def differs(kept: Lookup | None, badge: ExternalReference) -> str:
    """The status in the kept answer, where it is not the one recorded here; nothing where both agree or nobody asked."""
    stands = badges.status_of(kept.found) if kept else ""
    return stands if stands != badge.status else ""


def _label(group: str, code: Any) -> str:
    return codes.labels().get(group, {}).get(text(code), text(code))


def _day(value: Any) -> str:
    found = day(value)
    return shown_day(found) if found else ""
