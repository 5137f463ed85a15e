"""The national service's paths. Each call: bearer token (401), version (406), permission (403), then the work."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs
from uuid import UUID, uuid4

from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, request_response

from moothall.sandbox.dft import applications, auth, badges, beans, export, paging, refdata
from moothall.sandbox.dft.auth import Client, Permission
from moothall.sandbox.dft.beans import Bean, Text
from moothall.sandbox.dft.responses import Refused, answer, bad_field, done, refusal
from moothall.sandbox.dft.world import World

Endpoint = Callable[[Request], Awaitable[Response]]
PAYMENT = Bean(
    fields={
        "laShortCode": Text(required=True),
        "returnUrl": Text(required=True),
        "paymentMessage": Text(required=True),
        "language": Text(),
    }
)
MESSAGE = Bean(
    fields={"template": Text(required=True), "emailAddress": Text(required=True), "laShortCode": Text()},
)
TEMPLATES = (
    "NEW_USER",
    "RESET_PASSWORD",
    "PASSWORD_RESET_SUCCESS",
    "APPLICATION_SUBMITTED",
    "SAVE_AND_RETURN",
    "APPLICATION_SAVED",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that passed the door."""

    world: World
    client: Client
    path: dict[str, str]
    query: QueryParams
    body: bytes
    accept: str
    overlap: bool


Operation = Callable[[Call], Response]


def _list_applications(call: Call) -> Response:
    page = paging.read(call.query, overlap=call.overlap)
    rows, info = applications.find(call.world, call.client, call.query, page)
    return answer(rows, paging=info)


def _create_application(call: Call) -> Response:
    return answer(applications.create(call.world, call.body))


def _get_application(call: Call) -> Response:
    application = applications.get(call.world, call.client, call.path["id"])
    return answer(applications.detail(call.world, application))


def _update_application(call: Call) -> Response:
    applications.update(call.world, call.client, call.path["id"], call.body)
    return done()


def _transfer_application(call: Call) -> Response:
    applications.transfer(call.world, call.client, call.path["id"], call.body)
    return done()


def _delete_application(call: Call) -> Response:
    applications.delete(call.world, call.client, call.path["id"])
    return done()


def _find_badges(call: Call) -> Response:
    if "application/zip" in call.accept:
        return _export_badges(call)
    rows, info = badges.find(call.world, call.query, paging.read(call.query, overlap=call.overlap))
    return answer(rows, paging=info)


def _export_badges(call: Call) -> Response:
    la = call.query.get("laShortCode", "").strip()
    if not la:
        raise bad_field("laShortCode", "NotNull.findBadgeParams.laShortCode", "must not be null")
    if la != call.client.la:
        raise auth.forbidden()
    name, content = export.build(call.world, la)
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(content, media_type="application/zip", headers=headers)


def _order_badges(call: Call) -> Response:
    return answer(badges.order(call.world, call.client, call.body))


def _get_badge(call: Call) -> Response:
    return answer(badges.detail(call.world, badges.get(call.world, call.path["number"])))


def _cancel_badge(call: Call) -> Response:
    badges.cancel(call.world, call.client, call.path["number"], call.body)
    return done()


def _replace_badge(call: Call) -> Response:
    return answer(badges.replace(call.world, call.client, call.path["number"], call.body))


def _delete_badge(call: Call) -> Response:
    badges.delete(call.world, call.client, call.path["number"])
    return done()


def _reference_data(call: Call) -> Response:
    return answer(refdata.domain(call.path["domain"]))


def _authority_for_postcode(call: Call) -> Response:
    return answer(refdata.authority_for_postcode(call.path["postcode"]))


def _create_payment(call: Call) -> Response:
    payment = beans.parse(call.body, PAYMENT)
    beans.check(PAYMENT, payment, root="payment")
    raise Refused(503, "Unavailable.payment", "Payments are not enabled for this local authority.")


def _get_payment(call: Call) -> Response:
    try:
        UUID(call.path["id"])
    except ValueError as fault:
        raise bad_field("paymentJourneyUuid", "typeMismatch.paymentJourneyUuid", "not a UUID") from fault
    raise Refused(404, "NotFound.Payment", "The payment does not exist.")


def _send_message(call: Call) -> Response:
    message = beans.parse(call.body, MESSAGE)
    beans.check(MESSAGE, message, root="messageDetails")
    if message["template"] not in TEMPLATES:
        raise bad_field("template", "Invalid.template", f"must be one of {', '.join(TEMPLATES)}")
    return answer({"uuid": str(uuid4())})


def _users_me(call: Call) -> Response:
    raise Refused(400, "Invalid.user", f"The client {call.client.client_id} is no user.")


def _nothing_here(call: Call) -> Response:
    del call
    raise Refused(404, "NotFound", "There is nothing at this path.")


P = Permission
OPERATIONS: tuple[tuple[str, str, Permission, Operation], ...] = (
    ("GET", "/applications", P.FIND_APPLICATION, _list_applications),
    ("POST", "/applications", P.CITIZEN_APP, _create_application),
    ("GET", "/applications/{id}", P.VIEW_APPLICATION_DETAILS, _get_application),
    ("PUT", "/applications/{id}", P.UPDATE_APPLICATION, _update_application),
    ("DELETE", "/applications/{id}", P.DELETE_APPLICATION, _delete_application),
    ("POST", "/applications/{id}/transfers", P.UPDATE_APPLICATION, _transfer_application),
    ("POST", "/badges/print-batch", P.NOBODY_HERE, _nothing_here),
    ("POST", "/badges/print-batch/{id}", P.NOBODY_HERE, _nothing_here),
    ("POST", "/badges/collect-batches", P.NOBODY_HERE, _nothing_here),
    ("GET", "/reports/issued-badges", P.NOBODY_HERE, _nothing_here),
    ("GET", "/badges", P.FIND_BADGES, _find_badges),
    ("POST", "/badges", P.ORDER_BADGE, _order_badges),
    ("GET", "/badges/{number}", P.VIEW_BADGE_DETAILS, _get_badge),
    ("DELETE", "/badges/{number}", P.DELETE_BADGE, _delete_badge),
    ("POST", "/badges/{number}/cancellations", P.CANCEL_BADGE, _cancel_badge),
    ("POST", "/badges/{number}/replacements", P.REPLACE_BADGE, _replace_badge),
    ("GET", "/reference-data/postcode/{postcode}", P.ANY_CLIENT, _authority_for_postcode),
    ("GET", "/reference-data/{domain}", P.ANY_CLIENT, _reference_data),
    ("PUT", "/reference-data/authorities/{code}", P.NOBODY_HERE, _nothing_here),
    ("PUT", "/reference-data/councils/{code}", P.NOBODY_HERE, _nothing_here),
    ("POST", "/payments", P.CITIZEN_APP, _create_payment),
    ("GET", "/payments/{id}", P.CITIZEN_APP, _get_payment),
    ("POST", "/payments/localAuthorities/{code}", P.NOBODY_HERE, _nothing_here),
    ("POST", "/messages/localAuthorities/{code}", P.NOBODY_HERE, _nothing_here),
    ("POST", "/messages", P.ANY_CLIENT, _send_message),
    ("GET", "/users/me", P.ANY_CLIENT, _users_me),
)
ANY_METHOD = ("GET", "POST", "PUT", "DELETE", "PATCH")


def _endpoint(world: World, permission: Permission, operation: Operation) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            client = world.clients.identify(request.headers.get("authorization"), now=world.now())
            accept = request.headers.get("accept", "")
            auth.check_version(accept)
            auth.check_permission(client, permission)
            body = await request.body()
            overlap = bool(request.scope.get("state", {}).get("overlap"))
            return operation(Call(world, client, request.path_params, request.query_params, body, accept, overlap))
        except Refused as refused:
            return refusal(refused)

    return endpoint


def _token_endpoint(world: World) -> Endpoint:
    async def token(request: Request) -> Response:
        form = parse_qs((await request.body()).decode("latin-1"))
        grant_type = request.query_params.get("grant_type") or form.get("grant_type", [None])[0]
        life = world.settings.token_seconds
        try:
            bearer = world.clients.give_token(
                authorization=request.headers.get("authorization"), grant_type=grant_type, now=world.now(), life=life
            )
        except auth.OAuthRefused as refused:
            headers = {"WWW-Authenticate": 'Basic realm="oauth2/client"'} if refused.status == 401 else {}
            return _json(refused.body, status=refused.status, headers=headers)
        return _json({"access_token": bearer, "token_type": "bearer", "expires_in": life})

    return token


def _json(body: Mapping[str, object], *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    secret = {"Cache-Control": "no-store"} | (headers or {})
    return Response(json.dumps(body), status_code=status, media_type="application/json", headers=secret)


def _document_endpoint(world: World) -> Endpoint:
    async def document(request: Request) -> Response:
        return world.documents.fetch(
            request.path_params["key"],
            expires=request.query_params.get("X-Expires", ""),
            signature=request.query_params.get("X-Signature", ""),
            now=world.now(),
        )

    return document


def routes(world: World) -> list[Route]:
    """Every path of the service."""
    listed = [
        Route("/oauth/token", _token_endpoint(world), methods=["POST"]),
        Route("/documents/{key:path}", _document_endpoint(world), methods=["GET"]),
    ]
    listed += [
        Route(path, _endpoint(world, permission, operation), methods=[method])
        for method, path, permission, operation in OPERATIONS
    ]
    users = _endpoint(world, Permission.NOBODY_HERE, _nothing_here)
    listed += [Route("/users", users, methods=ANY_METHOD), Route("/users/{rest:path}", users, methods=ANY_METHOD)]
    return listed


def service(world: World) -> Starlette:
    """The whole national service."""
    application = Starlette(routes=routes(world), exception_handlers={HTTPException: http_fault})
    application.router.redirect_slashes = False
    # Any other path: 401 without a token, else 404. A wrong method on a known path stays 405.
    application.router.default = request_response(_endpoint(world, Permission.ANY_CLIENT, _nothing_here))
    return application


async def http_fault(request: Request, fault: Exception) -> Response:
    """Faults found before any operation (wrong method, for one) in the service's own shape."""
    status = fault.status_code if isinstance(fault, HTTPException) else 500
    return refusal(Refused(status, f"HTTP.{status}", f"{request.method} {request.url.path}"))
