"""Signing in with an e-mail address and a password, and what stops somebody from guessing.

Each try is written down before the password is looked at, in a transaction of its own, and failures are counted with
it: however many tries come at once, no more than the limit are ever answered. A try that is refused for this reason
does not lengthen the wait.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings

from moothall.core.accounts.models import SignInAttempt, User
from moothall.core.council.settings import Section, read


class SignInRules(Section):
    """How many failed tries are answered within the window, by account and by network address."""

    section = "sign_in"
    failures_of_account: int = 10
    failures_of_source: int = 50
    window_minutes: int = 15
    token_days: int = 30


class WrongCredentials(Exception):
    """Unknown user, wrong password or deactivated: always the same sentence."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is not right.")


class TooManyTries(Exception):
    """Too many failures; `seconds` until another try is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__("There were too many failed tries. Wait before you try again.")
        self.seconds = seconds


def sign_in(*, email: str, password: str, source: str, at: datetime) -> User:
    """The user with this address and password. `source` is the network address asking.

    Must not be called inside a transaction that may be undone. Raises WrongCredentials or TooManyTries.
    """
    rules = read(SignInRules)
    account = email.strip().lower()
    attempt = SignInAttempt.objects.create(account=_digest("account", account), source=_digest("source", source), at=at)
    _refuse_too_many(attempt, rules)
    user = User.objects.filter(email=account, kind=User.Kind.PERSON).first()
    if user is None:
        User().set_password(password)  # takes as long as a real check, so that time tells nothing
        raise WrongCredentials
    if not user.check_password(password) or not user.is_active:
        raise WrongCredentials
    SignInAttempt.objects.filter(pk=attempt.pk).update(result=SignInAttempt.Result.SUCCEEDED)
    return user


def forget_attempts(*, before: datetime) -> int:
    """Delete tries older than `before`; how many."""
    return SignInAttempt.objects.filter(at__lt=before).delete()[0]


def _refuse_too_many(attempt: SignInAttempt, rules: SignInRules) -> None:
    window = timedelta(minutes=rules.window_minutes)
    limits = {"account": rules.failures_of_account, "source": rules.failures_of_source}
    waits = []
    for field, limit in limits.items():
        failures = (
            SignInAttempt.objects.filter(
                **{field: getattr(attempt, field)}, result=SignInAttempt.Result.FAILED, at__gt=attempt.at - window
            )
            .exclude(pk=attempt.pk)
            .order_by("-at")
            .values_list("at", flat=True)
        )
        recent = list(failures[:limit])
        if len(recent) == limit:
            waits.append(recent[-1] + window - attempt.at)
    if waits:
        SignInAttempt.objects.filter(pk=attempt.pk).update(result=SignInAttempt.Result.REFUSED)
        raise TooManyTries(max(1, int(max(waits).total_seconds()) + 1))


def _digest(kind: str, value: str) -> str:
    message = f"{kind}:{value}".encode("utf-8", "surrogateescape")
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
