"""What the provider signs, looked at before it is believed: the ID token, and who somebody is (core identity)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from joserfc import errors as jose
from joserfc import jwt
from joserfc.jwk import KeySet

LEEWAY = 10  # seconds the two clocks may differ
MEDIUM = "Cl.Cm"
PROVEN = "P2"
ALGORITHMS = ("ES256", "RS256")
CORE_IDENTITY = "https://vocab.account.gov.uk/v1/coreIdentityJWT"
ADDRESS = "https://vocab.account.gov.uk/v1/address"
RETURN_CODE = "https://vocab.account.gov.uk/v1/returnCode"


class Unbelievable(Exception):
    """Something signed is not what it must be. Its message says what, without what stood in it."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who somebody is, as it was verified: the names and address that hold now."""

    first_names: str
    last_name: str
    born: date
    postcode: str = ""
    uprn: str = ""


def id_token(
    token: str, keys: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, at: datetime
) -> dict[str, Any]:
    """The claims of an ID token. Raises Unbelievable."""
    claims = _claims(token, keys, ALGORITHMS, issuer=issuer, client_id=client_id, at=at)
    if claims.get("nonce") != nonce:
        raise Unbelievable("The ID token is not for this sign-in: its nonce is another.")
    if not _reaches(str(claims.get("vot", "")), MEDIUM):
        raise Unbelievable("The ID token is of a lower level than was asked for.")
    return claims


def identity(
    token: str, keys: Mapping[str, Any], *, issuer: str, client_id: str, subject: str, addresses: Any, at: datetime
) -> Identity:
    """Who the subject is, from the core identity JWT. Raises Unbelievable."""
    claims = _claims(token, keys, ("ES256",), issuer=issuer, client_id=client_id, at=at)
    if claims.get("sub") != subject:
        raise Unbelievable("The identity is somebody else's: its subject is another.")
    if claims.get("vot") != PROVEN:
        raise Unbelievable("The identity is of a lower level than was asked for.")
    try:
        person = claims["vc"]["credentialSubject"]
        parts = _now(person["name"], at)["nameParts"]
        born = date.fromisoformat(person["birthDate"][0]["value"])
        given = " ".join(part["value"] for part in parts if part["type"] == "GivenName")
        family = " ".join(part["value"] for part in parts if part["type"] == "FamilyName")
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Unbelievable("The identity has no name or date of birth.") from error
    if not family:
        raise Unbelievable("The identity has no last name.")
    home = _now(addresses, at) if isinstance(addresses, list) and addresses else {}
    return Identity(
        first_names=given,
        last_name=family,
        born=born,
        postcode=str(home.get("postalCode", "")),
        uprn=str(home.get("uprn") or ""),
    )


def _claims(
    token: str, keys: Mapping[str, Any], algorithms: Sequence[str], *, issuer: str, client_id: str, at: datetime
) -> dict[str, Any]:
    now = int(at.timestamp())
    try:
        read = jwt.decode(token, KeySet.import_key_set(cast(Any, dict(keys))), algorithms=list(algorithms))
        registry = jwt.JWTClaimsRegistry(
            now=lambda: now,
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        registry.validate(read.claims)
    except (jose.JoseError, ValueError, KeyError, TypeError) as error:
        raise Unbelievable(f"A token is not signed or written as it must be ({type(error).__name__}).") from error
    return dict(read.claims)


def _reaches(vot: str, wanted: str) -> bool:
    """Whether a vector of trust has every part that was asked for."""
    return set(wanted.split(".")) <= set(vot.split("."))


def _now(rows: Sequence[Mapping[str, Any]], at: datetime) -> Mapping[str, Any]:
    """The row that holds today; the last one otherwise."""
    today = at.date().isoformat()
    holding = [row for row in rows if not row.get("validUntil") or str(row["validUntil"]) >= today]
    return (holding or list(rows))[-1]
