"""Requests to the applicant: asked, reminded, answered, closed by themselves (BEST-7)."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
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
from moothall.domain.catalogue import catalogue
from moothall.domain.workflow import published
from moothall.domain.workflow.definition import Target
from moothall.kit.calendars import LONDON

AWAITING_APPLICANT = "awaiting_applicant"


class RequestRefused(Exception):
    """Its message may be shown to whoever asked."""


class NotAsked(RequestRefused):
    """What was to be asked makes no sense: `problems` has each field of `ask` that is wrong, with a sentence."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(" ".join(sentence for _, sentence in problems))
        self.problems = tuple(problems)


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
    itself: `received` when answered, `closed` on `close_on`. `reminder` is the letter sent on `remind_on`: one the
    service's workflows remind with. Raises NotAsked.
    """
    problems = [
        *_item_problems(items),
        *_date_problems(at.astimezone(LONDON).date(), answer_by, remind_on, close_on),
        *_reminder_problems(item, remind_on, reminder),
    ]
    if problems:
        raise NotAsked(problems)
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


def _item_problems(items: Sequence[dict[str, str]]) -> Iterator[tuple[str, str]]:
    if not items:
        yield "items", "Say what you are asking the applicant for."
    for key, times in Counter(entry["key"] for entry in items).items():
        if times > 1:
            yield "items", f"“{key}” is asked for twice: each thing has a key of its own."


def _date_problems(
    today: date, answer_by: date, remind_on: date | None, close_on: date | None
) -> Iterator[tuple[str, str]]:
    if answer_by < today:
        yield "answer_by", "The date to answer by has passed."
    if remind_on and remind_on <= today:
        yield "remind_on", "Give a day after today."
    elif remind_on and remind_on > answer_by:
        yield "remind_on", "The reminder would come after the day to answer by."
    if close_on and close_on <= today:
        yield "close_on", "Give a day after today."
    elif close_on and close_on < answer_by:
        yield "close_on", "A request cannot close before the day it is to be answered by."


def _reminder_problems(item: WorkItem, remind_on: date | None, reminder: str) -> Iterator[tuple[str, str]]:
    if remind_on and not reminder:
        yield "reminder", "Say which letter reminds the applicant on that day."
    if reminder and not remind_on:
        yield "remind_on", "Say on which day the reminder is sent."
    if reminder and reminder not in (known := sorted(_reminders(item))):
        has = f": use {' or '.join(known)}" if known else ", and this service has none"
        yield "reminder", f"“{reminder}” is not a letter that reminds of a request{has}."


def _reminders(item: WorkItem) -> set[str]:
    """The letters with which the workflows of the case's service, and the one it is at, remind of requests."""
    versions = {*catalogue.workflow_versions(item.case.service_version_id), item.run.version_id}
    return {letter for version in versions for letter in published.workflow(version).reminders}


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
    """The effect of an outcome: ask for the values chosen in its question, while the case waits at the next stage.

    Bank holidays can put a length in working days after one in days: the reminder then comes on the day to answer by,
    and the request closes on it at the earliest.
    """
    if occasion.now_at is None:
        raise RequestRefused("A request needs a stage to wait at.")
    today = occasion.at.astimezone(LONDON).date()
    answer_by = _day(today, effect.answer_within)
    ask(
        occasion.now_at,
        kind=effect.kind,
        items=_items(effect, occasion),
        answer_by=answer_by,
        remind_on=min(answer_by, _day(today, effect.remind_after)) if effect.remind_after else None,
        close_on=max(answer_by, _day(today, effect.close_after)) if effect.close_after else None,
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
