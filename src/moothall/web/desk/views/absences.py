"""Who is away, and who covers for them (BEST-4)."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from moothall.core.accounts import absence
from moothall.core.accounts.absence import AbsenceRefused
from moothall.core.accounts.models import Absence, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import workload
from moothall.kit.calendars import LONDON
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column
from moothall.web.desk.access import needs
from moothall.web.desk.forms.team import REASONS, RecordAbsence
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.work_lists import colleagues, stages_seen


@needs(Permission.VIEW_WORK)
@READ_OR_SEND
def absences(request: DeskRequest) -> HttpResponse:
    """One's own absences, for a supervisor those of the team, and a new one."""
    people = [request.user, *_team(request)]
    covers = list(colleagues(stages_seen(request.user)))
    whose = request.GET.get("who", str(request.user.pk))
    form = RecordAbsence(sent(request), initial={"who": whose}, people=people, covers=covers)
    if form.is_valid() and _recorded(request, form, people, covers):
        return redirect("desk:absences")
    today = request.now.astimezone(LONDON).date()
    seen = Absence.objects.filter(Q(user__in=[one.pk for one in people]) | Q(cover=request.user), last_day__gte=today)
    rows = list(seen.select_related("user", "cover").order_by("first_day", "user__full_name", "pk"))
    if any(row.user_id != request.user.pk for row in rows):
        recording.read(*rows, by=request.user, at=request.now, via="desk absences")
    may_end = {one.pk for one in people}
    page = {
        "form": form,
        "failed": bool(form.errors),
        "rows": [
            (row, REASONS[Absence.WhyAway(row.reason)], row.user_id in may_end, row.first_day <= today) for row in rows
        ],
        "columns": [
            Column(_("Who")),
            Column(_("From")),
            Column(_("To")),
            Column(_("Why")),
            Column(_("Covered by")),
            Column(_("End"), hidden=True),
        ],
        "supervises": len(people) > 1,
    }
    return TemplateResponse(request, "desk/team/absences.html", page, status=422 if form.errors else 200)


@needs(Permission.VIEW_WORK)
@require_POST
def end(request: DeskRequest, absence_id: int) -> HttpResponse:
    """Somebody is back, or does not go."""
    mine = [request.user.pk, *(one.pk for one in _team(request))]
    row = Absence.objects.filter(pk=absence_id, user__in=mine).select_related("user").first()
    if row is None:
        raise Http404
    absence.end(row, today=request.now.astimezone(LONDON).date(), by=request.user, at=request.now)
    messages.success(request, _("%s is not away any more.") % row.user.full_name)
    return redirect("desk:absences")


def _recorded(request: DeskRequest, form: RecordAbsence, people: list[User], covers: list[User]) -> bool:
    """Record the absence, or say beside the form why not."""
    data = form.cleaned_data
    who = next((one for one in people if str(one.pk) == data["who"]), request.user)
    cover = next((one for one in covers if str(one.pk) == data["cover"]), None)
    try:
        absence.record(
            who,
            first_day=data["first_day"],
            last_day=data["last_day"],
            reason=Absence.WhyAway(data["reason"]),
            cover=cover,
            by=request.user,
            at=request.now,
        )
    except AbsenceRefused as refusal:
        form.add_error(
            "last_day" if data["last_day"] < max(data["first_day"], request.now.astimezone(LONDON).date()) else None,
            str(refusal),
        )
        return False
    messages.success(request, _("The absence of %s is recorded.") % who.full_name)
    return True


def _team(request: DeskRequest) -> list[User]:
    """Whom a supervisor may record absences for besides themselves."""
    if not request.user.may(Permission.SUPERVISE):
        return []
    team = workload.colleagues(workload.stages_supervised(request.user))
    return [one for one in team if one.pk != request.user.pk]


urlpatterns = [
    path("absences/", absences, name="absences"),
    path("absences/<int:absence_id>/end/", end, name="absence_end"),
]
