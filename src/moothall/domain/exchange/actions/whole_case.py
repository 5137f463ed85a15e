"""What is done with everything the queue holds for one case."""

from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import timeline
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.exchange.actions.items import cancel, requeue
from moothall.domain.exchange.actions.refusal import QueueRefusal, reason_given
from moothall.domain.exchange.models import CaseHold, Item
from moothall.domain.exchange.wake import wake


def pause_case(case: Case, *, reason: str, by: User, at: datetime) -> CaseHold:
    """Send nothing for `case`, queued already or later, until it is un-paused."""
    reason = reason_given(reason)
    with recording.because(action="exchange.case_paused", by=by, at=at, reason=reason):
        _lock(case)
        if standing := CaseHold.objects.filter(case=case).first():
            raise QueueRefusal(f"The integrations of {case.reference} are paused already: {standing.reason}")
        hold = CaseHold.objects.create(case=case, reason=reason, by=by, at=at)
        recording.record("exchange.case_paused", case, by=by, at=at, reason=reason)
        _write(case, f"Integrations paused. {reason}", by=by, at=at)
    return hold


def unpause_case(case: Case, *, by: User, at: datetime) -> None:
    """Let the integrations of `case` go on. Items paused one by one stay so."""
    with recording.because(action="exchange.case_unpaused", by=by, at=at):
        _lock(case)
        deleted, _ = CaseHold.objects.filter(case=case).delete()
        if not deleted:
            raise QueueRefusal(f"The integrations of {case.reference} are not paused.")
        recording.record("exchange.case_unpaused", case, by=by, at=at)
        _write(case, "Integrations un-paused.", by=by, at=at)
        items = Item.objects.filter(case=case).waiting()
        for key in items.order_by().values_list("connector__key", flat=True).distinct():
            wake(key, at=at)


def cancel_case(case: Case, *, reason: str, by: User, at: datetime) -> list[Item]:
    """Cancel everything not settled of `case`; all or nothing, refused while one is being sent or asked about."""
    with recording.because(action="exchange.case_cancelled", by=by, at=at, reason=reason_given(reason)):
        _lock(case)
        items = list(Item.objects.filter(case=case).unsettled().order_by("-pk"))
        if not items:
            raise QueueRefusal(f"Nothing is waiting for {case.reference}.")
        return [cancel(item, reason=reason, by=by, at=at) for item in items]


def requeue_case(case: Case, *, by: User, at: datetime) -> list[Item]:
    """Queue every item of `case` again that ended in an error."""
    with recording.because(action="exchange.case_requeued", by=by, at=at):
        _lock(case)
        items = list(Item.objects.filter(case=case, status=Item.Status.ERROR).order_by("pk"))
        if not items:
            raise QueueRefusal(f"Nothing of {case.reference} ended in an error.")
        return [requeue(item, by=by, at=at) for item in items]


def _lock(case: Case) -> None:
    Case.objects.select_for_update(no_key=True).get(pk=case.pk)


def _write(case: Case, text: str, *, by: User, at: datetime) -> None:
    timeline.write(case, kind=TimelineEntry.Kind.INTEGRATION, text=text, by=by, at=at)
