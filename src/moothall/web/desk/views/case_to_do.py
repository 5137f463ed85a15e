"""What is to be done on a case: all of it; something added, planned otherwise, completed or withdrawn (PPP-41, PPP-57)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts import absence
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import intended, intending
from moothall.domain.cases.colleagues import groups_that_may, who_may
from moothall.domain.cases.intending import IntentionRefused, NotPlanned
from moothall.domain.cases.models import Case, Intention
from moothall.kit.calendars import LONDON
from moothall.web.common import paging, whole
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.forms import Form
from moothall.web.components.parts import numbered
from moothall.web.desk import case_to_do, to_do
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import SUMMARY, case_page
from moothall.web.desk.forms.to_do import Completing, Following, Holders, Planning, Withdrawing
from moothall.web.desk.request import DeskRequest

PAGE = 50
TWICE = timedelta(minutes=1)
"""The same thing added by the same person within this time is one thing, sent twice."""


@needs(Permission.VIEW_CASES)
@require_safe
def every(request: DeskRequest, reference: str) -> HttpResponse:
    """All that is, or was, to be done on a case: what is open first, by the day it is due."""
    page = case_page(request, reference, SUMMARY)
    rows = Intention.objects.visible_to(request.user).filter(case=page["case"])
    here = paging.page(request.GET, count=rows.count(), size=PAGE)
    shown = here.of(case_to_do.in_order(rows))
    given = {
        "lines": case_to_do.lines(page["case"], shown, user=request.user, now=request.now),
        "pages": numbered(page=here.number, last=here.last, query=QueryDict()) if here.last > 1 else None,
        "may_add": request.user.may(Permission.MANAGE_INTENTIONS, page["case"].service.key),
    }
    return TemplateResponse(request, "desk/to_do/case.html", {**page, **given})


@needs(Permission.MANAGE_INTENTIONS)
@READ_OR_SEND
def add(request: DeskRequest, reference: str) -> HttpResponse:
    """Add something to do by hand."""
    page = case_page(request, reference, SUMMARY, Permission.MANAGE_INTENTIONS)
    case = page["case"]
    form = Planning(sent(request), types=to_do.types(), holders=_holders(request, case))

    def act() -> str:
        plan = form.plan()
        lately = Intention.objects.open().filter(case=case, created_by=request.user, created_at__gt=request.now - TWICE)
        if not lately.filter(text=plan.text.strip(), due=plan.due).exists():
            intending.add(case, plan, by=request.user, at=request.now)
        return _("“%s” is to be done.") % plan.text

    told = _("It is added outside the flow of any workflow, and the timeline says so.")
    return _page(request, page, [form], act, title=_("Add something to do"), button=_("Add"), told=told)


@needs(Permission.MANAGE_INTENTIONS)
@READ_OR_SEND
def change(request: DeskRequest, reference: str, intention_id: int) -> HttpResponse:
    """Plan it otherwise: another day, another person, another reminder."""
    page, row = _found(request, reference, intention_id)
    holders = _holders(request, page["case"])
    form = Planning(sent(request), types=to_do.types(), holders=holders, now=row)

    def act() -> str:
        version = _version(request)
        intending.change(row, form.plan(now=row), by=request.user, at=request.now, version=version)
        return _("It is planned as you said.")

    return _page(request, page, [form], act, title=_("Change what is to be done"), button=_("Save"), row=row)


@needs(Permission.MANAGE_INTENTIONS)
@READ_OR_SEND
def complete(request: DeskRequest, reference: str, intention_id: int) -> HttpResponse:
    """Say that it is done, and what follows."""
    page, row = _found(request, reference, intention_id)
    form = Completing(sent(request))
    following = Following(sent(request), types=to_do.types(), holders=_holders(request, page["case"]))

    def act() -> str:
        note, then = form.cleaned_data["note"], following.follow_up()
        intending.complete(row, note=note, then=then, version=_version(request), by=request.user, at=request.now)
        return _("“%s” is done.") % row.text

    title = _("Complete: %s") % row.text
    return _page(request, page, [form, following], act, title=title, button=_("It is done"), row=row)


@needs(Permission.MANAGE_INTENTIONS)
@READ_OR_SEND
def withdraw(request: DeskRequest, reference: str, intention_id: int) -> HttpResponse:
    """Say that it is not to be done any more."""
    page, row = _found(request, reference, intention_id)
    form = Withdrawing(sent(request))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        intending.withdraw(row, reason=reason, version=_version(request), by=request.user, at=request.now)
        return _("“%s” is withdrawn.") % row.text

    return _page(request, page, [form], act, title=_("Withdraw: %s") % row.text, button=_("Withdraw"), row=row)


def _found(request: DeskRequest, reference: str, intention_id: int) -> tuple[dict[str, Any], Intention]:
    """The page of a case and something to do on it. Raises Http404, PermissionDenied."""
    page = case_page(request, reference, SUMMARY, Permission.MANAGE_INTENTIONS)
    rows = Intention.objects.visible_to(request.user).filter(case=page["case"]).select_related("user", "team")
    row = intended.labelled(rows).filter(pk=intention_id).first()
    if row is None:
        raise Http404
    row.case = page["case"]
    return page, row


def _holders(request: DeskRequest, case: Case) -> Holders:
    service = case.service.key
    people = list(who_may(service, *intending.NEEDS)[: to_do.MOST_HOLDERS])
    away = absence.away([one.pk for one in people], today=request.now.astimezone(LONDON).date())
    teams = groups_that_may(service, Permission.MANAGE_INTENTIONS)[: to_do.MOST_HOLDERS]
    return Holders(people, teams, away)


def _version(request: DeskRequest) -> int:
    return whole.version(request.POST.get("version", ""))


def _page(
    request: DeskRequest,
    page: dict[str, Any],
    forms: list[Form],
    act: Callable[[], str],
    *,
    title: str,
    button: str,
    row: Intention | None = None,
    told: str = "",
) -> HttpResponse:
    """The form on a page of its own; sent and sound, the act, what it came to, and the summary of the case."""
    case: Case = page["case"]
    if request.method == "POST" and all(form.is_valid() for form in forms):
        try:
            done = act()
        except NotPlanned as refused:
            for name, sentence in refused.problems:
                forms[-1].add_error(name, sentence)
        except IntentionRefused as refused:
            forms[0].add_error(None, str(refused))
        else:
            messages.success(request, done)
            return redirect(reverse("desk:case", args=[case.reference]) + "#to-do")
    failed = request.method == "POST"
    given = {
        "form": forms[0],
        "following": forms[1] if len(forms) > 1 else None,
        "title": title,
        "button": button,
        "told": told,
        "row": row,
        "kind": intended.kind(row) if row else "",
        "failed": failed,
    }
    return TemplateResponse(request, "desk/to_do/act.html", {**page, **given}, status=422 if failed else 200)


urlpatterns = [
    path("cases/<str:reference>/to-do/", every, name="case_to_do"),
    path("cases/<str:reference>/to-do/add/", add, name="case_to_do_add"),
    path("cases/<str:reference>/to-do/<int:intention_id>/change/", change, name="to_do_change"),
    path("cases/<str:reference>/to-do/<int:intention_id>/complete/", complete, name="to_do_complete"),
    path("cases/<str:reference>/to-do/<int:intention_id>/withdraw/", withdraw, name="to_do_withdraw"),
]
