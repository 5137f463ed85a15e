"""Customers who may be recorded twice: looked at side by side, merged fact by fact, told apart, and parted again (PPP-18)."""

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from procrastinate.exceptions import AlreadyEnqueued

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import merged
from moothall.domain.people import tasks
from moothall.domain.people.golden import facts, merging
from moothall.domain.people.models import Customer, LinkRun, Pair
from moothall.kit.invalid import Invalid
from moothall.web.common import paging
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column, Link, numbered, with_query
from moothall.web.desk import duplicates
from moothall.web.desk.access import needs
from moothall.web.desk.forms.duplicates import Undo
from moothall.web.desk.request import DeskRequest

PAGE = 25
COUNTED = 1_000
LATER = timedelta(days=30)
REFUSALS = (Invalid, merging.Changed, merging.NotPossible)


@needs(Permission.MERGE_PEOPLE, Permission.VIEW_PEOPLE)
@require_safe
def every(request: DeskRequest) -> HttpResponse:
    """Pairs to look at, the likeliest first; also those put off or decided."""
    state, band, kind = (request.GET.get(name, "") for name in ("state", "likely", "kind"))
    state = state or "waiting"
    if state not in duplicates.STATES or band not in {"", *duplicates.BANDS} or kind not in {"", *duplicates.KINDS}:
        raise Http404
    rows = duplicates.listed(request.user, state=state, band=band, kind=kind, today=timezone.localdate(request.now))
    count = rows[: COUNTED + 1].count()
    here = paging.page(request.GET, count=min(count, COUNTED), size=PAGE)
    shown = list(here.of(rows))
    recording.searched(
        "customer", by=request.user, at=request.now, via="desk duplicates", found=len(shown), asked=[state]
    )
    run = LinkRun.objects.order_by("-id").first()
    address = request.path
    kinds: dict[str, str] = {"": _("Both"), **{key: str(name) for key, name in duplicates.KINDS.items()}}
    bands: dict[str, str] = {"": _("All"), **{key: str(name) for key, (name, _q) in duplicates.BANDS.items()}}
    context = {
        "pairs": [(one, duplicates.likely(one), duplicates.reasons(one)) for one in shown],
        "states": [
            (Link(str(name), address + with_query(request.GET, state=key, page=None)), key == state)
            for key, name in duplicates.STATES.items()
        ],
        "bands": [
            (Link(name, address + with_query(request.GET, likely=key or None, page=None)), key == band)
            for key, name in bands.items()
        ],
        "kinds": [
            (Link(name, address + with_query(request.GET, kind=key or None, page=None)), key == kind)
            for key, name in kinds.items()
        ],
        "may_set": request.user.may(Permission.MANAGE_SERVICES),
        "state": state,
        "count": min(count, COUNTED),
        "more": count > COUNTED,
        "run": run,
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
        "columns": [
            Column(_("Who")),
            Column(_("And")),
            Column(_("What speaks for it")),
            Column(_("Likely"), numeric=True),
            *([Column(_("Decided"))] if state in {"different", "merged"} else []),
        ],
    }
    return TemplateResponse(request, "desk/duplicates/every.html", context)


@needs(Permission.MERGE_PEOPLE, Permission.VIEW_PEOPLE)
@require_POST
def look(request: DeskRequest) -> HttpResponse:
    """Have everybody compared; asked for already, it is not done twice."""
    try:
        with transaction.atomic():
            tasks.find_duplicates.defer()
    except AlreadyEnqueued:
        messages.success(request, _("This is asked for already, and is done as soon as a worker is free."))
    else:
        messages.success(request, _("Everybody is compared now. How far it is stands below the list."))
    return redirect("desk:duplicates")


@needs(Permission.MERGE_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def one(request: DeskRequest, pair_id: int) -> HttpResponse:
    """Two records side by side with what speaks for and against their being one; what is decided of them."""
    return compare(request, duplicates.named(request, pair_id))


def compare(request: DeskRequest, pair: Pair) -> HttpResponse:
    """The page of a pair, found or put together by hand, and what is decided on it."""
    kept, absorbed = duplicates.in_order(pair)
    rows = duplicates.compared(kept, absorbed, today=timezone.localdate(request.now))
    form = duplicates.Choose(
        sent(request),
        rows=rows,
        suggested=facts.suggested(kept, absorbed),
        kind=kept.kind,
        initial={"version": merging.version_of(kept, absorbed)},
    )
    act = request.POST.get("act", "")
    if request.method == "POST" and act == "later" and pair.pk:
        _put_off(pair, request)
        return redirect("desk:duplicates")
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, act, pair, kept, absorbed, form)
        except REFUSALS as error:
            form.add_error(
                "reason" if isinstance(error, Invalid) and not form.cleaned_data["reason"] else None, str(error)
            )
        else:
            return redirect("desk:customer", kept.pk) if act == "merge" else redirect("desk:duplicates")
    recording.read(kept, absorbed, by=request.user, at=request.now, via="desk duplicate")
    failed = bool(form.errors)
    page = {
        "pair": pair,
        "kept": kept,
        "absorbed": absorbed,
        "rows": rows,
        "form": form,
        "steps": duplicates.waterfall(pair),
        "likely": duplicates.likely(pair),
        "ninos_differ": facts.ninos_differ(kept, absorbed),
        "charity_numbers_differ": facts.charity_numbers_differ(kept, absorbed),
        "waiting": pair.state == Pair.State.WAITING,
        "by_hand": pair.model == merging.BY_HAND,
        "kept_here": bool(pair.pk),
        "failed": failed,
        "fact_columns": [Column(_("Fact")), Column(_("Record that stays")), Column(_("Record that leads to it"))],
        "step_columns": [
            Column(_("Compared")),
            Column(_("How it came out")),
            Column(_("Makes it")),
            Column(_("Weight")),
        ],
    }
    return TemplateResponse(request, "desk/duplicates/one.html", page, status=422 if failed else 200)


def _decide(
    request: DeskRequest, act: str, pair: Pair, kept: Customer, absorbed: Customer, form: duplicates.Choose
) -> None:
    reason = form.cleaned_data["reason"]
    if act == "merge":
        merged.merge(
            kept,
            absorbed,
            chosen=form.chosen(),
            reason=reason,
            version=form.cleaned_data["version"],
            by=request.user,
            at=request.now,
        )
        messages.success(request, _("They are one record now. It can be undone from the record’s page."))
    elif act == "different":
        if not reason.strip():
            raise Invalid(_("Say how you know that they are not the same."))
        merging.different(pair, reason=reason, by=request.user, at=request.now)
        messages.success(request, _("They are not the same: the pair is not shown again."))
    else:
        raise Http404


def _put_off(pair: Pair, request: DeskRequest) -> None:
    until = timezone.localdate(request.now) + LATER
    Pair.objects.filter(pk=pair.pk, state=Pair.State.WAITING).update(later_until=until)
    messages.success(request, _("The pair is put off for 30 days."))


@needs(Permission.MERGE_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def undo(request: DeskRequest, merge_id: int) -> HttpResponse:
    """Make two records again of one."""
    merge = duplicates.merge_named(request, merge_id)
    form = Undo(sent(request))
    if form.is_valid():
        try:
            left = merged.unmerge(merge, reason=form.cleaned_data["reason"], by=request.user, at=request.now)
        except REFUSALS as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("They are two records again, each as it was."))
            if left.added:
                number = sum(left.added.values())
                kinds = ", ".join(f"{count} {kind}" for kind, count in left.added.items())
                said = ngettext("What was added since stays here: %s.", "What was added since stays here: %s.", number)
                messages.warning(request, said % kinds)
            if left.changed:
                messages.warning(request, _("Changed since, and left so: %s.") % ", ".join(left.changed))
            return redirect("desk:customer", merge.kept_id)
    recording.read(merge.kept, merge.absorbed, by=request.user, at=request.now, via="desk merge")
    failed = bool(form.errors)
    page = {
        "merge": merge,
        "form": form,
        "failed": failed,
        "back": reverse("desk:customer", args=[merge.kept.golden.pk]),
        "chosen": ", ".join(duplicates.label(name) for name in merge.chosen),
    }
    return TemplateResponse(request, "desk/duplicates/undo.html", page, status=422 if failed else 200)


urlpatterns = [
    path("duplicates/", every, name="duplicates"),
    path("duplicates/look/", look, name="duplicates_look"),
    path("duplicates/<int:pair_id>/", one, name="duplicate"),
    path("merges/<int:merge_id>/", undo, name="merge"),
]
