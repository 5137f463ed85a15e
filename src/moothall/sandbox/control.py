"""The control interface: JSON under /_control/, for tests and demonstrations. Loopback only."""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from moothall.sandbox.calls import Calls
from moothall.sandbox.clamd import Scanner, UnknownScannerFault
from moothall.sandbox.dft import applications, badges, examples, lifecycle, seeds
from moothall.sandbox.dft.responses import Refused
from moothall.sandbox.dft.world import World
from moothall.sandbox.faults import Faults, UnknownFault
from moothall.sandbox.notify import api as notify
from moothall.sandbox.notify.world import NotifyWorld
from moothall.sandbox.one_login import OneLogin
from moothall.sandbox.pay import control as pay_control
from moothall.sandbox.pay.world import PayWorld
from moothall.sandbox.receiver import Receiver
from moothall.sandbox.rest import Rest
from moothall.sandbox.scp import api as scp
from moothall.sandbox.scp.world import ScpWorld
from moothall.sandbox.smtp import MailSink, UnknownMailFault

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
MOST_AT_ONCE = 50_000


class BadRequest(Exception):
    """Its message may be shown to whoever asked."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The parts the control interface and the admin pages look into."""

    world: World
    faults: Faults
    calls: Calls
    mail: MailSink
    scanner: Scanner
    receiver: Receiver
    pay: PayWorld
    scp: ScpWorld
    notify: NotifyWorld
    one_login: OneLogin
    rest: Rest


Given = dict[str, Any]
Operation = Callable[[Sandbox, Request, Given], Any]


def _overview(sandbox: Sandbox, request: Request, given: Given) -> Any:
    del request, given
    world = sandbox.world
    return {
        "applications": len(world.applications),
        "badges": len(world.badges),
        "documents": len(world.documents.all_keys()),
        "mail": len(sandbox.mail.messages()),
        "scans": len(sandbox.scanner.as_json()),
        "faults": [rule.as_json() for rule in sandbox.faults.rules],
        "settings": asdict(world.settings),
        "operations": [f"{method} /_control{path}" for method, path, _ in OPERATIONS],
    }


def _one_login(sandbox: Sandbox, request: Request, given: Given) -> Any:
    """Register a client of the identity provider, say who signs in, and what goes wrong."""
    del request
    try:
        return sandbox.one_login.configure(given)
    except (KeyError, TypeError) as error:
        raise BadRequest("Give a client with client_id, public_key and redirect_urls, a person, and faults.") from error


def _reset(sandbox: Sandbox, request: Request, given: Given) -> Any:
    """Forget everything but credentials; plant the presets again unless `presets` is false."""
    del request
    sandbox.world.clear()
    sandbox.faults.remove()
    sandbox.calls.clear()
    sandbox.receiver.clear()
    sandbox.pay.clear()
    sandbox.scp.clear()
    sandbox.notify.clear()
    sandbox.one_login.clear()
    sandbox.mail.clear()
    sandbox.mail.set_fault("")
    sandbox.scanner.clear()
    sandbox.scanner.set_fault("")
    if given.get("presets", True):
        seeds.plant(sandbox.world)
    return {}


def _seed(sandbox: Sandbox, request: Request, given: Given) -> Any:
    """Put badges (keywords of `seeds.add_badge`) and applications (bodies as posted) into the world."""
    del request
    numbers = [seeds.add_badge(sandbox.world, **badge).number for badge in given.get("badges", [])]
    ids = [applications.create(sandbox.world, json.dumps(body).encode()) for body in given.get("applications", [])]
    return {"badges": numbers, "applications": ids}


def _bulk(sandbox: Sandbox, request: Request, given: Given) -> Any:
    """Make `count` fictional applications for the authority `la`, with or without `documents`, `submitted` then or now."""
    del request
    count = int(given.get("count", 1))
    if not 0 <= count <= MOST_AT_ONCE:
        raise BadRequest(f"count is between 0 and {MOST_AT_ONCE}.")
    made = examples.load(
        sandbox.world,
        count=count,
        la=str(given.get("la", seeds.HOME)),
        documents=bool(given.get("documents", False)),
        first=int(given.get("first", 0)),
        submitted=_moment(given.get("submitted")),
    )
    return {"created": len(made), "ids": made}


def _moment(given: object) -> datetime | None:
    """A moment in ISO 8601 with its offset; None where none is given."""
    try:
        found = datetime.fromisoformat(str(given)) if given else None
    except ValueError as error:
        raise BadRequest("submitted is a moment such as 2026-03-02T09:00:00+00:00.") from error
    if found and found.tzinfo is None:
        raise BadRequest("submitted says its offset from UTC.")
    return found


def _applications(sandbox: Sandbox, request: Request, given: Given) -> Any:
    del request, given
    return [asdict(application) for application in sandbox.world.applications.values()]


def _badges(sandbox: Sandbox, request: Request, given: Given) -> Any:
    del request, given
    lifecycle.catch_up_all(sandbox.world)
    return [asdict(badge) for badge in sandbox.world.badges.values()]


def _advance(sandbox: Sandbox, request: Request, given: Given) -> Any:
    """Move a badge to PROCESSED, ISSUED or REJECT (with `reason`)."""
    badge = badges.get(sandbox.world, request.path_params["number"])
    reason = str(given.get("reason", ""))
    lifecycle.advance(badge, to=str(given.get("to", "")), at=sandbox.world.now(), reason=reason)
    sandbox.world.keep_badge(badge)
    return badges.detail(sandbox.world, badge)


def _add_document(sandbox: Sandbox, request: Request, given: Given) -> Any:
    """Store a file (`name`, `media_type`, `content` in base64); the link can be posted with an application."""
    del request
    content = base64.b64decode(str(given.get("content", "")), validate=True)
    media_type = str(given.get("media_type", "application/octet-stream"))
    document = sandbox.world.documents.add(content, media_type=media_type, name=str(given.get("name", "file")))
    return {"key": document.key, "link": sandbox.world.link(document.key)}


def _settings(sandbox: Sandbox, request: Request, given: Given) -> Any:
    del request
    if given:
        sandbox.world.change_settings(given)
    return asdict(sandbox.world.settings)


def _clients(sandbox: Sandbox, request: Request, given: Given) -> Any:
    del request, given
    clients = sandbox.world.clients
    return [asdict(client) for client in (clients.citizen_app(), *clients.of_authorities())]


def _expire_client(sandbox: Sandbox, request: Request, given: Given) -> Any:
    """Let a credential expire at `at` (seconds since 1970, now when left out)."""
    at = float(given.get("at", sandbox.world.now()))
    if not sandbox.world.clients.expire(request.path_params["id"], at=at):
        raise BadRequest("There is no such client.")
    return {}


def _revoke(sandbox: Sandbox, request: Request, given: Given) -> Any:
    """Make every token given so far useless."""
    del request, given
    sandbox.world.clients.revoke_tokens()
    return {}


def _faults(sandbox: Sandbox, request: Request, given: Given) -> Any:
    """List the fault rules, or add one (`fault`, `pattern`, `probability`, `count`)."""
    if request.method == "POST":
        return sandbox.faults.add(**given).as_json()
    return [rule.as_json() for rule in sandbox.faults.rules]


def _clear_faults(sandbox: Sandbox, request: Request, given: Given) -> Any:
    del given
    rule_id = request.path_params.get("id")
    sandbox.faults.remove(int(rule_id) if rule_id else None)
    return {}


def _came(to: str) -> Operation:
    """What came to one of the stand-ins; DELETE forgets it."""

    def came(sandbox: Sandbox, request: Request, given: Given) -> Any:
        del given
        kept = getattr(sandbox, to)
        if request.method == "DELETE":
            kept.clear()
        return kept.as_json()

    return came


def _strike(stand_in: str) -> Operation:
    """Strike the next `count` messages or files with `fault`, of those its module lists; empty to stop."""

    def strike(sandbox: Sandbox, request: Request, given: Given) -> Any:
        del request
        struck = getattr(sandbox, stand_in)
        struck.set_fault(str(given.get("fault", "")), given.get("count"))
        return {"fault": struck.fault, "count": struck.left}

    return strike


def _of_pay(operation: pay_control.Operation) -> Operation:
    return lambda sandbox, request, given: operation(sandbox.pay, request, given)


def _of_notify(operation: Callable[[NotifyWorld, Request, Given], Any]) -> Operation:
    return lambda sandbox, request, given: operation(sandbox.notify, request, given)


def _of_scp(operation: Callable[[ScpWorld, Request, Given], Any]) -> Operation:
    return lambda sandbox, request, given: operation(sandbox.scp, request, given)


OPERATIONS: tuple[tuple[str, str, Operation], ...] = (
    ("GET", "/", _overview),
    ("POST", "/one-login", _one_login),
    ("POST", "/reset", _reset),
    ("POST", "/seed", _seed),
    ("GET", "/applications", _applications),
    ("POST", "/applications/bulk", _bulk),
    ("GET", "/badges", _badges),
    ("POST", "/badges/{number}/advance", _advance),
    ("POST", "/documents", _add_document),
    ("GET", "/settings", _settings),
    ("PUT", "/settings", _settings),
    ("GET", "/clients", _clients),
    ("POST", "/clients/{id}/expire", _expire_client),
    ("POST", "/tokens/revoke", _revoke),
    ("GET", "/faults", _faults),
    ("POST", "/faults", _faults),
    ("DELETE", "/faults", _clear_faults),
    ("DELETE", "/faults/{id:int}", _clear_faults),
    ("GET", "/calls", _came("calls")),
    ("DELETE", "/calls", _came("calls")),
    ("GET", "/mail", _came("mail")),
    ("DELETE", "/mail", _came("mail")),
    ("POST", "/mail/fault", _strike("mail")),
    ("GET", "/receiver", _came("receiver")),
    ("DELETE", "/receiver", _came("receiver")),
    ("GET", "/scanner", _came("scanner")),
    ("DELETE", "/scanner", _came("scanner")),
    ("POST", "/scanner/fault", _strike("scanner")),
    ("GET", "/govuk_notify", _of_notify(notify.overview)),
    ("PUT", "/govuk_notify", _of_notify(notify.overview)),
    ("POST", "/govuk_notify/messages/{id}/move", _of_notify(notify.move)),
    ("GET", "/pay360", _of_scp(scp.overview)),
    ("POST", "/pay360/payments/{id}/move", _of_scp(scp.move)),
    *((method, f"/govuk_pay{path}", _of_pay(operation)) for method, path, operation in pay_control.OPERATIONS),
)


def is_local(request: Request) -> bool:
    """Whether the call came from this machine, and not from another site's page in its browser."""
    if request.client is None or request.client.host not in LOOPBACK:
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _endpoint(sandbox: Sandbox, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if not is_local(request):
            return JSONResponse({"error": "The control interface answers this machine only."}, status_code=403)
        try:
            body = await request.body()
            given = json.loads(body) if body else {}
            if not isinstance(given, dict):
                raise BadRequest("The body must be a JSON object.")
            return JSONResponse(operation(sandbox, request, given))
        except Refused as refused:
            return JSONResponse({"error": refused.as_json()}, status_code=refused.status)
        except (
            BadRequest,
            UnknownFault,
            UnknownMailFault,
            UnknownScannerFault,
            lifecycle.NotPossible,
            ValueError,
            TypeError,
            binascii.Error,
        ) as problem:
            return JSONResponse({"error": str(problem)}, status_code=400)

    return endpoint


def routes(sandbox: Sandbox) -> list[Route]:
    """The paths of the control interface."""
    return [
        Route(f"/_control{path}", _endpoint(sandbox, operation), methods=[method])
        for method, path, operation in OPERATIONS
    ]
