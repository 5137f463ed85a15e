"""Passwords of citizens: hashed as those of officers are, and looked at alike whether or not there is an account."""

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from moothall.core.accounts.models import User
from moothall.domain.citizens.models import Account
from moothall.domain.citizens.rules import CitizenRefused


def made(password: str, *, email: str, field: str = "password") -> str:
    """The hash of a new password. Raises CitizenRefused when it is too weak."""
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        raise CitizenRefused(" ".join(error.messages), field=field) from error
    return make_password(password)


def right(account: Account | None, password: str) -> bool:
    """Whether this is the account's password. It takes as long without an account, so that time tells nothing."""
    if account is None or not account.password:
        make_password(password)
        return False
    return check_password(password, account.password)
