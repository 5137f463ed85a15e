"""How often something of the portal may be tried, by account and by network address."""

from datetime import datetime

from moothall.core.accounts import tries
from moothall.core.accounts.models import SignInAttempt
from moothall.core.accounts.tries import TooManyTries, succeeded
from moothall.core.council.settings import read
from moothall.domain.citizens.rules import WINDOW_MINUTES, Portal

__all__ = ["TooManyTries", "begin", "spend", "spend_form", "succeeded"]
MOST_OF_ONE = 60
"""Times files are given in one draft, in the same time."""


def begin(kind: str, account: str, *, source: str, at: datetime) -> SignInAttempt:
    """Write a try of one kind down, failed until it `succeeded`. Raises TooManyTries.

    Must not be called inside a transaction that may be undone.
    """
    here = read(Portal)
    return tries.begin(
        f"citizen {kind} ",
        account=account,
        source=source,
        of_account=here.failures,
        of_source=here.failures_of_source,
        minutes=WINDOW_MINUTES,
        at=at,
    )


def spend_form(kind: str, one: str, *, source: str, at: datetime) -> None:
    """Count a form that is begun, or files given in one. Many people may share one network address. Raises TooManyTries."""
    most = read(Portal).forms_of_source
    tries.begin(
        f"citizen {kind} ",
        account=one,
        source=source,
        of_account=min(most, MOST_OF_ONE),
        of_source=most,
        minutes=WINDOW_MINUTES,
        at=at,
    )


def spend(kind: str, account: str, *, source: str, at: datetime) -> None:
    """Count something that is limited even when it succeeds, such as e-mails asked for. Raises TooManyTries."""
    begin(kind, account, source=source, at=at)
