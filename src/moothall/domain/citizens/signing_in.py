"""Signing in with e-mail address and password, and with a code where the account asks for one."""

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.utils.translation import gettext as _

from moothall.domain.citizens import factors, limits, passwords, secrets
from moothall.domain.citizens.models import Account
from moothall.domain.citizens.rules import CitizenRefused

SALT = "moothall.citizens.step"
STEP_SECONDS = 10 * 60


class WrongCredentials(CitizenRefused):
    """Unknown address or wrong password: always the same sentence."""

    def __init__(self) -> None:
        super().__init__(_("The e-mail address or the password is not right."))


@dataclass(frozen=True)
class FirstStep:
    """The password was right. `step` goes with the code, where one `needs_code`."""

    account: Account
    needs_code: bool
    step: str = ""


def with_password(*, email: str, password: str, source: str, at: datetime) -> FirstStep:
    """The account with this address and password.

    Must not be called inside a transaction that may be undone. Raises WrongCredentials or TooManyTries.
    """
    email = email.strip().lower()
    attempt = limits.begin("sign in", email, source=source, at=at)
    account = Account.objects.filter(email=email).first()
    if not passwords.right(account, password):
        raise WrongCredentials
    assert account is not None
    limits.succeeded(attempt)
    if not account.is_factored:
        return FirstStep(account, needs_code=False)
    step = signing.dumps([account.pk, _state(account)], salt=SALT)
    return FirstStep(account, needs_code=True, step=step)


def with_code(*, step: str, code: str, source: str, at: datetime) -> Account:
    """The account whose password was right shortly before, for a code of its app or a recovery code.

    Raises CitizenRefused or TooManyTries.
    """
    try:
        pk, state = signing.loads(step, salt=SALT, max_age=STEP_SECONDS)
    except (signing.BadSignature, ValueError):
        raise CitizenRefused(_("That took too long. Sign in again.")) from None
    account = Account.objects.filter(pk=pk).first()
    if account is None or _state(account) != state:
        raise CitizenRefused(_("That took too long. Sign in again."))
    attempt = limits.begin("code", str(account.pk), source=source, at=at)
    if not factors.accept(account, code, at=at):
        raise CitizenRefused(_("This is not the right code, or it was used already."), field="code")
    limits.succeeded(attempt)
    return account


def _state(account: Account) -> str:
    """What a changed password or app makes another, so that a step begun before is worth nothing."""
    return secrets.digest(f"{account.password}:{bytes(account.totp or b'').hex()}")[:16]
