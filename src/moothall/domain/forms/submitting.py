"""Sending a form: accepted when it is stored, once, with its deliveries queued in the same transaction (FRM-8)."""

from datetime import date, datetime, timedelta
from uuid import UUID

from procrastinate.contrib.django import app

from moothall.core.audit import recording
from moothall.domain.forms import destinations, drafts, published, runner, sealing, slots, who
from moothall.domain.forms.drafts import Held, NoDraft
from moothall.domain.forms.journey import Journey
from moothall.domain.forms.models import Delivery, Draft, Submission, Upload
from moothall.domain.forms.models import Form as FormRow
from moothall.domain.forms.runner import Missing
from moothall.domain.forms.standing import NotOpen, of_row
from moothall.domain.forms.who import Citizen, Who
from moothall.kit.calendars import LONDON

TASK, QUEUE = "forms.deliver", "forms"


class Incomplete(Exception):
    """Something is still to be answered. Its message may be shown; `missing` says what, `held` is the draft."""

    def __init__(self, missing: tuple[Missing, ...], held: Held) -> None:
        self.missing, self.held = missing, held
        super().__init__("Some answers are still to be given before this can be sent.")


def submit(key: UUID | str, *, token: str | None = None, by: Who, at: datetime) -> Submission:
    """Send a form. Sent twice, by two clicks, two tabs or a browser that tries again, it is sent once.

    Raises NoDraft, Incomplete, or NotOpen when the form was closed meanwhile.
    """
    author = who.author(by)
    with recording.because(action="form.submitted", by=author, at=at):
        try:
            held = drafts.locked(key, token=token, by=by, at=at)
        except NoDraft:
            if earlier := submission_of(key, token=token, by=by):
                return earlier
            raise
        if not runner.ready(held.journey):
            raise Incomplete(runner.missing(held.journey, held.draft.language), held)
        waiting = _place(held, at=at)
        form_id = held.draft.version.form_id
        submission = _store(held, by=by, at=at, waiting=waiting)
        slots.take(submission, held.journey, form_id=form_id)
        if not waiting:
            _queue(submission, held.journey, at=at)
        service = published.service_of(submission.version_id)
        form = f"{service}.{held.journey.plan.form.key}"
        recording.record("form.submitted", submission, by=author, at=at, form=form, waiting=waiting)
    return submission


def submission_of(key: UUID | str, *, token: str | None = None, by: Who) -> Submission | None:
    """What became of a draft, for whoever could open it."""
    try:
        found = Submission.objects.filter(key=UUID(str(key))).first()
    except ValueError:
        return None
    if found is None:
        return None
    mine = who.account(by) == found.account if found.account else token and sealing.digest(token) == found.digest
    return found if mine else None


def let_in(submission: Submission, *, by: Who, at: datetime) -> None:
    """Take a submission off the waiting list: it is delivered as if there had been room. Taken off already, it stays so."""
    author = who.author(by)
    with recording.because(action="form.let_in", by=author, at=at):
        row = Submission.objects.select_for_update(of=("self",)).select_related("version").get(pk=submission.pk)
        if row.waiting:
            row.waiting = False
            row.save(update_fields=["waiting"])
            _queue(row, journey_of(row), at=at)
            recording.record("form.let_in", row, by=author, at=at)


def journey_of(submission: Submission) -> Journey:
    """What was answered, as it was seen when it was sent."""
    citizen = Citizen(submission.account) if submission.account else None
    seen = drafts.setting(submission, by=citizen, at=submission.submitted_at, said=submission.lookups)
    plan = published.plan(submission.version_id)
    return runner.replay(plan, submission.answers, seen, saved=[page.id for page in plan.form.pages])


def _place(held: Held, *, at: datetime) -> bool:
    """Whether it comes onto the waiting list. Where there is a cap, one at a time is counted. Raises NotOpen."""
    rows = FormRow.objects.filter(pk=held.draft.version.form_id)
    row = rows.select_for_update().get() if held.journey.plan.form.cap else rows.get()
    if row.current_id is None:  # withdrawn, but what was begun may be sent
        return False
    standing = of_row(row, at=at)
    if not standing.takes:
        raise NotOpen(standing.of(held.draft.language))
    return standing.state == "waiting_list"


def _store(held: Held, *, by: Who, at: datetime, waiting: bool) -> Submission:
    draft, journey = held.draft, held.journey
    number, reference = destinations.next_reference(published.service_of(draft.version_id))
    fee = runner.fee(journey)
    counted = {id: journey.answer(id) for id in journey.plan.form.questions}
    submission = Submission.objects.create(
        key=draft.key,
        digest=draft.digest or "",
        version_id=draft.version_id,
        number=number,
        reference=reference,
        answers={id: answer for id, answer in counted.items() if answer is not None},
        lookups=dict(journey.setting.lookups),
        account=draft.account,
        customer_id=by.customer_id if isinstance(by, Citizen) and draft.account else draft.customer_id,
        officer=who.officer(by),
        language=draft.language,
        pence=fee.pence if fee else 0,
        waiting=waiting,
        remind_on=_remind_on(journey, at=at),
        started_at=draft.started_at,
        submitted_at=at,
    )
    Upload.objects.filter(draft=draft).update(draft=None, submission=submission)
    Draft.objects.filter(pk=draft.pk).delete()
    return submission


def _remind_on(journey: Journey, *, at: datetime) -> date | None:
    """When whoever sent it is reminded of documents that were left for later; nothing where none were."""
    days = journey.plan.form.remind_days
    later = any(one.state == "later" for one in runner.evidence(journey))
    return at.astimezone(LONDON).date() + timedelta(days=days) if later and days else None


def _queue(submission: Submission, journey: Journey, *, at: datetime) -> None:
    places = {id(one): place for place, one in enumerate(journey.plan.form.destinations)}
    for one in runner.destinations(journey):
        delivery = Delivery.objects.create(submission=submission, place=places[id(one)], kind=one.to, queued_at=at)
        queue(delivery)


def queue(delivery: Delivery) -> None:
    """Have a delivery made by a job that commits with this transaction."""
    app.configure_task(TASK, queue=QUEUE).defer(delivery_id=delivery.pk)
