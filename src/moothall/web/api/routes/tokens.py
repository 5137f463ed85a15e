"""Signing in to the API, one's own tokens, and who one is."""

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from moothall.core.accounts import tokens
from moothall.core.accounts.models import ApiToken, SecurityGroup
from moothall.core.accounts.permissions import Permission
from moothall.core.accounts.sign_in import SignInRules, TooManyTries, WrongCredentials, sign_in
from moothall.core.council import settings as council
from moothall.web.api.operations import Operations
from moothall.web.api.problems import Problem, not_found
from moothall.web.api.request import ApiRequest, network_address
from moothall.web.api.schemas import Body, Line, Moment

router = Operations(tags=["Sign in"])


class Credentials(Body):
    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)
    name: Line = Field("API", description="What the token is for, to recognise it by")
    days: int | None = Field(None, ge=1, le=tokens.MAX_DAYS, description="How long it lasts")


class TokenOut(Schema):
    """A token as its owner sees it afterwards; the token itself cannot be shown again."""

    id: int
    name: str
    prefix: str
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None
    revoked_at: Moment | None


class NewTokenOut(TokenOut):
    token: str


class GroupOut(Schema):
    """A security group: what it lets its members do, for which services. No group adds to what another gives."""

    key: str
    name: str
    permissions: list[str]
    services: list[str] = Field(description="Keys of the services its permissions are for; * is every service")
    document_tags: list[str] = Field(description="Tags of the only documents it lets see; none is no limit")

    @classmethod
    def of(cls, group: SecurityGroup) -> "GroupOut":
        return cls.model_validate(group, from_attributes=True)


class Me(Schema):
    id: int
    email: str
    name: str
    groups: list[GroupOut]
    permissions: list[str] = Field(description="What some group lets you do; its services say where")
    services: list[str] = Field(description="Keys of the services in reach; * is every service")


@router.open("/tokens", answers=NewTokenOut, status=201)
def make_token(request: HttpRequest, body: Credentials) -> NewTokenOut:
    """Sign in with an e-mail address and a password and get a bearer token.

    Too many failures for one account, or from one network address, are answered 429 with Retry-After.
    """
    now = request.now  # type: ignore[attr-defined]
    try:
        user = sign_in(email=body.email, password=body.password, source=network_address(request), at=now)
    except WrongCredentials as refused:
        raise Problem(401, str(refused), kind="wrong-credentials") from refused
    except TooManyTries as refused:
        raise Problem(429, str(refused), headers={"Retry-After": str(refused.seconds)}) from refused
    if not user.may(Permission.API):
        raise Problem(403, "You may not use the API. Ask an administrator for the permission.")
    days = body.days or council.read(SignInRules).token_days
    row, token = tokens.issue(user, name=body.name, days=days, by=user, at=now)
    return NewTokenOut(**_show(row).model_dump(), token=token)


@router.reads("/tokens", needs=None, answers=list[TokenOut])
def list_tokens(request: ApiRequest) -> list[TokenOut]:
    """Your own tokens, newest first; the hundred newest."""
    return [_show(row) for row in request.auth.api_tokens.order_by("-id")[:100]]


@router.writes("DELETE", "/tokens/{int:token_id}", needs=None, answers=None, status=204, body="none")
def revoke_token(request: ApiRequest, token_id: int) -> None:
    """End one of your own tokens at once."""
    row = request.auth.api_tokens.filter(pk=token_id).first()
    if row is None:
        raise not_found()
    tokens.revoke(row, by=request.auth, at=request.now)


@router.reads("/me", needs=None, answers=Me)
def me(request: ApiRequest) -> Me:
    """Who you are and what you may do."""
    user = request.auth
    return Me(
        id=user.pk,
        email=user.email,
        name=user.full_name,
        groups=[GroupOut.of(group) for group in user.security_groups],
        permissions=sorted(user.permissions),
        services=sorted(user.service_keys),
    )


def _show(row: ApiToken) -> TokenOut:
    return TokenOut.model_validate(row, from_attributes=True)
