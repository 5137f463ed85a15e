"""How somebody gets an account, and back into it: registering, confirming, a forgotten password."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.core.council.settings import read
from moothall.domain.citizens import limits, passwords, rules, sessions, tickets
from moothall.domain.citizens.models import Account, Ticket
from moothall.domain.citizens.rules import CitizenRefused

Purpose = Ticket.Purpose


class LinkDead(CitizenRefused):
    """A link leads nowhere: it is unknown, used or too old."""

    def __init__(self) -> None:
        super().__init__(_("This link cannot be used any more. Ask for a new one."))


def register(*, email: str, password: str, language: str, source: str, at: datetime) -> None:
    """Send a link to confirm the address; whoever has an account with it already is told so by e-mail.

    The caller learns nothing of that. Raises CitizenRefused for a weak password, and TooManyTries.
    """
    if not read(rules.Portal).accounts:
        raise CitizenRefused(_("Nobody can register here at present."))
    email = email.strip().lower()
    hashed = passwords.made(password, email=email)
    limits.spend("register", email, source=source, at=at)
    known = Account.objects.filter(email=email).first()
    purpose = Purpose.KNOWN if known else Purpose.REGISTER
    tickets.send(purpose, email, language=language, account=known, password="" if known else hashed, at=at)


def confirm(secret: str, *, password: str, source: str, at: datetime) -> Account:
    """Make the account of a registration whose link came to its address, for who knows the password chosen with it.

    So neither whoever registers somebody else's address gets an account with it, nor whoever only follows the link.
    Raises LinkDead, CitizenRefused for a wrong password, and TooManyTries.
    """
    ticket = tickets.find(secret, Purpose.REGISTER, at=at)
    if ticket is None:
        raise LinkDead
    attempt = limits.begin("confirm", ticket.email, source=source, at=at)
    if not check_password(password, ticket.password):
        raise CitizenRefused(_("This is not the password you chose when you registered."), field="password")
    limits.succeeded(attempt)
    by = system_user()
    with recording.because(action="citizen.registered", by=by, at=at):
        if not tickets.use(ticket, at=at):
            raise LinkDead
        try:
            with transaction.atomic():
                account = Account.objects.create(
                    email=ticket.email, password=ticket.password, language=ticket.language, created_at=at
                )
        except IntegrityError:
            raise LinkDead from None
        Ticket.objects.filter(email=ticket.email).update(password="")
        recording.record("citizen.registered", account, by=by, at=at)
    return account


def forgot(*, email: str, language: str, source: str, at: datetime) -> None:
    """Send a link to choose a new password; an address without an account is told so by e-mail. Raises TooManyTries."""
    email = email.strip().lower()
    limits.spend("forgot", email, source=source, at=at)
    known = Account.objects.filter(email=email).first()
    purpose = Purpose.RESET if known else Purpose.UNKNOWN
    tickets.send(purpose, email, language=known.language if known else language, account=known, at=at)


def reset(secret: str, *, password: str, at: datetime) -> Account:
    """Choose a new password by a link; every session ends. Raises LinkDead, CitizenRefused for a weak password."""
    ticket = tickets.find(secret, Purpose.RESET, at=at)
    if ticket is None or ticket.account is None:
        raise LinkDead
    hashed = passwords.made(password, email=ticket.email)
    by = system_user()
    with recording.because(action="citizen.password_reset", by=by, at=at):
        if not tickets.use(ticket, at=at):
            raise LinkDead
        account = Account.objects.select_for_update().get(pk=ticket.account.pk)
        account.password = hashed
        account.save(update_fields=["password"])
        sessions.end_all(account)
        recording.record("citizen.password_reset", account, by=by, at=at)
    return account
