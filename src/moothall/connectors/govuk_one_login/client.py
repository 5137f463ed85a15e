"""Signing in with GOV.UK One Login: where to send somebody, and who came back."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from moothall.connectors import network
from moothall.connectors.govuk_one_login import tokens
from moothall.connectors.govuk_one_login.settings import OneLogin
from moothall.connectors.govuk_one_login.tokens import Identity, Unbelievable

DISCOVERY = ".well-known/openid-configuration"
DID = ".well-known/did.json"
ASSERTION_SECONDS = 240
KEPT_SECONDS = 3600
MOST_BYTES = 256 * 1024
USER_AGENT = "Moothall"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_kept: dict[str, tuple[float, dict[str, Any]]] = {}
_lock = threading.Lock()


class OneLoginError(Exception):
    """Somebody could not be signed in. Its message may be shown; `retryable` says whether another try makes sense."""

    def __init__(self, sentence: str, *, retryable: bool = False) -> None:
        super().__init__(sentence)
        self.retryable = retryable


@dataclass(frozen=True, kw_only=True)
class Begun:
    """Where to send somebody, and what must come back with them: to be kept in their browser, sealed."""

    address: str
    kept: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who came back: the provider's name for them, their confirmed e-mail address, and who they are if it was asked."""

    subject: str
    email: str
    identity: Identity | None


def begin(settings: OneLogin, *, redirect_uri: str, language: str, identity: bool) -> Begun:
    """Where somebody signs in, in English or Welsh; with `identity` they prove who they are as well. Raises OneLoginError."""
    provider = _provider(settings)
    kept = {
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "verifier": secrets.token_urlsafe(48),
        "redirect_uri": redirect_uri,
        "identity": identity,
    }
    digest = hashlib.sha256(str(kept["verifier"]).encode()).digest()
    query = {
        "response_type": "code",
        "scope": "openid email",
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "state": kept["state"],
        "nonce": kept["nonce"],
        "vtr": json.dumps([f"{tokens.MEDIUM}.{tokens.PROVEN}" if identity else tokens.MEDIUM]),
        "ui_locales": "cy" if language == "cy" else "en",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if identity:
        wanted = {tokens.CORE_IDENTITY: None, tokens.ADDRESS: None, tokens.RETURN_CODE: None}
        query["claims"] = json.dumps({"userinfo": wanted})
    return Begun(address=f"{provider['authorization_endpoint']}?{urlencode(query)}", kept=kept)


def finish(settings: OneLogin, *, kept: Mapping[str, Any], came: Mapping[str, str], at: datetime) -> SignedIn:
    """Who came back with `came`, the parameters of the address. Raises OneLoginError."""
    if not secrets.compare_digest(str(kept.get("state", "")).encode(), came.get("state", "").encode()):
        raise OneLoginError("This sign-in was not begun in this browser. Begin again.")
    if fault := came.get("error"):
        raise OneLoginError(_refused(fault), retryable=fault in {"temporarily_unavailable", "server_error"})
    provider = _provider(settings)
    try:
        given = _tokens(settings, provider, kept, came.get("code", ""))
        keys = _document(settings, str(provider["jwks_uri"]))
        claims = tokens.id_token(
            str(given["id_token"]),
            keys,
            issuer=settings.issuer,
            client_id=settings.client_id,
            nonce=str(kept["nonce"]),
            at=at,
        )
        told = _userinfo(settings, provider, str(given["access_token"]))
        if told.get("sub") != claims["sub"]:
            raise Unbelievable("What was told is about somebody else.")
        identity = _identity(settings, claims["sub"], told, at=at) if kept.get("identity") else None
    except Unbelievable as refused:
        raise OneLoginError("We could not make sure that GOV.UK One Login sent this. Begin again.") from refused
    except KeyError as missing:
        raise OneLoginError("GOV.UK One Login did not answer as it should.", retryable=True) from missing
    if not told.get("email") or told.get("email_verified") is not True:
        raise OneLoginError("GOV.UK One Login gave us no confirmed e-mail address.")
    return SignedIn(subject=claims["sub"], email=str(told["email"]).strip().lower(), identity=identity)


def _tokens(settings: OneLogin, provider: Mapping[str, Any], kept: Mapping[str, Any], code: str) -> dict[str, Any]:
    endpoint = str(provider["token_endpoint"])
    try:
        key = RSAKey.import_key(settings.private_key.get_secret_value())
    except (JoseError, ValueError) as error:
        raise OneLoginError("The private key for GOV.UK One Login cannot be read.") from error
    assertion = private_key_jwt_sign(
        key,
        client_id=settings.client_id,
        token_endpoint=endpoint,
        claims={"exp": int(time.time()) + ASSERTION_SECONDS, "jti": secrets.token_urlsafe(24)},
        header={"kid": settings.key_id} if settings.key_id else None,
        alg="RS256",
    )
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": kept["redirect_uri"],
        "code_verifier": kept["verifier"],
        "client_assertion_type": _ASSERTION,
        "client_assertion": assertion,
    }
    return _call(settings, "POST", endpoint, data=form)


def _userinfo(settings: OneLogin, provider: Mapping[str, Any], token: str) -> dict[str, Any]:
    return _call(settings, "GET", str(provider["userinfo_endpoint"]), headers={"Authorization": f"Bearer {token}"})


def _identity(settings: OneLogin, subject: str, told: Mapping[str, Any], *, at: datetime) -> Identity | None:
    """Who they are; None when they could not prove it, which the provider says by a return code."""
    signed = told.get(tokens.CORE_IDENTITY)
    if not signed:
        return None
    document = _document(settings, settings.identity_issuer + DID)
    start = str(document.get("id", ""))
    keys = [
        {**method["publicKeyJwk"], "kid": method["id"]}
        for method in document.get("assertionMethod", [])
        if str(method.get("id", "")).startswith(f"{start}#")
    ]
    return tokens.identity(
        str(signed),
        {"keys": keys},
        issuer=settings.identity_issuer,
        client_id=settings.client_id,
        subject=subject,
        addresses=told.get(tokens.ADDRESS),
        at=at,
    )


def _provider(settings: OneLogin) -> dict[str, Any]:
    found = _document(settings, settings.issuer + DISCOVERY)
    if found.get("issuer") != settings.issuer:
        raise OneLoginError("GOV.UK One Login is not where the settings say.")
    return found


def _document(settings: OneLogin, address: str) -> dict[str, Any]:
    """A published document, read again after an hour."""
    with _lock:
        kept = _kept.get(address)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    found = _call(settings, "GET", address)
    with _lock:
        _kept[address] = (time.monotonic() + KEPT_SECONDS, found)
    return found


def _call(settings: OneLogin, method: str, address: str, **given: Any) -> dict[str, Any]:
    headers = {"User-Agent": USER_AGENT, "Accept": "application/json", **given.pop("headers", {})}
    with (
        network.within(settings.timeout_seconds),
        httpx.Client(transport=network.Wire(network.named), timeout=settings.timeout_seconds) as http,
    ):
        try:
            answer = http.request(method, address, headers=headers, **given)
        except httpx.HTTPError as error:
            raise OneLoginError("GOV.UK One Login does not answer. Try again later.", retryable=True) from error
    status = answer.status_code
    if status != 200 or len(answer.content) > MOST_BYTES:
        raise OneLoginError("GOV.UK One Login refused to sign you in. Begin again.", retryable=status >= 500)
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise OneLoginError("GOV.UK One Login did not answer as it should.", retryable=True)
    return found


def _refused(fault: str) -> str:
    if fault == "access_denied":
        return "You did not finish signing in with GOV.UK One Login."
    if fault in {"temporarily_unavailable", "server_error"}:
        return "GOV.UK One Login is not available now. Try again later."
    return "GOV.UK One Login refused to sign you in. Begin again."
