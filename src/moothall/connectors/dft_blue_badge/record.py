"""A badge as the national service holds it, whole, kept until somebody asks again (CT-2)."""

from datetime import datetime

from moothall.connectors.dft_blue_badge import KEY, status
from moothall.connectors.dft_blue_badge.search import fetch
from moothall.core.accounts.models import User
from moothall.domain.exchange import lookups
from moothall.domain.exchange.models import Lookup
from moothall.domain.people.numbers import fold_number

KIND = "badge"


def kept(number: str) -> Lookup | None:
    """The newest answer about a badge; None when nobody has asked."""
    return lookups.latest(KEY, KIND, asked={"number": fold_number(number)})


def ask(number: str, *, by: User, at: datetime) -> Lookup:
    """Ask the national service about a badge and keep what it answers; our record of the badge follows it.

    Raises CannotSearch, NationalError.
    """
    return status.refresh(fetch(number), by=by, at=at)
