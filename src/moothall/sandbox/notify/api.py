"""The API of GOV.UK Notify as far as it is used: sending by template or as PDF, looking at messages and templates."""

import base64
import hashlib
import json
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from moothall.sandbox.notify.world import DAY, TEAM, TRIAL, NotifyWorld, Sent, Template
from moothall.sandbox.pay.moments import moment

Given = dict[str, Any]
KNOWN = {
    "email": {
        *("email_address", "template_id", "personalisation", "reference", "scheduled_for"),
        *("email_reply_to_id", "one_click_unsubscribe_url"),
    },
    "sms": {"phone_number", "template_id", "personalisation", "reference", "scheduled_for", "sms_sender_id"},
    "letter": {"template_id", "personalisation", "reference", "content", "postage"},
}
NEEDED = {"email": "email_address", "sms": "phone_number"}
LONGEST = {"sms": 918, "email": 2_000_000}
PLACEHOLDER = re.compile(r"\(\(([^()?]+)(?:\?\?([^()]*))?\)\)")
POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}", re.IGNORECASE)
BAD_LINE = tuple('@()=[]"\\/,<>”')


class Refused(Exception):
    """The service says no."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error = status, error


def _bad(message: str, error: str = "BadRequestError") -> Refused:
    return Refused(400, error, message)


def _send(world: NotifyWorld, request: Request, kind: str, raw: bytes) -> Response:
    what = request.path_params["kind"]
    if what not in KNOWN:
        raise Refused(404, "NoResultFound", "No result found")
    given = _body(raw)
    for name in given:
        if name not in KNOWN[what]:
            raise _bad(f"Additional properties are not allowed ({name} was unexpected)", "ValidationError")
    precompiled = what == "letter" and "content" in given
    for needed in ("reference", "content") if precompiled else ("template_id", *filter(None, [NEEDED.get(what)])):
        if not given.get(needed):
            raise _bad(f"{needed} is a required property", "ValidationError")
    if world.over_rate(kind):
        said = f"Exceeded rate limit for key type {kind.upper()} of {world.per_minute} requests per 60 seconds"
        raise Refused(429, "RateLimitError", said)
    most = min(world.day[what], TRIAL) if world.trial else world.day[what]
    if sum(one.type == what for one in world.sent.values()) >= most:
        raise Refused(429, "TooManyRequestsError", f"Exceeded send limits ({what}: {most}) for today")
    to = str(given.get(NEEDED.get(what, ""), ""))
    _check_recipient(world, kind, what, to)
    return _precompiled(world, kind, given) if precompiled else _by_template(world, kind, what, to, given)


def _by_template(world: NotifyWorld, kind: str, what: str, to: str, given: Given) -> Response:
    template = _template(world, str(given["template_id"]), what)
    values = {_key(name): value for name, value in (given.get("personalisation") or {}).items()}
    if what == "letter":
        to = _address(values)
    missing = sorted({name for name in _names(template) if _key(name) not in values})
    if missing:
        raise _bad(f"Missing personalisation: {', '.join(missing)}")
    subject, body = _filled(template.subject, values), _filled(template.body, values)
    if len(body) > LONGEST.get(what, len(body)):
        raise _bad(f"Content for template has a character count greater than the limit of {LONGEST[what]}")
    message = _message(kind, what, to, given, template.id, subject, body)
    world.keep(message)
    content: Given = {"body": body} | ({} if what == "sms" else {"subject": subject})
    shown = {"id": message.id, "reference": given.get("reference"), "content": content, "scheduled_for": None}
    uri = f"/v2/notifications/{message.id}"
    return _answer(shown | {"uri": uri, "template": {"id": template.id, "version": 1, "uri": ""}}, 201)


def _precompiled(world: NotifyWorld, kind: str, given: Given) -> Response:
    try:
        pdf = base64.b64decode(str(given["content"]), validate=True)
    except ValueError as fault:
        raise _bad("Cannot decode letter content (invalid base64 encoding)") from fault
    postage = str(given.get("postage", "second"))
    if postage not in ("first", "second", "economy", "europe", "rest-of-world"):
        raise _bad("postage invalid. It must be first, second, economy, europe or rest-of-world.", "ValidationError")
    message = _message(kind, "letter", "Provided as PDF", given, "", "Pre-compiled PDF", "")
    message.status, message.pdf = "pending-virus-check", hashlib.sha256(pdf).hexdigest()
    world.keep(message)
    if not pdf.startswith(b"%PDF"):
        world.end(message, "validation-failed")
    return _answer({"id": message.id, "reference": given["reference"], "postage": postage}, 201)


def _message(kind: str, what: str, to: str, given: Given, template: str, subject: str, body: str) -> Sent:
    reference = str(given.get("reference") or "")
    return Sent(str(uuid.uuid4()), what, to, reference, template, subject, body, "created", time.time(), kind)


def _check_recipient(world: NotifyWorld, kind: str, what: str, to: str) -> None:
    if what == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", to):
        raise _bad("email_address Not a valid email address", "ValidationError")
    if what == "sms" and not re.fullmatch(r"(\+44|0)7\d{9}", to.replace(" ", "")):
        raise _bad("phone_number Not a UK mobile number", "ValidationError")
    if kind == "team" and what == "letter":
        raise _bad("Cannot send letters with a team api key")
    if kind == "team" and to not in TEAM:
        raise _bad("Can't send to this recipient using a team-only API key")
    if kind == "live" and world.trial and to not in TEAM:
        said = "Can't send to this recipient when service is in trial mode"
        raise _bad(f"{said} - see https://www.notifications.service.gov.uk/trial-mode")


def _address(values: Given) -> str:
    lines = [str(values.get(f"addressline{number}") or "").strip() for number in range(1, 8)]
    lines = [line for line in lines if line]
    if len(lines) < 3:
        raise _bad("Address must be at least 3 lines", "ValidationError")
    if not POSTCODE.fullmatch(lines[-1]):
        raise _bad("Last line of address must be a real UK postcode or another country", "ValidationError")
    if any(line.startswith(BAD_LINE) for line in lines):
        said = "Address lines must not start with any of the following characters: @ ( ) = [ ] ” \\ / , < >"
        raise _bad(said, "ValidationError")
    return ", ".join(lines)


def _template(world: NotifyWorld, id: str, what: str) -> Template:
    try:
        uuid.UUID(id)
    except ValueError as fault:
        raise _bad("template_id is not a valid UUID", "ValidationError") from fault
    template = world.templates.get(id)
    if template is None:
        raise _bad("Template not found")
    if template.type != what:
        raise _bad(f"{template.type} template is not suitable for {what} notification")
    return template


def _names(template: Template) -> set[str]:
    return {found[1].strip() for found in PLACEHOLDER.finditer(f"{template.subject} {template.body}")}


def _filled(text: str, values: Given) -> str:
    def fill(found: re.Match[str]) -> str:
        value = values[_key(found[1])]
        if found[2] is not None:
            return found[2] if str(value).lower() in ("yes", "y", "true", "1") else ""
        return "\n".join(f"* {one}" for one in value) if isinstance(value, list) else str(value)

    return PLACEHOLDER.sub(fill, text)


def _key(name: str) -> str:
    return re.sub(r"[ _-]", "", name).lower()


def _one(world: NotifyWorld, request: Request, kind: str, raw: bytes) -> Response:
    del kind, raw
    found = world.sent.get(request.path_params["id"])
    if found is None:
        raise Refused(404, "NoResultFound", "No result found")
    return _answer(_shown(found))


def _all(world: NotifyWorld, request: Request, kind: str, raw: bytes) -> Response:
    del raw
    query = request.query_params
    rows = [
        _shown(one)
        for one in reversed(world.sent.values())
        if one.key == kind
        and (not query.get("reference") or one.reference == query["reference"])
        and (not query.get("status") or one.status == query["status"])
        and (not query.get("template_type") or one.type == query["template_type"])
    ]
    return _answer({"notifications": rows[:250], "links": {"current": str(request.url)}})


def _templates(world: NotifyWorld, request: Request, kind: str, raw: bytes) -> Response:
    del request, kind, raw
    return _answer(
        {"templates": [{"id": one.id, "type": one.type, "name": one.name} for one in world.templates.values()]}
    )


def _shown(one: Sent) -> Given:
    ends = ("delivered", "permanent-failure", "temporary-failure", "technical-failure", "sent")
    return {
        "id": one.id,
        "reference": one.reference or None,
        "type": one.type,
        "status": one.status,
        "email_address": one.to if one.type == "email" else None,
        "phone_number": one.to if one.type == "sms" else None,
        "template": {"id": one.template, "version": 1},
        "subject": one.subject or None,
        "body": one.body,
        "created_at": moment(one.created),
        "completed_at": moment(one.created) if one.status in ends else None,
    }


def _body(raw: bytes) -> Given:
    try:
        given = json.loads(raw)
    except ValueError as fault:
        raise _bad("Invalid JSON supplied in POST data", "BadRequestError") from fault
    if not isinstance(given, dict):
        raise _bad("Invalid JSON supplied in POST data")
    return given


def _answer(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status_code=status, media_type="application/json")


def overview(world: NotifyWorld, request: Request, given: Given) -> Any:
    """The messages and receipts so far; PUT says whether it is a trial, its limits and where receipts go."""
    if request.method == "PUT":
        for name in ("trial", "per_minute", "callback_url"):
            setattr(world, name, given.get(name, getattr(world, name)))
        world.day = {**world.day, **{name: int(most) for name, most in given.get("day", {}).items() if name in DAY}}
    return {"sent": world.as_json(), "receipts": world.receipts}


def move(world: NotifyWorld, request: Request, given: Given) -> Any:
    """Let a message end as `to`."""
    message = world.sent.get(request.path_params["id"])
    if message is None:
        raise ValueError("There is no such message.")
    world.end(message, str(given.get("to", "delivered")))
    return _shown(message)


Operation = Callable[[NotifyWorld, Request, str, bytes], Response]
OPERATIONS: tuple[tuple[str, str, Operation], ...] = (
    ("POST", "/v2/notifications/{kind}", _send),
    ("GET", "/v2/notifications/{id}", _one),
    ("GET", "/v2/notifications", _all),
    ("GET", "/v2/templates", _templates),
)


def routes(world: NotifyWorld) -> list[Route]:
    """Every path of the stand-in."""

    def endpoint(operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            try:
                if not request.headers.get("authorization"):
                    raise Refused(401, "AuthError", "Unauthorized: authentication token must be provided")
                try:
                    kind = world.key_of(request.headers["authorization"])
                except ValueError as fault:
                    raise Refused(403, "AuthError", str(fault)) from fault
                return operation(world, request, kind, await request.body())
            except Refused as refused:
                errors = [{"error": refused.error, "message": str(refused)}]
                return _answer({"status_code": refused.status, "errors": errors}, refused.status)

        return answered

    return [Route(path, endpoint(operation), methods=[method]) for method, path, operation in OPERATIONS]
