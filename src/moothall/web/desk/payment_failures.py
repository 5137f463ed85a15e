"""What went wrong with money, for the page of failures (BEST-31, BEST-42)."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import sight
from moothall.domain.payments import providers
from moothall.domain.payments.models import Attempt, Payment, Reckoning, Refund, Stray
from moothall.kit import money
from moothall.web.components.parts import Link
from moothall.web.desk.failed import Line, Section

RECENT = timedelta(days=90)


def sections(user: User) -> list[Section]:
    """Money that came late or twice, refunds that wait or failed, and what differs from the provider."""
    return [_late(user), _refunds(user), _strays(user), _days(user)]


def _late(user: User) -> Section:
    seen = sight.visible_payments(user).values("id")
    rows = Attempt.objects.filter(
        late=True, settles__in=seen, settles__status=Payment.Status.RECEIVED, settles__refunded_pence=0
    )
    rows = rows.filter(finished_at__gt=timezone.now() - RECENT).select_related("settles__case_link__case")
    rows = rows.defer("settles__case_link__case__submitted").order_by("-finished_at", "-id")

    def line(row: Any) -> Line:
        reference = row.settles.case_link.case.reference
        link = Link(row.settles.purpose, reverse("desk:case_payments", args=[reference]))
        said = _("%s came although nothing was waited for any more.") % money.display(row.settles.pence)
        return Line(link, reference, said, row.finished_at)

    who = _("Who may give money back: give it back, or leave it if it is owed. It is listed for ninety days.")
    return Section(_("Money that came late or twice"), "late_money", rows, line, who=who)


def _refunds(user: User) -> Section:
    seen = sight.visible_payments(user).values("id")
    recent = Q(status=Refund.Status.FAILED, asked_at__gt=timezone.now() - RECENT)
    rows = Refund.objects.filter(Q(status=Refund.Status.PROPOSED) | recent, payment__in=seen)
    rows = rows.select_related("payment__case_link__case").defer("payment__case_link__case__submitted")

    def line(row: Any) -> Line:
        reference = row.payment.case_link.case.reference
        link = Link(money.display(row.pence), reverse("desk:case_payments", args=[reference]))
        return Line(link, reference, row.problem or _("It waits for a second officer."), row.asked_at)

    who = _("A second officer, or whoever asked for it.")
    return Section(_("Refunds that wait or failed"), "refunds", rows.order_by("-asked_at", "-id"), line, who=who)


def _strays(user: User) -> Section:
    rows = Stray.objects.filter(settled_at=None)
    if not user.may(Permission.RECKON_PAYMENTS):
        rows = rows.none()

    def line(row: Any) -> Line:
        link = Link(money.display(row.pence), reverse("desk:stray", args=[row.pk]))
        return Line(link, "", f"{providers.name_of(row.provider)} {row.reference}", row.taken_at)

    who = _("Who compares payments: say whose it is.")
    rows = rows.order_by("-taken_at", "-id")
    return Section(_("Money that belongs to no case"), "strays", rows, line, who=who, of_cases=False)


def _days(user: User) -> Section:
    rows = Reckoning.objects.filter(differing__gt=0, note="")
    if not user.may(Permission.RECKON_PAYMENTS):
        rows = rows.none()

    def line(row: Any) -> Line:
        link = Link(f"{row.day:%-d %B %Y}", reverse("desk:reckoned", args=[row.pk]))
        return Line(link, "", _("%s differences from %s") % (row.differing, providers.name_of(row.provider)), row.at)

    who = _("Who compares payments: look at the day, and write down how it was dealt with.")
    title = _("Days that differ from the provider")
    return Section(title, "reckonings", rows.order_by("-day", "-id"), line, who=who, of_cases=False)
