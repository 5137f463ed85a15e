"""Signing in with an e-mail address and a password; `tries` stops somebody from guessing."""

from datetime import datetime

from moothall.core.accounts import tries
from moothall.core.accounts.models import SignInAttempt, User
from moothall.core.accounts.tries import TooManyTries
from moothall.core.council.settings import Section, read


class SignInRules(Section):
    """How many failed tries are answered within the window, by account and by network address."""

    section = "sign_in"
    failures_of_account: int = 10
    failures_of_source: int = 50
    window_minutes: int = 15
    token_days: int = 30


__all__ = ["SignInRules", "TooManyTries", "WrongCredentials", "forget_attempts", "sign_in"]


class WrongCredentials(Exception):
    """Unknown user, wrong password or deactivated: always the same sentence."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is not right.")


def sign_in(*, email: str, password: str, source: str, at: datetime) -> User:
    """The user with this address and password. `source` is the network address asking.

    Must not be called inside a transaction that may be undone. Raises WrongCredentials or TooManyTries.
    """
    rules = read(SignInRules)
    account = email.strip().lower()
    attempt = tries.begin(
        "",
        account=account,
        source=source,
        of_account=rules.failures_of_account,
        of_source=rules.failures_of_source,
        minutes=rules.window_minutes,
        at=at,
    )
    user = User.objects.filter(email=account, kind=User.Kind.PERSON).first()
    if user is None:
        User().set_password(password)  # takes as long as a real check, so that time tells nothing
        raise WrongCredentials
    if not user.check_password(password) or not user.is_active:
        raise WrongCredentials
    tries.succeeded(attempt)
    return user


def forget_attempts(*, before: datetime) -> int:
    """Delete tries older than `before`; how many."""
    return SignInAttempt.objects.filter(at__lt=before).delete()[0]
