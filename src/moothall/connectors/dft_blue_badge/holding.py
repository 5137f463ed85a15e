"""The badge the applicant of a case holds now, as the national service shows it when asked (CT-4)."""

from datetime import date, datetime
from typing import Any

from moothall.connectors.dft_blue_badge import KEY, badges, codes, search, status
from moothall.connectors.dft_blue_badge.reading import day, text
from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.exchange import lookups
from moothall.domain.exchange.models import Lookup
from moothall.domain.exchange.registers import Entry
from moothall.domain.people.models import Customer
from moothall.domain.places.models import Address


def question(customer: Customer, home: Address | None) -> dict[str, str]:
    """What the national service is asked: the name, with the National Insurance number or else the postcode."""
    name = customer.name
    if customer.kind == Customer.Kind.PERSON:
        person = customer.person
        name = f"{person.first_names} {person.last_name}".strip()
        if person.nino:
            return {"name": name, "nino": person.nino}
    return {"name": name, **({"postcode": home.postcode} if home else {})}


def ask(case: Case, *, by: User, at: datetime) -> Lookup:
    """Ask the national service anew, and keep its answer with the case; badges recorded here follow it.

    Raises CannotSearch, NationalError.
    """
    asked = question(case.customer, case.customer.address_on(at.date()))
    answer = search.search(**asked, case=case, refresh=True, by=by, at=at)
    status.follow(_rows(answer), by=by, at=at)
    return answer


def kept(case: Case, home: Address | None) -> Lookup | None:
    """The newest answer kept with the case for what the customer is called now; None when nobody has asked."""
    try:
        asked = search.as_asked(**question(case.customer, home))
    except search.CannotSearch:
        return None
    return lookups.latest(KEY, search.KIND, asked=asked, case=case)


def current(lookup: Lookup, *, today: date) -> list[Entry]:
    """The badges of an answer that are ordered or issued and have not expired."""
    authorities = codes.labels().get("LA", {})
    held = [
        Entry(
            number=text(row.get("badgeNumber")),
            status=badges.status_of(row),
            authority=authorities.get(
                text(row.get("localAuthorityShortCode")), text(row.get("localAuthorityShortCode"))
            ),
            expires=day(row.get("expiryDate")),
        )
        for row in _rows(lookup)
    ]
    return [one for one in held if one.status in badges.CURRENT and (one.expires is None or one.expires >= today)]


def _rows(lookup: Lookup) -> list[dict[str, Any]]:
    return [row for row in lookup.found if isinstance(row, dict)] if isinstance(lookup.found, list) else []
