"""Requests to the applicant: asked, reminded, answered, closed by themselves (BEST-7)."""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Max

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.lists.models import Value
from moothall.domain.cases import clock, communications, effects, endings, progress, stuck
from moothall.domain.cases.answers import Answers
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Request, WorkItem
from moothall.domain.workflow.definition import Target
from moothall.kit.calendars import LONDON

AWAITING_APPLICANT = "awaiting_applicant"


class RequestRefused(Exception):
    """Its message may be shown to whoever asked."""


def ask(
    item: WorkItem,
    *,
    kind: str,
    items: Sequence[dict[str, str]],
    answer_by: date,
    by: User,
    at: datetime,
    remind_on: date | None = None,
    close_on: date | None = None,
    pauses: bool = False,
    then: dict[str, str] | None = None,
    reminder: str = "",
) -> Request:
    """Ask the applicant for `items` ([{"key", "label"}]) while the case waits at `item`.

    `pauses` stops the clock of `item` until the request ends. `then` names the outcomes of the stage to take by
    itself: `received` when answered, `closed` on `close_on`. `reminder` is the letter sent on `remind_on`. Raises
    RequestRefused.
    """
    if not items:
        raise RequestRefused("Say what you are asking the applicant for.")
    if answer_by < at.astimezone(LONDON).date():
        raise RequestRefused("The date to answer by has passed.")
    with recording.because(action="request.asked", by=by, at=at):
        case = lock(item.case)
        last = case.requests.aggregate(last=Max("number"))["last"] or 0
        labels = ", ".join(entry["label"] for entry in items)
        pause = (
            clock.pause(item, category=AWAITING_APPLICANT, reason=f"request {last + 1} to the applicant", by=by, at=at)
            if pauses
            else None
        )
        request = Request.objects.create(
            case=case,
            item=item,
            number=last + 1,
            kind=kind,
            items=list(items),
            asked_at=at,
            asked_by=by,
            answer_by=answer_by,
            remind_on=remind_on,
            close_on=close_on,
            pause=pause,
            settings={"then": then or {}, "reminder": reminder},
        )
        WorkItem.objects.filter(pk=item.pk).update(version=F("version") + 1)
        endings.write(request, f"Request {request.number}: {labels}. Answer by {answer_by:%-d %B %Y}.", by=by, at=at)
        recording.record("request.asked", request, by=by, at=at, case=case.pk, number=request.number)
        return request


def answer(request: Request, *, text: str = "", by: User, at: datetime) -> Request:
    """Record that the applicant answered; the clock goes on, and the stage too when the request says so."""
    return _end(request, Request.State.ANSWERED, outcome="received", text=text, by=by, at=at)


def cancel(request: Request, *, reason: str, by: User, at: datetime) -> Request:
    """Withdraw a request. Raises RequestRefused without a reason."""
    if not reason.strip():
        raise RequestRefused("Say why the request is cancelled.")
    return _end(request, Request.State.CANCELLED, outcome="", text=reason, by=by, at=at)


def remind_due(*, today: date, at: datetime, most: int = 200) -> int:
    """Send the reminders that are due, each with its own transaction; returns how many."""
    due = Request.objects.filter(state=Request.State.OPEN, reminded_at=None, remind_on__lte=today)
    due = due.select_related("case", "item__run").order_by("remind_on", "pk")
    return sum(_remind(request, at=at) for request in due[:most])


def _remind(request: Request, *, at: datetime) -> bool:
    by = system_user()
    with recording.because(action="request.reminded", by=by, at=at):
        waiting = Request.objects.filter(pk=request.pk, state=Request.State.OPEN, reminded_at=None)
        if not waiting.update(reminded_at=at):
            return False
        text = f"Reminder of request {request.number}. Answer by {request.answer_by:%-d %B %Y}."
        endings.write(request, text, by=by, at=at)
        if template := request.settings.get("reminder"):
            with stuck.told(request.case, f"The reminder of request {request.number}", at=at):
                answers = Answers(request.case, run=request.item.run)
                communications.send_by_rule(
                    request.case, template, channels=["email", "letter"], answers=answers, by=by, at=at
                )
        return True


def close_due(*, today: date, at: datetime, most: int = 200) -> int:
    """Close open requests whose last day has passed; returns how many."""
    due = Request.objects.filter(state=Request.State.OPEN, close_on__lt=today).order_by("close_on", "pk")
    closed = 0
    for request in due[:most]:
        try:
            _end(request, Request.State.CLOSED, outcome="closed", text="", by=system_user(), at=at)
            closed += 1
        except RequestRefused:
            continue  # somebody ended it in the meantime
    return closed


def _end(request: Request, state: Request.State, *, outcome: str, text: str, by: User, at: datetime) -> Request:
    with recording.because(action=f"request.{state}", by=by, at=at, reason=text):
        case = lock(request.case)
        request = Request.objects.select_related("item__stage", "pause").get(pk=request.pk)
        if request.state != Request.State.OPEN:
            raise RequestRefused(f"Request {request.number} is already {request.get_state_display().lower()}.")
        endings.end(request, state, text=text, by=by, at=at)
        next_outcome = request.settings["then"].get(outcome)
        if next_outcome and request.item.finished_at is None and not _others_open(request):
            with stuck.told(case, f"Request {request.number}", at=at):
                progress.choose_by_rule(request.item, next_outcome, at=at)
        else:
            progress.happened(case, event="request", at=at)
        return request


def _others_open(request: Request) -> bool:
    return Request.objects.filter(item=request.item_id, state=Request.State.OPEN).exists()


@effects.handles("request")
def _ask(effect: Any, occasion: effects.Occasion) -> None:
    """The effect of an outcome: ask for the values chosen in its question, while the case waits at the next stage."""
    if occasion.now_at is None:
        raise RequestRefused("A request needs a stage to wait at.")
    today = occasion.at.astimezone(LONDON).date()
    ask(
        occasion.now_at,
        kind=effect.kind,
        items=_items(effect, occasion),
        answer_by=_day(today, effect.answer_within),
        remind_on=_day(today, effect.remind_after) if effect.remind_after else None,
        close_on=_day(today, effect.close_after) if effect.close_after else None,
        pauses=effect.pauses,
        then=effect.then.model_dump(exclude_none=True),
        reminder=effect.reminder or "",
        by=occasion.by,
        at=occasion.at,
    )


def _items(effect: Any, occasion: effects.Occasion) -> list[dict[str, str]]:
    if effect.items is None:
        return [{"key": effect.kind, "label": effect.text or effect.kind}]
    question = occasion.question(effect.items)
    chosen = occasion.answers.get(effect.items, [])
    rows = Value.objects.filter(list__key=f"{occasion.case.service_key}.{question.list}", key__in=chosen).order_by(
        "order", "pk"
    )
    return [{"key": row.key, "label": row.label} for row in rows]


def _day(today: date, length: Target) -> date:
    """The day that lies `length` after today; hours and minutes count as the days they fill."""
    if length.unit == "working_days":
        return clock.calendar().add_working_days(today, length.amount)
    hours = {"days": 24.0, "hours": 1.0, "minutes": 1 / 60}[length.unit] * length.amount
    return today + timedelta(days=max(1, math.ceil(hours / 24)))
