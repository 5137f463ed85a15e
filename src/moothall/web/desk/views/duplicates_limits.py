"""From how likely on pairs are shown, and merged by themselves: what that does, and the screen to set it (PPP-18)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from moothall.core.accounts.permissions import Permission
from moothall.core.council import settings as council
from moothall.domain.people.golden import limits
from moothall.domain.people.golden.finding import Duplicates
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column
from moothall.web.desk.access import needs
from moothall.web.desk.forms.duplicates import Limits
from moothall.web.desk.request import DeskRequest


@needs(Permission.MANAGE_SERVICES)
@READ_OR_SEND
def limits_of_duplicates(request: DeskRequest) -> HttpResponse:
    """Look at the limits and set them; what was set before stands below."""
    now = council.read(Duplicates)
    form = Limits(sent(request), initial=Limits.shown(now))
    if form.is_valid():
        try:
            changed = limits.change(form.wanted(), reason=form.cleaned_data["reason"], by=request.user, at=request.now)
        except (Invalid, council.SettingRefused) as refused:
            form.add_error(None, str(refused))
        else:
            said = _("It is set, and holds from now on.") if changed else _("Nothing was changed.")
            messages.success(request, said)
            return redirect("desk:duplicates_limits")
    names = {name: str(field.label) for name, field in form.fields.items()}
    page = {
        "form": form,
        "failed": bool(form.errors),
        "bands": [(_band(one["least"]), one["people"], one["organisations"]) for one in limits.counted()],
        "band_columns": [
            Column(_("How likely")),
            Column(_("People"), numeric=True),
            Column(_("Organisations"), numeric=True),
        ],
        "changes": [
            {
                "row": row,
                "name": names.get(row.detail["limit"], row.detail["limit"]),
                "before": _told(row.detail["before"]),
                "now": _told(row.detail["now"]),
            }
            for row in limits.changes()[: limits.SHOWN]
        ],
        "change_columns": [
            Column(_("When")),
            Column(_("Who")),
            Column(_("What")),
            Column(_("From")),
            Column(_("To")),
            Column(_("Why")),
        ],
    }
    return TemplateResponse(request, "desk/duplicates/limits.html", page, status=422 if form.errors else 200)


def _band(least: float) -> str:
    return _("%s%% or more") % round(least * 100) if least else _("Less")


def _told(value: Any) -> str:
    """A limit in words: a share in hundredths, nothing is never."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return _("Never") if value is None else f"{value * 100:g}%"


urlpatterns = [path("duplicates/limits/", limits_of_duplicates, name="duplicates_limits")]
