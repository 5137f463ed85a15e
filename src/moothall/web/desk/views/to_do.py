"""What is to be done: one's own, one's teams', nobody's, found and sorted; as a file; and several done at once (PPP-43)."""

import re
from typing import Any

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from moothall.core.accounts import absence
from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import batches, intending, intending_many
from moothall.domain.cases.colleagues import groups_that_may, who_may
from moothall.domain.cases.models import Batch, Case, Intention, IntentionQuerySet
from moothall.kit.calendars import LONDON
from moothall.web.api.export import csv_response
from moothall.web.api.paging import bounded_count
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.components.parts import Column, sorting
from moothall.web.components.templatetags.components import day, moment
from moothall.web.desk import to_do
from moothall.web.desk.access import needs
from moothall.web.desk.doing import done_or_queued
from moothall.web.desk.forms.team import Once
from moothall.web.desk.forms.to_do import FinishMany, GiveMany, Holders, MoveMany
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.to_do import SIZE
from moothall.web.desk.views.errors import said

MOST_EXPORTED = 50_000
_KINDS = {"assign": Batch.Kind.ASSIGN_TO_DO, "move": Batch.Kind.MOVE_TO_DO, "complete": Batch.Kind.DO_TO_DO}


@needs(Permission.VIEW_CASES)
@require_safe
def listing(request: DeskRequest) -> HttpResponse:
    """The list that the address asks for, a page of it."""
    found = to_do.asked_for(request)
    lines, pages = to_do.page(found, request)
    recording.searched(
        "intention", by=request.user, at=request.now, via="desk to_do", found=len(lines), asked=sorted(found.query)
    )
    sort = found.order
    page = {
        "tabs": to_do.tabs(found, request),
        "tab": found.whose,
        "form": found.form,
        "failed": bool(found.form.errors),
        "filtered": bool({"due", "type", "service"} & set(found.query)),
        "clear": f"{reverse('desk:to_do')}?tab={found.whose}",
        "covered": found.covered,
        "lines": lines,
        "pages": pages,
        "beginning": f"?{found.query.urlencode()}" if request.GET.get("after") or request.GET.get("before") else "",
        "columns": [
            Column(_("To do")),
            Column(_("Case")),
            sorting(_("Due"), "due", query=found.query, sort=sort),
            Column(_("Whose")),
            sorting(_("Added"), "added", query=found.query, sort=sort),
        ],
        "back": found.query.urlencode(),
        "may_act": request.user.may(Permission.MANAGE_INTENTIONS),
        "may_export": request.user.may(Permission.EXPORT_CASES),
    }
    return TemplateResponse(request, "desk/to_do/list.html", page, status=422 if found.form.errors else 200)


@needs(Permission.VIEW_CASES, Permission.EXPORT_CASES)
@require_safe
def export(request: DeskRequest) -> HttpResponseBase:
    """Every row of the list that the address asks for, of services whose cases one may export, as CSV."""
    found = to_do.asked_for(request)
    if found.form.errors:
        return said(request, 422, _("This list cannot be exported"), _("Go back and correct its filters."))
    rows = found.rows.filter(case__in=Case.objects.visible_to(request.user, Permission.EXPORT_CASES).values("id"))
    total, more = bounded_count(rows, most=MOST_EXPORTED)
    if more:
        sentence = _("At most %s things to do can be exported at once, and the list has more. Choose more filters.")
        return said(request, 409, _("This list is too long"), sentence % f"{MOST_EXPORTED:,}")
    recording.searched(
        "intention", by=request.user, at=request.now, via="desk to_do export", found=total, asked=sorted(found.query)
    )
    lines = to_do.every(found, rows, user=request.user, today=request.now.astimezone(LONDON).date())
    head = [
        *(_("To do"), _("Kind"), _("Case"), _("Customer"), _("Service"), _("Due"), _("Overdue"), _("Whose")),
        *(_("Reminder"), _("Added"), _("Added by")),
    ]
    return csv_response(head, (_cells(line) for line in lines), name="to-do.csv")


def _cells(line: to_do.Line) -> list[str]:
    row = line.row
    return [
        row.text,
        line.kind,
        row.case.reference,
        row.case.customer.name,
        row.case.service.name,
        day(row.due),
        _("Yes") if line.standing == "overdue" else _("No"),
        row.whose,
        day(row.remind_on) if row.remind_on else "",
        moment(row.created_at),
        row.created_by.full_name,
    ]


@needs(Permission.MANAGE_INTENTIONS)
@READ_OR_SEND
def many(request: DeskRequest) -> HttpResponse:
    """Ask what shall be done with the things ticked; when told, do it and lead to what came of each."""
    given = request.POST if request.method == "POST" else request.GET
    doing, seen = given.get("do", ""), _seen(given)
    rows = Intention.objects.visible_to(request.user, Permission.MANAGE_INTENTIONS).open().filter(pk__in=seen)
    chosen = list(rows.select_related("case__customer", "case__service", "user", "team").order_by("due", "id"))
    form, title = _form(request, doing, chosen)
    if chosen and doing in _KINDS and form.is_bound and form.is_valid():
        return done_or_queued(_begun(request, doing, rows, seen, form))
    recording.searched("intention", by=request.user, at=request.now, via="desk to_do many", found=len(chosen), asked=[])
    back = QueryDict(given.get("back", ""))
    page = {
        "title": title,
        "form": form,
        "failed": bool(form.errors),
        "rows": chosen,
        "do": doing,
        "back": back.urlencode(),
        "list": f"{reverse('desk:to_do')}?{back.urlencode()}",
        "columns": [Column(_("To do")), Column(_("Case")), Column(_("Due")), Column(_("Whose"))],
        "impossible": _impossible(doing, chosen),
        "heading": ngettext("%s thing to do", "%s things to do", len(chosen)) % len(chosen),
    }
    return TemplateResponse(request, "desk/to_do/many.html", page, status=422 if form.errors else 200)


def _seen(given: QueryDict) -> dict[int, int]:
    """The numbers ticked, each with its version as it was shown (0: not told); a page of them at most."""
    found = (re.fullmatch(r"([0-9]{1,18})(?::([0-9]{1,9}))?", one) for one in given.getlist("item")[:SIZE])
    return {int(one[1]): int(one[2] or 0) for one in found if one}


def _form(request: DeskRequest, doing: str, chosen: list[Intention]) -> tuple[Once, str]:
    told = request.POST if request.method == "POST" and "chosen" in request.POST else None
    if doing == "assign":
        return GiveMany(told, holders=_holders(request, chosen)), _("Assign")
    if doing == "move":
        return MoveMany(told), _("Change the day")
    return FinishMany(told), _("Complete")


def _holders(request: DeskRequest, chosen: list[Intention]) -> Holders:
    """Who may be given any of these; what one of them may not be given is refused in its own line."""
    services = sorted({row.case.service.key for row in chosen})
    most = to_do.MOST_HOLDERS
    people: dict[int, User] = {}
    teams: dict[int, SecurityGroup] = {}
    for service in services:
        people |= {one.pk: one for one in who_may(service, *intending.NEEDS)[:most]}
        teams |= {one.pk: one for one in groups_that_may(service, Permission.MANAGE_INTENTIONS)[:most]}
    away = absence.away(list(people), today=request.now.astimezone(LONDON).date())
    return Holders(people.values(), teams.values(), away)


def _impossible(doing: str, chosen: list[Intention]) -> str:
    if not chosen:
        return _(
            "Nothing was selected that is still to be done and that you may change. Go back and tick what you mean."
        )
    return "" if doing in _KINDS else _("Go back and say what shall be done with them.")


def _begun(request: DeskRequest, doing: str, rows: IntentionQuerySet, seen: dict[int, int], form: Once) -> Batch:
    data, to = form.cleaned_data, None
    asked: dict[str, Any] = {"list": QueryDict(request.POST.get("back", "")).urlencode()}
    if isinstance(form, GiveMany):
        to = form.holders.people.get(data["whose"])
        team = form.holders.teams.get(data["whose"])
        asked["team"] = team.key if team else ""
    elif doing == "move":
        asked["due"] = data["due"].isoformat()
    else:
        asked["note"] = data["note"]
    lines = intending_many.lines(rows, seen=seen, to=to)
    return batches.begin(_KINDS[doing], lines, key=data["key"], by=request.user, at=request.now, asked=asked)


urlpatterns = [
    path("to-do/", listing, name="to_do"),
    path("to-do/export/", export, name="to_do_export"),
    path("to-do/many/", many, name="to_do_many"),
]
