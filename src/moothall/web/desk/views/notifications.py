"""What one was told: the list, and whether it comes by e-mail as well (BEST-8)."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from moothall.domain.notifications import actions
from moothall.domain.notifications.models import ByEmail, Notification
from moothall.web.common import paging
from moothall.web.common.whole import whole
from moothall.web.components.forms import Form
from moothall.web.components.parts import numbered
from moothall.web.desk.access import signed_in
from moothall.web.desk.notices import address
from moothall.web.desk.request import DeskRequest

PAGE = 25


class Preference(Form):
    """Whether notifications come by e-mail."""

    by_email = forms.BooleanField(
        label=gettext_lazy("Send me an e-mail for each notification"),
        help_text=gettext_lazy("It names the case by its reference alone."),
        required=False,
    )


@dataclass(frozen=True)
class Line:
    row: Notification
    href: str


@signed_in
@require_safe
def notifications(request: DeskRequest) -> HttpResponse:
    """What one was told, the newest first."""
    mine = Notification.objects.filter(user=request.user)
    here = paging.page(request.GET, count=mine.count(), size=PAGE)
    rows = here.of(mine.order_by("-at", "-id"))
    wanted = ByEmail.objects.filter(user=request.user).exists()
    page = {
        "lines": [Line(row, address(row)) for row in rows],
        "unread": actions.unread(request.user),
        "pages": numbered(page=here.number, last=here.last, query=request.GET) if here.last > 1 else None,
        "form": Preference(initial={"by_email": wanted}),
    }
    return TemplateResponse(request, "desk/notifications.html", page)


@signed_in
@require_POST
def opened(request: DeskRequest, notification_id: int) -> HttpResponse:
    """Go to what a notification is about; it is read then."""
    row = Notification.objects.filter(user=request.user, pk=notification_id).first()
    if row is None:
        raise Http404
    actions.mark_read(request.user, at=request.now, only=row.pk)
    return redirect(address(row))


@signed_in
@require_POST
def read(request: DeskRequest) -> HttpResponse:
    """Mark one as read, or all of them."""
    only = whole(given := request.POST.get("only", ""))
    if given and only is None:
        raise Http404
    count = actions.mark_read(request.user, at=request.now, only=only)
    if count and only is None:
        messages.success(request, _("All notifications are marked as read."))
    return redirect("desk:notifications")


@signed_in
@require_POST
def preference(request: DeskRequest) -> HttpResponse:
    """Choose whether notifications come by e-mail."""
    form = Preference(request.POST)
    wanted = form.is_valid() and form.cleaned_data["by_email"]
    actions.choose_email(request.user, wanted=wanted, at=request.now)
    said = _("You get an e-mail for each notification.") if wanted else _("You get no e-mails for notifications.")
    messages.success(request, said)
    return redirect("desk:notifications")


urlpatterns = [
    path("notifications/", notifications, name="notifications"),
    path("notifications/read/", read, name="notifications_read"),
    path("notifications/by-email/", preference, name="notifications_preference"),
    path("notifications/<int:notification_id>/", opened, name="notification"),
]
