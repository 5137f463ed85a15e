"""What we record of badges: a reference on the customer for each, with status, dates and what it replaced."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from moothall.connectors.dft_blue_badge import codes
from moothall.connectors.dft_blue_badge.reading import day
from moothall.core.accounts.models import User
from moothall.domain.cases import actions as cases
from moothall.domain.cases.models import Case
from moothall.domain.people import actions as people
from moothall.domain.people.matching import BADGE_NUMBER
from moothall.domain.people.models import ExternalReference
from moothall.domain.people.numbers import fold_number
from moothall.domain.people.references import ReferenceTaken
from moothall.kit.invalid import Invalid

CURRENT = ("ordered", "being printed", "issued")


def recorded(number: str) -> ExternalReference | None:
    """Our record of a badge; None when there is none."""
    found = ExternalReference.objects.filter(type=BADGE_NUMBER, number=fold_number(number))
    return found.select_related("customer").first()


def keep(
    case: Case,
    numbers: Iterable[str],
    *,
    status: str,
    start: date | None,
    expiry: date | None,
    by: User,
    at: datetime,
    replaces: ExternalReference | None = None,
) -> None:
    """Record badges as the customer's. One that is recorded for somebody else is an important note on the case."""
    for number in numbers:
        try:
            people.set_reference(
                case.customer,
                type=BADGE_NUMBER,
                number=number,
                status=status,
                from_date=start,
                to_date=expiry,
                replaces=replaces,
                by=by,
                at=at,
            )
        except (ReferenceTaken, Invalid) as problem:
            text = f"The badge {number} could not be recorded for the customer. {problem}"
            cases.add_note(case, text=text, important=True, by=by, at=at)


def set_status(number: str, status: str, *, by: User, at: datetime) -> None:
    """Change the status of a badge we record; nothing when we do not, or it has it already."""
    reference = recorded(number)
    if reference and reference.status != status:
        people.set_reference(
            reference.customer,
            type=BADGE_NUMBER,
            number=reference.number,
            status=status,
            from_date=reference.from_date,
            to_date=reference.to_date,
            by=by,
            at=at,
        )


def current_of(case: Case) -> list[str]:
    """Numbers of the customer's badges that are ordered or issued, the newest first."""
    held = case.customer.references.filter(type=BADGE_NUMBER, status__in=CURRENT)
    return list(held.order_by("-from_date", "-pk").values_list("number", flat=True))


def dates(badge: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """Start and expiry of a badge or an order, in national fields."""
    return day(badge.get("startDate")), day(badge.get("expiryDate"))


def status_of(badge: Mapping[str, Any]) -> str:
    """The status of a national badge in our words."""
    return codes.status(str(badge.get("statusCode") or ""))
