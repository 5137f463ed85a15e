"""The optional second factor: codes of an authenticator app (RFC 6238), and recovery codes for whoever lost it."""

import secrets as random
from datetime import datetime

import pyotp
from django.db.models import Q
from django.utils.translation import gettext as _

from moothall.core import sealed
from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.citizens import secrets
from moothall.domain.citizens.models import Account, RecoveryCode
from moothall.domain.citizens.rules import CitizenRefused

_PURPOSE = "moothall.citizens.totp"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look like another
RECOVERY_CODES = 10
STEP_SECONDS = 30


def new_secret() -> str:
    """A secret for an app, to be kept once a code of it was shown."""
    return pyotp.random_base32()


def address(secret: str, *, email: str, council: str) -> str:
    """What the QR code of an app says."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=council)


def turn_on(account: Account, *, secret: str, code: str, at: datetime) -> list[str]:
    """Ask for codes of this app from now on. Returns the recovery codes, which cannot be read again.

    Raises CitizenRefused when the code is not one of the app.
    """
    step = _step(secret, code, after=0, at=at)
    if step is None:
        raise CitizenRefused(_("This is not the right code. Check that the time on your phone is right."), field="code")
    by = system_user()
    with recording.because(action="citizen.factor_on", by=by, at=at):
        locked = Account.objects.select_for_update().get(pk=account.pk)
        locked.totp, locked.totp_step = sealed.box(_PURPOSE).encrypt(secret.encode()), step
        locked.save(update_fields=["totp", "totp_step"])
        codes = _new_codes(locked, at=at)
        recording.record("citizen.factor_on", locked, by=by, at=at)
    return codes


def turn_off(account: Account, *, at: datetime) -> None:
    """Ask for no codes any more."""
    by = system_user()
    with recording.because(action="citizen.factor_off", by=by, at=at):
        Account.objects.filter(pk=account.pk).update(totp=None, totp_step=0)
        RecoveryCode.objects.filter(account=account).delete()
        recording.record("citizen.factor_off", account, by=by, at=at)


def accept(account: Account, code: str, *, at: datetime) -> bool:
    """Whether this is a code of the account's app or a recovery code, neither of them used before."""
    given = "".join(code.split()).replace("-", "").upper()
    if account.totp is None or not given:
        return False
    secret = sealed.box(_PURPOSE).decrypt(bytes(account.totp)).decode()
    step = _step(secret, given, after=account.totp_step, at=at)
    if step is not None:
        return bool(Account.objects.filter(pk=account.pk, totp_step__lt=step).update(totp_step=step))
    unused = RecoveryCode.objects.filter(account=account, used_at=None, digest=_digest(account, given))
    return bool(unused.update(used_at=at))


def left(account: Account) -> int:
    """How many recovery codes can still be used."""
    return RecoveryCode.objects.filter(Q(used_at=None), account=account).count()


def _step(secret: str, code: str, *, after: int, at: datetime) -> int | None:
    """The step of time this code is of: now, or one before or after, and later than the last that was taken."""
    app, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP_SECONDS
    for step in (now, now - 1, now + 1):
        if step > after and pyotp.utils.strings_equal(app.generate_otp(step), code):
            return step
    return None


def _new_codes(account: Account, *, at: datetime) -> list[str]:
    RecoveryCode.objects.filter(account=account).delete()
    codes = ["".join(random.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=account, digest=_digest(account, code), made_at=at) for code in codes
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _digest(account: Account, code: str) -> str:
    return secrets.digest(f"{account.pk}:{code}")
