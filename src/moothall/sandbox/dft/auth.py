"""Who is calling: client credentials, bearer tokens, permissions and the version header."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from moothall.sandbox.dft.responses import Refused
from moothall.sandbox.dft.store import Store

VERSION = "application/vnd.bluebadge-api.v1+json"
CREDENTIAL_LIFE_SECONDS = 365 * 24 * 3600
CITIZEN = "citizen"


class Permission(StrEnum):
    """What a client may do, as the service names it."""

    FIND_BADGES = "PERM_FIND_BADGES"
    VIEW_BADGE_DETAILS = "PERM_VIEW_BADGE_DETAILS"
    VIEW_BADGE_DETAILS_ZIP = "PERM_VIEW_BADGE_DETAILS_ZIP"
    ORDER_BADGE = "PERM_ORDER_BADGE"
    CANCEL_BADGE = "PERM_CANCEL_BADGE"
    REPLACE_BADGE = "PERM_REPLACE_BADGE"
    DELETE_BADGE = "PERM_DELETE_BADGE"
    FIND_APPLICATION = "PERM_FIND_APPLICATION"
    VIEW_APPLICATION_DETAILS = "PERM_VIEW_APPLICATION_DETAILS"
    UPDATE_APPLICATION = "PERM_UPDATE_APPLICATION"
    DELETE_APPLICATION = "PERM_DELETE_APPLICATION"
    CITIZEN_APP = "SCOPE_citizen-webapp"
    NOBODY_HERE = "internal"  # what only the service's own batches, administrators and web users may do
    ANY_CLIENT = "any"


INTERNAL = frozenset({Permission.CITIZEN_APP, Permission.NOBODY_HERE, Permission.ANY_CLIENT})
AUTHORITY_PERMISSIONS = frozenset(Permission) - INTERNAL


@dataclass(frozen=True, slots=True)
class Client:
    """A system with credentials: an authority's (`la` is its short code) or the citizen's application (`la` empty).

    `expires` is when the credential stops working, in seconds since 1970.
    """

    client_id: str
    client_secret: str
    la: str
    expires: float

    def may(self, permission: Permission) -> bool:
        """Whether the client holds a permission."""
        if permission is Permission.ANY_CLIENT:
            return True
        return permission in AUTHORITY_PERMISSIONS if self.la else permission is Permission.CITIZEN_APP


class OAuthRefused(Exception):
    """The token endpoint says no, in the form of RFC 6749 section 5.2."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


class Clients:
    """Every client, and the tokens given to them."""

    def __init__(self, store: Store, *, authorities: Iterable[str], seed: str | None, now: datetime) -> None:
        self._store = store
        self._clients: dict[str, Client] = {}
        for key, value, _ in store.all("client"):
            self._clients[key] = Client(**value)
        for la in () if self._clients else ("", *authorities):
            self._add(la, seed, now.timestamp() + CREDENTIAL_LIFE_SECONDS)
        self._key = _random_bytes(seed, "token key", 32)
        self._tokens: dict[str, tuple[Client, float]] = {}

    def _add(self, la: str, seed: str | None, expires: float) -> None:
        name = la or CITIZEN
        client_id = base64.urlsafe_b64encode(_random_bytes(seed, f"{name} id", 24)).decode()
        client_secret = base64.urlsafe_b64encode(_random_bytes(seed, f"{name} secret", 48)).decode()
        self._keep(Client(client_id, client_secret, la, expires))

    def _keep(self, client: Client) -> None:
        self._clients[client.client_id] = client
        self._store.put("client", client.client_id, asdict(client))

    def citizen_app(self) -> Client:
        """The client of the citizen's application."""
        return next(client for client in self._clients.values() if not client.la)

    def of_authorities(self) -> list[Client]:
        """The client of every authority, by short code."""
        return sorted((client for client in self._clients.values() if client.la), key=lambda client: client.la)

    def expire(self, client_id: str, *, at: float) -> bool:
        """Let a credential stop working at a moment; False when there is no such client."""
        client = self._clients.get(client_id)
        if client is None:
            return False
        self._keep(Client(client.client_id, client.client_secret, client.la, at))
        return True

    def revoke_tokens(self) -> None:
        """Make every token given so far useless."""
        self._tokens.clear()

    def give_token(self, *, authorization: str | None, grant_type: str | None, now: float, life: int) -> str:
        """A bearer token for client credentials, good for `life` seconds. Raises `OAuthRefused`."""
        client = self._authenticate(authorization, now)
        if not grant_type:
            raise OAuthRefused(400, "invalid_request", "Missing grant type")
        if grant_type != "client_credentials":
            raise OAuthRefused(400, "unsupported_grant_type", f"Unsupported grant type: {grant_type}")
        claims = {
            "client_id": client.client_id,
            "local-authority": client.la or None,
            "authorities": sorted(p for p in Permission if client.may(p) and p is not Permission.ANY_CLIENT),
            "exp": int(now) + life,
            "jti": secrets.token_hex(8),
        }
        token = self._signed(claims)
        self._tokens[token] = (client, now + life)
        return token

    def _authenticate(self, authorization: str | None, now: float) -> Client:
        kind, _, encoded = (authorization or "").partition(" ")
        if kind.lower() != "basic":
            raise OAuthRefused(401, "unauthorized", "Full authentication is required to access this resource")
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError) as fault:
            raise OAuthRefused(401, "unauthorized", "Bad credentials") from fault
        client = self._clients.get(client_id)
        if client is None or not hmac.compare_digest(client.client_secret.encode(), secret.encode()):
            raise OAuthRefused(401, "unauthorized", "Bad credentials")
        if now >= client.expires:
            raise OAuthRefused(401, "unauthorized", "Credentials have expired")
        return client

    def _signed(self, claims: Mapping[str, object]) -> str:
        parts = [_url64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()), _url64(json.dumps(claims).encode())]
        signature = hmac.new(self._key, ".".join(parts).encode(), hashlib.sha256).digest()
        return ".".join([*parts, _url64(signature)])

    def identify(self, authorization: str | None, *, now: float) -> Client:
        """The client a bearer token was given to. Raises `Refused` (401)."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise _unauthorised("Full authentication is required to access this resource")
        client, expires = self._tokens.get(token.strip(), (None, 0.0))
        if client is None:
            raise _unauthorised("Cannot convert access token to JSON")
        if now >= expires:
            raise _unauthorised("Access token expired")
        return client


def _unauthorised(reason: str) -> Refused:
    return Refused(401, "unauthorized", reason, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def check_version(accept: str | None) -> None:
    """Raise `Refused` (406) unless the Accept header names version 1 of the interface."""
    wanted = {part.split(";")[0].strip().lower() for part in (accept or "").split(",")}
    if VERSION not in wanted:
        raise Refused(406, "NotAcceptable.version", f"The Accept header must name {VERSION}.")


def check_permission(client: Client, permission: Permission) -> None:
    """Raise `Refused` (403) unless the client holds the permission."""
    if not client.may(permission):
        raise forbidden()


def forbidden() -> Refused:
    """403: not this client's to do."""
    return Refused(403, "access_denied", "Access is denied")


def _random_bytes(seed: str | None, name: str, length: int) -> bytes:
    if seed is None:
        return secrets.token_bytes(length)
    return hashlib.shake_256(f"{seed}\n{name}".encode()).digest(length)


def _url64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
