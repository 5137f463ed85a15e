"""Samples of quality: decisions drawn when they are made, and looked at again by another officer (BEST-5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Q

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import sampling
from moothall.domain.cases.models import Proposal, QualityCheck, WorkItem
from moothall.domain.cases.sampling import Draw
from moothall.domain.workflow import published
from moothall.domain.workflow.machine import Change
from moothall.domain.workflow.oversight import QualityQuestion, QualitySample
from moothall.kit.calendars import LONDON

LONGEST_NOTE = 4_000


class CheckRefused(Exception):
    """A quality check cannot be done so, or by this person. Its message may be shown to whoever asked."""


def take_sample(item: WorkItem, change: Change, *, by: User, at: datetime) -> Draw | None:
    """Draw whether a decision just made is looked at again; None where no samples are taken."""
    wanted = change.outcome.quality_sample or change.stage.quality_sample
    if wanted is None:
        return None
    drawn = sampling.draw(sampling.QUALITY, wanted.percent, item, change.outcome.id)
    if drawn.taken:
        QualityCheck.objects.create(item=item, decided_by=by, groups=list(wanted.groups), drawn_at=at)
    return drawn


def sample_of(check: QualityCheck) -> QualitySample | None:
    """What the workflow says of a sample; None when a version it was moved to says nothing."""
    stage = published.workflow(check.item.stage.version_id).stage(check.item.stage.key)
    return stage.outcome(check.item.outcome).quality_sample or stage.quality_sample


def questions(check: QualityCheck) -> tuple[QualityQuestion, ...]:
    """What whoever checks answers yes or no."""
    sample = sample_of(check)
    return sample.questions if sample else ()


def obstacle(check: QualityCheck, user: User) -> str:
    """Why somebody may not do a check, as far as it depends on who they are; or nothing."""
    if check.decided_by_id == user.pk:
        return "Somebody else must check what you decided."
    if Proposal.objects.filter(item=check.item_id, state=Proposal.State.CONFIRMED, ended_by=user).exists():
        return "Somebody else must check what you confirmed."
    if user.group_keys.isdisjoint(check.groups):
        return "Your groups do not check this."
    return ""


def finish(
    check: QualityCheck, *, result: QualityCheck.Result, answers: Mapping[str, bool], note: str, by: User, at: datetime
) -> QualityCheck:
    """Write what a check came to, once. The case is not touched. Raises CheckRefused."""
    with recording.because(action="quality.checked", by=by, at=at):
        check = (
            QualityCheck.objects.select_for_update(of=("self",)).select_related("item__stage", "by").get(pk=check.pk)
        )
        if check.by:
            raise CheckRefused(f"{check.by.full_name} has checked this already.")
        if why := obstacle(check, by):
            raise CheckRefused(why)
        asked = {question.id: question.text for question in questions(check)}
        if missing := [text for id, text in asked.items() if id not in answers]:
            raise CheckRefused(f"Answer yes or no: {missing[0]}")
        note = note.strip()
        if result == QualityCheck.Result.FAILED and not note:
            raise CheckRefused("Say what was not right.")
        if len(note) > LONGEST_NOTE:
            raise CheckRefused(f"The note must be {LONGEST_NOTE:,} characters or fewer.")
        check.result, check.note, check.by, check.at = result, note, by, at
        check.answers = {id: bool(answers[id]) for id in asked}
        check.save(update_fields=["result", "note", "by", "at", "answers"])
        recording.record("quality.checked", check, by=by, at=at, result=str(result), case=check.item.case_id)
        return check


@dataclass(frozen=True, slots=True)
class Tally:
    """How many checks of one kind came to what."""

    name: str
    passed: int
    failed: int
    waiting: int


def by_outcome(user: User, *, first: date, last: date) -> list[Tally]:
    """The checks of decisions the user may see, drawn on these days, counted for each stage and outcome."""
    rows = _counted(user, first, last, "item__stage__version_id", "item__stage__key", "item__outcome")
    found: dict[str, Tally] = {}
    for version, stage, outcome, *counts in rows:
        place = published.workflow(version).stage(stage)
        name = f"{place.name}: {place.outcome(outcome).name}"
        found[name] = _added(found.get(name), Tally(name, *counts))
    return sorted(found.values(), key=lambda one: one.name)


def by_officer(user: User, *, first: date, last: date) -> list[Tally]:
    """The same, counted for each officer who decided."""
    rows = _counted(user, first, last, "decided_by__full_name", "decided_by")
    return [Tally(name, *counts) for name, _pk, *counts in rows]


def _counted(user: User, first: date, last: date, *keys: str) -> list[tuple[Any, ...]]:
    since, until = (datetime.combine(day, moment, LONDON) for day, moment in ((first, time()), (last, time.max)))
    rows = QualityCheck.objects.visible_to(user).filter(drawn_at__gte=since, drawn_at__lte=until)
    counts = {result: Count("pk", filter=Q(result=result)) for result in QualityCheck.Result.values}
    counted = rows.values(*keys).annotate(**counts, waiting=Count("pk", filter=Q(result=""))).order_by(*keys)
    return list(counted.values_list(*keys, "passed", "failed", "waiting"))


def _added(one: Tally | None, other: Tally) -> Tally:
    if one is None:
        return other
    return Tally(one.name, one.passed + other.passed, one.failed + other.failed, one.waiting + other.waiting)
