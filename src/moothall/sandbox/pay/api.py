"""The public API of GOV.UK Pay: payments, their events and refunds, and searches of both."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from moothall.sandbox.pay import card, rules, shapes
from moothall.sandbox.pay.moments import moment, seconds
from moothall.sandbox.pay.shapes import Refused, answer
from moothall.sandbox.pay.world import PREFIX, PayPayment, PayWorld

STATES = frozenset({"created", "started", "submitted", "success", "failed", "cancelled", "error"})
MOST_SHOWN = 500
Operation = Callable[[PayWorld, Request, bytes], Response]


def _create(world: PayWorld, request: Request, raw: bytes) -> Response:
    body = rules.body_of(raw, request.headers.get("content-type", ""), unparsable="P0197")
    rules.check_key(request.headers.get("idempotency-key"))
    rules.check_payment(body, world.settings)
    return answer(shapes.whole(world, world.add(body)), 201)


def _get(world: PayWorld, request: Request, raw: bytes) -> Response:
    del raw
    return answer(shapes.whole(world, _found(world, request, "P0200")))


def _events(world: PayWorld, request: Request, raw: bytes) -> Response:
    del raw
    payment = _found(world, request, "P0300")
    listed = [
        {
            "payment_id": payment.id,
            "state": {"status": status, "finished": status in ("success", "failed", "cancelled", "error")},
            "updated": moment(at),
            "_links": {"payment_url": {"href": shapes.links(world, payment)["self"]["href"], "method": "GET"}},
        }
        for status, at in payment.events
    ]
    return answer({"payment_id": payment.id, "events": listed, "_links": {}})


def _cancel(world: PayWorld, request: Request, raw: bytes) -> Response:
    del raw
    payment = _found(world, request, "P0500")
    if payment.finished:
        raise Refused(400, "P0501", "Cancellation of payment failed")
    if payment.status == "submitted":
        raise Refused(409, "P0502", "Cancellation of payment failed")
    world.fail(payment, "service")
    return Response(status_code=204)


def _capture(world: PayWorld, request: Request, raw: bytes) -> Response:
    del raw
    payment = _found(world, request, "P1000")
    if payment.status != "capturable":
        raise Refused(409, "P1003", "Payment cannot be captured")
    world.succeed(payment)
    return Response(status_code=204)


def _refund(world: PayWorld, request: Request, raw: bytes) -> Response:
    payment = _found(world, request, "P0600")
    body = rules.body_of(raw, request.headers.get("content-type", ""), unparsable="P0697")
    rules.check_refund(body)
    if world.settings.disabled:
        raise Refused(403, "P0941", "GOV.UK Pay has disabled payment and refund creation on this account.")
    summary = shapes.refund_summary(payment)
    said = "The payment is not available for refund. Payment refund status: {}"
    if summary["status"] != "available":
        raise Refused(400, "P0603", said.format(summary["status"]))
    if body.get("refund_amount_available", summary["amount_available"]) != summary["amount_available"]:
        raise Refused(412, "P0604", "Refund amount available mismatch.")
    if body["amount"] > summary["amount_available"]:
        raise Refused(400, "P0603", said.format("available"))
    return answer(shapes.refund_shown(world, payment, world.refund(payment, body["amount"])), 202)


def _refunds(world: PayWorld, request: Request, raw: bytes) -> Response:
    del raw
    payment = _found(world, request, "P0800")
    listed = [shapes.refund_shown(world, payment, one) for one in payment.refunds]
    return answer({"payment_id": payment.id, "_links": {}, "_embedded": {"refunds": listed}})


def _one_refund(world: PayWorld, request: Request, raw: bytes) -> Response:
    del raw
    payment = _found(world, request, "P0700")
    for one in payment.refunds:
        if one.id == request.path_params["refund"]:
            return answer(shapes.refund_shown(world, payment, one))
    raise Refused(404, "P0700", "Not found")


def _search(world: PayWorld, request: Request, raw: bytes) -> Response:
    del raw
    query = request.query_params
    number, size, since, until = _bounds(request, "P0401")
    wanted = query.get("state", "")
    if wanted and wanted not in STATES:
        raise _bad_query("P0401", "state")
    latest = world.now() - world.settings.search_lag
    rows = [
        _listed(world, one)
        for one in world.all()
        if one.created <= latest
        and (not wanted or one.status == wanted)
        and (not query.get("reference") or str(one.asked["reference"]).lower() == query["reference"].lower())
        and (not query.get("email") or query["email"].lower() in str(one.asked.get("email", "")).lower())
        and since <= one.created < until
    ]
    return answer(shapes.page_of(rows, number=number, size=size, url=f"{world.base_url}{PREFIX}/v1/payments"))


def _search_refunds(world: PayWorld, request: Request, raw: bytes) -> Response:
    del raw
    number, size, since, until = _bounds(request, "P1101")
    latest = world.now() - world.settings.search_lag
    rows = [
        shapes.refund_shown(world, payment, one, searched=True)
        for payment in world.all()
        for one in payment.refunds
        if one.created <= latest and since <= one.created < until
    ]
    return answer(shapes.page_of(rows, number=number, size=size, url=f"{world.base_url}{PREFIX}/v1/refunds"))


def _listed(world: PayWorld, payment: PayPayment) -> dict[str, Any]:
    shown = shapes.whole(world, payment)
    shown["_links"] = {name: shown["_links"][name] for name in ("self", "events", "refunds", "cancel", "capture")}
    return shown


def _bounds(request: Request, code: str) -> tuple[int, int, float, float]:
    """Page, rows of a page, and between which moments."""
    query = request.query_params
    try:
        number, size = int(query.get("page", "1")), int(query.get("display_size", str(MOST_SHOWN)))
    except ValueError as fault:
        raise _bad_query(code, "page, display_size") from fault
    if number < 1 or not 1 <= size <= MOST_SHOWN:
        raise _bad_query(code, "page, display_size")
    times = []
    for name, otherwise in (("from_date", 0.0), ("to_date", float("inf"))):
        try:
            times.append(seconds(query[name]) if query.get(name) else otherwise)
        except ValueError as fault:
            raise _bad_query(code, name) from fault
    return number, size, times[0], times[1]


def _bad_query(code: str, names: str) -> Refused:
    said = f"Invalid parameters: {names}. See Public API documentation for the correct data formats"
    return Refused(422, code, said)


def _found(world: PayWorld, request: Request, code: str) -> PayPayment:
    payment = world.get(request.path_params["id"])
    if payment is None:
        raise Refused(404, code, "Not found")
    return payment


OPERATIONS: tuple[tuple[str, str, Operation], ...] = (
    ("POST", "/v1/payments", _create),
    ("GET", "/v1/payments", _search),
    ("GET", "/v1/payments/{id}", _get),
    ("GET", "/v1/payments/{id}/events", _events),
    ("POST", "/v1/payments/{id}/cancel", _cancel),
    ("POST", "/v1/payments/{id}/capture", _capture),
    ("POST", "/v1/payments/{id}/refunds", _refund),
    ("GET", "/v1/payments/{id}/refunds", _refunds),
    ("GET", "/v1/payments/{id}/refunds/{refund}", _one_refund),
    ("GET", "/v1/refunds", _search_refunds),
)


def _endpoint(world: PayWorld, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {world.api_key}":
            return Response("Credentials are required to access this resource.", status_code=401)
        if world.too_many(request.method):
            return answer({"code": "P0900", "description": "Too many requests"}, 429)
        try:
            return operation(world, request, await request.body())
        except Refused as refused:
            return answer(refused.body, refused.status)

    return endpoint


def routes(world: PayWorld) -> list[Route]:
    """Every path of the stand-in, card pages included."""
    listed = [
        Route(PREFIX + path, _endpoint(world, operation), methods=[method]) for method, path, operation in OPERATIONS
    ]
    return [*listed, *card.routes(world)]
