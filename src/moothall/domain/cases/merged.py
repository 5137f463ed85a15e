"""Customers made one, or two again: their cases are held first, and each open one says so on its timeline."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council import settings as council
from moothall.domain.cases import timeline
from moothall.domain.cases.locking import hold_cases
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.people.golden import finding, merging
from moothall.domain.people.models import Customer, Merge, Pair
from moothall.kit.invalid import Invalid

_LOOKED_AT = 20_000  # pairs a night that are likely enough to be merged by themselves


def merge(
    kept: Customer,
    absorbed: Customer,
    *,
    chosen: Collection[str] | None,
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


def by_themselves(*, at: datetime, most: int = 500) -> int:
    """Merge the pairs that are likelier one than the council set, if it did; how many.

    Those whose numbers, birthdays or first names differ (`golden.alone`), or told apart before, are left for somebody to
    look at. At most `most` are merged at a time, the likeliest first.
    """
    limits = council.read(finding.Duplicates)
    likely = Q()
    for kind, least in (
        (Customer.Kind.PERSON, limits.merge_from),
        (Customer.Kind.ORGANISATION, limits.merge_organisations_from),
    ):
        if least is not None:
            likely |= Q(first__kind=kind, probability__gte=least)
    if not likely:
        return 0
    number = 0
    waiting = Pair.objects.filter(likely, state=Pair.State.WAITING).exclude(model=merging.BY_HAND)
    keys = waiting.order_by("-probability", "id").values_list("pk", flat=True)[:_LOOKED_AT]
    for key in list(keys):
        number += _merged_by_itself(key, at=at)
        if number == most:
            break
    return number


def _merged_by_itself(key: int, *, at: datetime) -> bool:
    pair = Pair.objects.filter(pk=key, state=Pair.State.WAITING).select_related("first", "second").first()
    if pair is None or merging.why_not_by_themselves(pair.first, pair.second):
        return False  # a merge before it took it away, or it waits for somebody
    why = f"By itself: {pair.probability:.2%} likely to be the same, by {pair.model}."
    try:
        merge(pair.first, pair.second, chosen=None, reason=why, by=system_user(), at=at, by_itself=True)
    except (merging.Changed, merging.NeverByItself, Invalid):
        return False
    return True


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
