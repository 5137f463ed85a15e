"""Users and security groups, managed by who has the permission (PPP-1, PPP-4)."""

from typing import Annotated

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from ninja import Query, Schema
from pydantic import AfterValidator, Field, StringConstraints

from moothall.core.accounts import actions
from moothall.core.accounts.models import EVERY_SERVICE, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue.models import Service
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.routes.tokens import GroupOut
from moothall.web.api.schemas import Body, Line, Moment, Prose, RowId

router = Operations(tags=["Users and groups"])
Named = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class UserQuery(PageQuery):
    group: str | None = Field(None, max_length=60, description="Only those in the group with this key")
    active: bool | None = Field(None, description="Only those who can, or cannot, sign in")


class AccountOut(Schema):
    """A user, as those who manage users see them."""

    id: int
    email: str
    name: str
    active: bool
    created_at: Moment
    groups: list[str] = Field(description="Keys of security groups")

    @classmethod
    def of(cls, user: User) -> "AccountOut":
        return cls(
            id=user.pk,
            email=user.email,
            name=user.full_name,
            active=user.is_active,
            created_at=user.created_at,
            groups=sorted(group.key for group in user.groups.all()),
        )


def _email(text: str) -> str:
    try:
        validate_email(text.strip())
    except ValidationError:
        raise ValueError("Enter an e-mail address, like name@example.org.") from None
    return text


class NewUser(Body):
    """Somebody new. They sign in once their password is set, at the command line: see the notes on users."""

    email: Annotated[str, Field(max_length=254), AfterValidator(_email)]
    name: Line
    groups: list[Named] = Field([], max_length=100)


class Groups(Body):
    """Exactly the groups to be in."""

    groups: list[Named] = Field(max_length=100)
    reason: Prose


class Why(Body):
    reason: Prose


class GroupChange(Body):
    """A group, exactly as it is to be."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    permissions: list[Named] = Field(max_length=200)
    services: list[Named] = Field([], max_length=200, description="Keys of services; * is every service")
    document_tags: list[Named] = Field([], max_length=100, description="Tags of the only documents it lets see")
    reason: Prose


@router.reads("/users", needs=Permission.MANAGE_USERS, answers=Page[AccountOut])
def list_users(request: ApiRequest, query: Query[UserQuery]) -> Page[AccountOut]:  # noqa: ARG001
    """The people who work in the product, by e-mail address."""
    users = _people().order_by("email")
    if query.group is not None:
        users = users.filter(groups__key=query.group)
    if query.active is not None:
        users = users.filter(is_active=query.active)
    return page_of(users, query, AccountOut.of)


@router.reads("/users/{int:user_id}", needs=Permission.MANAGE_USERS, answers=AccountOut)
def read_user(request: ApiRequest, user_id: int) -> AccountOut:  # noqa: ARG001
    """One user."""
    return AccountOut.of(_user(user_id))


@router.writes("POST", "/users", needs=Permission.MANAGE_USERS, answers=AccountOut, status=201)
def create_user(request: ApiRequest, body: NewUser) -> AccountOut:
    """Make a user."""
    made = actions.create_user(
        email=body.email,
        full_name=body.name,
        groups=body.groups,
        by=request.auth,
        at=request.now,
    )
    return AccountOut.of(made)


@router.writes("PUT", "/users/{int:user_id}/groups", needs=Permission.MANAGE_USERS, answers=AccountOut)
def set_user_groups(request: ApiRequest, user_id: int, body: Groups) -> AccountOut:
    """Put a user in exactly these groups. Nobody changes their own; the last administrator stays one."""
    actions.set_groups(_user(user_id), groups=body.groups, by=request.auth, at=request.now, reason=body.reason)
    return AccountOut.of(_user(user_id))


@router.writes("POST", "/users/{int:user_id}/deactivation", needs=Permission.MANAGE_USERS, answers=AccountOut)
def deactivate_user(request: ApiRequest, user_id: int, body: Why) -> AccountOut:
    """Stop a user at once: they cannot sign in and their tokens end. Nobody stops themselves."""
    actions.deactivate(_user(user_id), by=request.auth, at=request.now, reason=body.reason)
    return AccountOut.of(_user(user_id))


@router.writes("POST", "/users/{int:user_id}/reactivation", needs=Permission.MANAGE_USERS, answers=AccountOut)
def reactivate_user(request: ApiRequest, user_id: int, body: Why) -> AccountOut:
    """Let a deactivated user in again. Their old tokens stay ended."""
    actions.reactivate(_user(user_id), by=request.auth, at=request.now, reason=body.reason)
    return AccountOut.of(_user(user_id))


@router.reads("/groups", needs=Permission.MANAGE_GROUPS, answers=Page[GroupOut])
def list_groups(request: ApiRequest, query: Query[PageQuery]) -> Page[GroupOut]:  # noqa: ARG001
    """The security groups, by key."""
    return page_of(SecurityGroup.objects.order_by("key"), query, GroupOut.of)


@router.writes("PUT", "/groups/{key}", needs=Permission.MANAGE_GROUPS, answers=GroupOut)
def define_group(request: ApiRequest, key: str, body: GroupChange) -> GroupOut:
    """Make a group, or change it to exactly this. Nobody changes a group they are in."""
    known = {EVERY_SERVICE, *Service.objects.values_list("key", flat=True)}
    if unknown := sorted(set(body.services) - known):
        raise invalid("body.services", f"There is no service “{unknown[0]}”.")
    group = actions.define_group(
        key=key,
        name=body.name,
        permissions=body.permissions,
        services=body.services,
        document_tags=body.document_tags,
        by=request.auth,
        at=request.now,
        reason=body.reason,
    )
    return GroupOut.of(group)


def _people() -> "QuerySet[User]":
    return User.objects.filter(kind=User.Kind.PERSON).prefetch_related("groups")


def _user(user_id: RowId) -> User:
    user = _people().filter(pk=user_id).first()
    if user is None:
        raise not_found()
    return user
