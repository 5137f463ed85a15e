"""What customers are to each other: who is whose parent, who acts for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.domain.people.details import check_start
from moothall.domain.people.lists import RELATIONSHIPS
from moothall.domain.people.models import Customer, Relationship
from moothall.domain.places.actions import check_lengths
from moothall.kit import text
from moothall.kit.invalid import Invalid

BACK = "_back"
"""After the key of a kind: the same relationship, said by the other of the two."""


@dataclass(frozen=True)
class Kind:
    """A kind of relationship: what the first is to the second, and the second to the first."""

    text: str
    back: str

    @property
    def mutual(self) -> bool:
        """Whether each is to the other the same."""
        return self.text == self.back


def kinds(*, retired: bool = False) -> dict[str, Kind]:
    """The kinds of relationship the council offers, by their keys; with `retired`, those it offered once as well."""
    told = lists.rules(RELATIONSHIPS.key)
    rows = lists.every_value(RELATIONSHIPS.key) if retired else lists.values(RELATIONSHIPS.key)
    return {row.key: Kind(row.label, told[row.key]["inverse"] or row.label) for row in rows}


@dataclass(frozen=True)
class Related:
    """A relationship as one of the two says it."""

    row: Relationship
    text: str
    other: Customer


def choices() -> list[tuple[str, str]]:
    """Every kind, said by either side: key and words."""
    found = []
    for key, kind in kinds().items():
        found.append((key, kind.text))
        if not kind.mutual:
            found.append((f"{key}{BACK}", kind.back))
    return found


def relate(
    customer: Customer,
    other: Customer,
    *,
    kind: str,
    by: User,
    at: datetime,
    from_date: date | None = None,
    role: str = "",
) -> Relationship:
    """Record what `customer` is to `other` (a key of `choices`) from a day on, today when none is given; and in which role.

    The same again gives what is recorded, in the role given now if one is. Raises Invalid with a sentence.
    """
    key, offered = kind.removesuffix(BACK), kinds()
    if key not in offered or (offered[key].mutual and kind != key):
        raise Invalid("Choose what they are to each other.")
    if customer.pk == other.pk:
        raise Invalid("Nobody is related to themselves. Choose somebody else.")
    check_start(from_date, today=timezone.localdate(at))
    part = " ".join(text.clean(role).split())
    check_lengths(Relationship, role=part)
    turned = kind.endswith(BACK) or (offered[key].mutual and other.pk < customer.pk)
    first, second = (other, customer) if turned else (customer, other)
    with recording.because(action="relationship.added", by=by, at=at):
        _lock(first, second)
        if standing := Relationship.objects.filter(first=first, second=second, kind=key, to_date=None).first():
            if part and part != standing.role:
                standing.role = part
                standing.save(update_fields=["role"])
                recording.record("relationship.role", customer, by=by, at=at, kind=key, other=other.pk)
            return standing
        row = Relationship.objects.create(
            first=first, second=second, kind=key, role=part, from_date=from_date or timezone.localdate(at)
        )
        for one, whom in ((first, second), (second, first)):
            recording.record("relationship.added", one, by=by, at=at, kind=key, other=whom.pk)
    return row


def end(relationship: Relationship, *, on: date | None = None, by: User, at: datetime) -> None:
    """End it on a day, today when none is given; it stays on record. Ended already, it stays as it is.

    Raises Invalid with a sentence.
    """
    last = on or timezone.localdate(at)
    if last > timezone.localdate(at) + timedelta(days=1):
        raise Invalid("The last day cannot lie ahead.")
    with recording.because(action="relationship.ended", by=by, at=at):
        _lock(relationship.first, relationship.second)
        row = Relationship.objects.select_for_update().get(pk=relationship.pk)
        if row.to_date is not None:
            return
        if last < row.from_date:
            raise Invalid(f"It began on {row.from_date:%-d %B %Y}: it cannot end before.")
        row.to_date = last
        row.save(update_fields=["to_date"])
        for one in (relationship.first, relationship.second):
            recording.record("relationship.ended", one, by=by, at=at, kind=row.kind)


def of(customer: Customer, *, most: int) -> list[Related]:
    """The relationships of a customer as they say them, those that stand first, then the latest."""
    ended = ExpressionWrapper(Q(to_date__isnull=False), BooleanField())
    rows = _of(customer).alias(ended=ended).order_by("ended", "-from_date", "-id")[:most]
    return _said(customer, rows)


def one(customer: Customer, number: int) -> Related | None:
    """The relationship of a customer with this number, as they say it."""
    return next(iter(_said(customer, _of(customer).filter(pk=number))), None)


def _of(customer: Customer) -> "QuerySet[Relationship]":
    return Relationship.objects.filter(Q(first=customer) | Q(second=customer)).select_related("first", "second")


def _said(customer: Customer, rows: Iterable[Relationship]) -> list[Related]:
    known, found = kinds(retired=True), []
    for row in rows:
        kind = known.get(row.kind, Kind(row.kind, row.kind))
        mine = row.first_id == customer.pk
        found.append(Related(row, kind.text if mine else kind.back, row.second if mine else row.first))
    return found


def _lock(*customers: Customer) -> None:
    ids = sorted(one.pk for one in customers)
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
