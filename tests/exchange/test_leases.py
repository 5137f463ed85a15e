"""What a sender that was killed leaves behind: for how long it is believed alive, and what stands still meanwhile."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from tests.exchange.conftest import MakeCase, QueueOrder, SendAt
from tests.exchange.press import CONNECTOR, Order, Press

from moothall.core.accounts.models import User
from moothall.core.leases import database_clock
from moothall.domain.cases.models import Case
from moothall.domain.exchange import claims, dispatch, queries, settling
from moothall.domain.exchange.models import Connector, Item

SetLimits = Callable[..., Connector]
SECOND = timedelta(seconds=1)


def send_for_a_second() -> None:
    dispatch.send_due(CONNECTOR, seconds=1)
    connection.close()


def begin(item: Item, order: Order, *, at: datetime) -> settling.Call:
    """What a sender does up to the call itself, at which it is killed."""
    claimed = claims.claim(CONNECTOR, at=at)
    assert isinstance(claimed, Item)
    assert claimed.pk == item.pk
    call = settling.Call(pk=item.pk, claim=claimed.claims, asking=False, started_at=at)
    assert settling.prepare(call, order, clock=lambda: at)
    return call


def test_what_a_killed_sender_held_takes_no_place_of_its_connector_once_it_is_silent(
    make_case: MakeCase, queue_order: QueueOrder, set_limits: SetLimits, due: datetime
) -> None:
    set_limits(at_once=1)
    queue_order(make_case("Ann"))
    queue_order(make_case("Bea"))
    assert isinstance(claims.claim(CONNECTOR, at=due), Item)

    assert claims.claim(CONNECTOR, at=due + 29 * SECOND) is None
    assert isinstance(claims.claim(CONNECTOR, at=due + 31 * SECOND), Item)


def test_a_connector_that_failed_is_probed_again_though_a_killed_sender_held_its_only_place(
    make_case: MakeCase, queue_order: QueueOrder, connector: Connector, press: Press, send_at: SendAt, due: datetime
) -> None:
    queue_order(make_case("Ann"))
    queue_order(make_case("Bea"))
    Connector.objects.update(failures_in_a_row=5, breaker_until=due)
    assert isinstance(claims.claim(CONNECTOR, at=due), Item)

    assert send_at(due + 29 * SECOND) == 0
    assert send_at(due + 31 * SECOND) == 2
    assert len(press.orders) == 2


def test_what_may_have_gone_out_is_asked_about_first_after_time_to_arrive(
    case: Case, press: Press, order: Order, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    item = queue_order(case)
    begin(item, order, at=due)

    send_at(due + 30.1 * SECOND, seconds=0.01)
    item.refresh_from_db()
    assert (item.status, press.calls) == ("unknown", [])
    assert due + 30 * SECOND <= item.due_at <= due + 60 * SECOND

    send_at(due + 61 * SECOND)
    item.refresh_from_db()
    assert (item.status, press.asked, press.references()) == ("done", [item.idempotency_key], [item.idempotency_key])


def test_a_request_that_took_long_to_build_has_its_whole_lease_before_it(
    case: Case, order: Order, queue_order: QueueOrder, due: datetime
) -> None:
    item = queue_order(case)
    claimed = claims.claim(CONNECTOR, at=due)
    assert isinstance(claimed, Item)
    call = settling.Call(pk=item.pk, claim=claimed.claims, asking=False, started_at=due)

    settling.prepare(call, order, clock=lambda: due + 25 * SECOND)

    item.refresh_from_db()
    assert item.leased_until == due + 55 * SECOND


@pytest.mark.django_db(transaction=True)
def test_a_call_that_lasts_is_not_taken_over_while_its_sender_lives(
    case: Case, press: Press, queue_order: QueueOrder, settings: Any
) -> None:
    settings.WORKER_DEAD_AFTER_SECONDS = 0.6
    press.pause = 1.5
    item = queue_order(case, at=timezone.now() - timedelta(days=1))
    ends: list[datetime | None] = []
    sender = threading.Thread(target=send_for_a_second)

    sender.start()
    while sender.is_alive():
        settling.recover(CONNECTOR, at=database_clock())
        ends += Item.objects.filter(status="sending").values_list("leased_until", flat=True)
        time.sleep(0.05)
    sender.join()

    item.refresh_from_db()
    assert (item.status, press.references(), press.asked) == ("done", [item.idempotency_key], [])
    assert len(set(ends)) >= 4


@pytest.mark.django_db(transaction=True)
def test_no_lease_is_renewed_beyond_the_longest_a_call_may_last(
    case: Case, press: Press, queue_order: QueueOrder, set_limits: SetLimits, settings: Any
) -> None:
    settings.WORKER_DEAD_AFTER_SECONDS = 0.6
    set_limits(lease_seconds=1)
    press.pause = 3
    item = queue_order(case, at=timezone.now() - timedelta(days=1))
    began = database_clock()
    sender = threading.Thread(target=send_for_a_second)
    freed = 0

    sender.start()
    while sender.is_alive() and not freed:
        freed = settling.recover(CONNECTOR, at=database_clock())
        time.sleep(0.05)
    sender.join()

    item.refresh_from_db()
    assert (freed, item.status) == (1, "unknown")
    assert began < item.due_at
    lost, late = item.tries.all()
    assert (lost.problem.startswith(settling.SENDER_DIED), late.problem) == (True, settling.CAME_LATE)


def test_the_figures_say_how_many_items_a_sender_that_fell_silent_holds(
    make_case: MakeCase, queue_order: QueueOrder, connector: Connector, officer: User, due: datetime
) -> None:
    queue_order(make_case("Ann"))
    queue_order(make_case("Bea"))
    for second in (0, 1):
        assert isinstance(claims.claim(CONNECTOR, at=due + second * SECOND), Item)

    (alive,) = queries.health(at=due + 29 * SECOND, seen_by=officer)
    (silent,) = queries.health(at=due + 32 * SECOND, seen_by=officer)

    assert (alive.abandoned, alive.alarms) == (0, ())
    assert silent.abandoned == 2
    assert silent.alarms == (
        "Senders fell silent at work on 2 items for Badge press: others take over within a minute.",
    )
