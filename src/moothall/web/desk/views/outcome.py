"""An outcome chosen: its questions, what it will send, and the choice itself (CT-30, CT-32, CT-60).

Nothing is kept between the pages but what the form itself carries, so that going back loses nothing and of two officers
at once the slower one keeps what they typed.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import intending_closed, linking, numbers, progress, refusals, sight
from moothall.domain.cases.models import WorkItem
from moothall.domain.documents import content as contents
from moothall.domain.documents import pictures
from moothall.domain.documents.models import Document
from moothall.domain.workflow import permits, published
from moothall.kit import framing
from moothall.web.common import whole
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.desk import customers, letters, picturing, workflow_page
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import may_see
from moothall.web.desk.choosing import Choosing
from moothall.web.desk.request import DeskRequest

SMALL = 240  # pixels; shown at half of it, sharp on any screen


@needs(Permission.VIEW_WORK)
@READ_OR_SEND
def outcome(request: DeskRequest, item_id: int, outcome_id: str) -> HttpResponseBase:
    """The questions of an outcome; then what it sends, to be looked at and changed; then the choice."""
    if request.method != "POST":
        return _asked(_choosing(request, item_id, outcome_id))
    choosing = _choosing(request, item_id, outcome_id, request.POST)
    step = request.POST.get("step", "")
    if choosing.item.finished_at:
        return _choose(choosing, [])  # says who was first
    framed = picturing.question(choosing.outcome)
    if framed and (step == "frame" or picturing.was_turned(framed, request.POST)):
        data = picturing.filled(request, choosing.item.case, framed, choosing.data or request.POST)
        anew = _choosing(request, item_id, outcome_id, data)
        if step != "frame":
            anew.form.add_error(None, _("The photograph was turned. Look at the part that is sent now."))
        return _asked(anew)
    if step == "change":
        return _asked(choosing)
    if not choosing.judge():
        return _asked(choosing)
    if not workflow_page.sends(choosing.outcome):
        return _choose(choosing, [])
    try:
        rehearsed = choosing.rehearsed()
    except progress.Refused as refused:
        choosing.form.tell(refused.reasons)
        return _asked(choosing)
    except refusals.every() as refused:
        choosing.form.add_error(None, str(refused))
        return _asked(choosing)
    copies = letters.copies(rehearsed, request.POST)
    judged = [copy.form.is_valid() for copy in copies]  # every one, so that every error is shown
    if step == "choose" and all(judged):
        return _choose(choosing, copies)
    return _review(choosing, copies, failed=step == "choose" and any(copy.form.errors for copy in copies))


@needs(Permission.VIEW_WORK)
@require_POST
def preview(request: DeskRequest, item_id: int, outcome_id: str, position: int) -> HttpResponseBase:
    """One copy as the PDF of a letter or as an e-mail, with the officer's changes."""
    choosing = _choosing(request, item_id, outcome_id, request.POST)
    if not choosing.judge():
        return _unseen(choosing)
    try:
        copies = letters.copies(choosing.rehearsed(), request.POST)
    except progress.Refused as refused:
        choosing.form.tell(refused.reasons)
        return _unseen(choosing)
    except refusals.every() as refused:
        choosing.form.add_error(None, str(refused))
        return _unseen(choosing)
    for copy in copies:
        if copy.form.rehearsed.position == position:
            letter = request.POST.get("as") == "letter"
            if "live" in request.POST:
                judged = copy.form.is_valid()
                typed = letters.as_typed(copy.form, letter=letter) if judged or copy.anew else None
                return letters.live(request, typed, as_letter=letter)
            return letters.seen(request, letters.as_typed(copy.form, letter=letter), as_letter=letter)
    raise Http404


def _unseen(choosing: Choosing) -> HttpResponse:
    """Nothing can be shown yet: the questions with what is wrong, or a sentence in the frame beside the words."""
    if choosing.data and "live" in choosing.data:
        return letters.live(choosing.request, None, as_letter=False)
    return _asked(choosing)


def _choosing(request: DeskRequest, item_id: int, outcome_id: str, data: QueryDict | None = None) -> Choosing:
    item, page = workflow_page.item_page(request, item_id, via="case.workflow.outcome")
    definition = published.workflow(item.stage.version_id)
    try:
        found = definition.stage(item.stage.key).outcome(outcome_id)
    except LookupError as error:
        raise Http404 from error
    groups = request.user.group_keys
    if not permits.may(definition, groups, "outcome", stage=item.stage.key, subject=outcome_id):
        raise Http404
    version = item.version if data is None else whole.version(data.get("version", ""))
    return Choosing(request, item, found, page, data, version)


def _choose(choosing: Choosing, copies: Sequence[letters.Copy]) -> HttpResponseBase:
    request, item, choice = choosing.request, choosing.item, choosing.choice
    try:
        with transaction.atomic():
            if (kept := _kept(choosing)) and _may_keep(choosing):
                intending_closed.keep(item.case, kept, by=request.user, at=request.now)
            chosen = progress.choose(
                item,
                choice.outcome,
                by=request.user,
                at=request.now,
                version=choosing.version,
                answers=choice.answers,
                note=choice.note,
                edits={str(copy.form.rehearsed.position): copy.form.edit() for copy in copies if copy.form.edit()},
            )
    except progress.AlreadyProgressed as late:
        now = WorkItem.objects.get(pk=item.pk)
        if now.finished_by_id == request.user.pk and now.outcome == choice.outcome:
            return redirect("desk:case_workflow", item.case.reference)  # sent twice: it is done
        choosing.version = now.version
        return _lost(choosing, copies, str(late), gone=now.finished_at is not None)
    except progress.AlreadyProposed as waiting:
        if waiting.proposal.by_id == request.user.pk and waiting.proposal.outcome == choice.outcome:
            return redirect("desk:case_workflow", item.case.reference)  # sent twice: it is proposed
        choosing.form.add_error(None, str(waiting))
        return _asked(choosing)
    except progress.Refused as refused:
        choosing.form.tell(refused.reasons)
        return _asked(choosing)
    except refusals.every() as refused:
        numbers.note_refused(refused, at=request.now)
        choosing.form.add_error(None, str(refused))
        return _asked(choosing)
    said = {"stage": item.stage.name, "outcome": choosing.outcome.name}
    if chosen.proposal:
        messages.success(request, _("“%(outcome)s” is proposed, and waits for a second officer.") % said)
    elif here := chosen.now_at:
        messages.success(request, _("%(stage)s: %(outcome)s. Now at %(next)s.") % {**said, "next": here.stage.name})
    else:
        messages.success(request, _("%(stage)s: %(outcome)s. The workflow ended.") % said)
    return redirect("desk:case_workflow", item.case.reference)


def _lost(choosing: Choosing, copies: Sequence[letters.Copy], told: str, *, gone: bool) -> HttpResponse:
    """Somebody was first: their sentence, and everything that was typed."""
    if copies and not gone:
        return _review(choosing, copies, told=told, status=409)
    return _asked(choosing, told=told, gone=gone, copies=copies, status=409)


def _asked(
    choosing: Choosing, *, told: str = "", gone: bool = False, copies: Sequence[letters.Copy] = (), status: int = 200
) -> HttpResponse:
    failed = choosing.form.is_bound and bool(choosing.form.errors)
    typed = {name: values for name, values in (choosing.data or QueryDict()).lists() if name.startswith("message_")}
    sends = workflow_page.sends(choosing.outcome)
    given = {
        **_shared(choosing, told=told, failed=failed),
        "button": _("Continue") if sends else choosing.outcome.name,
        "new": bool(choosing.new),
        "followed": [one.label for one in choosing.form.questions if one.id in choosing.followed],
        "gone": gone,
        "copies": copies,
        "kept": workflow_page.pairs(typed),
        "frame": choosing.framing,
        "recorded": customers.as_recorded(choosing.item.case, choosing.outcome, choosing.request.user),
    }
    status = 422 if failed and status == 200 else status
    return TemplateResponse(choosing.request, "desk/workflow_outcome.html", given, status=status)


def _review(
    choosing: Choosing, copies: Sequence[letters.Copy], *, failed: bool = False, told: str = "", status: int = 200
) -> HttpResponse:
    data = choosing.form.data
    assert isinstance(data, QueryDict)
    own = {name: values for name, values in data.lists() if name.startswith(("answer_", "note"))}
    given = {
        **_shared(choosing, told=told, failed=failed),
        "copies": copies,
        "doubtful": letters.doubtful(choosing.item.case, copies),
        "may_put_right": may_see(choosing.request, choosing.item.case, Permission.EDIT_PEOPLE),
        "kept": workflow_page.pairs(own),
    }
    return letters.framing(
        TemplateResponse(choosing.request, "desk/workflow_review.html", given, status=422 if failed else status)
    )


def _shared(choosing: Choosing, *, told: str, failed: bool) -> dict[str, Any]:
    return {
        **choosing.page,
        "form": choosing.form,
        "outcome": choosing.outcome,
        "version": choosing.version,
        "settled": choosing.settled,
        "consequences": workflow_page.consequences(choosing.item.case, choosing.page["workflow"], choosing.outcome),
        "told": told,
        "to_do": intending_closed.ending(choosing.item, choosing.outcome),
        "keep": _kept(choosing),
        "may_keep": _may_keep(choosing),
        "children": linking.open_children(choosing.item.case) if choosing.outcome.end else [],
        "failed": failed or bool(told),
    }


def _kept(choosing: Choosing) -> set[int]:
    """The numbers of what is to be done all the same when the case is closed."""
    given = choosing.data.getlist("keep") if choosing.data else []
    return {number for one in given if (number := whole.whole(one)) is not None}


def _may_keep(choosing: Choosing) -> bool:
    return may_see(choosing.request, choosing.item.case, Permission.MANAGE_INTENTIONS)


@needs(Permission.VIEW_DOCUMENTS)
@require_safe
def thumbnail(request: DeskRequest, document_id: int) -> HttpResponse:
    """A small picture of an image among the documents one may see."""
    return _pictured(request, document_id, lambda found: pictures.shown(found, longest=SMALL), via="thumbnail")


@needs(Permission.VIEW_DOCUMENTS)
@require_safe
def framed(request: DeskRequest, document_id: int) -> HttpResponse:
    """Exactly what is sent of a photograph: the part in the address, or all of it."""
    given = request.GET.get("frame", "")
    try:
        frame = framing.parse(given) if given else None
    except framing.InvalidFrame as error:
        raise Http404(str(error)) from error
    return _pictured(request, document_id, lambda found: pictures.sent(found, frame), via="photograph")


def _pictured(request: DeskRequest, document_id: int, make: Callable[[Document], bytes], *, via: str) -> HttpResponse:
    found = sight.visible_documents(request.user).filter(pk=document_id, media_type__in=contents.PICTURES).first()
    if found is None:
        raise Http404
    try:
        content = make(found)
    except pictures.NoPicture as error:
        raise Http404(str(error)) from error
    recording.read(found, by=request.user, at=request.now, via=f"desk case.workflow.{via}")
    return HttpResponse(content, "image/jpeg")


urlpatterns = [
    path("documents/<int:document_id>/thumbnail/", thumbnail, name="thumbnail"),
    path("documents/<int:document_id>/framed/", framed, name="framed"),
    path("work/<int:item_id>/outcomes/<slug:outcome_id>/", outcome, name="outcome"),
    path("work/<int:item_id>/outcomes/<slug:outcome_id>/<int:position>/", preview, name="preview_copy"),
]
