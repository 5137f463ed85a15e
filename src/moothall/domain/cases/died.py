"""What follows when a death is recorded, or taken back: each open case says so, and its officers are told (PPP-10)."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import timeline
from moothall.domain.cases.locking import hold_open_cases
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.domain.people import deaths
from moothall.domain.people.deaths import Recorded
from moothall.domain.people.models import Customer


def record(customer: Customer, *, died_on: date | None, how: str, by: User, at: datetime) -> None:
    """As `deaths.record`, with the open cases held first (see `locking`)."""
    with recording.because(action="person.died", by=by, at=at, reason=how):
        hold_open_cases(customer.pk)
        deaths.record(customer, died_on=died_on, how=how, by=by, at=at)


def officers_of(case: Case) -> QuerySet[User]:
    """Who answers for a case: who owns it, and who has taken its work."""
    taken = case.work_items.filter(finished_at=None).values("assigned_to")
    return User.objects.filter(Q(pk=case.owner_id) | Q(pk__in=taken))


def write(recorded: Recorded) -> None:
    """A line on each open case of who died, and a word to its officers."""
    day = f"{recorded.now:%-d %B %Y}" if recorded.now else ""
    text = (
        f"The customer died on {day}."
        if recorded.now
        else "The customer is alive: that they died was recorded wrongly."
    )
    told = "has died" if recorded.now else "is alive: the death was recorded wrongly"
    for case in Case.objects.open().filter(customer=recorded.customer.pk).defer("submitted").order_by("pk"):
        whole = f"{text} How this is known: {recorded.how}"
        timeline.write(case, kind=TimelineEntry.Kind.PERSON, text=whole, by=recorded.by, at=recorded.at)
        notify(
            [one for one in officers_of(case) if one.may(Permission.VIEW_CASES, case.service_key)],
            kind=Notification.Kind.WORK,
            text=f"Whom {case.reference} is for {told}.",
            cause=f"died.{case.pk}.{recorded.at.isoformat()}",
            by=recorded.by,
            reference=case.reference,
            at=recorded.at,
        )


deaths.heard_by(write)
