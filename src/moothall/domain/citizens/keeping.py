"""What somebody changes of their account: its password and address, and that it is there at all."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.citizens import limits, passwords, sessions, tickets
from moothall.domain.citizens.models import Account, Session, Ticket
from moothall.domain.citizens.registering import LinkDead
from moothall.domain.citizens.rules import CitizenRefused


def prove(account: Account, password: str, *, source: str, at: datetime) -> None:
    """Make sure that it is the account's owner who is about to change it. Raises CitizenRefused or TooManyTries."""
    if not account.password:
        return  # they sign in by One Login, which asked them
    attempt = limits.begin("sign in", account.email, source=source, at=at)
    if not passwords.right(account, password):
        raise CitizenRefused(_("This is not your password."), field="current")
    limits.succeeded(attempt)


def change_password(account: Account, *, password: str, session: Session, at: datetime) -> None:
    """Set another password; every other browser is signed out. Raises CitizenRefused when it is too weak."""
    hashed, by = passwords.made(password, email=account.email), system_user()
    with recording.because(action="citizen.password_changed", by=by, at=at):
        Account.objects.filter(pk=account.pk).update(password=hashed)
        sessions.end_all(account, but=session)
        recording.record("citizen.password_changed", account, by=by, at=at)


def ask_for_email(account: Account, *, email: str, source: str, at: datetime) -> None:
    """Send a link to a new address. One that has an account is told so; who asks learns nothing of it. Raises TooManyTries."""
    email = email.strip().lower()
    limits.spend("email", str(account.pk), source=source, at=at)
    known = Account.objects.filter(email=email).exists()
    purpose = Ticket.Purpose.KNOWN if known else Ticket.Purpose.EMAIL
    tickets.send(purpose, email, language=account.language, account=None if known else account, at=at)


def confirm_email(secret: str, *, account: Account, at: datetime) -> None:
    """Use the new address from now on, by the link that came to it, for who is signed in. Raises LinkDead."""
    ticket = tickets.find(secret, Ticket.Purpose.EMAIL, at=at)
    if ticket is None or ticket.account_id != account.pk:
        raise LinkDead
    by = system_user()
    with recording.because(action="citizen.email_changed", by=by, at=at):
        if not tickets.use(ticket, at=at):
            raise LinkDead
        locked = Account.objects.select_for_update().get(pk=account.pk)
        locked.email = ticket.email
        try:
            with transaction.atomic():
                locked.save(update_fields=["email"])
        except IntegrityError:
            raise LinkDead from None
        recording.record("citizen.email_changed", locked, by=by, at=at)


def set_language(account: Account, *, language: str) -> None:
    """Write to somebody in this language."""
    Account.objects.filter(pk=account.pk).exclude(language=language).update(language=language)


def delete(account: Account, *, at: datetime) -> None:
    """Delete an account with its sessions, links and codes. Cases, letters and what was written on them are kept."""
    by = system_user()
    with recording.because(action="citizen.deleted", by=by, at=at):
        recording.record("citizen.deleted", account, by=by, at=at)
        Account.objects.get(pk=account.pk).delete()
