"""GOV.UK One Login as a stand-in: a provider that keeps the published rules and refuses whoever breaks them.

Who signs in is set by the control interface, and so is what goes wrong, by the names of the published simulator.
"""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

PATH = "/one-login"
CORE_IDENTITY = "https://vocab.account.gov.uk/v1/coreIdentityJWT"
ADDRESS = "https://vocab.account.gov.uk/v1/address"
RETURN_CODE = "https://vocab.account.gov.uk/v1/returnCode"
LONGEST_ADDRESS = 4096
SUBJECT = "urn:fdc:gov.uk:2022:fictional-ann-resident"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LEVELS = {"Cl.Cm", "Cl", "Cl.Cm.P2"}
Given = dict[str, Any]


class Wrong(Exception):
    """A rule was broken: the error of the standard, and which rule."""

    def __init__(self, error: str, why: str) -> None:
        super().__init__(why)
        self.error = error


@dataclass
class Person:
    """Who signs in."""

    subject: str = SUBJECT
    email: str = "ann.resident@example.org"
    email_verified: bool = True
    given: str = "Ann"
    family: str = "Resident"
    born: str = "1955-04-19"
    postcode: str = "EX1 2AB"
    proves: bool = True  # their identity, when asked


@dataclass
class _Code:
    query: dict[str, str]
    person: Person
    until: float


@dataclass
class OneLogin:
    """The provider: its clients, its keys, codes and tokens it gave out."""

    clients: dict[str, Given] = field(default_factory=dict)
    person: Person = field(default_factory=Person)
    faults: set[str] = field(default_factory=set)
    base: str = ""
    key: ECKey = field(default_factory=lambda: _key("signing"))
    identity_key: ECKey = field(default_factory=lambda: _key("identity"))
    other_key: ECKey = field(default_factory=lambda: _key("signing"))
    codes: dict[str, _Code] = field(default_factory=dict)
    tokens: dict[str, _Code] = field(default_factory=dict)
    assertions: set[str] = field(default_factory=set)

    def clear(self) -> None:
        """Forget clients, what goes wrong and who signs in."""
        for kept in (self.clients, self.faults, self.codes, self.tokens, self.assertions):
            kept.clear()
        self.person = Person()

    def configure(self, given: Given) -> Given:
        """Register a client, say who signs in, and what goes wrong. Answers where the provider is."""
        if client := given.get("client"):
            self.clients[client["client_id"]] = client
        if person := given.get("person"):
            self.person = Person(**person)
        self.faults = set(given.get("faults", []))
        return {"issuer": self.issuer, "identity_issuer": self.identity_issuer, "clients": sorted(self.clients)}

    @property
    def issuer(self) -> str:
        return f"{self.base}{PATH}/"

    @property
    def identity_issuer(self) -> str:
        return f"{self.base}{PATH}/identity/"

    @property
    def did(self) -> str:
        return "did:web:identity.sandbox.example.org"

    def routes(self) -> list[Route]:
        """What the provider answers."""
        return [
            Route(f"{PATH}/.well-known/openid-configuration", self._discovery),
            Route(f"{PATH}/.well-known/jwks.json", self._keys),
            Route(f"{PATH}/identity/.well-known/did.json", self._did_document),
            Route(f"{PATH}/authorize", self._authorize),
            Route(f"{PATH}/token", self._token, methods=["POST"]),
            Route(f"{PATH}/userinfo", self._userinfo),
        ]

    async def _discovery(self, _request: Request) -> Response:
        start = self.issuer.rstrip("/")
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{start}/authorize",
                "token_endpoint": f"{start}/token",
                "userinfo_endpoint": f"{start}/userinfo",
                "jwks_uri": f"{start}/.well-known/jwks.json",
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _did_document(self, _request: Request) -> Response:
        public = {name: value for name, value in self.identity_key.as_dict(private=False).items() if name != "kid"}
        method = {"id": f"{self.did}#identity", "type": "JsonWebKey", "controller": self.did, "publicKeyJwk": public}
        return JSONResponse({"id": self.did, "assertionMethod": [method]})

    async def _authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        client = self.clients.get(query.get("client_id", ""))
        if client is None or query.get("redirect_uri") not in client["redirect_urls"]:
            return JSONResponse({"error": "invalid_request", "why": "unknown client or redirect_uri"}, 400)
        back = {"state": query.get("state", "")}
        try:
            self._check_asked(query, client, len(str(request.url)))
            for fault in ("ACCESS_DENIED", "TEMPORARILY_UNAVAILABLE"):
                if fault in self.faults:
                    raise Wrong(fault.lower(), "as it was set")
            code = secrets.token_urlsafe(24)
            self.codes[code] = _Code(query, self.person, time.time() + 60)
            back["code"] = code
        except Wrong as wrong:
            back |= {"error": wrong.error, "error_description": str(wrong)}
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode(back)}", 302)

    def _check_asked(self, query: dict[str, str], client: Given, length: int) -> None:
        if length > LONGEST_ADDRESS:
            raise Wrong("invalid_request", "the address is longer than 4096 characters")
        if query.get("response_type") != "code":
            raise Wrong("unsupported_response_type", "response_type is code")
        scopes = query.get("scope", "").split()
        if "openid" not in scopes or not set(scopes) <= {"openid", "email", "phone"}:
            raise Wrong("invalid_scope", "scope is openid, email and phone")
        for name in ("state", "nonce"):
            if not query.get(name):
                raise Wrong("invalid_request", f"{name} is missing")
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            raise Wrong("invalid_request", "code_challenge is a SHA-256")
        try:
            levels = json.loads(query.get("vtr", '["Cl.Cm"]'))
            claims = json.loads(query.get("claims", "{}")).get("userinfo", {})
        except (ValueError, AttributeError):
            raise Wrong("invalid_request", "vtr or claims is no JSON") from None
        if not isinstance(levels, list) or not levels or not set(levels) <= LEVELS:
            raise Wrong("invalid_request", "vtr has a level that is none")
        proves = any(level.endswith("P2") for level in levels)
        if proves and not client.get("identity"):
            raise Wrong("unauthorized_client", "the client may not ask who somebody is")
        if claims and not proves:
            raise Wrong("invalid_request", "claims of an identity need P2")

    async def _token(self, request: Request) -> Response:
        if not request.headers.get("user-agent"):
            return JSONResponse({"error": "forbidden"}, 403)
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            client = self._authenticated(form)
            found = self.codes.pop(form.get("code", ""), None)
            self._check_code(form, found, client)
            assert found is not None
            token = secrets.token_urlsafe(24)
            self.tokens[token] = found
            given = {"access_token": token, "token_type": "Bearer", "expires_in": 180}
            return JSONResponse({**given, "id_token": self._id_token(found)})
        except Wrong as wrong:
            return JSONResponse({"error": wrong.error, "error_description": str(wrong)}, 400)

    def _authenticated(self, form: dict[str, str]) -> str:
        """The client that signed the assertion, by private_key_jwt."""
        if form.get("client_assertion_type") != ASSERTION:
            raise Wrong("invalid_client", "client_assertion_type")
        signed = form.get("client_assertion", "")
        try:
            payload = signed.split(".")[1]
            named = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]
            key = RSAKey.import_key(self.clients[named]["public_key"])
            claims = jwt.decode(signed, key, algorithms=["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]).claims
        except (IndexError, ValueError, KeyError, TypeError, JoseError):
            raise Wrong("invalid_client", "the assertion is not signed by the client") from None
        now = time.time()
        rules = {
            "iss": claims.get("iss") == named,
            "aud": claims.get("aud") in (f"{self.issuer}token", [f"{self.issuer}token"]),
            "exp": now < claims.get("exp", 0) <= now + 300,
            "jti": bool(claims.get("jti")) and claims.get("jti") not in self.assertions,
        }
        if broken := [name for name, holds in rules.items() if not holds]:
            raise Wrong("invalid_client", f"the assertion's {broken[0]} is not right")
        self.assertions.add(str(claims["jti"]))
        return str(named)

    def _check_code(self, form: dict[str, str], found: _Code | None, client: str) -> None:
        if form.get("grant_type") != "authorization_code":
            raise Wrong("unsupported_grant_type", "grant_type is authorization_code")
        if found is None or found.until < time.time() or found.query["client_id"] != client:
            raise Wrong("invalid_grant", "the code is unknown, used, old or another client's")
        if form.get("redirect_uri") != found.query["redirect_uri"]:
            raise Wrong("invalid_grant", "redirect_uri is another")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != found.query["code_challenge"]:
            raise Wrong("invalid_grant", "code_verifier does not fit")

    def _id_token(self, found: _Code) -> str:
        now, faults = int(time.time()), self.faults
        claims = {
            "sub": found.person.subject,
            "iss": "https://evil.example.org/" if "INVALID_ISS" in faults else self.issuer,
            "aud": "another" if "INVALID_AUD" in faults else found.query["client_id"],
            "iat": now,
            "exp": now - 60 if "TOKEN_EXPIRED" in faults else now + 120,
            "nbf": now + 600 if "TOKEN_NOT_VALID_YET" in faults else now,
            "nonce": "another" if "NONCE_NOT_MATCHING" in faults else found.query["nonce"],
            "vot": "Cl" if "INCORRECT_VOT" in faults else "Cl.Cm",
            "vtm": f"{self.issuer}trustmark",
        }
        return _signed(claims, self.key, self.other_key, faults, "")

    async def _userinfo(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not request.headers.get("user-agent"):
            return JSONResponse({"error": "forbidden"}, 403)
        if (found := self.tokens.get(token)) is None:
            return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": "Bearer error=invalid_token"})
        person = found.person
        told: Given = {"sub": person.subject, "email": person.email, "email_verified": person.email_verified}
        if "P2" in found.query.get("vtr", ""):
            if person.proves:
                told[CORE_IDENTITY] = self._core_identity(found)
                told[ADDRESS] = [{"postalCode": person.postcode, "addressCountry": "GB", "validFrom": "2020-01-01"}]
            else:
                told[RETURN_CODE] = [{"code": "X"}]
        return JSONResponse(told)

    def _core_identity(self, found: _Code) -> str:
        now, person = int(time.time()), found.person
        faults = {fault.removeprefix("IDENTITY_") for fault in self.faults if fault.startswith("IDENTITY_")}
        parts = [{"type": "GivenName", "value": person.given}, {"type": "FamilyName", "value": person.family}]
        claims = {
            "sub": "somebody-else" if "INCORRECT_SUB" in faults else person.subject,
            "iss": "https://evil.example.org/" if "INVALID_ISS" in faults else self.identity_issuer,
            "aud": "another" if "INVALID_AUD" in faults else found.query["client_id"],
            "iat": now,
            "exp": now - 60 if "TOKEN_EXPIRED" in faults else now + 1800,
            "vot": "P2",
            "vc": {
                "type": ["VerifiableCredential", "IdentityCheckCredential"],
                "credentialSubject": {"name": [{"nameParts": parts}], "birthDate": [{"value": person.born}]},
            },
        }
        return _signed(claims, self.identity_key, self.other_key, faults, f"{self.did}#identity")


def _signed(claims: Given, key: ECKey, other: ECKey, faults: set[str], name: str) -> str:
    header = {"alg": "ES256", "kid": name or str(key.kid)}
    if "INVALID_ALG_HEADER" in faults:
        made = jwt.encode(header, claims, key)
        none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
        return f"{none}.{made.split('.')[1]}."
    return jwt.encode(header, claims, other if "INVALID_SIGNATURE" in faults else key)


def _key(name: str) -> ECKey:
    return ECKey.generate_key("P-256", parameters={"kid": name, "use": "sig", "alg": "ES256"})
