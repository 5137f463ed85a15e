"""Payments and refunds as the service shows them, and the refusals it answers with."""

import json
from typing import Any

from starlette.responses import Response

from moothall.sandbox.pay.moments import day, moment
from moothall.sandbox.pay.world import PREFIX, PayPayment, PayRefund, PayWorld

OPEN = ("created", "started", "submitted")


class Refused(Exception):
    """The service says no, with a code of its own."""

    def __init__(self, status: int, code: str, description: str, *, field: str = "", header: str = "") -> None:
        super().__init__(description)
        self.status = status
        named = {name: value for name, value in (("field", field), ("header", header)) if value}
        self.body = {**named, "code": code, "description": description}


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(body, ensure_ascii=False), status_code=status, media_type="application/json")


def whole(world: PayWorld, payment: PayPayment) -> dict[str, Any]:
    """A payment with all its links; the one to the card page is there while it can be paid."""
    asked = payment.asked
    shown: dict[str, Any] = {
        "payment_id": payment.id,
        "amount": payment.pence,
        "description": asked["description"],
        "reference": asked["reference"],
        "language": asked.get("language", "en"),
        "state": state(payment),
        "payment_provider": "sandbox",
        "created_date": moment(payment.created),
        "refund_summary": refund_summary(payment),
        "settlement_summary": {
            "capture_submit_time": moment(payment.captured) if payment.captured else None,
            "captured_date": day(payment.captured) if payment.captured else None,
            "settled_date": None,
        },
        "card_details": payment.card,
        "delayed_capture": bool(asked.get("delayed_capture")),
        "moto": bool(asked.get("moto")),
        "return_url": asked.get("return_url"),
        "authorisation_mode": asked.get("authorisation_mode", "web"),
        "_links": links(world, payment),
    }
    return shown | {name: asked[name] for name in ("email", "metadata") if name in asked}


def state(payment: PayPayment) -> dict[str, Any]:
    """Where it is in its life."""
    shown: dict[str, Any] = {"status": payment.status, "finished": payment.finished}
    return shown | ({"code": payment.code, "message": payment.message} if payment.code else {})


def refund_summary(payment: PayPayment) -> dict[str, Any]:
    """What of it can be given back."""
    left = payment.pence - payment.refunded
    if payment.status != "success":
        status = "pending" if not payment.finished else "unavailable"
    else:
        status = "available" if left else "full"
    return {"status": status, "user_external_id": None, "amount_available": left, "amount_submitted": payment.refunded}


def links(world: PayWorld, payment: PayPayment) -> dict[str, Any]:
    """Where to go on from it."""
    own = f"{world.base_url}{PREFIX}/v1/payments/{payment.id}"
    card = f"{world.base_url}{PREFIX}/secure"
    open_ = payment.status in OPEN
    return {
        "self": {"href": own, "method": "GET"},
        "next_url": {"href": f"{card}/{payment.token}", "method": "GET"} if open_ else None,
        "next_url_post": (
            {
                "type": "application/x-www-form-urlencoded",
                "params": {"chargeTokenId": payment.token},
                "href": card,
                "method": "POST",
            }
            if open_
            else None
        ),
        "events": {"href": f"{own}/events", "method": "GET"},
        "refunds": {"href": f"{own}/refunds", "method": "GET"},
        "cancel": {"href": f"{own}/cancel", "method": "POST"} if open_ or payment.status == "capturable" else None,
        "capture": {"href": f"{own}/capture", "method": "POST"} if payment.status == "capturable" else None,
    }


def refund_shown(world: PayWorld, payment: PayPayment, refund: PayRefund, *, searched: bool = False) -> dict[str, Any]:
    """A refund."""
    own = f"{world.base_url}{PREFIX}/v1/payments/{payment.id}"
    shown = {
        "refund_id": refund.id,
        "created_date": moment(refund.created),
        "amount": refund.pence,
        "status": refund.status,
        "settlement_summary": {"settled_date": None},
        "_links": {"self": {"href": f"{own}/refunds/{refund.id}"}, "payment": {"href": own}},
    }
    return shown | ({"payment_id": payment.id} if searched else {})


def page_of(rows: list[dict[str, Any]], *, number: int, size: int, url: str) -> dict[str, Any]:
    """One page of a search. Raises Refused for a page that is not there."""
    pages = max(1, -(-len(rows) // size))
    if number > pages:
        raise Refused(404, "P0402", "Page not found")
    there = {"self": number, "first_page": 1, "last_page": pages}
    there |= {"prev_page": number - 1} if number > 1 else {}
    there |= {"next_page": number + 1} if number < pages else {}
    shown = rows[(number - 1) * size : number * size]
    return {
        "total": len(rows),
        "count": len(shown),
        "page": number,
        "results": shown,
        "_links": {name: {"href": f"{url}?page={page}&display_size={size}"} for name, page in there.items()},
    }
