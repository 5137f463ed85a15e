"""The pages on which a payer enters a card. The link to them works once; the number of the card decides what comes of it.

`POST …/card_details/{id}` with `cardNo`, or `POST …/card_details/{id}/cancel`: after a success the payer is sent back at
once, otherwise a page says why and links back.
"""

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from moothall.sandbox import markup as html
from moothall.sandbox.markup import Html
from moothall.sandbox.pay.world import PREFIX, PayPayment, PayWorld

GOOD = {
    "4444333322221111": ("Visa", "debit"),
    "4242424242424242": ("Visa", "credit"),
    "4000056655665556": ("Visa", "debit"),
    "4988080000000000": ("Visa", "debit"),
    "4000160000000004": ("Visa", "debit"),
    "4131840000000003": ("Visa", "credit"),
    "4111111111111111": ("Visa", "credit"),
    "222100000000000": ("Mastercard", "credit"),
    "5200828282828210": ("Mastercard", "debit"),
    "5105105105105100": ("Mastercard", "credit"),
    "371449635398431": ("American Express", "credit"),
    "3566002020360505": ("JCB", "credit"),
    "6011000990139424": ("Discover", "credit"),
}
REJECTED = frozenset({"4000000000000002", "4000000000000069", "4000000000000127"})
ERROR = "4000000000000119"
NOT_ACCEPTED = "6759649826438453"


async def _form(request: Request) -> dict[str, str]:
    return {name: values[0].strip() for name, values in parse_qs((await request.body()).decode("latin-1")).items()}


def _page(title: str, *parts: Html, status: int = 200) -> HTMLResponse:
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Cache-Control": "no-store"}
    whole = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport"'
        f' content="width=device-width, initial-scale=1"><title>{html.text(title)}</title><style>{html.STYLE}</style>'
        f"</head><body><main><h1>{html.text(title)}</h1>{html.join(parts)}</main></body></html>"
    )
    return HTMLResponse(whole, status_code=status, headers=policy)


def _enter(payment: PayPayment, *, problem: str = "", status: int = 200) -> HTMLResponse:
    there = f"{PREFIX}/card_details/{payment.id}"
    fields = (("cardNo", "Card number", ""), ("cardholderName", "Name on card", ""), ("cvc", "Card security code", ""))
    return _page(
        "Enter card details",
        *([html.paragraph(problem)] if problem else []),
        html.paragraph(f"{payment.asked['description']}: £{payment.pence / 100:,.2f}. No real money is taken."),
        html.form(there, "Pay", fields=fields),
        html.form(f"{there}/cancel", "Cancel payment"),
        status=status,
    )


def _over(payment: PayPayment, title: str) -> HTMLResponse:
    back = html.link(str(payment.asked["return_url"]), "Continue")
    return _page(title, html.paragraph("No money has been taken."), Html(f"<p>{back}</p>"))


def routes(world: PayWorld) -> list[Route]:
    """The card pages."""

    def begin(token: str) -> Response:
        payment = next((one for one in world.all() if one.token and secrets.compare_digest(one.token, token)), None)
        if payment is None or payment.status not in ("created", "started"):
            return _page("Your payment session has expired", html.paragraph("Start the payment again."), status=400)
        payment.token = secrets.token_urlsafe(16)  # this one is used up
        if payment.status == "created":
            world.move(payment, "started")
        return RedirectResponse(f"{PREFIX}/card_details/{payment.id}", status_code=303)

    async def by_link(request: Request) -> Response:
        return begin(request.path_params["token"])

    async def by_form(request: Request) -> Response:
        return begin((await _form(request)).get("chargeTokenId", ""))

    async def details(request: Request) -> Response:
        payment = world.get(request.path_params["id"])
        if payment is None or payment.status != "started":
            return _page("Your payment session has expired", html.paragraph("Start the payment again."), status=400)
        if request.method == "GET":
            return _enter(payment)
        return _charged(world, payment, await _form(request))

    async def cancel(request: Request) -> Response:
        payment = world.get(request.path_params["id"])
        if payment is None or payment.status != "started":
            return _page("Your payment session has expired", html.paragraph("Start the payment again."), status=400)
        world.fail(payment, "payer")
        return _over(payment, "Your payment has been cancelled")

    listed: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("GET", "/secure/{token}", by_link),
        ("POST", "/secure", by_form),
        ("GET", "/card_details/{id}", details),
        ("POST", "/card_details/{id}", details),
        ("POST", "/card_details/{id}/cancel", cancel),
    ]
    return [Route(PREFIX + path, endpoint, methods=[method]) for method, path, endpoint in listed]


def _charged(world: PayWorld, payment: PayPayment, form: dict[str, str]) -> Response:
    number = form.get("cardNo", "").replace(" ", "")
    if number in GOOD:
        brand, kind = GOOD[number]
        payment.card = {
            "card_brand": brand,
            "last_digits_card_number": number[-4:],
            "first_digits_card_number": number[:6],
            "cardholder_name": form.get("cardholderName", ""),
            "expiry_date": form.get("expiry", "12/39"),
            "card_type": kind,
            "billing_address": None,
        }
        world.move(payment, "submitted")
        world.succeed(payment)
        return RedirectResponse(str(payment.asked["return_url"]), status_code=303)
    if number in REJECTED:
        world.fail(payment, "rejected")
        return _over(payment, "Your payment has been declined")
    if number == ERROR:
        world.fail(payment, "error")
        return _over(payment, "We’re experiencing technical problems")
    problem = "This card type is not accepted." if number == NOT_ACCEPTED else "Unsupported card details."
    return _enter(payment, problem=problem, status=400)
