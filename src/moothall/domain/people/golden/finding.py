"""Runs that look for duplicates: of everybody, in parts that can be taken up again, or of who changed since the last."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from pydantic import Field

from moothall.core.council import settings as council
from moothall.core.council.settings import Section
from moothall.core.locks import claimed
from moothall.domain.people.golden import changes, linking, organisations
from moothall.domain.people.golden.linking import Found
from moothall.domain.people.golden.merging import BY_HAND
from moothall.domain.people.golden.records import recorded
from moothall.domain.people.models import Change, LinkRun, Pair

PARTS = 8
SOME = 1000
Say = Callable[[str], None]


class Duplicates(Section):
    """From which probability on a pair is shown to be looked at, and from which two are merged by themselves.

    Without `merge_from` no people are, and without `merge_organisations_from` no organisations. Two with different
    National Insurance or charity numbers never are.
    """

    section = "duplicates"
    review_from: float = Field(default=0.7, ge=0.05, lt=1)
    merge_from: float | None = Field(default=None, ge=0.95, le=1)
    merge_organisations_from: float | None = Field(default=None, ge=0.95, le=1)
    nightly: bool = True


class AlreadyLooking(Exception):
    """Another process looks for duplicates. Its message may be shown to whoever asked."""


def find(*, everybody: bool, at: datetime, say: Say = lambda _: None) -> LinkRun:
    """Look for duplicates; a run that was broken off is gone on with first, and is enough unless more was asked for.

    Raises AlreadyLooking.
    """
    with claimed("looking for duplicates", [1], most=1) as mine:
        if not mine:
            raise AlreadyLooking("Somebody looks for duplicates already. Their progress is shown above.")
        linking.sweep()
        changes.place()
        run = LinkRun.objects.filter(ended_at=None).first() or _begun(everybody=everybody, at=at)
        _carry_out(run, at, say)
        if everybody and not run.everybody:
            run = _begun(everybody=True, at=at)
            _carry_out(run, at, say)
    return run


def _carry_out(run: LinkRun, at: datetime, say: Say) -> None:
    least = council.read(Duplicates).review_from
    with linking.people() as people:
        with transaction.atomic():  # what is read is as it was at one moment
            run.people = people.load(recorded())
        say(f"{run.people:,} people are compared")
        _look(run, people, least, say)
        _look_at_organisations(run, people, least, say)
    _end(run, at)


def _begun(*, everybody: bool, at: datetime) -> LinkRun:
    before = LinkRun.objects.exclude(ended_at=None).order_by("-id").first()
    whole = everybody or before is None or before.model != model()
    return LinkRun.objects.create(
        everybody=whole,
        began_at=at,
        parts=PARTS if whole else 1,
        after=before.up_to if before else 0,
        up_to=changes.last(),
        model=model(),
    )


def model() -> str:
    """What people and organisations are compared by now, in a name."""
    return f"{linking.trained().name}, {organisations.MODEL}"


def _look(run: LinkRun, people: linking.People, least: float, say: Say) -> None:
    weights = linking.trained().weights
    apart = _told_apart()
    while run.part < run.parts:
        if run.everybody:
            found: Iterable[Found] = people.pairs(weights, least=least, part=run.part + 1, of=run.parts)
        else:
            found = people.pairs_of(_changed(run), weights, least=least)
        with transaction.atomic():
            left = (one for one in found if (one.first, one.second) not in apart)
            run.found += keep(left, model=linking.trained().name, at=run.began_at)
            run.part += 1
            run.save(update_fields=["part", "found", "people"])
        say(f"part {run.part} of {run.parts}: {run.found:,} pairs so far")


def _look_at_organisations(run: LinkRun, people: linking.People, least: float, say: Say) -> None:
    """All in one go: they are few. Broken off before its end, this is done again."""
    apart = _told_apart()
    with transaction.atomic():
        changed = None if run.everybody else _changed(run)
        found = organisations.find(people, organisations.recorded(), least=least, changed=changed)
        left = (one for one in found if (one.first, one.second) not in apart)
        run.found += (number := keep(left, model=organisations.MODEL, at=run.began_at))
    say(f"{number:,} pairs of organisations")


def _changed(run: LinkRun) -> set[int]:
    rows = Change.objects.filter(position__gt=run.after, position__lte=run.up_to)
    return set(rows.values_list("customer", flat=True)) | set(rows.exclude(other=0).values_list("other", flat=True))


def _end(run: LinkRun, at: datetime) -> None:
    """Pairs that were not found again wait no longer."""
    with transaction.atomic():
        stale = Pair.objects.filter(state=Pair.State.WAITING, found_at__lt=run.began_at).exclude(model=BY_HAND)
        if run.everybody:
            stale.delete()
        else:
            changed = _changed(run)
            stale.filter(Q(first__in=changed) | Q(second__in=changed)).delete()
        run.ended_at = at
        run.save(update_fields=["ended_at", "found"])


def _told_apart() -> set[tuple[int, int]]:
    """Pairs somebody said are different, as the golden records of both are now."""
    rows = Pair.objects.filter(state=Pair.State.DIFFERENT).values_list(
        "first", "first__merged_into", "second", "second__merged_into"
    )
    both = ((one or first, other or second) for first, one, second, other in rows)
    return {(min(pair), max(pair)) for pair in both}


_KEEP = """
    INSERT INTO people_pair (first_id, second_id, probability, evidence, model, found_at, state, decided_why)
    VALUES (%s, %s, %s, %s::jsonb, %s, %s, 'waiting', '')
    ON CONFLICT (first_id, second_id) DO UPDATE
    SET probability = excluded.probability, evidence = excluded.evidence, model = excluded.model,
        found_at = excluded.found_at
    WHERE people_pair.state = 'waiting'
"""


def keep(found: Iterable[Found], *, model: str, at: datetime) -> int:
    """Have pairs wait to be looked at, but for those decided on; how many there are. `model` says what found them."""
    number, some = 0, []
    with connection.cursor() as cursor:
        for one in found:
            evidence = json.dumps([list(line) for line in one.evidence])
            some.append((one.first, one.second, one.probability, evidence, model, at))
            number += 1
            if len(some) == SOME:
                cursor.executemany(_KEEP, some)
                some = []
        if some:
            cursor.executemany(_KEEP, some)
    return number
