"""How often something may be tried that could be guessed: counted by what is tried and by where the try comes from.

Each try is written down before it is looked at, in a transaction of its own, and failures are counted with it: however
many tries come at once, no more than the limit are ever answered. A try that is refused does not lengthen the wait.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings

from moothall.core.accounts.models import SignInAttempt


class TooManyTries(Exception):
    """Too many failures; `seconds` until another try is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__("There were too many failed tries. Wait before you try again.")
        self.seconds = seconds


def begin(
    kind: str, *, account: str, source: str, of_account: int, of_source: int, minutes: int, at: datetime
) -> SignInAttempt:
    """Write a try down, failed until `succeeded` says otherwise.

    `kind` keeps one sort of try from another, `account` is what is tried (an e-mail address, a reference) and `source`
    the network address; each has its limit of failures within `minutes`. Raises TooManyTries.
    """
    attempt = SignInAttempt.objects.create(
        account=_digest(f"{kind}account", account), source=_digest(f"{kind}source", source), at=at
    )
    window = timedelta(minutes=minutes)
    waits = []
    for field, limit in {"account": of_account, "source": of_source}.items():
        failures = (
            SignInAttempt.objects.filter(
                **{field: getattr(attempt, field)}, result=SignInAttempt.Result.FAILED, at__gt=at - window
            )
            .exclude(pk=attempt.pk)
            .order_by("-at")
            .values_list("at", flat=True)
        )
        recent = list(failures[:limit])
        if len(recent) == limit:
            waits.append(recent[-1] + window - at)
    if waits:
        SignInAttempt.objects.filter(pk=attempt.pk).update(result=SignInAttempt.Result.REFUSED)
        raise TooManyTries(max(1, int(max(waits).total_seconds()) + 1))
    return attempt


def succeeded(attempt: SignInAttempt) -> None:
    """The try was right, so it counts against nobody."""
    SignInAttempt.objects.filter(pk=attempt.pk).update(result=SignInAttempt.Result.SUCCEEDED)


def _digest(kind: str, value: str) -> str:
    message = f"{kind}:{value}".encode("utf-8", "surrogateescape")
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
