"""Work shared out, given back and handed over; who is away; what a batch does when it is interrupted (BEST-4)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cases.at_once import meanwhile
from tests.conftest import MakeUser
from tests.desk.council import offer_blue_badges, open_case

from moothall.core.accounts import absence, actions
from moothall.core.accounts.absence import AbsenceRefused
from moothall.core.accounts.models import Absence, User
from moothall.core.audit.models import Entry
from moothall.domain.cases import assigning, batches, clock, handing, many, numbers, sharing, workload
from moothall.domain.cases.actions import assign_case
from moothall.domain.cases.batches import LineTakesLong
from moothall.domain.cases.models import Batch, BatchLine, Case, WorkItem
from moothall.domain.cases.numbers import Hidden, TooManyRefused
from moothall.domain.cases.sharing import CannotShare, Officer
from moothall.domain.catalogue.models import Service
from moothall.domain.notifications.models import Notification
from moothall.domain.people.actions import NinoTaken
from moothall.domain.people.corrections import ChangedMeanwhile
from moothall.domain.people.references import ReferenceTaken

STAGE = {"workflow": "blue_badge.application", "stage": "initial_checks"}
OFFICERS = frozenset({"officers"})


@pytest.fixture
def service(db: None, noon: datetime) -> Service:
    return offer_blue_badges(at=noon)


@pytest.fixture
def waiting(service: Service, noon: datetime) -> list[Case]:
    """Five cases at Initial Checks that nobody has, the first the oldest."""
    return [open_case(service, at=noon + timedelta(minutes=number)) for number in range(5)]


def item(case: Case) -> WorkItem:
    return WorkItem.objects.select_related("assigned_to").get(case=case, finished_at=None)


def holders(cases: list[Case]) -> list[User | None]:
    return [item(case).assigned_to for case in cases]


def share(*among: User, by: User, at: datetime, most: int = 100) -> Batch:
    """Shared out, and done."""
    found = sharing.unassigned(by, **STAGE)
    batch = sharing.share_out(found, among=among, most=most, key=uuid4(), by=by, at=at)
    batches.work_through(batch.pk)
    return Batch.objects.get(pk=batch.pk)


def sentences(batch: Batch) -> list[tuple[str, str]]:
    return list(batch.lines.order_by("id").values_list("result", "sentence"))


def away(user: User, *, by: User, at: datetime, cover: User | None = None, days: int = 2) -> Absence:
    first = at.date()
    last = first + timedelta(days=days - 1)
    leave = Absence.WhyAway.LEAVE
    return absence.record(user, first_day=first, last_day=last, reason=leave, cover=cover, by=by, at=at)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    loads=st.lists(st.integers(0, 30), min_size=1, max_size=6),
    wanted=st.lists(st.sampled_from([None, "appeals"]), max_size=40),
    skilled=st.sets(st.integers(0, 5)),
)
def test_a_plan_gives_each_item_to_somebody_able_who_holds_least_by_then(
    loads: list[int], wanted: list[str | None], skilled: set[int]
) -> None:
    skills = frozenset({"appeals"})
    officers = [Officer(pk, OFFICERS, skills if pk in skilled else frozenset(), load) for pk, load in enumerate(loads)]
    given = sharing.plan([(OFFICERS, skill) for skill in wanted], officers)

    held = {officer.pk: officer.load for officer in officers}
    for skill, got in zip(wanted, given, strict=True):
        able = [one.pk for one in officers if skill is None or skill in one.skills]
        if got is None:
            assert able == []
        else:
            assert got in able
            assert held[got] == min(held[pk] for pk in able)
            held[got] += 1
    assert given == sharing.plan([(OFFICERS, skill) for skill in wanted], officers)


def test_work_is_shared_out_by_load_oldest_first_with_a_result_for_each(
    waiting: list[Case], service: Service, officer: User, second_officer: User, manager: User, noon: datetime
) -> None:
    for _ in range(2):
        open_case(service, at=noon, by=officer)
    batch = share(officer, second_officer, by=manager, at=noon, most=4)

    assert holders(waiting) == [second_officer, second_officer, officer, second_officer, None]
    assert sentences(batch)[0] == ("done", "Initial Checks is assigned to Oscar Officer.")
    assert (batch.finished_at is not None, batches.standing(batch).done) == (True, 4)
    assert Entry.objects.filter(action="work_item.assigned", by=manager).count() == 4
    assert waiting[0].timeline.filter(text="Initial Checks assigned to Oscar Officer.").exists()


def test_each_receiver_is_told_once_how_much_they_were_given(
    waiting: list[Case], officer: User, second_officer: User, manager: User, noon: datetime
) -> None:
    batch = share(officer, second_officer, by=manager, at=noon)
    batches.work_through(batch.pk)
    told = Notification.objects.order_by("user_id").values_list("user", "text")
    assert list(told) == [
        (officer.pk, "Mandla Manager gave you 3 cases to work on."),
        (second_officer.pk, "Mandla Manager gave you 2 cases to work on."),
    ]


def test_nobody_who_is_away_is_given_work_and_an_absence_ends_by_itself(
    waiting: list[Case], officer: User, second_officer: User, manager: User, noon: datetime
) -> None:
    away(second_officer, by=second_officer, at=noon)
    share(officer, second_officer, by=manager, at=noon, most=2)
    assert holders(waiting[:2]) == [officer, officer]

    share(officer, second_officer, by=manager, at=noon + timedelta(days=2), most=2)
    assert holders(waiting[2:4]) == [second_officer, second_officer]


def test_when_everybody_is_away_nothing_is_shared_out(
    waiting: list[Case], officer: User, manager: User, noon: datetime
) -> None:
    away(officer, by=officer, at=noon)
    with pytest.raises(CannotShare, match="Everybody chosen is away today"):
        share(officer, by=manager, at=noon)
    assert not Batch.objects.exists()


def test_work_that_asks_for_a_skill_goes_only_to_those_who_have_it(
    waiting: list[Case], officer: User, second_officer: User, manager: User, noon: datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sharing, "_place", lambda stage: (frozenset(stage.progress), "appeals"))
    actions.set_skills(second_officer, skills=["appeals"], by=manager, at=noon)
    share(officer, second_officer, by=manager, at=noon, most=2)
    assert holders(waiting[:2]) == [second_officer, second_officer]

    batch = share(officer, by=manager, at=noon)
    assert {result for result, _ in sentences(batch)} == {"refused"}
    assert holders(waiting[2:]) == [None, None, None]


def test_an_item_taken_meanwhile_stays_whose_it_is(
    waiting: list[Case], officer: User, second_officer: User, manager: User, noon: datetime
) -> None:
    found = sharing.unassigned(manager, **STAGE)
    batch = sharing.share_out(found, among=[officer], most=5, key=uuid4(), by=manager, at=noon)
    assigning.take(item(waiting[0]), by=second_officer, at=noon)
    batches.work_through(batch.pk)

    assert holders(waiting[:2]) == [second_officer, officer]
    assert sentences(batch)[0] == ("refused", "Initial Checks has been taken meanwhile.")


def test_what_was_shared_out_is_given_back_once_where_it_is_untouched(
    waiting: list[Case], officer: User, manager: User, noon: datetime
) -> None:
    batch = share(officer, by=manager, at=noon)
    assigning.release(item(waiting[0]), by=officer, at=noon)
    assigning.take(item(waiting[0]), by=officer, at=noon)
    back = sharing.give_back(batch, key=uuid4(), by=manager, at=noon)
    batches.work_through(back.pk)

    assert holders(waiting) == [officer, None, None, None, None]
    assert sentences(back)[0] == ("refused", "Initial Checks has been worked on since, so it stays as it is.")
    assert sharing.give_back(batch, key=uuid4(), by=manager, at=noon) == back


@pytest.mark.django_db(transaction=True)
def test_what_is_given_back_by_two_at_the_same_moment_is_one_batch(
    waiting: list[Case], officer: User, manager: User, noon: datetime
) -> None:
    batch = share(officer, by=manager, at=noon)

    def give_back() -> None:
        sharing.give_back(batch, key=uuid4(), by=manager, at=noon)

    meanwhile(give_back, during=give_back)
    assert Batch.objects.filter(undoes=batch).count() == 1
    assert len(waiting) == Batch.objects.get(undoes=batch).lines.count()


@pytest.mark.django_db(transaction=True)
def test_who_stops_a_batch_at_a_case_that_takes_long_is_told_so_and_nothing_is_stopped(
    waiting: list[Case], officer: User, manager: User, noon: datetime
) -> None:
    found = sharing.unassigned(manager, **STAGE)
    batch = sharing.share_out(found, among=[officer], most=5, key=uuid4(), by=manager, at=noon)

    def stop() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
            batches.stop(batch, by=manager, at=noon)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as elsewhere, transaction.atomic():
        batch.lines.select_for_update().order_by("id").first()
        with pytest.raises(LineTakesLong, match="Try again in a minute"):
            elsewhere.submit(stop).result()
    assert batches.standing(batch).waiting == len(waiting)


def test_the_same_question_twice_is_one_batch_and_a_line_is_never_done_twice(
    waiting: list[Case], officer: User, manager: User, noon: datetime
) -> None:
    key, found = uuid4(), sharing.unassigned(manager, **STAGE)
    first = sharing.share_out(found, among=[officer], most=3, key=key, by=manager, at=noon)
    assert sharing.share_out(found, among=[officer], most=5, key=key, by=manager, at=noon) == first

    for _ in range(2):
        batches.work_through(first.pk)
    assert Entry.objects.filter(action="work_item.assigned").count() == 3
    assert Entry.objects.filter(action="batch.finished").count() == 1


class Killed(BaseException):
    """The process ends here."""


def test_a_batch_that_is_killed_midway_goes_on_where_it_was(
    waiting: list[Case], officer: User, manager: User, noon: datetime, monkeypatch: Any
) -> None:
    found = sharing.unassigned(manager, **STAGE)
    batch = sharing.share_out(found, among=[officer], most=5, key=uuid4(), by=manager, at=noon)
    did: list[int] = []

    def two_and_no_more(*given: Any, **named: Any) -> str:
        if len(did) == 2:
            raise Killed
        did.append(1)
        return done(*given, **named)

    done = many.do
    with monkeypatch.context() as patched:
        patched.setattr(many, "do", two_and_no_more)
        with pytest.raises(Killed):
            batches.work_through(batch.pk)
    assert batches.standing(batch).done == 2
    assert Batch.objects.get().finished_at is None

    batches.work_through(batch.pk)
    assert holders(waiting) == [officer] * 5
    assert Entry.objects.filter(action="work_item.assigned").count() == 5


@pytest.mark.parametrize("refusal", [Hidden, TooManyRefused, NinoTaken, ReferenceTaken, ChangedMeanwhile])
def test_what_one_case_refuses_is_its_result_in_words_and_the_batch_goes_on(
    waiting: list[Case], officer: User, manager: User, noon: datetime, monkeypatch: Any, refusal: type[Exception]
) -> None:
    made = {Hidden: manager, TooManyRefused: 60, NinoTaken: 1, ChangedMeanwhile: "It was changed."}
    error = ReferenceTaken("badge_number", "SEEN01", 1) if refusal is ReferenceTaken else refusal(made[refusal])

    def the_first_refuses(batch: Batch, line: BatchLine, *, at: datetime) -> str:
        if line.case_id == waiting[0].pk:
            raise error
        return done(batch, line, at=at)

    done = many.do
    monkeypatch.setattr(many, "do", the_first_refuses)
    batch = share(officer, by=manager, at=noon)
    assert sentences(batch)[0] == ("refused", str(error))
    assert holders(waiting) == [None, *[officer] * 4]
    assert batch.finished_at is not None
    assert Entry.objects.filter(action=numbers.REFUSED, by=manager).exists() == (refusal is Hidden)


def test_who_supervises_nothing_shares_nothing_out(waiting: list[Case], officer: User, noon: datetime) -> None:
    with pytest.raises(CannotShare):
        share(officer, by=officer, at=noon)


def test_an_absence_overlaps_no_other_and_is_covered_by_somebody_else(
    officer: User, second_officer: User, noon: datetime
) -> None:
    first = away(officer, by=officer, at=noon, cover=second_officer)
    assert away(officer, by=officer, at=noon, cover=second_officer) == first
    with pytest.raises(AbsenceRefused, match="is away from 3 March 2026 to 4 March 2026 already"):
        away(officer, by=officer, at=noon + timedelta(days=1))
    with pytest.raises(AbsenceRefused, match="Somebody else must cover"):
        away(second_officer, by=officer, at=noon, cover=second_officer)
    both = [officer.pk, second_officer.pk]
    assert absence.away(both, today=noon.date()) == {officer.pk: first}
    assert absence.away(both, today=noon.date() + timedelta(days=2)) == {}


def test_who_is_back_early_ends_the_absence(officer: User, noon: datetime) -> None:
    begun = away(officer, by=officer, at=noon - timedelta(days=1), days=9)
    absence.end(begun, today=noon.date(), by=officer, at=noon)
    assert absence.away([officer.pk], today=noon.date()) == {}
    assert Absence.objects.get().last_day == noon.date() - timedelta(days=1)

    later = away(officer, by=officer, at=noon + timedelta(days=5))
    absence.end(later, today=noon.date(), by=officer, at=noon)
    assert not Absence.objects.filter(pk=later.pk).exists()


def leaves(leaver: User, *to: User, by: User, at: datetime, deactivate: bool = False) -> Batch:
    batch = handing.hand_over(leaver, to=to, deactivate=deactivate, reason="Retires.", key=uuid4(), by=by, at=at)
    batches.work_through(batch.pk)
    return Batch.objects.get(pk=batch.pk)


@pytest.fixture
def held(waiting: list[Case], officer: User, noon: datetime) -> list[Case]:
    """Two cases whose work the officer has; the second belongs to them."""
    for case in waiting[:2]:
        assigning.take(item(case), by=officer, at=noon)
    assign_case(waiting[1], owner=officer, by=officer, at=noon)
    return waiting[:2]


def test_all_that_somebody_who_leaves_had_goes_to_colleagues_and_the_account_ends(
    held: list[Case], officer: User, second_officer: User, administrator: User, manager: User, noon: datetime
) -> None:
    administrator.groups.add(manager.groups.get())
    batch = leaves(officer, second_officer, by=User.objects.get(pk=administrator.pk), at=noon, deactivate=True)

    assert holders(held) == [second_officer, second_officer]
    assert Case.objects.get(pk=held[1].pk).owner == second_officer
    assert batch.sentence == "Olive Officer can no longer sign in."
    assert not User.objects.get(pk=officer.pk).is_active
    assert {result for result, _ in sentences(batch)} == {"done"}


def test_what_no_receiver_may_do_goes_back_to_its_team_and_nothing_is_lost(
    held: list[Case], officer: User, viewer: User, manager: User, noon: datetime
) -> None:
    batch = leaves(officer, viewer, by=manager, at=noon)
    assert holders(held) == [None, None]
    assert Case.objects.get(pk=held[1].pk).owner == viewer
    assert "is given back to its team" in sentences(batch)[0][1]


def test_an_account_does_not_end_while_something_is_left_that_is_theirs(
    held: list[Case], officer: User, second_officer: User, administrator: User, noon: datetime
) -> None:
    batch = leaves(officer, second_officer, by=administrator, at=noon, deactivate=True)
    assert holders(held) == [officer, officer]
    assert "can still sign in, for something is left" in batch.sentence
    assert User.objects.get(pk=officer.pk).is_active


def test_the_load_of_each_colleague_is_told_with_what_is_late_and_due_this_week(
    held: list[Case], officer: User, second_officer: User, manager: User, noon: datetime
) -> None:
    stages = workload.stages_supervised(manager)
    loads = {load.user: load for load in workload.loads(manager, stages, at=noon)}
    assert (loads[officer].items, loads[officer].late, loads[second_officer].items) == (2, 0, 0)
    assert loads[officer].oldest == item(held[0]).entered_at
    assert sum(workload.waiting(manager, stages).values()) == 3

    WorkItem.objects.filter(case=held[0]).update(entered_at=noon - timedelta(days=60))
    clock.note_turns([item(held[0]).pk], at=noon)
    found = {load.user: load for load in workload.loads(manager, stages, at=noon)}[officer]
    assert (found.late, found.due_this_week) == (1, 0)
    target = noon + timedelta(days=1)
    while found.due_this_week == 0 and target < noon + timedelta(days=60):
        found = {load.user: load for load in workload.loads(manager, stages, at=target)}[officer]
        target += timedelta(days=1)
    assert (found.late, found.due_this_week) == (1, 1)


def test_a_supervisor_of_another_service_sees_nothing_of_this_one(
    held: list[Case], make_user: MakeUser, manager: User, noon: datetime
) -> None:
    group = manager.groups.get()
    group.services = ["bins"]
    group.save()
    manager = User.objects.get(pk=manager.pk)
    assert workload.stages_supervised(manager) == []
    assert workload.loads(manager, [], at=noon) == []


def test_old_batches_are_forgotten(waiting: list[Case], officer: User, manager: User, noon: datetime) -> None:
    share(officer, by=manager, at=noon)
    assert batches.forget(before=noon) == 0
    assert batches.forget(before=noon + timedelta(days=1)) == 1
    assert not BatchLine.objects.exists()
