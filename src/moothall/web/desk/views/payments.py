"""The payments of a case: seen, recorded, asked for, cancelled, given back."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import actions, refunding, sight
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case
from moothall.domain.exchange import refunds
from moothall.domain.payments.models import Payment
from moothall.web.common import paging
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.components.forms import Form
from moothall.web.components.parts import Column, numbered
from moothall.web.desk import own_page, payment_lines
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.forms.papers import METHODS, Agree, Ask, Reason, Receive, Record, Refund
from moothall.web.desk.request import DeskRequest

PAGE = 50
WAITING = (Payment.Status.REQUESTED, Payment.Status.FAILED)


@needs(Permission.VIEW_PAYMENTS)
@require_safe
def payments(request: DeskRequest, reference: str) -> HttpResponseBase:
    """Payments asked for or received, the last first; with each page of them how they were paid and given back."""
    page = case_page(request, reference, "payments")
    rows = _visible(request, page["case"])
    here = paging.page(request.GET, count=rows.count(), size=PAGE)
    shown = list(here.of(rows.select_related("created_by").order_by("-id")))
    given = {
        "lines": [_line(row) for row in shown],
        "pages": numbered(page=here.number, last=here.last, query=request.GET) if here.last > 1 else None,
        "columns": [
            Column(_("What for")),
            Column(_("Amount"), numeric=True),
            Column(_("State")),
            Column(_("Paid by")),
            Column(_("When")),
            Column(_("Actions"), hidden=True),
        ],
        "may_record": may_see(request, page["case"], Permission.RECORD_PAYMENTS),
        "may_refund": may_see(request, page["case"], Permission.REFUND_PAYMENTS),
        **payment_lines.beside(shown, case=page["case"], user=request.user),
    }
    return TemplateResponse(request, "desk/case_payments.html", {**page, **given})


@needs(Permission.VIEW_PAYMENTS, Permission.RECORD_PAYMENTS)
@READ_OR_SEND
def record(request: DeskRequest, reference: str) -> HttpResponseBase:
    """Record money that came."""

    def act(case: Case, given: dict[str, Any]) -> None:
        paid = {name: given[name] for name in ("method", "purpose", "reference")}
        actions.record_payment(case, pence=given["amount"], by=request.user, at=request.now, **paid)

    form = Record(request.POST) if request.method == "POST" else Record()
    return _answer(request, reference, None, form, act, title=_("Record a payment"), done=_("The payment is recorded."))


@needs(Permission.VIEW_PAYMENTS, Permission.RECORD_PAYMENTS)
@READ_OR_SEND
def ask(request: DeskRequest, reference: str) -> HttpResponseBase:
    """Ask for a payment."""

    def act(case: Case, given: dict[str, Any]) -> None:
        until, what = given["expires_on"], {"pence": given["amount"], "purpose": given["purpose"]}
        actions.request_payment(case, by=request.user, at=request.now, expires_on=until, **what)

    form = Ask(request.POST) if request.method == "POST" else Ask()
    return _answer(
        request, reference, None, form, act, title=_("Ask for a payment"), done=_("The payment is asked for.")
    )


@needs(Permission.VIEW_PAYMENTS, Permission.RECORD_PAYMENTS)
@READ_OR_SEND
def receive(request: DeskRequest, reference: str, payment_id: int) -> HttpResponseBase:
    """Record that a payment asked for has come."""

    def act(case: Case, given: dict[str, Any]) -> None:
        actions.receive_payment(case, _payment(request, case, payment_id), by=request.user, at=request.now, **given)

    form = Receive(request.POST) if request.method == "POST" else Receive()
    return _answer(
        request, reference, payment_id, form, act, title=_("Record that it came"), done=_("The payment is recorded.")
    )


@needs(Permission.VIEW_PAYMENTS, Permission.RECORD_PAYMENTS)
@READ_OR_SEND
def cancel(request: DeskRequest, reference: str, payment_id: int) -> HttpResponseBase:
    """Record that a payment asked for will not come."""

    def act(case: Case, given: dict[str, Any]) -> None:
        actions.cancel_payment(case, _payment(request, case, payment_id), by=request.user, at=request.now, **given)

    form = Reason(request.POST) if request.method == "POST" else Reason()
    return _answer(
        request, reference, payment_id, form, act, title=_("Cancel the payment"), done=_("The payment is cancelled.")
    )


@needs(Permission.VIEW_PAYMENTS, Permission.REFUND_PAYMENTS)
@READ_OR_SEND
def refund(request: DeskRequest, reference: str, payment_id: int) -> HttpResponseBase:
    """Give money back: recorded as given by hand, or sent through the provider that took it."""

    def act(case: Case, given: dict[str, Any]) -> None:
        payment, reason = _payment(request, case, payment_id), given["reason"]
        refunds.give_back(case, payment, pence=given["amount"], reason=reason, by=request.user, at=request.now)

    form = Refund(request.POST) if request.method == "POST" else Refund()
    needed, title = Permission.REFUND_PAYMENTS, _("Give money back")
    done = _("The refund is recorded.")
    return _answer(request, reference, payment_id, form, act, title=title, done=done, needed=needed)


@needs(Permission.VIEW_PAYMENTS, Permission.AGREE_REFUNDS)
@READ_OR_SEND
def agree(request: DeskRequest, reference: str, payment_id: int, refund_id: int) -> HttpResponseBase:
    """Agree to what a colleague proposed to give back, or refuse it."""

    def act(case: Case, given: dict[str, Any]) -> None:
        payment = _payment(request, case, payment_id)
        found = payment.refunds.filter(pk=refund_id).first()
        if found is None:
            raise Http404
        if given["agreed"] == "yes":
            refunds.agree(case, found, by=request.user, at=request.now)
        else:
            refunding.decline(case, found, reason=given["reason"], by=request.user, at=request.now)

    form = Agree(request.POST) if request.method == "POST" else Agree()
    needed, title = Permission.AGREE_REFUNDS, _("Agree to a refund")
    done = _("Your decision is recorded.")
    return _answer(request, reference, payment_id, form, act, title=title, done=done, needed=needed)


def _answer(
    request: DeskRequest,
    reference: str,
    payment_id: int | None,
    form: Form,
    act: Callable[[Case, dict[str, Any]], None],
    *,
    title: str,
    done: str,
    needed: Permission = Permission.RECORD_PAYMENTS,
) -> HttpResponseBase:
    """One question about payments: what was given is done in one transaction, or said to be wrong."""
    page = case_page(request, reference, "payments", needed)
    case = page["case"]
    about = _payment(request, case, payment_id) if payment_id is not None else None

    def locked(given: dict[str, Any]) -> str:
        lock(case)
        act(case, given)
        return done

    shown = {**page, "title": title, "line": _line(about) if about else None}
    return own_page.asked(
        request,
        form,
        locked,
        template="desk/case_payment.html",
        page=shown,
        onward=("desk:case_payments", case.reference),
    )


def _visible(request: DeskRequest, case: Case) -> Any:
    return sight.visible_payments(request.user).filter(case_link__case=case)


def _payment(request: DeskRequest, case: Case, payment_id: int) -> Payment:
    found: Payment | None = _visible(request, case).select_related("created_by").filter(pk=payment_id).first()
    if found is None:
        raise Http404
    return found


def _line(row: Payment) -> dict[str, Any]:
    state, colour = payment_lines.STATES[row.status]
    return {
        "row": row,
        "state": state,
        "colour": colour,
        "method": dict(METHODS).get(Payment.Method(row.method), ""),
        "waits": row.status in WAITING,
        "is_received": row.status == Payment.Status.RECEIVED,
    }


urlpatterns = [
    path("cases/<str:reference>/payments/", payments, name="case_payments"),
    path("cases/<str:reference>/payments/record/", record, name="case_payment_record"),
    path("cases/<str:reference>/payments/ask/", ask, name="case_payment_ask"),
    path("cases/<str:reference>/payments/<int:payment_id>/receive/", receive, name="case_payment_receive"),
    path("cases/<str:reference>/payments/<int:payment_id>/cancel/", cancel, name="case_payment_cancel"),
    path("cases/<str:reference>/payments/<int:payment_id>/refund/", refund, name="case_payment_refund"),
    path("cases/<str:reference>/payments/<int:payment_id>/refunds/<int:refund_id>/", agree, name="case_payment_agree"),
]
