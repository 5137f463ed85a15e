"""Messages to and fro between the citizen and the officers of a case (BEST-32)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.citizens import limits, telling
from moothall.domain.citizens.models import Account, OnlineMessage
from moothall.domain.citizens.rules import CitizenRefused
from moothall.kit import text as texts

LONGEST = 4000


@dataclass(frozen=True)
class Wish:
    """What somebody asks for with a message: as they say it, and as officers are told."""

    said: str
    told: str


WISHES = {
    "change": Wish(gettext_noop("I want to change what I sent."), "The customer of {} asks to change what they sent."),
    "withdraw": Wish(gettext_noop("I want to withdraw this request."), "The customer of {} asks to withdraw it."),
}
"""Officers decide on both: what was begun because of a request is not undone by a click."""


_WROTE = "The customer wrote a message online."


def written(case: Case) -> QuerySet[OnlineMessage]:
    """What was written on a case to and fro, the newest first."""
    return OnlineMessage.objects.filter(case=case).select_related("by").order_by("-at", "-pk")


def write(
    case: Case, *, account: Account, words: str, once: UUID, source: str, at: datetime, wish: str = ""
) -> OnlineMessage:
    """The citizen writes, with one of the WISHES or without; who has the case is told. The same page sent twice is one.

    Raises CitizenRefused, TooManyTries.
    """
    if earlier := OnlineMessage.objects.filter(once=once, case=case).first():
        return earlier
    wanted = WISHES.get(wish)
    if wanted and case.closed_at:
        raise CitizenRefused(_("This request is closed. Write to us if you have something for it."))
    words = _checked(f"{gettext(wanted.said)}\n\n{words}" if wanted else words)
    limits.spend("write", str(account.pk), source=source, at=at)
    by = system_user()
    with recording.because(action="online_message.written", by=by, at=at):
        lock(case)
        message, new = OnlineMessage.objects.get_or_create(
            once=once, defaults={"case": case, "account": account, "text": words, "at": at}
        )
        if new:
            said = (wanted.told if wanted else "The customer of {} wrote a message online.").format(case.reference)
            _note(case, wanted.told.format(case.reference) if wanted else _WROTE, message, by=by, at=at)
            telling.officers(
                case, said, cause=f"online.{message.pk}", page="online", at=at, needs=Permission.VIEW_ONLINE_MESSAGES
            )
            recording.record("online_message.written", message, by=by, at=at, case=case.pk, account=account.pk)
    return message


def answer(case: Case, *, words: str, once: UUID, by: User, at: datetime) -> OnlineMessage:
    """An officer writes; who follows the case gets an e-mail that says so. Raises CitizenRefused."""
    if not by.may(Permission.SEND_MESSAGES, case.service_key):
        raise CitizenRefused(_("You may not write to customers of this service."))
    words = _checked(words)
    with recording.because(action="online_message.answered", by=by, at=at):
        lock(case)
        if not telling.followers(case):
            raise CitizenRefused(_("Nobody follows this case online. Send an e-mail or a letter."))
        message, new = OnlineMessage.objects.get_or_create(
            once=once, defaults={"case": case, "by": by, "text": words, "at": at}
        )
        if new:
            telling.citizens(message)
            _note(case, "A message was written to the customer online.", message, by=by, at=at)
            recording.record("online_message.answered", message, by=by, at=at, case=case.pk)
    return message


def seen_by_citizen(case: Case, *, at: datetime) -> None:
    """What officers wrote was seen."""
    OnlineMessage.objects.filter(case=case, by__isnull=False, seen_at=None).update(seen_at=at)


def seen_by_officer(case: Case, *, at: datetime) -> None:
    """What the citizen wrote was seen."""
    OnlineMessage.objects.filter(case=case, by=None, seen_at=None).update(seen_at=at)


def _checked(words: str) -> str:
    words = texts.salvage(words).strip()
    if not words:
        raise CitizenRefused(_("Write your message."), field="words")
    if len(words) > LONGEST:
        raise CitizenRefused(_("Your message must be %s characters or fewer.") % f"{LONGEST:,}", field="words")
    return words


def _note(case: Case, sentence: str, message: OnlineMessage, *, by: User, at: datetime) -> None:
    timeline.write(case, kind=TimelineEntry.Kind.MESSAGE, text=sentence, by=by, at=at, online=message.pk)
