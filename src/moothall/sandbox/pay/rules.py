"""What the service asks of the bodies it is sent."""

import json
import re
from collections.abc import Mapping
from typing import Any

from moothall.sandbox.pay.shapes import Refused
from moothall.sandbox.pay.world import PaySettings

MOST = 10_000_000
BLOCKED = re.compile(r'[<>"\\|]')
KEY = re.compile(r"[a-zA-Z0-9-]{1,255}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def body_of(raw: bytes, media_type: str, *, unparsable: str) -> dict[str, Any]:
    """The JSON object of a request. Raises Refused."""
    if not media_type.startswith("application/json"):
        raise _blocked()
    try:
        body = json.loads(raw)
    except ValueError as fault:
        raise Refused(400, unparsable, "Unable to parse JSON") from fault
    if not isinstance(body, dict):
        raise Refused(400, unparsable, "Unable to parse JSON")
    return body


def check_key(key: str | None) -> None:
    """Refuse an Idempotency-Key the service does not take."""
    if key is not None and key and not KEY.fullmatch(key):
        said = "Header [Idempotency-Key] can have a size between 1 and 255"
        raise Refused(422, "P0102", said, header="Idempotency-Key")


def check_payment(body: Mapping[str, Any], settings: PaySettings) -> None:
    """Refuse a payment that cannot be created."""
    if settings.disabled:
        raise Refused(403, "P0941", "GOV.UK Pay has disabled payment and refund creation on this account.")
    if body.get("authorisation_mode", "web") != "web" or body.get("set_up_agreement") or body.get("agreement_id"):
        raise Refused(403, "P0942", "Recurring card payments are currently disabled for this service.")
    if body.get("moto"):
        raise Refused(422, "P0196", "MOTO payments are not enabled for this account.", field="moto")
    for name in ("amount", "reference", "description", "return_url"):
        if body.get(name) is None or body[name] == "":
            raise Refused(400, "P0101", f"Missing mandatory attribute: {name}", field=name)
    _amount(body["amount"], least=0 if settings.zero_allowed else 1)
    for name, most in (("reference", 255), ("description", 255), ("return_url", 2000), ("email", 254)):
        _text(body, name, most)
    _address(body["return_url"], live=settings.live)
    if "email" in body and not EMAIL.fullmatch(body["email"]):
        raise _invalid("email", "Must be a valid email address")
    if body.get("language", "en") not in ("en", "cy"):
        raise _invalid("language", 'Must be "en" or "cy"')
    if not isinstance(body.get("delayed_capture", False), bool):
        raise _invalid("delayed_capture", "Must be true or false")
    if "metadata" in body:
        _metadata(body["metadata"])


def check_refund(body: Mapping[str, Any]) -> None:
    """Refuse a refund that says nothing that can be done."""
    for name, needed in (("amount", True), ("refund_amount_available", False)):
        value = body.get(name)
        if value is None:
            if needed:
                raise Refused(400, "P0601", f"Missing mandatory attribute: {name}", field=name)
            continue
        if not _whole(value):
            raise Refused(422, "P0602", f"Invalid attribute value: {name}. Must be a valid numeric format", field=name)
        if not 1 <= value <= MOST:
            bound = "greater than or equal to 1" if value < 1 else f"less than or equal to {MOST}"
            raise Refused(422, "P0602", f"Invalid attribute value: {name}. Must be {bound}", field=name)


def _amount(value: Any, *, least: int) -> None:
    if not _whole(value):
        raise _invalid("amount", "Must be a valid numeric format")
    if value > MOST:
        raise _invalid("amount", f"Must be less than or equal to {MOST}")
    if value < least:
        raise _invalid("amount", f"Must be greater than or equal to {least}")


def _text(body: Mapping[str, Any], name: str, most: int) -> None:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise _invalid(name, "Must be of type String")
    if name != "return_url" and BLOCKED.search(value):
        raise _blocked()
    if len(value) > most:
        raise _invalid(name, f"Must be less than or equal to {most} characters length")


def _address(value: str, *, live: bool) -> None:
    if not re.match(r"https?://[^\s/]+", value):
        raise _invalid("return_url", "Must be a valid URL format")
    if live and not value.startswith("https://"):
        said = "Invalid attribute value: return_url. Must be a https URL"
        raise Refused(422, "P0920", said, field="return_url")


def _metadata(value: Any) -> None:
    if not isinstance(value, dict):
        raise _invalid("metadata", "Must be an object of JSON key-value pairs")
    if not 1 <= len(value) <= 15:
        raise _invalid("metadata", "Cannot have more than 15 key-value pairs")
    if len({key.lower() for key in value}) != len(value):
        raise _invalid("metadata", "Must not contain two keys that differ only in case")
    for key, one in value.items():
        if not 1 <= len(key) <= 30:
            raise _invalid("metadata", "Keys must be between 1 and 30 characters long")
        if one is None:
            raise _invalid("metadata", "Must not have null values")
        if not isinstance(one, str | int | float | bool):
            raise _invalid("metadata", "Values must be of type String, Boolean or Number")
        if isinstance(one, str) and len(one) > 100:
            raise _invalid("metadata", "Values must be no greater than 100 characters long")


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _invalid(field: str, said: str) -> Refused:
    return Refused(422, "P0102", f"Invalid attribute value: {field}. {said}", field=field)


def _blocked() -> Refused:
    said = "Request blocked by security rules. Please consult API documentation for more information."
    return Refused(400, "P0920", said)
