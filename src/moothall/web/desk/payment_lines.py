"""Payments, attempts and refunds in words, for the pages that show them."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case
from moothall.domain.payments import providers
from moothall.domain.payments.models import Attempt, Payment, Refund
from moothall.web.components.parts import Colour, Column

MOST = 200
Words = dict[str, tuple[Any, Colour]]
STATES: Words = {
    "requested": (gettext_lazy("Asked for"), "blue"),
    "received": (gettext_lazy("Received"), "green"),
    "failed": (gettext_lazy("Failed"), "red"),
    "cancelled": (gettext_lazy("Cancelled"), "grey"),
    "refunded": (gettext_lazy("Given back"), "grey"),
    "expired": (gettext_lazy("Not paid in time"), "grey"),
}
ATTEMPTS: Words = {
    "begun": (gettext_lazy("No answer yet"), "blue"),
    "waiting": (gettext_lazy("Being paid"), "blue"),
    "taken": (gettext_lazy("Paid"), "green"),
    "declined": (gettext_lazy("Declined"), "red"),
    "expired": (gettext_lazy("Not finished in time"), "grey"),
    "cancelled": (gettext_lazy("Cancelled"), "grey"),
    "error": (gettext_lazy("Error"), "red"),
    "lost": (gettext_lazy("Not heard of again"), "grey"),
}
REFUNDS: Words = {
    "proposed": (gettext_lazy("Waits for a second officer"), "yellow"),
    "declined": (gettext_lazy("Refused"), "grey"),
    "queued": (gettext_lazy("To be sent"), "blue"),
    "sent": (gettext_lazy("Sent"), "blue"),
    "done": (gettext_lazy("Given back"), "green"),
    "failed": (gettext_lazy("Failed"), "red"),
}


def beside(payments: Sequence[Payment], *, case: Case, user: User) -> dict[str, Any]:
    """What the payments tab shows beside these payments: attempts to pay them online, and what was given back."""
    attempts = Attempt.objects.filter(payment__in=payments).select_related("payment").order_by("-id")
    given_back = Refund.objects.filter(payment__in=payments).select_related("payment").order_by("-id")
    may_agree = user.may(Permission.AGREE_REFUNDS, case.service.key)
    columns = [Column(_("What for")), Column(_("Amount"), numeric=True), Column(_("State")), Column(_("Through"))]
    return {
        "attempts": [_line(row, ATTEMPTS[row.state], row.provider) for row in attempts[:MOST]],
        "attempt_columns": [*columns, Column(_("When"))],
        "refunds": [
            _line(row, REFUNDS[row.status], row.provider)
            | {"to_agree": may_agree and row.status == Refund.Status.PROPOSED and row.asked_by_id != user.pk}
            for row in given_back[:MOST]
        ],
        "refund_columns": [*columns, Column(_("When"))],
    }


def _line(row: Any, words: tuple[Any, Colour], provider: str) -> dict[str, Any]:
    through = providers.name_of(provider) if provider else _("By hand")
    return {"row": row, "state": words[0], "colour": words[1], "through": through}
