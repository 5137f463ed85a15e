"""Payments of a case taken online, and what is given back of them (CT-72, BEST-42)."""

from decimal import Decimal
from typing import Literal

from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.core.council.settings import Council, read
from moothall.domain.cases import online, refunding, sight
from moothall.domain.exchange import refunds
from moothall.domain.payments.models import Payment, Refund
from moothall.domain.payments.providers import ProviderError
from moothall.kit import money
from moothall.web.api.finding import case_read
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import Problem, invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Moment, Prose

router = Operations(tags=["On a case"])


class NewAttempt(Body):
    return_url: str = Field(max_length=1000, description="Where the payer comes back to: a page of the council's own")
    language: Literal["en", "cy"] = "en"


class AttemptOut(Schema):
    address: str = Field(description="Where the payer pays. It works once and is nobody else's: do not keep it")


class NewRefund(Body):
    amount: Decimal = Field(gt=0, max_digits=9, decimal_places=2)
    reason: Prose


class RefundDecision(Body):
    agreed: bool
    reason: str = Field("", max_length=300, description="Why it is refused")


class RefundOut(Schema):
    id: int
    payment: int
    amount: Decimal
    reason: str
    status: str = Field(description="proposed waits for a second officer; queued and sent are on their way")
    problem: str
    asked_at: Moment
    done_at: Moment | None


def _begun(request: ApiRequest, reference: str, payment_id: int, body: NewAttempt) -> str:
    """Ask the provider, in no transaction."""
    case = case_read(request, reference, via="cases.payment_attempt")
    payment = Payment.objects.filter(case_link__case=case, pk=payment_id).first()
    if payment is None:
        raise not_found()
    ours = read(Council).public_url.rstrip("/")
    if not ours or not f"{body.return_url}/".startswith(f"{ours}/"):
        raise invalid("body.return_url", "The payer can only come back to a page of the council's own.")
    try:
        return online.begin(
            payment.pk, return_url=body.return_url, language=body.language, by=request.auth, at=request.now
        )
    except ProviderError as error:
        raise Problem(503 if error.retryable or error.unknown else 409, str(error), kind="not-begun") from error


@router.writes(
    "POST",
    "/cases/{reference}/payments/{int:payment_id}/attempts",
    needs=Permission.RECORD_PAYMENTS,
    answers=AttemptOut,
    status=201,
    first=_begun,
)
def begin_payment(request: ApiRequest, reference: str, payment_id: int, body: NewAttempt) -> AttemptOut:  # noqa: ARG001
    """Have what was asked for paid online: the page where the payer pays it, one for a payment at a time."""
    return AttemptOut(address=request.fetched)


@router.reads("/cases/{reference}/refunds", needs=Permission.VIEW_PAYMENTS, answers=Page[RefundOut])
def case_refunds(request: ApiRequest, reference: str, query: Query[PageQuery]) -> Page[RefundOut]:
    """What was given back on a case, or is to be, oldest first."""
    case = case_read(request, reference, via="cases.refunds")
    given_back = Refund.objects.filter(payment__in=sight.visible_payments(request.auth).filter(case_link__case=case))
    return page_of(given_back.order_by("id"), query, _refund)


@router.writes(
    "POST",
    "/cases/{reference}/payments/{int:payment_id}/refunds",
    needs=Permission.REFUND_PAYMENTS,
    answers=RefundOut,
    status=201,
)
def refund_payment(request: ApiRequest, reference: str, payment_id: int, body: NewRefund) -> RefundOut:
    """Give money back: by hand, or queued for the provider that took it; above the council's limit it is proposed."""
    case = case_read(request, reference, via="cases.refund")
    payment = Payment.objects.filter(case_link__case=case, pk=payment_id).first()
    if payment is None:
        raise not_found()
    pence = money.to_pence(body.amount)
    return _refund(refunds.give_back(case, payment, pence=pence, reason=body.reason, by=request.auth, at=request.now))


@router.writes(
    "POST", "/cases/{reference}/refunds/{int:refund_id}/decision", needs=Permission.AGREE_REFUNDS, answers=RefundOut
)
def decide_refund(request: ApiRequest, reference: str, refund_id: int, body: RefundDecision) -> RefundOut:
    """Agree, as a second officer, to a refund that was proposed, or refuse it."""
    case = case_read(request, reference, via="cases.refund_decision")
    found = Refund.objects.filter(payment__case_link__case=case, pk=refund_id).first()
    if found is None:
        raise not_found()
    if body.agreed:
        return _refund(refunds.agree(case, found, by=request.auth, at=request.now))
    if not body.reason.strip():
        raise invalid("body.reason", "Say why it is not given back.")
    return _refund(refunding.decline(case, found, reason=body.reason, by=request.auth, at=request.now))


def _refund(row: Refund) -> RefundOut:
    return RefundOut(
        id=row.pk,
        payment=row.payment_id,
        amount=money.to_pounds(row.pence),
        reason=row.reason,
        status=row.status,
        problem=row.problem,
        asked_at=row.asked_at,
        done_at=row.done_at,
    )
