"""Two records of one customer made one, and made two again (PPP-18).

The one absorbed stays as a row that leads to the one kept; everything that pointed at it points at the one kept. How each
row was before is kept with the merge, so that undoing it restores them exactly.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Exists, Max, OuterRef, Q

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.people import deciding
from moothall.domain.people.golden import alone, clashes, facts, records
from moothall.domain.people.golden.images import Images, NotPossible, check_ends, put_back
from moothall.domain.people.golden.pointing import UNTOLD, Pointer, moved
from moothall.domain.people.models import Customer, Flag, Merge, MergedRow, Organisation, Pair, Person
from moothall.kit.invalid import Invalid

BY_HAND = "by hand"


class Changed(Exception):
    """One of the two was changed or merged since they were looked at. Its message may be shown to whoever asked."""


class NeverByItself(Exception):
    """Two whom nobody looked at stay two: their numbers, birthdays or first names differ (`alone`), or they were told apart
    before. Its message says why."""


@dataclass(frozen=True)
class Left:
    """What undoing a merge left as it was: rows added since stay with the record kept, by the name of their kind; and
    columns changed since, which stay as they were changed."""

    added: dict[str, int]
    changed: tuple[str, ...]


_hear: list[Callable[[Merge], None]] = []


def heard_by(listener: Callable[[Merge], None]) -> None:
    """Have `listener` called with every merge, made or undone, in its transaction."""
    _hear.append(listener)


def version_of(*customers: Customer) -> str:
    """What says whether customers, in this order, are still as they were when looked at."""
    parts = [
        (one.pk, one.merged_into_id, one.name, *(facts.value(one, name) for name in facts.names(one.kind)))
        for one in customers
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


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
    """Make one record of two. `chosen` are the facts (`facts.names`, and `facts.HOME`) to take from `absorbed`; None are
    those that `kept` lacks.

    `version` is `version_of` both, the one kept first, as whoever asks saw them. Raises Changed, NeverByItself, or Invalid
    with a sentence.
    """
    if kept.pk == absorbed.pk:
        raise Invalid("This is one record: choose another to merge it with.")
    if not reason.strip():
        raise Invalid("Say how you know that they are the same.")
    with recording.because(action="customer.merged", by=by, at=at, reason=reason):
        kept, absorbed = _held(kept.pk, absorbed.pk, version)
        wanted = facts.suggested(kept, absorbed) if chosen is None else set(chosen)
        if unknown := sorted(wanted - {*facts.names(kept.kind), facts.HOME}):
            raise Invalid(f"“{unknown[0]}” is nothing to choose of this kind of customer.")
        differ = facts.ninos_differ(kept, absorbed)
        if by_itself:
            if differ or facts.charity_numbers_differ(kept, absorbed):
                raise NeverByItself("Their numbers differ: somebody has to look at them.")
            if why := why_not_by_themselves(kept, absorbed):
                raise NeverByItself(why)
            _check_by_itself(kept.pk, absorbed.pk)
        made = Merge.objects.create(
            kept=kept,
            absorbed=absorbed,
            pair=_decided(kept.pk, absorbed.pk, Pair.State.MERGED, why=reason, by=by, at=at),
            chosen=sorted(wanted),
            newest={one.label: _newest(one) for one in moved()},
            by_itself=by_itself,
            ninos_differ=differ,
            reason=reason.strip(),
            by=by,
            at=at,
        )
        _make_one(Images(made), kept, absorbed, wanted)
        recording.record("customer.merged", kept, by=by, at=at, reason=reason, absorbed=absorbed.pk, merge=made.pk)
        recording.record("customer.absorbed", absorbed, by=by, at=at, reason=reason, kept=kept.pk, merge=made.pk)
        _tell(made)
    return made


def why_not_by_themselves(one: Customer, other: Customer) -> str:
    """Why somebody has to look at two before they are one, in a sentence; empty where nothing stands against it."""
    if one.kind != Customer.Kind.PERSON or other.kind != Customer.Kind.PERSON:
        return ""
    mine, theirs = facts.stems_of(one), facts.stems_of(other)
    if mine and theirs and not mine & theirs:
        return "They, or records they were made of, have different National Insurance numbers."
    mays = {each.pk: _may_be(each.pk) - {one.pk, other.pk} for each in (one, other)}
    people = records.of(one.pk, other.pk, *(mays[one.pk] | mays[other.pk]))
    return alone.between(
        people[one.pk],
        people[other.pk],
        may_be_one=[people[third] for third in mays[one.pk]],
        may_be_other=[people[third] for third in mays[other.pk]],
    )


def _may_be(customer: int) -> set[int]:
    """With whom somebody is a pair that waits."""
    waiting = Pair.objects.filter(Q(first=customer) | Q(second=customer), state=Pair.State.WAITING)
    return {one for pair in waiting.values_list("first", "second") for one in pair} - {customer}


def _check_by_itself(kept: int, absorbed: int) -> None:
    """Nobody looked at the two: what somebody said of any of the records they were made of stands."""
    first, second = sorted((kept, absorbed))
    if not Pair.objects.select_for_update().filter(first=first, second=second, state=Pair.State.WAITING).exists():
        raise Changed("The two are no pair that waits any more.")
    told_apart = Pair.objects.filter(state=Pair.State.DIFFERENT)
    if told_apart.filter(_joins(kept, absorbed) | _joins(absorbed, kept)).exists():
        raise NeverByItself("Somebody said that two of the records they were made of are not the same.")


def _joins(one: int, other: int) -> Q:
    """Pairs whose first is of the one record, or was merged into it, and whose second is of the other."""
    return (Q(first=one) | Q(first__merged_into=one)) & (Q(second=other) | Q(second__merged_into=other))


def _make_one(images: Images, kept: Customer, absorbed: Customer, chosen: set[str]) -> None:
    clashes.settle(images, kept.pk, absorbed.pk, home_of_absorbed=facts.HOME in chosen)
    for pointer in moved():
        clashes.settle_by_constraints(images, pointer, kept.pk, absorbed.pk)
        images.point(pointer, at=absorbed.pk, to=kept.pk)
    waits = Pair.objects.filter(Q(first=absorbed) | Q(second=absorbed), state=Pair.State.WAITING)
    waits.delete()  # whom the one kept may be besides is looked for anew
    facts.take(images, kept, absorbed, chosen - {facts.HOME})
    leads = Pointer(Customer, Customer._meta.get_field("merged_into"))
    images.point(leads, at=absorbed.pk, to=kept.pk)
    with images.watching(Customer, [absorbed.pk]):
        Customer.objects.filter(pk=absorbed.pk).update(merged_into=kept)


def unmerge(merge: Merge, *, reason: str, by: User, at: datetime) -> Left:
    """Make two records again of one, each as it was; what was added since stays with the one kept, and is returned.

    Undone already, it changes nothing. Raises NotPossible, with a sentence that says what stands against it, or Invalid.
    """
    if not reason.strip():
        raise Invalid("Say how you know that they are not the same.")
    with recording.because(action="customer.unmerged", by=by, at=at, reason=reason):
        both = {one.pk: one for one in _locked(merge.kept_id, merge.absorbed_id)}
        held = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
        if held.undone_at is not None:
            return Left({}, ())
        _check_last(held, both[held.kept_id])
        added = _added(held)
        changed = _put_back(held)
        held.undone_by, held.undone_at, held.undone_why = by, at, reason.strip()
        held.save(update_fields=["undone_by", "undone_at", "undone_why"])
        _decided(held.kept_id, held.absorbed_id, Pair.State.DIFFERENT, why=reason, by=by, at=at)
        left = Left(added, tuple(dict.fromkeys(changed)))
        for customer, action in (
            (both[held.kept_id], "customer.unmerged"),
            (both[held.absorbed_id], "customer.parted"),
        ):
            recording.record(action, customer, by=by, at=at, reason=reason, merge=held.pk, added=added)
        _tell(held)
    return left


def _put_back(held: Merge) -> list[str]:
    """Write every row as it was, the last changed first; what was changed since, and so left, in words."""
    changed: list[str] = []
    mixed: set[int] = set()
    for row in held.rows.order_by("-turn"):
        model = apps.get_model(row.table)
        left = put_back(row, model)
        if model is Flag:
            continue  # whoever undoes it may not be somebody who sees it
        changed += [f"{model._meta.verbose_name}: {one.replace('_', ' ')}" for one in left]
        if left and model in {Customer, Person, Organisation}:
            mixed.add(row.key)
    for customer in sorted(mixed):
        facts.work_out(customer)
    check_ends()
    return changed


def _check_last(held: Merge, kept: Customer) -> None:
    if kept.merged_into is not None:
        raise NotPossible(f"{kept.name} was merged into {kept.merged_into.name} since: undo that merge first.")
    touched = held.rows.filter(table=OuterRef("table"), key=OuterRef("key"))
    rows = MergedRow.objects.filter(Exists(touched), merge__pk__gt=held.pk, merge__undone_at=None)
    # one into the same record counts though it changed nothing of this: what both said may have been left out there
    later = Merge.objects.filter(Q(kept=held.kept_id) | Q(pk__in=rows.values("merge")), pk__gt=held.pk, undone_at=None)
    if (last := later.order_by("-pk").select_related("absorbed").first()) is not None:
        name, day = last.absorbed.name, f"{last.at:%-d %B %Y}"
        raise NotPossible(f"The merge with {name} of {day} came after it: undo that one first.")


def _held(kept: int, absorbed: int, version: str) -> tuple[Customer, Customer]:
    both = {one.pk: one for one in _locked(kept, absorbed)}
    if len(both) < 2:
        raise Changed("One of the two is not recorded any more.")
    first, second = both[kept], both[absorbed]
    for one in (first, second):
        if one.merged_into is not None:
            raise Changed(f"{one.name} was merged into {one.merged_into.name} meanwhile. Look again first.")
    if first.kind != second.kind:
        raise Invalid("A person and an organisation cannot be the same.")
    if version and version_of(first, second) != version:
        raise Changed("One of the two was changed while you had them open. Look again first.")
    return first, second


def _locked(*keys: int) -> list[Customer]:
    """Held so that nobody can add a row that points at them (which takes FOR KEY SHARE) until this is done."""
    list(Customer.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    for model in (Person, Organisation):
        list(model.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
    # read by themselves: what is joined to a row that was waited for is as old as the wait
    rows = Customer.objects.filter(pk__in=keys).select_related("merged_into", "person", "organisation")
    return list(rows.order_by("pk"))


def _decided(one: int, other: int, state: Pair.State, *, why: str, by: User, at: datetime) -> Pair:
    first, second = sorted((one, other))
    given = {"state": state, "decided_by": by, "decided_at": at, "decided_why": why.strip(), "later_until": None}
    new = {"probability": 1.0, "model": BY_HAND, "found_at": at}
    return Pair.objects.update_or_create(
        first_id=first, second_id=second, defaults=given, create_defaults={**new, **given}
    )[0]


def _newest(pointer: Pointer) -> int:
    found = pointer.model._default_manager.aggregate(last=Max("pk"))["last"]
    return int(found or 0)


def _added(merge: Merge) -> dict[str, int]:
    """How many rows of each kind were added since to the record kept."""
    counts: Counter[str] = Counter()
    for pointer in moved():
        rows: Any = pointer.model._default_manager.filter(
            Q(pk__gt=merge.newest.get(pointer.label, 0)), **{pointer.field.name: merge.kept_id}
        )
        rows = rows.exclude(UNTOLD[pointer.label]) if pointer.label in UNTOLD else rows
        if number := rows.count():
            counts[
                str(pointer.model._meta.verbose_name_plural if number > 1 else pointer.model._meta.verbose_name)
            ] += number
    return dict(counts)


def _tell(merge: Merge) -> None:
    for customer in (merge.kept_id, merge.absorbed_id):
        deciding.changed(customer)
    for listener in _hear:
        listener(merge)


def put_together(one: Customer, other: Customer, *, at: datetime) -> Pair:
    """The pair of two whom somebody thinks one: as it was found, or else by hand, which is not kept before it is decided."""
    first, second = sorted((one, other), key=lambda customer: customer.pk)
    known = Pair.objects.filter(first=first, second=second).select_related("decided_by").first()
    pair = known or Pair(probability=1.0, model=BY_HAND, found_at=at)
    pair.first, pair.second = first, second
    return pair


def different(pair: Pair, *, reason: str, by: User, at: datetime) -> None:
    """Say that two are not the same: they are not found again. A second time changes nothing. Raises Changed."""
    with recording.because(action="customer.told_apart", by=by, at=at, reason=reason):
        both = {one.pk: one for one in _locked(pair.first_id, pair.second_id)}
        held = Pair.objects.select_for_update(of=("self",)).filter(first=pair.first_id, second=pair.second_id).first()
        if held is not None and held.state == Pair.State.DIFFERENT:
            return
        if any(one.merged_into_id for one in both.values()) or (held is not None and held.state == Pair.State.MERGED):
            raise Changed("The two were merged meanwhile. To part them again, undo the merge.")
        _decided(pair.first_id, pair.second_id, Pair.State.DIFFERENT, why=reason, by=by, at=at)
        for customer, other in ((both[pair.first_id], pair.second_id), (both[pair.second_id], pair.first_id)):
            recording.record("customer.told_apart", customer, by=by, at=at, reason=reason, other=other)


__all__ = [
    "Changed",
    "Left",
    "NeverByItself",
    "NotPossible",
    "different",
    "heard_by",
    "merge",
    "put_together",
    "unmerge",
    "version_of",
    "why_not_by_themselves",
]
