"""The integration queue: what other systems are told, what failed, and putting it right (CT-71, BEST-60)."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases.models import Case
from moothall.domain.exchange import actions, masking, payloads, queries
from moothall.domain.exchange.actions import QueueRefusal
from moothall.domain.exchange.models import CaseHold, Item
from moothall.domain.exchange.operations import UnknownOperation
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column, Pages, sorting, with_query
from moothall.web.desk import queue_page
from moothall.web.desk.access import needs
from moothall.web.desk.finding import allow, case_named
from moothall.web.desk.forms.queue import Filter, Reason, Request
from moothall.web.desk.queue_page import CASE_VERBS, VERBS
from moothall.web.desk.request import DeskRequest

PAGE_SIZE = 50
COUNTED = 10_000


@needs(Permission.VIEW_QUEUE)
@require_safe
def queue(request: DeskRequest) -> HttpResponse:
    """What is to be told to other systems, for cases one may see; the newest first."""
    form = Filter(request.GET)
    items = Item.objects.visible_to(request.user)
    items = queue_page.narrowed(items, form.cleaned_data) if form.is_valid() else items.none()
    after, given = request.GET.get("after", ""), request.GET.get("sort", "")
    sort = given if given in queue_page.SORTS else "-created"
    total = items.order_by()[: COUNTED + 1].count()
    try:
        rows = queue_page.ordered(queue_page.whole(items), sort, after, most=PAGE_SIZE + 1)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    shown_rows = rows[:PAGE_SIZE]
    asked = sorted(name for name, value in form.cleaned_data.items() if value) if form.is_valid() else []
    recording.searched("item", by=request.user, at=request.now, via="desk queue", found=total, asked=asked)
    summary = (
        _("More than %s items") % f"{COUNTED:,}" if total > COUNTED else ngettext("%s item", "%s items", total) % total
    )
    pages = Pages(
        previous=with_query(request.GET, after=None) if after else "",
        next=with_query(request.GET, after=queue_page.place(shown_rows[-1], sort)) if len(rows) > PAGE_SIZE else "",
        summary=summary,
    )
    case = form.cleaned_data.get("case", "")
    shown = {
        "form": form,
        "failed": bool(form.errors),
        "lines": [queue_page.line(item) for item in shown_rows],
        "columns": _columns(request, sort),
        "pages": pages,
        "case": case,
        "held": bool(case) and _held(request, case),
        "may_manage": request.user.may(Permission.MANAGE_QUEUE),
    }
    return TemplateResponse(request, "desk/queue.html", shown, status=422 if form.errors else 200)


@needs(Permission.VIEW_QUEUE)
@require_safe
def item(request: DeskRequest, item_id: int) -> HttpResponse:
    """One item, with the exact data sent and received each time."""
    found = _item(request, item_id)
    recording.read(found.case, by=request.user, at=request.now, via="desk queue.item")
    may_manage = request.user.may(Permission.MANAGE_QUEUE, found.case.service.key)
    page = {
        "line": queue_page.line(found),
        "item": found,
        "rows": queue_page.facts(found),
        "waiting_for": queries.waiting_for(found),
        "verbs": queue_page.possible(found) if may_manage else [],
        "may_edit": may_manage and found.status in queue_page.EDITABLE,
        "tries": queue_page.tries(found),
        "arguments": queue_page.pretty(found.arguments) if found.arguments else "",
        "override": queue_page.pretty(found.payload_override) if found.payload_override is not None else "",
        "result": queue_page.pretty(found.result) if found.result else "",
    }
    return TemplateResponse(request, "desk/queue_item.html", page)


@needs(Permission.VIEW_QUEUE, Permission.MANAGE_QUEUE)
@READ_OR_SEND
def act(request: DeskRequest, item_id: int, verb: str) -> HttpResponse:
    """Do one thing with one item, after a question why where the case needs to know."""
    found, known = _item(request, item_id, Permission.MANAGE_QUEUE), VERBS.get(verb)
    if known is None:
        raise Http404
    line = queue_page.line(found)
    if request.method != "POST" and found.status not in known.states:
        told = {
            "title": known.title,
            "line": line,
            "told": _("This cannot be done any more: the item is as it says here."),
        }
        return TemplateResponse(request, "desk/queue_act.html", told, status=409)
    form = Reason(sent(request)) if known.reason else None
    if request.method == "POST" and (form is None or form.is_valid()):
        why = {"reason": form.cleaned_data["reason"]} if form else {}
        try:
            known.action(found, by=request.user, at=request.now, **why)
        except QueueRefusal as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, str(known.done))
        return redirect("desk:queue_item", found.pk)
    page = {"title": known.title, "line": line, "form": form, "failed": bool(form and form.errors), "verb": known}
    return TemplateResponse(request, "desk/queue_act.html", page, status=422 if page["failed"] else 200)


@needs(Permission.VIEW_QUEUE, Permission.MANAGE_QUEUE)
@READ_OR_SEND
def edit(request: DeskRequest, item_id: int) -> HttpResponse:
    """Put the request itself right and queue it again, or have it built from the case again."""
    found = _item(request, item_id, Permission.MANAGE_QUEUE)
    rebuilt = "rebuild" in request.POST
    form = Request(request.POST if request.method == "POST" and not rebuilt else None)
    if request.method == "POST" and (rebuilt or form.is_valid()):
        payload = None if rebuilt else form.cleaned_data["payload"]
        try:
            actions.edit_and_requeue(found, payload, by=request.user, at=request.now)
        except (QueueRefusal, UnknownOperation) as refused:
            if rebuilt:
                messages.error(request, str(refused))
            else:
                form.add_error(None, str(refused))
        else:
            messages.success(request, _("It is queued again."))
        if rebuilt or not form.errors:
            return redirect("desk:queue_item", found.pk)
    problems: tuple[str, ...] = ()
    if request.method != "POST":
        payload, problems = _as_sent(found)
        form = Request(initial={"payload": json.dumps(payload, indent=2, ensure_ascii=False)})
    recording.read(found.case, by=request.user, at=request.now, via="desk queue.edit")
    page = {"form": form, "line": queue_page.line(found), "problems": problems, "failed": bool(form.errors)}
    return TemplateResponse(request, "desk/queue_edit.html", page, status=422 if form.errors else 200)


@needs(Permission.VIEW_QUEUE, Permission.MANAGE_QUEUE)
@READ_OR_SEND
def act_on_case(request: DeskRequest, reference: str, verb: str) -> HttpResponse:
    """Do one thing with everything queued on one case."""
    case, known = case_named(request, reference, Permission.VIEW_QUEUE, Permission.MANAGE_QUEUE), CASE_VERBS.get(verb)
    if known is None:
        raise Http404
    form = Reason(sent(request)) if known.reason else None
    if request.method == "POST" and (form is None or form.is_valid()):
        why = {"reason": form.cleaned_data["reason"]} if form else {}
        try:
            known.action(case, by=request.user, at=request.now, **why)
        except QueueRefusal as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, str(known.done))
        return redirect(_of_case(case.reference))
    failed = bool(form and form.errors)
    page = {"title": known.title, "reference": case.reference, "form": form, "failed": failed, "verb": known}
    return TemplateResponse(request, "desk/queue_act_case.html", page, status=422 if failed else 200)


def _of_case(reference: str) -> str:
    return f"{reverse('desk:queue')}?{urlencode({'case': reference})}"


def _as_sent(item: Item) -> tuple[Any, tuple[str, ...]]:
    """The request that would be sent now, for editing; what went last where it cannot be built."""
    last = masking.mask(item.payload_override or item.sent or {})
    try:
        preview = payloads.preview(item)
    except (UnknownOperation, Invalid) as fault:
        return last, (str(fault),)
    return preview.payload or last, preview.problems


def _item(request: DeskRequest, item_id: int, *permissions: Permission) -> Item:
    found = queue_page.whole(Item.objects.visible_to(request.user), all_of_it=True).filter(pk=item_id).first()
    if found is None:
        raise Http404
    allow(request, found.case.service.key, *permissions)
    return found


def _columns(request: DeskRequest, sort: str) -> list[Column]:
    query = request.GET.copy()
    query.pop("after", None)
    return [
        Column(_("Case")),
        Column(_("Name and postcode")),
        Column(_("What, and for whom")),
        Column(_("State")),
        sorting(_("Queued"), "created", query=query, sort=sort),
        sorting(_("Processed"), "processed", query=query, sort=sort),
    ]


def _held(request: DeskRequest, reference: str) -> bool:
    """Whether what a case one may see has in the queue is held back."""
    return CaseHold.objects.filter(case__in=Case.objects.visible_to(request.user).filter(reference=reference)).exists()


urlpatterns = [
    path("queue/", queue, name="queue"),
    path("queue/<int:item_id>/", item, name="queue_item"),
    path("queue/<int:item_id>/edit/", edit, name="queue_edit"),
    path("queue/<int:item_id>/<slug:verb>/", act, name="queue_act"),
    path("queue/cases/<str:reference>/<slug:verb>/", act_on_case, name="queue_act_case"),
]
