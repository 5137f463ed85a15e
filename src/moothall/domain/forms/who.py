"""Who fills in a form: an officer with somebody, somebody with an account, or nobody in particular."""

from dataclasses import dataclass

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User


@dataclass(frozen=True)
class Citizen:
    """Somebody signed in to their account: its key, and their customer record where it is known."""

    account: str
    customer_id: int | None = None


Who = User | Citizen | None


def officer(by: Who) -> User | None:
    """The officer who fills it in, if it is one."""
    return by if isinstance(by, User) else None


def account(by: Who) -> str:
    """The key of the account, or nothing."""
    return by.account if isinstance(by, Citizen) else ""


def author(by: Who) -> User:
    """Whom what is done is recorded under: the officer, or the product acting for whoever sent it."""
    return by if isinstance(by, User) else system_user()
