"""Many work items at once: assigned, tagged, progressed; those ticked, or all that the list holds (CT-20)."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from moothall.core.accounts import absence
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.core.lists.models import Tag
from moothall.domain.cases import batches, together
from moothall.domain.cases.batches import TooMany
from moothall.domain.cases.models import Batch, WorkItem, WorkItemQuerySet
from moothall.domain.workflow.models import Stage
from moothall.kit.calendars import LONDON
from moothall.web.components.parts import Column
from moothall.web.desk.access import needs
from moothall.web.desk.doing import done_or_queued
from moothall.web.desk.forms.team import Once
from moothall.web.desk.forms.work import AssignMany, ChooseMany, TagMany
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.work_lists import asked_for, colleagues, view_of

SHOWN = 50  # of the items chosen, to look at before one goes on
MOST_TICKED = 1_000
_KINDS = {"assign": Batch.Kind.ASSIGN, "tag": Batch.Kind.TAG, "outcome": Batch.Kind.OUTCOME}


@dataclass(frozen=True)
class Selected:
    """The work items meant. `seen` are those ticked, with the version each had when it was shown (0: not told)."""

    items: WorkItemQuerySet
    total: int
    every: bool  # all that the list holds, however many
    seen: dict[int, int]
    stages: list[Stage]


@needs(Permission.VIEW_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def many(request: DeskRequest) -> HttpResponse:
    """Ask what shall be done with the items selected; when told, begin it and lead to what comes of each."""
    given = request.POST if request.method == "POST" else request.GET
    if given.get("every") and "tab" not in request.GET:
        return redirect(f"{reverse('desk:work_many')}?{_every(given).urlencode()}")
    doing, selected = given.get("do", ""), _selected(request, given)
    form, title = _form(request, doing, selected)
    if selected.total and doing in _KINDS and form.is_bound and form.is_valid():
        try:
            return done_or_queued(_begun(request, doing, selected, form))
        except TooMany as refusal:
            form.add_error(None, str(refusal))
    asked = ["list" if selected.every else "item"] if selected.total else []
    recording.searched("workitem", by=request.user, at=request.now, via="desk many", found=selected.total, asked=asked)
    rows = selected.items.select_related("stage", "case__customer", "assigned_to")[:SHOWN]
    page = {
        "title": title,
        "form": form,
        "failed": bool(form.errors),
        "items": list(rows.defer("answers", "note", "case__submitted")),
        "more": max(0, selected.total - SHOWN),
        "versions": [] if selected.every else list(selected.items.values_list("pk", "version")),
        "every": selected.every,
        "address": request.get_full_path() if selected.every else reverse("desk:work_many"),
        "do": doing,
        "back": _back(request, given).urlencode(),
        "list": _list(_back(request, given)),
        "columns": [Column(_("Case")), Column(_("Customer")), Column(_("Stage")), Column(_("Assigned to"))],
        "impossible": _impossible(doing, selected, form, request.user),
        "button": {"assign": _("Assign"), "tag": _("Tag"), "outcome": _("Choose this outcome")}.get(doing, ""),
        "heading": ngettext("%s work item", "%s work items", selected.total) % f"{selected.total:,}",
    }
    return TemplateResponse(request, "desk/worklist/many.html", page, status=422 if form.errors else 200)


def _selected(request: DeskRequest, given: QueryDict) -> Selected:
    """The items selected, of those the user may see."""
    every = bool(given.get("every"))
    if every:
        items, seen = asked_for(request).items, {}
    else:
        seen = _seen(given)
        items = WorkItem.objects.visible_to(request.user).filter(pk__in=seen)
    items = items.order_by("id")
    total = items.count()
    return Selected(items, total, every, seen, together.stages(items) if total else [])


def _seen(given: QueryDict) -> dict[int, int]:
    seen = {}
    for one in given.getlist("item")[:MOST_TICKED]:
        if found := re.fullmatch(r"([0-9]{1,18})(?::([0-9]{1,9}))?", one):
            seen[int(found[1])] = int(found[2] or 0)
    return seen


def _form(request: DeskRequest, doing: str, selected: Selected) -> tuple[Once, str]:
    told = request.POST if request.method == "POST" and "chosen" in request.POST else None
    if doing == "assign":
        people = list(colleagues(selected.stages))
        away = absence.away([one.pk for one in people], today=request.now.astimezone(LONDON).date())
        return AssignMany(told, colleagues=people, away=away), _("Assign")
    if doing == "tag":
        tags = lists.by_hand(Tag.Applies.CASE, together.services(selected.stages))
        return TagMany(told, tags=list(tags.values_list("key", "label"))), _("Tag")
    offered, noted = together.outcomes(selected.stages, request.user), together.noted(selected.stages)
    return ChooseMany(told, outcomes=offered, noted=noted), _("Choose an outcome")


def _impossible(doing: str, selected: Selected, form: Once, user: User) -> str:
    if not selected.total:
        return _("Nothing was selected. Go back, tick the work items and try again.")
    if doing not in _KINDS:
        return _("Go back and say what shall be done with them.")
    if doing != "outcome" and not user.may(Permission.EDIT_CASES):
        return _("You may look at these cases and not change them.")
    if selected.total > batches.MOST:
        return _("At most %(most)s can be done at once, and these are %(total)s. Go back and choose more filters.") % {
            "most": f"{batches.MOST:,}",
            "total": f"{selected.total:,}",
        }
    if doing == "outcome" and not form.fields["outcome"].choices:  # type: ignore[attr-defined]
        return _("No outcome here can be chosen on many cases at once: each asks something of its own case.")
    return ""


def _begun(request: DeskRequest, doing: str, selected: Selected, form: Once) -> Batch:
    data: dict[str, Any] = form.cleaned_data
    asked: dict[str, Any] = {"list": _back(request, request.POST).urlencode()}
    to = None
    if doing == "assign":
        to = None if data["to"] == "nobody" else User.objects.get(pk=data["to"])
    elif doing == "tag":
        asked |= {"put": data["put"], "remove": data["remove"]}
    else:
        asked |= {"outcome": data["outcome"], "note": data["note"]}
    return batches.begin(
        _KINDS[doing],
        together.lines(selected.items, seen=selected.seen, to=to),
        key=data["key"],
        by=request.user,
        at=request.now,
        asked=asked,
    )


def _every(given: QueryDict) -> QueryDict:
    """The address that means all that the list holds."""
    there = QueryDict(given.get("back", ""))
    query = view_of(there)
    query["tab"] = query.get("tab", "mine")
    if there.get("find"):
        query["find"] = "1"
    query["every"], query["do"] = "1", given.get("do", "")
    return query


def _back(request: DeskRequest, given: QueryDict) -> QueryDict:
    """The view somebody came from."""
    if given.get("every"):
        query = view_of(request.GET)
        if request.GET.get("find"):
            query["find"] = "1"
        return query
    return view_of(QueryDict(given.get("back", "")))


def _list(query: QueryDict) -> str:
    return f"{reverse('desk:work')}?{query.urlencode()}"


urlpatterns = [path("work/many/", many, name="work_many")]
