"""The payments of all cases one may see, money that is nobody's, and each day compared with the provider (CT-72, BEST-42)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet, Sum
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import reckoning, sight
from moothall.domain.cases.models import Case
from moothall.domain.payments import providers
from moothall.domain.payments.actions import PaymentRefused
from moothall.domain.payments.models import Payment, Reckoning, Stray
from moothall.kit import money
from moothall.kit.calendars import midnight
from moothall.web.api.export import csv_response
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.common.whole import whole
from moothall.web.components.parts import Column, Pages, with_query
from moothall.web.components.templatetags.components import moment
from moothall.web.desk.access import needs
from moothall.web.desk.forms.money import Explained, Filter, Whose
from moothall.web.desk.forms.papers import METHODS
from moothall.web.desk.payment_lines import STATES
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.errors import said

PAGE_SIZE = 50
COUNTED = 10_000
MOST = 50_000
DIFFERENCES = {
    "not_here": gettext_lazy("The provider took it, and it is not recorded here"),
    "not_there": gettext_lazy("Recorded here, and the provider does not have it"),
    "amount": gettext_lazy("The amounts differ"),
    "refund": gettext_lazy("A refund of the provider that is not recorded here"),
}


@needs(Permission.VIEW_PAYMENTS)
@require_safe
def all_payments(request: DeskRequest) -> HttpResponse:
    """Payments of cases one may see, the newest first, with what they come to."""
    form = Filter(request.GET)
    rows = _narrowed(_whole(request), form)
    after = request.GET.get("after", "")
    shown = rows.filter(pk__lt=_number(after)) if after else rows
    lines = list(shown[: PAGE_SIZE + 1])
    totals = _totals(rows)
    asked = sorted(name for name, value in form.cleaned_data.items() if value)
    recording.searched(
        "payment", by=request.user, at=request.now, via="desk payments", found=totals["count"], asked=asked
    )
    more = len(lines) > PAGE_SIZE
    page = {
        "form": form,
        "failed": bool(form.errors),
        "lines": [_line(row) for row in lines[:PAGE_SIZE]],
        "columns": [
            Column(_("Case")),
            Column(_("What for")),
            Column(_("Amount"), numeric=True),
            Column(_("State")),
            Column(_("Paid by")),
            Column(_("When")),
        ],
        "pages": Pages(
            previous=with_query(request.GET, after=None) if after else "",
            next=with_query(request.GET, after=str(lines[PAGE_SIZE - 1].pk)) if more else "",
            summary=totals["said"],
        ),
        "totals": totals,
        "export": f"{reverse('desk:money_export')}{with_query(request.GET, after=None)}",
        "may_export": request.user.may(Permission.EXPORT_CASES),
        "may_reckon": request.user.may(Permission.RECKON_PAYMENTS),
    }
    return TemplateResponse(request, "desk/money.html", page, status=422 if form.errors else 200)


@needs(Permission.VIEW_PAYMENTS, Permission.EXPORT_CASES)
@require_safe
def export(request: DeskRequest) -> HttpResponseBase:
    """The same payments as a file, of services whose cases one may export."""
    form = Filter(request.GET)
    exportable = Case.objects.visible_to(request.user, Permission.EXPORT_CASES).values("id")
    rows = _narrowed(_whole(request), form).filter(case_link__case__in=exportable)
    if form.errors:
        return said(request, 422, _("This list cannot be exported"), _("Go back and correct its filters."))
    if (total := rows.order_by()[: MOST + 1].count()) > MOST:
        sentence = _("At most %s payments can be exported at once, and the list has more. Choose more filters.")
        return said(request, 409, _("This list is too long"), sentence % f"{MOST:,}")
    recording.searched("payment", by=request.user, at=request.now, via="desk payments export", found=total, asked=[])
    head = [
        "Case",
        "Service",
        "What for",
        "Amount",
        "Given back",
        "State",
        "Paid by",
        "Reference",
        "Asked for",
        "Received",
    ]

    def lines() -> Iterator[list[object]]:
        for row in rows.iterator(chunk_size=1000):
            case, state = row.case_link.case, str(STATES[row.status][0])
            yield [
                case.reference, case.service.name, row.purpose, money.to_pounds(row.pence),
                money.to_pounds(row.refunded_pence), state, row.method, row.reference, moment(row.created_at),
                moment(row.received_at) if row.received_at else "",
            ]  # fmt: skip

    return csv_response(head, lines(), name="payments.csv")


@needs(Permission.RECKON_PAYMENTS)
@require_safe
def reckonings(request: DeskRequest) -> HttpResponse:
    """The last days compared with each provider, and money that is nobody's."""
    days = Reckoning.objects.order_by("-day", "provider")[:62]
    strays = Stray.objects.filter(settled_at=None).order_by("-taken_at")[:COUNTED]
    recording.searched("stray", by=request.user, at=request.now, via="desk reckonings", found=len(strays), asked=[])
    page = {
        "days": [{"row": row, "name": providers.name_of(row.provider), "left": row.differing and not row.note} for row in days],
        "strays": [{"row": row, "name": providers.name_of(row.provider)} for row in strays[:200]],
        "columns": [
            Column(_("Day")),
            Column(_("They took"), numeric=True),
            Column(_("Recorded here"), numeric=True),
            Column(_("They gave back"), numeric=True),
            Column(_("Given back here"), numeric=True),
            Column(_("Differences"), numeric=True),
        ],
        "stray_columns": [
            Column(_("Payment")), Column(_("Amount"), numeric=True), Column(_("When")), Column(_("Do"), hidden=True),
        ],
    }  # fmt: skip
    return TemplateResponse(request, "desk/reckonings.html", page)


@needs(Permission.RECKON_PAYMENTS)
@READ_OR_SEND
def reckoned(request: DeskRequest, reckoning_id: int) -> HttpResponse:
    """One day at one provider: what differs, and how it was dealt with."""
    row = Reckoning.objects.filter(pk=reckoning_id).first()
    if row is None:
        raise Http404
    form = Explained(sent(request))
    if form.is_valid():
        reckoning.explain(row, note=form.cleaned_data["note"], by=request.user, at=request.now)
        messages.success(request, _("It is written down."))
        return redirect("desk:reckonings")
    lines = [{**one, "said": str(DIFFERENCES.get(one["what"], one["what"]))} for one in row.differences]
    columns = [
        Column(_("What")),
        Column(_("Payment")),
        Column(_("There"), numeric=True),
        Column(_("Here"), numeric=True),
    ]
    page = {"row": row, "name": providers.name_of(row.provider), "form": form, "lines": lines, "columns": columns}
    failed = bool(form.errors)
    return TemplateResponse(request, "desk/reckoned.html", page | {"failed": failed}, status=422 if failed else 200)


@needs(Permission.RECKON_PAYMENTS)
@READ_OR_SEND
def stray(request: DeskRequest, stray_id: int) -> HttpResponse:
    """Say whose the money is, or that it is of no case here."""
    row = Stray.objects.filter(pk=stray_id, settled_at=None).first()
    if row is None:
        raise Http404
    form = Whose(sent(request))
    if form.is_valid() and _settled(request, row, form):
        return redirect("desk:reckonings")
    failed = bool(form.errors)
    page = {"row": row, "name": providers.name_of(row.provider), "form": form, "failed": failed}
    return TemplateResponse(request, "desk/stray.html", page, status=422 if failed else 200)


def _settled(request: DeskRequest, row: Stray, form: Whose) -> bool:
    """Do what was said; False with the fault on the form."""
    given = form.cleaned_data
    try:
        if given["note"]:
            reckoning.not_ours(row, note=given["note"], by=request.user, at=request.now)
            messages.success(request, _("It is set aside."))
            return True
        cases = Case.objects.visible_to(request.user, Permission.RECORD_PAYMENTS)
        case = cases.filter(reference=given["case"]).select_related("service").first()
        if case is None:
            form.add_error("case", _("There is no such case on which you may record payments."))
            return False
        reckoning.belongs_to(row, case, by=request.user, at=request.now)
    except PaymentRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, _("It is recorded on %s.") % case.reference)
    return True


def _whole(request: DeskRequest) -> "QuerySet[Payment]":
    rows = sight.visible_payments(request.user).select_related("case_link__case__service")
    return rows.defer("case_link__case__submitted").order_by("-id")


def _narrowed(rows: "QuerySet[Payment]", form: Filter) -> "QuerySet[Payment]":
    """Those asked for; none while a question is answered wrongly."""
    if not form.is_valid():
        return rows.none()
    given = form.cleaned_data
    if given["status"]:
        rows = rows.filter(status__in=given["status"])
    if given["method"]:
        rows = rows.filter(method=given["method"])
    if given["service"]:
        rows = rows.filter(case_link__case__service__key=given["service"])
    if text := given["reference"].strip():
        rows = rows.filter(Q(case_link__case__reference__iexact=text) | Q(reference__iexact=text))
    if given["since"]:
        rows = rows.filter(created_at__gte=midnight(given["since"]))
    if given["until"]:
        rows = rows.filter(created_at__lt=midnight(given["until"] + timedelta(days=1)))
    return rows


def _totals(rows: "QuerySet[Payment]") -> dict[str, Any]:
    """How many, and what came and was given back of the first ten thousand."""
    first = Payment.objects.filter(pk__in=rows.order_by("-id").values("pk")[: COUNTED + 1])
    count = first.count()
    came = first.filter(status__in=(Payment.Status.RECEIVED, Payment.Status.REFUNDED))
    sums = came.aggregate(came=Sum("pence"), back=Sum("refunded_pence"))
    said_ = ngettext("%s payment", "%s payments", count) % f"{count:,}"
    said_ = _("More than %s payments") % f"{COUNTED:,}" if count > COUNTED else said_
    return {
        "count": count,
        "said": said_,
        "came": sums["came"] or 0,
        "back": sums["back"] or 0,
        "more": count > COUNTED,
    }


def _line(row: Payment) -> dict[str, Any]:
    state, colour = STATES[row.status]
    method = dict(METHODS).get(Payment.Method(row.method), "")
    return {"row": row, "case": row.case_link.case.reference, "state": state, "colour": colour, "method": method}


def _number(text: str) -> int:
    if (number := whole(text)) is None:
        raise Http404
    return number


urlpatterns = [
    path("payments/", all_payments, name="money"),
    path("payments/export.csv", export, name="money_export"),
    path("payments/reckonings/", reckonings, name="reckonings"),
    path("payments/reckonings/<int:reckoning_id>/", reckoned, name="reckoned"),
    path("payments/unmatched/<int:stray_id>/", stray, name="stray"),
]
