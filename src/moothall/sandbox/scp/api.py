"""Where the portal answers: its web service, and the page on which a payer enters a card."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from moothall.sandbox import markup as html
from moothall.sandbox.markup import Html
from moothall.sandbox.scp import soap
from moothall.sandbox.scp.world import PREFIX, ScpPayment, ScpWorld

REJECTED, ERROR = "4000000000000002", "4000000000000119"
Given = dict[str, Any]


def routes(world: ScpWorld) -> list[Route]:
    """Every path of the stand-in."""

    async def service(request: Request) -> Response:
        try:
            content, status = soap.answer(world, await request.body(), now=datetime.now(UTC)), 200
        except soap.Fault as fault:
            content, status = soap.fault_of(str(fault)), 500
        return Response(content, status_code=status, media_type="text/xml")

    async def page(request: Request) -> Response:
        payment = world.payments.get(request.query_params.get("ssk", ""))
        if payment is None or payment.status:
            return HTMLResponse("This payment is over.", status_code=400)
        if request.method == "GET":
            return _entry(payment)
        form = parse_qs((await request.body()).decode("latin-1"))
        world.end(payment, _came_of(form))
        return RedirectResponse(payment.return_url, status_code=303)

    return [
        Route(f"{PREFIX}/scpws", service, methods=["POST"]),
        Route(f"{PREFIX}/scpcli", page, methods=["GET", "POST"]),
    ]


def move(world: ScpWorld, request: Request, given: Given) -> Any:
    """Let a payment come to the status `to`."""
    payment = world.payments.get(request.path_params["id"])
    if payment is None:
        raise ValueError("There is no such payment.")
    return asdict(world.end(payment, str(given.get("to", ""))))


def overview(world: ScpWorld, request: Request, given: Given) -> Any:
    """The payments, and what was taken in all, in pence."""
    del request, given
    found = list(world.payments.values())
    return {
        "payments": [asdict(one) for one in found],
        "taken": sum(one.pence for one in found if one.status == "SUCCESS"),
    }


def _came_of(form: dict[str, list[str]]) -> str:
    if "cancel" in form:
        return "CANCELLED"
    number = form.get("cardNo", [""])[0].replace(" ", "")
    return {REJECTED: "CARD_DETAILS_REJECTED", ERROR: "ERROR"}.get(number, "SUCCESS")


def _entry(payment: ScpPayment) -> HTMLResponse:
    there = f"{PREFIX}/scpcli?ssk={payment.reference}"
    parts = (
        html.paragraph(f"{payment.description}: £{payment.pence / 100:,.2f}. No real money is taken."),
        html.form(there, "Pay", fields=(("cardNo", "Card number", ""),)),
        html.form(there, "Cancel", hidden={"cancel": "yes"}),
    )
    whole = Html(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Pay</title><style>{html.STYLE}</style></head>'
        f"<body><main><h1>Enter card details</h1>{html.join(parts)}</main></body></html>"
    )
    return HTMLResponse(str(whole))
