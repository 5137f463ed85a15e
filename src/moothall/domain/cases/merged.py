"""Customers made one, or two again: their cases are held first, and each open one says so on its timeline."""

from collections.abc import Collection
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import timeline
from moothall.domain.cases.locking import hold_cases
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.people.golden import merging
from moothall.domain.people.models import Customer, Merge


def merge(
    kept: Customer,
    absorbed: Customer,
    *,
    chosen: Collection[str],
    reason: str,
    by: User,
    at: datetime,
    version: str = "",
    by_itself: bool = False,
) -> Merge:
    """As `merging.merge`, with the cases of both held first (see `locking`)."""
    with recording.because(action="customer.merged", by=by, at=at, reason=reason):
        _hold(kept.pk, absorbed.pk)
        return merging.merge(
            kept, absorbed, chosen=chosen, reason=reason, by=by, at=at, version=version, by_itself=by_itself
        )


def unmerge(merge: Merge, *, reason: str, by: User, at: datetime) -> merging.Left:
    """As `merging.unmerge`, with the cases held first."""
    with recording.because(action="customer.unmerged", by=by, at=at, reason=reason):
        _hold(merge.kept_id, merge.absorbed_id)
        return merging.unmerge(merge, reason=reason, by=by, at=at)


def write(merge: Merge) -> None:
    """A line on each open case of the one kept; when undone, also on those that went back."""
    if merge.undone_at is None:
        text = f"Two records of the customer were made one. Reason: {merge.reason}"
        by, at = merge.by, merge.at
    else:
        assert merge.undone_by is not None
        text = f"The customer’s record was made two again: they are not the same. Reason: {merge.undone_why}"
        by, at = merge.undone_by, merge.undone_at
    both = [merge.kept_id, merge.absorbed_id]
    for case in Case.objects.open().filter(customer__in=both).defer("submitted").order_by("pk"):
        timeline.write(case, kind=TimelineEntry.Kind.PERSON, text=text, by=by, at=at)


def _hold(*customers: int) -> None:
    hold_cases(Case.objects.filter(customer__in=customers).values_list("pk", flat=True))


merging.heard_by(write)
