"""What is done with users and security groups.

Three rules keep somebody who manages them from helping themselves: nobody changes their own groups or a group they are
in; nobody gives a permission to administer that they do not have; and no change leaves nobody who can manage users and
groups. The product itself, which the command line acts as, is bound by none: that is how an installation is put right.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import slug_re, validate_email
from django.db import connection, transaction
from django.db.models import QuerySet

from moothall.core import database
from moothall.core.accounts.models import ApiToken, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording

SYSTEM_EMAIL = "system@moothall.invalid"
_system_users: dict[str, list[Any]] = {}  # by database: the fields of the product's own user
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('accounts.administrators', 0))"


class AccountRefused(Exception):
    """Why a change to a user or group was not made. Its sentence may be shown to whoever asked."""


def system_user() -> User:
    """The product itself, as the author of what it does by rule. Read once a process, since nothing changes it.

    It is kept when the transaction that read it has committed: one that fails may have made it.
    """
    where = database.where()
    names = [field.attname for field in User._meta.concrete_fields]
    if kept := _system_users.get(where):
        return User.from_db(connection.alias, names, kept)
    user, _ = User.objects.get_or_create(
        email=SYSTEM_EMAIL, defaults={"full_name": "Moothall", "kind": User.Kind.SYSTEM, "password": "!"}
    )
    values = [getattr(user, name) for name in names]
    transaction.on_commit(lambda: _system_users.update({where: values}))
    return user


def forget_system_user() -> None:
    """Read the product's own user anew at the next call: for tests, whose databases are emptied."""
    _system_users.clear()


def create_user(
    *, email: str, full_name: str, password: str | None = None, groups: Collection[str] = (), by: User, at: datetime
) -> User:
    """Make a user in these groups (keys). Without a password they cannot sign in until one is set.

    Raises AccountRefused for a bad or known address, a weak password or an unknown group.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise AccountRefused(f"“{email}” is not an e-mail address.") from error
    if not full_name.strip():
        raise AccountRefused("A user has a name.")
    with recording.because(action="user.created", by=by, at=at):
        if User.objects.filter(email=email).exists():
            raise AccountRefused(f"There is already a user {email}.")
        if password is not None:
            _check_password(password, User(email=email, full_name=full_name))
        user = User.objects.create_user(email, password, full_name=full_name.strip())
        given = _groups(groups)
        _refuse_beyond(by, given)
        user.groups.set(given)
        recording.record("user.created", user, by=by, at=at, groups=sorted(groups))
    return user


def set_groups(user: User, *, groups: Collection[str], by: User, at: datetime, reason: str = "") -> None:
    """Put a user in exactly these groups (keys). Nobody changes their own: AccountRefused."""
    if by.pk == user.pk:
        raise AccountRefused("Somebody else must change your groups.")
    if user.kind == User.Kind.SYSTEM:
        raise AccountRefused("The product's own user is in no group.")
    with recording.because(action="user.groups_set", by=by, at=at, reason=reason), _administered(by):
        locked = User.objects.select_for_update().get(pk=user.pk)
        before = sorted(locked.groups.values_list("key", flat=True))
        given = _groups(groups)
        _refuse_beyond(by, [group for group in given if group.key not in before])
        locked.groups.set(given)
        recording.record(
            "user.groups_set", locked, by=by, at=at, reason=reason, before=before, after=sorted(set(groups))
        )


def set_skills(user: User, *, skills: Collection[str], by: User, at: datetime) -> None:
    """Say which skills (keys) a user has. Work that asks for a skill is shared out only among those who have it."""
    after = sorted(set(skills))
    with recording.because(action="user.skills_set", by=by, at=at):
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        before, locked.skills = locked.skills, after
        if before != after:
            locked.save(update_fields=["skills"])
            recording.record("user.skills_set", locked, by=by, at=at, before=before, after=after)


def set_password(user: User, *, password: str, by: User, at: datetime) -> None:
    """Set a password and end every token made with the old one. Raises AccountRefused when it is too weak."""
    _check_password(password, user)
    with recording.because(action="user.password_set", by=by, at=at):
        locked = User.objects.select_for_update().get(pk=user.pk)
        locked.set_password(password)
        locked.save(update_fields=["password"])
        ended = ApiToken.objects.filter(user=locked, revoked_at=None).update(revoked_at=at)
        recording.record("user.password_set", locked, by=by, at=at, tokens_ended=ended)


def deactivate(user: User, *, by: User, at: datetime, reason: str) -> None:
    """Stop a user at once: they cannot sign in and every token of theirs ends. Nobody stops themselves."""
    if by.pk == user.pk:
        raise AccountRefused("Somebody else must deactivate you.")
    if user.kind == User.Kind.SYSTEM:
        raise AccountRefused("The product's own user cannot be deactivated.")
    if not reason.strip():
        raise AccountRefused("Say why the user is deactivated.")
    with recording.because(action="user.deactivated", by=by, at=at, reason=reason), _administered(by):
        locked = User.objects.select_for_update().get(pk=user.pk)
        locked.is_active = False
        locked.save(update_fields=["is_active"])
        ended = ApiToken.objects.filter(user=locked, revoked_at=None).update(revoked_at=at)
        recording.record("user.deactivated", locked, by=by, at=at, reason=reason, tokens_ended=ended)


def reactivate(user: User, *, by: User, at: datetime, reason: str) -> None:
    """Let a deactivated user in again. Their old tokens stay ended."""
    with recording.because(action="user.reactivated", by=by, at=at, reason=reason):
        locked = User.objects.select_for_update().get(pk=user.pk)
        locked.is_active = True
        locked.save(update_fields=["is_active"])
        recording.record("user.reactivated", locked, by=by, at=at, reason=reason)


def define_group(
    *,
    key: str,
    name: str,
    permissions: Collection[str],
    services: Collection[str] = (),
    document_tags: Collection[str] = (),
    by: User,
    at: datetime,
    reason: str = "",
) -> SecurityGroup:
    """Make the group `key`, or change it to exactly this.

    Raises AccountRefused for an unknown permission, a key that definitions cannot name, or no name.
    """
    if len(key) > 60 or not slug_re.match(key):
        raise AccountRefused(f"“{key[:60]}” is no key of a group: at most 60 letters, digits, hyphens and underscores.")
    if not name.strip():
        raise AccountRefused("A group has a name.")
    if unknown := sorted(set(permissions) - set(Permission)):
        raise AccountRefused(f"There is no permission “{unknown[0]}”.")
    facts = {
        "name": name.strip(),
        "permissions": sorted(set(permissions)),
        "services": sorted(set(services)),
        "document_tags": sorted(set(document_tags)),
    }
    with recording.because(action="group.defined", by=by, at=at, reason=reason), _administered(by):
        before = SecurityGroup.objects.filter(key=key).values(*facts).first()
        if by.groups.filter(key=key).exists():
            raise AccountRefused("Somebody else must change a group you are in.")
        had = set(before["permissions"]) if before else set()
        _refuse_beyond(by, [SecurityGroup(permissions=sorted(set(permissions) - had))])
        group, _ = SecurityGroup.objects.update_or_create(key=key, defaults=facts)
        recording.record("group.defined", group, by=by, at=at, reason=reason, before=before, after=facts)
    return group


def administrators() -> QuerySet[User]:
    """The people who can manage both users and groups, and can sign in to do it."""
    people = User.objects.filter(is_active=True, kind=User.Kind.PERSON)
    for needed in (Permission.MANAGE_USERS, Permission.MANAGE_GROUPS):
        people = people.filter(groups__permissions__contains=[needed])
    return people.filter(groups__permissions__overlap=[Permission.API, Permission.SIGN_IN])


@contextmanager
def _administered(by: User) -> Iterator[None]:
    """Around a change of who may do what, one at a time: refuse it when it would leave no administrator."""
    if by.kind == User.Kind.SYSTEM:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
    before = administrators().exists()
    yield
    if before and not administrators().exists():
        raise AccountRefused("Then nobody could manage users and groups any more. Make somebody else able to first.")


def _refuse_beyond(by: User, groups: Collection[SecurityGroup]) -> None:
    if by.kind == User.Kind.SYSTEM:
        return
    given = {name for group in groups for name in group.permissions if name.startswith("administration.")}
    if beyond := sorted(given - by.permissions):
        raise AccountRefused(f"You cannot give the permission {beyond[0]}, for you do not have it yourself.")


def _groups(keys: Collection[str]) -> list[SecurityGroup]:
    found = list(SecurityGroup.objects.filter(key__in=keys))
    if missing := sorted(set(keys) - {group.key for group in found}):
        raise AccountRefused(f"There is no security group “{missing[0]}”.")
    return found


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AccountRefused(" ".join(error.messages)) from error
