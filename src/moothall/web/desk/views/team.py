"""The work of a team: who holds what, work shared out, skills, and what somebody who leaves hands over (BEST-4)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts import absence
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import handing, leaving, sharing, skills, workload
from moothall.domain.cases.batches import TooMany
from moothall.domain.cases.handing import CannotHandOver
from moothall.domain.cases.sharing import CannotShare
from moothall.domain.cases.workload import MOST_COUNTED, Load
from moothall.domain.workflow import published
from moothall.domain.workflow.models import Stage
from moothall.kit.calendars import LONDON
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column
from moothall.web.components.templatetags.components import day
from moothall.web.desk.access import needs
from moothall.web.desk.doing import done_or_queued
from moothall.web.desk.forms.team import HandOver, ShareOut, Skills
from moothall.web.desk.models import WorkView
from moothall.web.desk.request import DeskRequest

Place = tuple[str, str]  # the keys of a workflow and a stage of it


@dataclass(frozen=True)
class Shown:
    """A colleague's load, and where each number leads."""

    load: Load
    href: str  # the address of their work
    stages: list[tuple[str, int, str]]  # name, how many, address


@needs(Permission.SUPERVISE)
@require_safe
def team(request: DeskRequest) -> HttpResponse:
    """What each colleague holds, and what nobody has."""
    stages = workload.stages_supervised(request.user)
    loads = workload.loads(request.user, stages, at=request.now)
    waiting = _waiting(request, stages)
    recording.searched("user", by=request.user, at=request.now, via="desk team", found=len(loads), asked=[])
    page = {
        "shown": [_shown(load, stages, request.user) for load in loads],
        "columns": [
            Column(_("Colleague")),
            Column(_("Open"), numeric=True),
            Column(_("Late"), numeric=True),
            Column(_("Due this week"), numeric=True),
            Column(_("By stage")),
            Column(_("Longest in its stage since")),
        ],
        "waiting": waiting,
        "waiting_columns": [
            Column(_("Stage")),
            Column(_("Nobody has"), numeric=True),
            Column(_("Share out"), hidden=True),
        ],
    }
    return TemplateResponse(request, "desk/team/team.html", page)


@needs(Permission.SUPERVISE)
@READ_OR_SEND
def share(request: DeskRequest) -> HttpResponse:
    """Share out what nobody has at a stage."""
    stages = workload.stages_supervised(request.user)
    loads = [load for load in workload.loads(request.user, stages, at=request.now) if load.user.is_active]
    form = ShareOut(
        sent(request),
        initial={
            "place": request.GET.get("place", ""),
            "among": [str(load.user.pk) for load in loads if not load.away],
        },
        places=[(place, f"{name} ({count})") for place, name, count in _waiting(request, stages)],
        people=[(str(load.user.pk), _holding(load)) for load in loads],
    )
    if form.is_valid():
        workflow, _slash, stage = form.cleaned_data["place"].partition("/")
        try:
            batch = sharing.share_out(
                sharing.unassigned(request.user, workflow=workflow, stage=stage),
                among=[load.user for load in loads if str(load.user.pk) in form.cleaned_data["among"]],
                most=form.cleaned_data["most"],
                key=form.cleaned_data["key"],
                by=request.user,
                at=request.now,
            )
        except (CannotShare, TooMany) as refusal:
            form.add_error(None, str(refusal))
        else:
            return done_or_queued(batch)
    page = {"form": form, "failed": bool(form.errors), "nothing": not form.fields["place"].choices}  # type: ignore[attr-defined]
    return TemplateResponse(request, "desk/team/share.html", page, status=422 if form.errors else 200)


@needs(Permission.SUPERVISE)
@READ_OR_SEND
def member(request: DeskRequest, user_id: int) -> HttpResponse:
    """One colleague: their skills, when they are away, and what they hold."""
    user = _member(request, user_id)
    form = Skills(
        sent(request),
        initial={"skills": user.skills},
        skills=[(one.key, f"{one.label} ({one.service})") for one in skills.supervised(request.user)],
    )
    if form.is_valid():
        skills.give(user, skills=form.cleaned_data["skills"], by=request.user, at=request.now)
        messages.success(request, _("The skills of %s are kept.") % user.full_name)
        return redirect("desk:team_member", user.pk)
    today = request.now.astimezone(LONDON).date()
    page = {
        "member": user,
        "form": form,
        "failed": bool(form.errors),
        "holding": leaving.holding(user, seen_by=request.user),
        "absences": list(user.absences.filter(last_day__gte=today).select_related("cover").order_by("first_day")),
        "list": _list(user, request.user),
        "itself": user == request.user,
    }
    return TemplateResponse(request, "desk/team/member.html", page, status=422 if form.errors else 200)


@needs(Permission.SUPERVISE)
@READ_OR_SEND
def leave(request: DeskRequest, user_id: int) -> HttpResponse:
    """Hand over all that somebody has who leaves."""
    user = _member(request, user_id)
    people = [one for one in workload.colleagues(workload.stages_supervised(request.user)) if one.is_active]
    people = [one for one in people if one.pk != user.pk]
    away = absence.away([one.pk for one in people], today=request.now.astimezone(LONDON).date())
    form = HandOver(
        sent(request),
        people=[(str(one.pk), _named(one, away.get(one.pk))) for one in people],
        may_end=request.user.may(Permission.MANAGE_USERS),
    )
    if form.is_valid():
        chosen = [one for one in people if str(one.pk) in form.cleaned_data["to"]]
        given = {name: form.cleaned_data.get(name) for name in ("deactivate", "reason")}
        try:
            batch = handing.hand_over(
                user,
                to=chosen,
                deactivate=bool(given["deactivate"]),
                reason=given["reason"] or "",
                key=form.cleaned_data["key"],
                by=request.user,
                at=request.now,
            )
        except (CannotHandOver, TooMany) as refusal:
            form.add_error(None, str(refusal))
        else:
            return done_or_queued(batch)
    page = {
        "member": user,
        "form": form,
        "failed": bool(form.errors),
        "holding": leaving.holding(user, seen_by=request.user),
        "views": WorkView.objects.filter(user=user, team__isnull=False).count(),
    }
    return TemplateResponse(request, "desk/team/leave.html", page, status=422 if form.errors else 200)


def _member(request: DeskRequest, user_id: int) -> User:
    """A colleague the supervisor supervises. Raises Http404."""
    found = workload.colleagues(workload.stages_supervised(request.user)).filter(pk=user_id).first()
    if found is None:
        raise Http404
    return found


def _shown(load: Load, stages: list[Stage], viewer: User) -> Shown:
    many: dict[Place, int] = {}
    names: dict[Place, str] = {}
    for stage in stages:
        if count := load.stages.get(stage.pk):
            place = (stage.version.workflow.key, stage.key)
            many[place] = many.get(place, 0) + count
            names[place] = stage.name
    here = _list(load.user, viewer)
    return Shown(
        load, here, [(names[place], count, f"{here}&stage={place[0]}/{place[1]}") for place, count in many.items()]
    )


def _list(user: User, viewer: User) -> str:
    whose = "me" if user.pk == viewer.pk else str(user.pk)
    return f"{reverse('desk:work')}?tab=all&assigned_to={whose}"


def _waiting(request: DeskRequest, stages: list[Stage]) -> list[tuple[str, str, str]]:
    """Each stage at which something waits that nobody has: its place, name with workflow, and how many."""
    many = workload.waiting(request.user, stages)
    found: dict[str, tuple[str, int]] = {}
    for stage in stages:
        if count := many.get(stage.pk):
            place = f"{stage.version.workflow.key}/{stage.key}"
            name = f"{published.workflow(stage.version_id).name}: {stage.name}"
            found[place] = (name, found.get(place, ("", 0))[1] + count)
    return [
        (place, name, f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else str(count))
        for place, (name, count) in found.items()
    ]


def _holding(load: Load) -> str:
    said = _("%(name)s: holds %(count)s") % {"name": load.user.full_name, "count": load.items}
    return f"{said}, {_until(load.away)}" if load.away else said


def _named(user: User, away: Any) -> str:
    return f"{user.full_name}, {_until(away)}" if away else user.full_name


def _until(away: Any) -> str:
    return _("away until %s") % day(away.last_day)


urlpatterns = [
    path("team/", team, name="team"),
    path("team/share/", share, name="team_share"),
    path("team/<int:user_id>/", member, name="team_member"),
    path("team/<int:user_id>/leave/", leave, name="team_leave"),
]
