"""How a request ends, whoever ends it: the applicant, an officer, its last day, or the case moving on."""

from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import clock, timeline
from moothall.domain.cases.models import Pause, Request, TimelineEntry


def end(request: Request, state: Request.State, *, text: str, by: User, at: datetime, goes_on: bool = True) -> None:
    """Write the end of a request whose case is locked: state, timeline, and the clock if the stage `goes_on`."""
    request.state, request.ended_at, request.ended_by = state, at, by
    if state == Request.State.CANCELLED:
        request.reason = text
    else:
        request.answer = text
    request.save(update_fields=["state", "ended_at", "ended_by", "reason", "answer"])
    if request.pause_id:
        Pause.objects.filter(pk=request.pause_id, ended_at=None).update(ended_at=at)
        if goes_on:
            clock.note_turns([request.item_id], at=at)
    ending = {"answered": "answered", "closed": "closed without an answer", "cancelled": "cancelled"}[state]
    write(request, f"Request {request.number} {ending}.{f' {text}' if text else ''}", by=by, at=at)
    recording.record(f"request.{state}", request, by=by, at=at, case=request.case_id)


def write(request: Request, text: str, *, by: User, at: datetime) -> None:
    """A line about a request on its case's timeline."""
    timeline.write(request.case, kind=TimelineEntry.Kind.REQUEST, text=text, by=by, at=at, request=request.number)
