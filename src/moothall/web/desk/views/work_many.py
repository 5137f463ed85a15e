"""Many work items at once: assigned, tagged, progressed; with what came of each (CT-20)."""

import re
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.lists.models import Tag
from moothall.domain.cases.models import WorkItem
from moothall.web.components.forms import Form
from moothall.web.components.parts import Column
from moothall.web.desk import work_many
from moothall.web.desk.access import needs
from moothall.web.desk.forms.work import AssignMany, ChooseMany, TagMany
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.work_lists import colleagues, view_of

MOST = 100
_RESULTS = "work_results"


@needs(Permission.VIEW_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def many(request: DeskRequest) -> HttpResponse:
    """Ask what shall be done with the items selected; when told, do it and lead to what came of each."""
    given = request.POST if request.method == "POST" else request.GET
    doing, items = given.get("do", ""), _items(request, given)
    form, title = _form(request, doing, items)
    results = _done(request, doing, items, form) if items and form.is_bound and form.is_valid() else None
    if results is not None:
        request.session[_RESULTS] = {"results": [one.kept() for one in results], "back": _back(given)}
        return redirect("desk:work_many_done")
    asked = ["item"] if items else []
    recording.searched("workitem", by=request.user, at=request.now, via="desk many", found=len(items), asked=asked)
    page = {
        "title": title,
        "form": form,
        "failed": bool(form.errors),
        "items": items,
        "do": doing,
        "back": view_of(QueryDict(given.get("back", ""))).urlencode(),
        "list": _back(given),
        "columns": [Column(_("Case")), Column(_("Customer")), Column(_("Stage")), Column(_("Assigned to"))],
        "impossible": _impossible(doing, items, form),
        "button": {"assign": _("Assign"), "tag": _("Tag"), "outcome": _("Choose this outcome")}.get(doing, ""),
        "heading": ngettext("%s work item", "%s work items", len(items)) % len(items),
    }
    return TemplateResponse(request, "desk/worklist/many.html", page, status=422 if form.errors else 200)


@needs(Permission.VIEW_WORK)
@require_safe
def many_done(request: DeskRequest) -> HttpResponse:
    """What came of each."""
    kept = request.session.get(_RESULTS, {"results": [], "back": reverse("desk:work")})
    results = kept["results"]
    done = sum(one["done"] for one in results)
    page = {
        "results": results,
        "list": kept["back"],
        "columns": [Column(_("Case")), Column(_("Result")), Column(_("Why"))],
        "summary": _("%(done)s of %(all)s done.") % {"done": done, "all": len(results)},
        "all_done": done == len(results),
    }
    return TemplateResponse(request, "desk/worklist/many_done.html", page)


def _items(request: DeskRequest, given: QueryDict) -> list[WorkItem]:
    """The items selected, of those the user may see."""
    rows = WorkItem.objects.visible_to(request.user).filter(pk__in=_seen(given))
    return list(rows.select_related("stage", "run", "case__service", "case__customer", "assigned_to").order_by("id"))


def _seen(given: QueryDict) -> dict[int, int]:
    """The numbers of the items selected, with the version each had when it was shown (0: not told)."""
    seen = {}
    for one in given.getlist("item")[:MOST]:
        if found := re.fullmatch(r"([0-9]{1,18})(?::([0-9]{1,9}))?", one):
            seen[int(found[1])] = int(found[2] or 0)
    return seen


def _form(request: DeskRequest, doing: str, items: list[WorkItem]) -> tuple[Form, str]:
    told = request.POST if request.method == "POST" and "chosen" in request.POST else None
    if doing == "assign":
        return AssignMany(told, colleagues=colleagues([item.stage for item in items])), _("Assign")
    if doing == "tag":
        tags = Tag.objects.filter(applies_to=Tag.Applies.CASE, system=False, retired_on=None).order_by("label")
        return TagMany(told, tags=list(tags.values_list("key", "label"))), _("Tag")
    return ChooseMany(told, outcomes=work_many.outcomes(items, request.user)), _("Choose an outcome")


def _impossible(doing: str, items: list[WorkItem], form: Form) -> str:
    if not items:
        return _("Nothing was selected. Go back, tick the work items and try again.")
    if doing not in {"assign", "tag", "outcome"}:
        return _("Go back and say what shall be done with them.")
    if doing == "outcome" and not form.fields["outcome"].choices:  # type: ignore[attr-defined]
        return _("No outcome here can be chosen on many cases at once: each asks something of its own case.")
    return ""


def _done(request: DeskRequest, doing: str, items: list[WorkItem], form: Any) -> list[work_many.Result] | None:
    data = form.cleaned_data
    if doing == "assign":
        to = None if data["to"] == "nobody" else User.objects.get(pk=data["to"])
        return work_many.assign(items, to=to, request=request)
    if doing == "tag":
        return work_many.tag(items, put=data["put"], remove=data["remove"], request=request)
    if doing == "outcome":
        seen = {pk: version for pk, version in _seen(request.POST).items() if version}
        return work_many.choose(items, place=data["outcome"], note=data["note"], seen=seen, request=request)
    return None


def _back(given: QueryDict) -> str:
    return f"{reverse('desk:work')}?{view_of(QueryDict(given.get('back', ''))).urlencode()}"


urlpatterns = [
    path("work/many/", many, name="work_many"),
    path("work/many/done/", many_done, name="work_many_done"),
]
