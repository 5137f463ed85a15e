"""How fast, how many at once, and when a system that is down is left alone."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.exchange.conftest import MakeCase, QueueOrder, SendAt
from tests.exchange.press import CONNECTOR, Order, Press

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.cases.models import Case
from moothall.domain.exchange import actions, breaker, claims, dispatch
from moothall.domain.exchange.models import CaseHold, Connector, Item
from moothall.domain.exchange.operations import SendError
from moothall.domain.exchange.wake import wake

SetLimits = Callable[..., Connector]
DAY = timedelta(days=1)


def in_threads(count: int, work: Callable[[], object]) -> None:
    """Do `work` in several threads, each with a database connection of its own, and raise what any of them raised."""
    raised: list[BaseException] = []

    def one() -> None:
        try:
            work()
        except BaseException as fault:  # noqa: BLE001  handed to the test below
            raised.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not raised, raised


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_each_item_once_and_never_more_together_than_allowed(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, set_limits: SetLimits, due: datetime
) -> None:
    set_limits(at_once=2)
    press.pause = 0.02
    items = [queue_order(make_case(f"Person {number}")) for number in range(12)]

    in_threads(5, lambda: send_at(due))
    send_at(due)  # a sender that found the limit reached left the rest to others

    assert sorted(press.references()) == sorted(item.idempotency_key for item in items)
    assert press.most_at_once <= 2
    assert set(Item.objects.values_list("status", flat=True)) == {"done"}


@pytest.mark.django_db(transaction=True)
def test_calls_of_all_senders_together_are_spaced_by_the_rate(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, set_limits: SetLimits, due: datetime
) -> None:
    set_limits(per_minute=300)  # one every 0.2 seconds
    for number in range(5):
        queue_order(make_case(f"Person {number}"))
    began = time.monotonic()

    in_threads(3, lambda: send_at(due))

    assert len(press.orders) == 5
    assert press.calls[-1] - began >= 4 * 0.2 - 0.05


@pytest.mark.django_db(transaction=True)
def test_two_requests_for_one_customer_at_the_same_instant_leave_one_paused(
    make_case: MakeCase, queue_order: QueueOrder
) -> None:
    first = make_case()
    cases = [first, *(make_case(customer=first.customer) for _ in range(3))]
    in_threads(4, lambda: queue_order(cases.pop()))
    assert sorted(Item.objects.values_list("status", flat=True)) == ["paused", "paused", "paused", "queued"]


@pytest.mark.django_db(transaction=True)
def test_the_same_key_from_two_sides_at_once_queues_once(make_case: MakeCase, queue_order: QueueOrder) -> None:
    case = make_case()
    in_threads(4, lambda: queue_order(case, key="work item 7"))
    assert Item.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_item_is_either_sent_or_cancelled_never_both(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, officer: User, due: datetime
) -> None:
    press.pause = 0.01
    items = [queue_order(make_case(f"Person {number}")) for number in range(8)]
    refused: list[int] = []

    def cancel_all() -> None:
        for item in items:
            try:
                actions.cancel(item, reason="Withdrawn.", by=officer, at=due)
            except actions.QueueRefusal:
                refused.append(item.pk)

    sender = threading.Thread(target=lambda: (send_at(due), connection.close()))
    sender.start()
    cancel_all()
    sender.join()
    send_at(due)

    done = set(Item.objects.filter(status="done").values_list("idempotency_key", flat=True))
    assert set(press.references()) == done
    assert {item.idempotency_key for item in items if item.pk in refused} == done
    assert Item.objects.filter(status="cancelled").count() == len(items) - len(done)


def test_no_more_are_claimed_than_may_go_at_once(
    make_case: MakeCase, queue_order: QueueOrder, set_limits: SetLimits, due: datetime
) -> None:
    set_limits(at_once=2)
    for number in range(4):
        queue_order(make_case(f"Person {number}"))
    turns = [claims.claim(CONNECTOR, at=due + timedelta(seconds=second)) for second in range(3)]
    assert [isinstance(turn, Item) for turn in turns] == [True, True, False]


def test_a_wait_longer_than_a_moment_is_left_to_a_job(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, set_limits: SetLimits, due: datetime
) -> None:
    set_limits(per_minute=1)
    queue_order(make_case("Ann"))
    queue_order(make_case("Bea"))

    assert send_at(due) == 1
    ProcrastinateJob.objects.all().delete()
    assert send_at(due + timedelta(seconds=30)) == 0
    assert send_at(due + timedelta(seconds=31)) == 0
    job = ProcrastinateJob.objects.get()
    assert due + timedelta(seconds=60) <= job.scheduled_at < due + timedelta(seconds=70)
    assert send_at(due + timedelta(seconds=70)) == 1


def test_after_failures_in_a_row_calls_stop_for_a_time_that_grows_and_one_item_probes(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, set_limits: SetLimits, due: datetime
) -> None:
    set_limits(breaker_after=3)
    press.faults = ["503"] * 4
    for number in range(10):
        queue_order(make_case(f"Person {number}"))

    send_at(due)
    assert len(press.calls) == 3
    assert send_at(due + timedelta(seconds=50)) == 0  # stopped for 60 seconds
    assert send_at(due + timedelta(seconds=62)) == 1  # the probe fails: stopped for 120
    assert send_at(due + timedelta(seconds=170)) == 0
    send_at(due + DAY)  # the probe succeeds: all go

    assert len(press.orders) == 10
    row = Connector.objects.get()
    assert (row.failures_in_a_row, row.breaker_until) == (0, None)
    actions_seen = Entry.objects.filter(action__startswith="connector.breaker").order_by("pk")
    assert [entry.action.rpartition("_")[2] for entry in actions_seen] == ["opened", "opened", "closed"]


def test_while_probing_only_one_call_is_under_way(
    make_case: MakeCase, queue_order: QueueOrder, connector: Connector, due: datetime
) -> None:
    queue_order(make_case("Ann"))
    queue_order(make_case("Bea"))
    Connector.objects.update(failures_in_a_row=5, breaker_until=due)

    assert isinstance(claims.claim(CONNECTOR, at=due + timedelta(seconds=1)), Item)
    assert claims.claim(CONNECTOR, at=due + timedelta(seconds=2)) is None


def test_a_late_failure_of_a_call_already_under_way_does_not_lengthen_the_stop(
    connector: Connector, due: datetime
) -> None:
    error = SendError("The press answered 503.", retryable=True)
    for _ in range(9):
        breaker.failed(connector.pk, error, at=due)
    connector.refresh_from_db()
    assert connector.failures_in_a_row == 5
    assert connector.breaker_until == due + timedelta(seconds=60)


def test_a_refusal_is_an_answer_and_does_not_count_as_a_failure(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, set_limits: SetLimits, due: datetime
) -> None:
    set_limits(breaker_after=2)
    press.faults = ["503", "400", "503", "400"]
    for number in range(5):
        queue_order(make_case(f"Person {number}"))
    send_at(due)
    assert (len(press.calls), len(press.orders)) == (5, 1)


def test_an_officer_who_unpauses_a_stopped_connector_resets_the_breaker(
    make_case: MakeCase, connector: Connector, queue_order: QueueOrder, send_at: SendAt, officer: User, due: datetime
) -> None:
    queue_order(make_case())
    Connector.objects.update(failures_in_a_row=5, breaker_until=due + DAY)
    assert send_at(due) == 0
    actions.unpause_connector(connector, by=officer, at=due)
    assert send_at(due) == 1


def test_a_sender_stops_when_its_time_is_over_and_leaves_the_rest_to_a_job(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    press.pause = 0.1
    for number in range(9):
        queue_order(make_case(f"Person {number}"))
    assert 1 <= send_at(due, seconds=0.2) < 9


@pytest.mark.django_db(transaction=True)
def test_a_call_is_never_made_inside_a_transaction_somebody_could_undo(
    make_case: MakeCase, queue_order: QueueOrder, press: Press, due: datetime
) -> None:
    queue_order(make_case())
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        dispatch.send_due(CONNECTOR, clock=dispatch.clock_from(due))
    assert not press.calls


@pytest.mark.django_db(transaction=True)
def test_while_many_items_wait_for_the_rate_one_sender_waits_and_the_others_are_free_for_other_work(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, set_limits: SetLimits, due: datetime
) -> None:
    set_limits(per_minute=120)
    for number in range(30):
        queue_order(make_case(f"Person {number}"))
    took: list[float] = []

    def sender() -> None:
        began = time.monotonic()
        send_at(due, seconds=3)
        took.append(time.monotonic() - began)

    in_threads(4, sender)

    assert [seconds < 2 for seconds in sorted(took)] == [True, True, True, False]
    assert 5 <= len(press.orders) <= 8


def test_many_items_due_together_are_woken_by_one_job(
    make_case: MakeCase, queue_order: QueueOrder, connector: Connector
) -> None:
    soon = datetime.fromisoformat("2999-01-01T09:30:01Z")
    for number in range(30):
        queue_order(make_case(f"Person {number}"), at=soon + timedelta(milliseconds=100 * number))
    job = ProcrastinateJob.objects.get(task_name="exchange.send_due")
    assert job.scheduled_at == datetime.fromisoformat("2999-01-01T09:45:05Z")


def test_while_more_may_go_at_once_another_sender_is_woken(
    make_case: MakeCase,
    order: Order,
    queue_order: QueueOrder,
    send_at: SendAt,
    set_limits: SetLimits,
    due: datetime,
) -> None:
    woken: list[int] = []
    order.after_send = lambda: woken.append(ProcrastinateJob.objects.count())
    for at_once in (2, 1):
        set_limits(at_once=at_once)
        queue_order(make_case("Ann"))
        queue_order(make_case("Bea"))
        ProcrastinateJob.objects.all().delete()
        send_at(due)
        ProcrastinateJob.objects.all().delete()
    assert woken == [1, 1, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_a_waiting_job_does_not_begin_before_what_relies_on_it_is_committed(connector: Connector) -> None:
    ProcrastinateJob.objects.all().delete()
    wake(CONNECTOR)
    fetched: list[object] = []

    def fetch() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)")
            fetched.append(cursor.fetchone()[0])

    with transaction.atomic():
        wake(CONNECTOR)
        in_threads(1, fetch)
    assert ProcrastinateJob.objects.count() == 1
    in_threads(1, fetch)
    assert fetched == [None, ProcrastinateJob.objects.get().pk]


@pytest.mark.django_db(transaction=True)
def test_two_that_wake_at_the_same_instant_make_one_job_and_both_commit(connector: Connector) -> None:
    ProcrastinateJob.objects.all().delete()
    both = threading.Barrier(2)

    def work() -> None:
        with transaction.atomic():
            both.wait(timeout=5)
            wake(CONNECTOR)
            Connector.objects.select_for_update().get()

    in_threads(2, work)
    assert ProcrastinateJob.objects.count() == 1


def test_an_item_queued_again_waits_while_a_later_one_of_its_lane_is_being_sent(
    case: Case, queue_order: QueueOrder, set_limits: SetLimits, officer: User, due: datetime
) -> None:
    set_limits(duplicate_days=0)
    first, second = queue_order(case), queue_order(case)
    actions.cancel(first, reason="Not needed.", by=officer, at=due)
    sending = claims.claim(CONNECTOR, at=due)
    assert isinstance(sending, Item)
    assert sending.pk == second.pk
    Item.objects.filter(pk=first.pk).update(
        status="queued", due_at=due, processed_at=None, settled_reason="", paused_at=None
    )

    assert claims.claim(CONNECTOR, at=due + timedelta(seconds=1)) is None


@pytest.mark.django_db(transaction=True)
def test_a_case_paused_while_its_item_is_being_chosen_is_not_sent(
    case: Case, queue_order: QueueOrder, officer: User, due: datetime
) -> None:
    item = queue_order(case)
    paused: list[CaseHold] = []

    def pause() -> None:
        paused.append(CaseHold.objects.create(case_id=case.pk, reason="Wait.", by=officer, at=due))

    def somebody_pauses(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        chosen = execute(sql, *arguments)
        if "SKIP LOCKED" in sql and not paused:
            in_threads(1, pause)  # over a connection of its own, committed before the choice is looked at again
        return chosen

    with connection.execute_wrapper(somebody_pauses):
        turn = claims.claim(CONNECTOR, at=due)

    item.refresh_from_db()
    assert paused
    assert (isinstance(turn, Item), item.status, item.claims) == (False, "queued", 0)
