"""What tests and demonstrations may do to the stand-in for GOV.UK Pay, under /_control/govuk_pay."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request

from moothall.sandbox.pay.world import FAILURES, PaySettings, PayWorld

Given = dict[str, Any]
Operation = Callable[[PayWorld, Request, Given], Any]


def _overview(pay: PayWorld, request: Request, given: Given) -> Any:
    """Payments, and what was taken and given back in all, in pence."""
    del request, given
    good = [one for one in pay.all() if one.status == "success"]
    return {
        "payments": [asdict(one) for one in pay.all()],
        "taken": sum(one.pence for one in good),
        "refunded": sum(refund.pence for one in good for refund in one.refunds if refund.status == "success"),
    }


def _move(pay: PayWorld, request: Request, given: Given) -> Any:
    """Let a payment come to `to`: success, started, submitted, or a failure (rejected, expired, payer, service, error)."""
    payment = pay.get(request.path_params["id"])
    to = str(given.get("to", ""))
    if payment is None:
        raise ValueError("There is no such payment.")
    if payment.finished:
        raise ValueError(f"The payment is {payment.status} already.")
    if to == "success":
        pay.succeed(payment)
    elif to in FAILURES:
        pay.fail(payment, to)
    elif to in ("started", "submitted"):
        pay.move(payment, to)
    else:
        raise ValueError(f"A payment cannot become {to!r}.")
    return asdict(payment)


def _refund(pay: PayWorld, request: Request, given: Given) -> Any:
    """Give `pence` back as somebody would in the service's own pages, or settle the refund `id` as `status`."""
    payment = pay.get(request.path_params["id"])
    if payment is None:
        raise ValueError("There is no such payment.")
    if "id" in given:
        pay.settle_refund(payment, str(given["id"]), str(given.get("status", "success")))
    else:
        left = payment.pence - payment.refunded
        if payment.status != "success" or not 0 < int(given.get("pence", 0)) <= left:
            raise ValueError("So much cannot be given back of this payment.")
        pay.refund(payment, int(given["pence"]))
    return asdict(payment)


def _settings(pay: PayWorld, request: Request, given: Given) -> Any:
    del request
    if given:
        pay.settings = PaySettings(**(asdict(pay.settings) | given))
    return asdict(pay.settings)


def _webhooks(pay: PayWorld, request: Request, given: Given) -> Any:
    """The messages so far; PUT says where they are sent (`url`) and after how many seconds again (`ladder`)."""
    if request.method == "PUT":
        pay.webhooks.url = str(given.get("url", ""))
        pay.webhooks.ladder = tuple(given.get("ladder", pay.webhooks.ladder))
    return {"url": pay.webhooks.url, "messages": pay.webhooks.as_json()}


OPERATIONS: tuple[tuple[str, str, Operation], ...] = (
    ("GET", "", _overview),
    ("POST", "/payments/{id}/move", _move),
    ("POST", "/payments/{id}/refund", _refund),
    ("GET", "/settings", _settings),
    ("PUT", "/settings", _settings),
    ("GET", "/webhooks", _webhooks),
    ("PUT", "/webhooks", _webhooks),
)
