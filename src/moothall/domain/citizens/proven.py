"""Signing in by an outside provider of identities: an account by its own name for somebody, never by an e-mail address alone."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.citizens import linking
from moothall.domain.citizens.models import Account
from moothall.domain.citizens.rules import CitizenRefused
from moothall.domain.people import matching
from moothall.kit.calendars import LONDON


@dataclass(frozen=True, kw_only=True)
class Verified:
    """Who somebody is, as the provider made sure of it."""

    last_name: str
    born: date
    postcode: str


def sign_in(*, subject: str, email: str, verified: Verified | None, language: str, at: datetime) -> Account:
    """The account of this subject, made at the first time; a verified identity ties it to the record it matches.

    Raises CitizenRefused where another account has the e-mail address: its owner signs in there, and joins the two.
    """
    by = system_user()
    account = Account.objects.filter(subject=subject).first()
    if account is None:
        with recording.because(action="citizen.registered", by=by, at=at):
            try:
                with transaction.atomic():
                    account = Account.objects.create(email=email, subject=subject, language=language, created_at=at)
            except IntegrityError:
                raise CitizenRefused(
                    _(
                        "You have an account with this e-mail address. Sign in with its password, and add GOV.UK One Login under Account."
                    )
                ) from None
            recording.record("citizen.registered", account, by=by, at=at, by_provider=True)
    _tie(account, verified, at=at)
    return account


def join(account: Account, *, subject: str, verified: Verified | None, at: datetime) -> None:
    """Sign in to this account by the provider too, from now on. Raises CitizenRefused when another account has the subject."""
    if Account.objects.filter(subject=subject).exclude(pk=account.pk).exists():
        raise CitizenRefused(_("Another account signs in with this GOV.UK One Login."))
    by = system_user()
    with recording.because(action="citizen.joined", by=by, at=at):
        Account.objects.filter(pk=account.pk).update(subject=subject)
        recording.record("citizen.joined", account, by=by, at=at)
    _tie(account, verified, at=at)


def _tie(account: Account, verified: Verified | None, *, at: datetime) -> None:
    if verified is None or account.customer_id is not None:
        return
    found = matching.match_application(
        nino="",
        date_of_birth=verified.born,
        last_name=verified.last_name,
        postcode=verified.postcode,
        on=at.astimezone(LONDON).date(),
    )
    if found.customer is not None:
        linking.tie(account, found.customer, how=Account.Tied.IDENTITY, at=at)
