"""Colleagues a note is meant for: who can be, whom its text names, and that they are told (BEST-8)."""

import re
from collections.abc import Iterable

from django.db.models import QuerySet

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.colleagues import who_may
from moothall.domain.cases.models import Case, Mention, Note
from moothall.domain.cases.refusal import CannotChange
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification

MOST_NAMED = 20  # in one note's text
_NAMED = re.compile(r"(?<!\w)@([^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){0,4})")


def colleagues(service: str) -> QuerySet[User]:
    """Who may see the notes of cases of a service, by name."""
    return who_may(service, Permission.VIEW_CASES, Permission.VIEW_NOTES)


def named_in(text: str, *, case: Case, chosen: Iterable[User]) -> list[User]:
    """`chosen`, and whoever the text names as @Full Name; an @ before anything else is only text.

    Raises CannotChange for who may not see the notes, and for a name of several colleagues.
    """
    wanted = {user.pk: user for user in chosen}
    phrases = _NAMED.findall(text)[:MOST_NAMED]
    people: dict[str, list[User]] = {}
    if names := {name for words in phrases for name in _beginnings(words)}:
        for user in User.objects.filter(is_active=True, kind=User.Kind.PERSON, full_name__in=names):
            people.setdefault(user.full_name, []).append(user)
    seeing = {
        user.pk
        for user in colleagues(case.service_key).filter(pk__in=[one.pk for same in people.values() for one in same])
    }
    for name in _longest(phrases, people):
        called = people[name]
        able = [user for user in called if user.pk in seeing]
        if any(user.pk in wanted for user in called):
            continue
        if len(able) > 1:
            raise CannotChange(f"Several colleagues are called {name}. Choose whom you mean under Tell colleagues.")
        wanted.update({user.pk: user for user in able or called})
    check(case, wanted.values())
    return list(wanted.values())


def check(case: Case, users: Iterable[User]) -> None:
    """Refuse to tell anybody who may not see the notes of the case. Raises CannotChange."""
    wanted = {user.pk: user.full_name for user in users}
    able = set(colleagues(case.service_key).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    if refused := sorted(name for pk, name in wanted.items() if pk not in able):
        raise CannotChange(f"{' and '.join(refused)} may not see the notes of this case, so cannot be mentioned.")


def keep(note: Note, users: Iterable[User]) -> list[User]:
    """Write whom a note is meant for, and tell them once. Returns who was told."""
    users = list(users)
    Mention.objects.bulk_create(Mention(note=note, user=user) for user in users)
    return notify(
        users,
        kind=Notification.Kind.MENTION,
        text=f"{note.by.full_name} mentioned you in a note on {note.case.reference}.",
        cause=f"note.{note.pk}",
        by=note.by,
        at=note.at,
        reference=note.case.reference,
        page="notes",
        anchor=f"note-{note.pk}",
    )


def _beginnings(words: str) -> list[str]:
    """What may be a name at the beginning of some words: one of them, two and so on, without a full stop at the end."""
    parts = words.split(" ")
    names = [" ".join(parts[: end + 1]) for end in range(len(parts))]
    return [*names, *(name.rstrip(".") for name in names)]


def _longest(phrases: Iterable[str], found: dict[str, list[User]]) -> list[str]:
    """The name each phrase begins with, of two the longer."""
    named = []
    for words in phrases:
        fitting = [name for name in _beginnings(words) if name in found]
        if fitting:
            named.append(max(fitting, key=len))
    return list(dict.fromkeys(named))
