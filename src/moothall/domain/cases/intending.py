"""Things to do on a case: added by hand or by a workflow, given to somebody, moved, completed, withdrawn (PPP-41).

By hand they lie outside the flow of any workflow, and the record says so (PPP-57).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.domain.cases import clock, effects, timeline
from moothall.domain.cases.colleagues import groups_that_may, who_may
from moothall.domain.cases.intention_types import TYPES
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, Intention, TimelineEntry, WorkItem
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.domain.workflow.definition import Stage
from moothall.domain.workflow.parts import Target, ToDo
from moothall.kit.calendars import LONDON

LONGEST = 300
LONGEST_NOTE = 2_000
FARTHEST = timedelta(days=3_660)
NEEDS = (Permission.VIEW_CASES, Permission.MANAGE_INTENTIONS)
"""What somebody needs for the service of a case to be given something to do there."""


class IntentionRefused(Exception):
    """Its message may be shown to whoever asked."""


class NotPlanned(IntentionRefused):
    """What was planned makes no sense: `problems` has each field of the plan that is wrong, with a sentence."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(sentence for _, sentence in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done, what kind of thing that is, by when, and by whom: a user, a team or nobody yet; and whether it
    stays to be done when its case is closed."""

    text: str
    type: str
    due: date
    user: User | None = None
    team: SecurityGroup | None = None
    remind_on: date | None = None
    stays: bool = False

    @classmethod
    def of(cls, row: Intention) -> "Plan":
        """What is planned now."""
        return cls(
            text=row.text,
            type=row.type,
            due=row.due,
            user=row.user,
            team=row.team,
            remind_on=row.remind_on,
            stays=row.stays,
        )

    @property
    def whose(self) -> str:
        """For whom it is, in words."""
        return f"for {self.user or self.team}" if self.user or self.team else "for nobody yet"


def add(case: Case, plan: Plan, *, by: User, at: datetime, follows: Intention | None = None) -> Intention:
    """Add something to do by hand, outside the flow of any workflow. Raises NotPlanned."""
    with recording.because(action="intention.added", by=by, at=at):
        case = lock(case)
        _check(plan, case, before=None, at=at)
        row = _insert(case, plan, by=by, at=at, follows=follows)
        said = f"To do added by hand, outside the flow: {_told(row)}, {plan.whose}."
        _write(row, said, by=by, at=at)
        recording.record(
            "intention.added",
            row,
            by=by,
            at=at,
            case=case.pk,
            by_hand=True,
            follows=follows.pk if follows else None,
        )
        _tell(row, by=by, at=at)
        return row


def change(
    intention: Intention, plan: Plan, *, by: User, at: datetime, version: int | None = None, tell: bool = True
) -> Intention:
    """Plan something open otherwise: as `plan` says. `version` is the one `by` saw. Raises NotPlanned, IntentionRefused.

    Whoever is given it is told, unless not `tell`. The same plan again changes nothing.
    """
    with recording.because(action="intention.changed", by=by, at=at):
        row = _held(intention, version)
        before = Plan.of(row)
        if plan == before:
            return row
        _check(plan, row.case, before=before, at=at)
        row.text, row.type, row.due = plan.text.strip(), plan.type, plan.due
        row.user, row.team, row.stays = plan.user, plan.team, plan.stays
        if plan.remind_on != before.remind_on:
            row.remind_on, row.reminded_at = plan.remind_on, None
        row.version += 1
        row.save(update_fields=["text", "type", "due", "user", "team", "remind_on", "reminded_at", "stays", "version"])
        changes = "; ".join(_changes(before, plan))
        _write(row, f"To do changed: “{row.text}”{': ' if changes else ''}{changes}.", by=by, at=at)
        recording.record("intention.changed", row, by=by, at=at, case=row.case_id, changed=_changed(before, plan))
        if tell and plan.user != before.user:
            _tell(row, by=by, at=at)
        return row


def complete(
    intention: Intention,
    *,
    by: User,
    at: datetime,
    note: str = "",
    version: int | None = None,
    then: Plan | None = None,
) -> Intention:
    """Say that it is done; `then` is what follows, which is added and linked to it. Raises NotPlanned, IntentionRefused."""
    with recording.because(action="intention.completed", by=by, at=at):
        row = _end(intention, Intention.State.COMPLETED, note, by=by, at=at, version=version)
        _write(row, f"To do completed: “{row.text}”{f': {row.said}' if row.said else ''}", by=by, at=at)
        recording.record("intention.completed", row, by=by, at=at, case=row.case_id, follow_up=then is not None)
        if then:
            add(row.case, then, by=by, at=at, follows=row)
        return row


def withdraw(intention: Intention, *, reason: str, by: User, at: datetime, version: int | None = None) -> Intention:
    """Say that it is not to be done any more, and why. Raises IntentionRefused."""
    if not reason.strip():
        raise IntentionRefused("Say why it is not to be done any more.")
    with recording.because(action="intention.withdrawn", by=by, at=at):
        row = _end(intention, Intention.State.WITHDRAWN, reason, by=by, at=at, version=version)
        _write(row, f"To do withdrawn: “{row.text}”: {row.said}", by=by, at=at)
        recording.record("intention.withdrawn", row, by=by, at=at, case=row.case_id)
        return row


def _held(intention: Intention, version: int | None) -> Intention:
    """The open intention as it is now, its case locked."""
    case = lock(intention.case)
    row = Intention.objects.select_related("user", "team").get(pk=intention.pk)
    row.case = case
    if row.state != Intention.State.OPEN:
        raise IntentionRefused(f"“{row.text}” is {row.get_state_display().lower()} already.")
    if version is not None and version != row.version:
        raise IntentionRefused(f"“{row.text}” was changed while you had it open. Look again first.")
    return row


def _end(
    intention: Intention, state: Intention.State, said: str, *, by: User, at: datetime, version: int | None
) -> Intention:
    row = _held(intention, version)
    if len(said.strip()) > LONGEST_NOTE:
        raise IntentionRefused(f"Use {LONGEST_NOTE:,} characters or fewer.")
    row.state, row.said, row.ended_at, row.ended_by = state, said.strip(), at, by
    row.version += 1
    row.save(update_fields=["state", "said", "ended_at", "ended_by", "version"])
    return row


def _check(plan: Plan, case: Case, *, before: Plan | None, at: datetime) -> None:
    """Refuse a plan that makes no sense. What stays as it was `before` is not asked again."""
    if problems := list(_problems(plan, case, before, at.astimezone(LONDON).date())):
        raise NotPlanned(problems)


def _problems(plan: Plan, case: Case, before: Plan | None, today: date) -> Iterator[tuple[str, str]]:
    if not plan.text.strip():
        yield "text", "Say what is to be done."
    elif len(plan.text.strip()) > LONGEST:
        yield "text", f"Say what is to be done in {LONGEST} characters or fewer."
    if before is None or plan.type != before.type:
        try:
            lists.check(TYPES.key, [plan.type])
        except lists.NotInList as fault:
            yield "type", str(fault)
    if before is None or plan.due != before.due:
        if plan.due < today:
            yield "due", "The day it is due has passed."
        elif plan.due - today > FARTHEST:
            yield "due", "The day it is due lies more than ten years ahead."
    yield from _reminder_problems(plan, before, today)
    yield from _holder_problems(plan, case, before)


def _reminder_problems(plan: Plan, before: Plan | None, today: date) -> Iterator[tuple[str, str]]:
    if plan.remind_on is None:
        return
    if plan.remind_on > plan.due:
        yield "remind_on", "The reminder would come after the day it is due."
    elif plan.remind_on < today and (before is None or plan.remind_on != before.remind_on):
        yield "remind_on", "The day of the reminder has passed."


def _holder_problems(plan: Plan, case: Case, before: Plan | None) -> Iterator[tuple[str, str]]:
    if plan.user and plan.team:
        yield "whose", "It is either somebody's or a team's."
        return
    if before and (plan.user, plan.team) == (before.user, before.team):
        return
    if plan.user and not may_do(plan.user, case):
        yield "whose", f"{plan.user} may not work on what is to be done on this case."
    if (
        plan.team
        and not groups_that_may(case.service_key, Permission.MANAGE_INTENTIONS).filter(pk=plan.team.pk).exists()
    ):
        yield "whose", f"{plan.team} may not work on what is to be done on this case."


def may_do(user: User, case: Case) -> bool:
    """Whether a user can be given something to do on a case."""
    return who_may(case.service_key, *NEEDS).filter(pk=user.pk).exists()


def _insert(
    case: Case,
    plan: Plan,
    *,
    by: User,
    at: datetime,
    follows: Intention | None = None,
    item: WorkItem | None = None,
) -> Intention:
    return Intention.objects.create(
        case=case,
        item=item,
        follows=follows,
        text=plan.text.strip(),
        type=plan.type,
        due=plan.due,
        user=plan.user,
        team=plan.team,
        remind_on=plan.remind_on,
        stays=plan.stays,
        created_at=at,
        created_by=by,
    )


def _told(row: Intention) -> str:
    return f"“{row.text}”, due {row.due:%-d %B %Y}"


def _changes(before: Plan, plan: Plan) -> Iterator[str]:
    if plan.due != before.due:
        yield f"due {plan.due:%-d %B %Y} instead of {before.due:%-d %B %Y}"
    if plan.whose != before.whose:
        yield f"{plan.whose} instead of {before.whose}"
    if plan.text.strip() != before.text:
        yield f"it was “{before.text}”"
    if plan.remind_on != before.remind_on:
        yield f"reminder on {plan.remind_on:%-d %B %Y}" if plan.remind_on else "no reminder"
    if plan.stays != before.stays:
        yield "stays to be done when the case is closed" if plan.stays else "ends with the case"


def _changed(before: Plan, plan: Plan) -> list[str]:
    """Which fields of a plan are others, for the audit record, which holds no text."""
    return [
        name
        for name in ("text", "type", "due", "user", "team", "remind_on", "stays")
        if getattr(plan, name) != getattr(before, name)
    ]


def _write(row: Intention, text: str, *, by: User, at: datetime) -> None:
    timeline.write(row.case, kind=TimelineEntry.Kind.INTENTION, text=text, by=by, at=at, intention=row.pk)


def _tell(row: Intention, *, by: User, at: datetime) -> None:
    """Let whoever was given it know, unless they gave it to themselves."""
    if row.user is None:
        return
    notify(
        [row.user],
        kind=Notification.Kind.WORK,
        text=f"You have something to do on {row.case.reference}, due {row.due:%-d %B %Y}, from {by}.",
        cause=f"intention.{row.pk}.{row.version}",
        reference=row.case.reference,
        anchor=f"to-do-{row.pk}",
        by=by,
        at=at,
    )


@effects.handles("intention")
def _by_workflow(effect: Any, occasion: effects.Occasion) -> None:
    """The effect of an outcome: something to do."""
    _planned(effect, occasion.case, occasion.item, by=occasion.by, at=occasion.at)


def on_entry(item: WorkItem, stage: Stage, *, case: Case, by: User, at: datetime) -> None:
    """What is to be done on a case that has come to a stage, but for what is to be done there already."""
    for one in stage.to_do:
        same = Intention.objects.open().filter(case=case, item__isnull=False, text=one.text, type=one.type)
        if not same.exists():
            _planned(one, case, item, by=by, at=at)


def _planned(effect: ToDo, case: Case, item: WorkItem, *, by: User, at: datetime) -> None:
    """Add what a workflow asks for: for the owner of the case if it says so and they may, else its team."""
    today = at.astimezone(LONDON).date()
    owner = User.objects.filter(pk=case.owner_id).first() if effect.owner and case.owner_id else None
    user = owner if owner and may_do(owner, case) else None
    team = SecurityGroup.objects.filter(key=effect.team).first() if effect.team and not user else None
    due = _day(today, effect.due)
    remind_on = due if effect.remind else None
    plan = Plan(text=effect.text, type=effect.type, due=due, user=user, team=team, remind_on=remind_on)
    row = _insert(case, plan, by=by, at=at, item=item)
    said = f"To do added by the workflow: {_told(row)}, {plan.whose}."
    _write(row, said, by=by, at=at)
    recording.record("intention.added", row, by=by, at=at, case=case.pk, by_hand=False, item=item.pk)
    _tell(row, by=by, at=at)


def _day(today: date, length: Target) -> date:
    """The day that lies `length` after today."""
    if length.unit == "working_days":
        return clock.calendar().add_working_days(today, length.amount)
    return today + timedelta(days=length.amount)
