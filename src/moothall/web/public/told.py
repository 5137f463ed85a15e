"""Messages of outside systems: nobody signs in, each proves itself, and nothing it says is believed but what to look at."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from moothall.connectors import govuk_pay
from moothall.connectors.govuk_notify import receipts
from moothall.connectors.govuk_pay import webhooks
from moothall.domain.exchange import hearing
from moothall.web.api.request import network_address
from moothall.web.ops.access import who_may_call
from moothall.web.public import limits

MOST_BYTES = 64 * 1024


@who_may_call("GOV.UK Pay: each message carries a signature made with the council's secret")
@csrf_exempt
@require_POST
def pay(request: HttpRequest) -> HttpResponse:
    """Something happened to a payment: have it looked at. Twice, late and in any order comes to the same."""
    source = network_address(request)
    if limits.reached(source):
        return HttpResponse(status=429, headers={"Retry-After": str(limits.SECONDS)})
    if (body := bounded(request)) is None:
        return HttpResponse(status=413)
    if not webhooks.genuine(body, request.headers.get(webhooks.HEADER, "")):
        limits.failed(source)
        return HttpResponse(status=403)
    if told := webhooks.told(body):
        hearing.heard(govuk_pay.KEY, told.provider_id)
    return HttpResponse(status=204)


@who_may_call("GOV.UK Notify: each receipt carries the token the council gave it")
@csrf_exempt
@require_POST
def notify(request: HttpRequest) -> HttpResponse:
    """How a message ended: have it written on its case. Twice, late and in any order comes to the same."""
    source = network_address(request)
    if limits.reached(source):
        return HttpResponse(status=429, headers={"Retry-After": str(limits.SECONDS)})
    if not receipts.genuine(request.headers.get("Authorization", "")):
        limits.failed(source)
        return HttpResponse(status=403)
    if (body := bounded(request)) is None:
        return HttpResponse(status=413)
    if receipt := receipts.receipt(body):
        good, again = receipt.status in receipts.GOOD, receipts.sent_again(receipt.status)
        hearing.message_ended(receipt.id, status=receipt.status, said=receipt.said, good=good, again=again)
    return HttpResponse(status=204)


def bounded(request: HttpRequest) -> bytes | None:
    """The body of a message; None when it is longer than any message is."""
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return None
    if length > MOST_BYTES:
        return None
    body = request.read(MOST_BYTES + 1)
    return None if len(body) > MOST_BYTES else body
