"""Cursors, kept answers, figures and alarms, jobs."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.exchange.conftest import MakeCase, QueueOrder, SendAt
from tests.exchange.press import CONNECTOR, Press
from tests.exchange.test_limits import in_threads

from moothall.core.accounts.models import User
from moothall.core.audit.models import Access
from moothall.domain.cases.models import Case
from moothall.domain.exchange import actions, cursors, lookups, queries, tasks
from moothall.domain.exchange.models import Attempt, Connector, Item

HOUR = timedelta(hours=1)


def test_a_cursor_is_read_as_it_was_moved(db: None, noon: datetime) -> None:
    assert cursors.read(CONNECTOR, "applications") is None
    cursors.move(CONNECTOR, "applications", was=None, to={"from": "2026-03-03"}, at=noon)
    assert cursors.read(CONNECTOR, "applications") == {"from": "2026-03-03"}


@pytest.mark.django_db(transaction=True)
def test_of_pollers_that_read_the_same_stretch_one_moves_the_cursor(noon: datetime) -> None:
    moved: list[str] = []

    def poll() -> None:
        try:
            cursors.move(CONNECTOR, "applications", was=None, to=1, at=noon)
            moved.append("moved")
        except cursors.CursorMoved:
            moved.append("too late")

    in_threads(4, poll)
    assert sorted(moved) == ["moved", "too late", "too late", "too late"]


def test_a_kept_answer_is_given_until_it_is_refreshed_and_who_searched_is_recorded(
    case: Case, officer: User, noon: datetime
) -> None:
    asked = {"badge_number": "AB12CD"}
    assert lookups.latest(CONNECTOR, "badges", asked=asked, case=case) is None
    for at, found in ((noon, ["old"]), (noon + HOUR, ["new"])):
        lookups.keep(CONNECTOR, "badges", asked=asked, found=found, by=officer, at=at, case=case, count=1)

    latest = lookups.latest(CONNECTOR, "badges", asked=asked, case=case)
    assert latest
    assert latest.found == ["new"]
    assert lookups.latest(CONNECTOR, "badges", asked={"badge_number": "ZZ99ZZ"}, case=case) is None
    assert lookups.latest(CONNECTOR, "badges", asked=asked) is None
    accesses = Access.objects.filter(user=officer)
    assert [access.detail for access in accesses] == [{"found": 1, "asked": ["badge_number"]}] * 2


def test_a_quiet_connector_has_figures_and_no_alarm(
    case: Case, queue_order: QueueOrder, send_at: SendAt, officer: User, due: datetime
) -> None:
    queue_order(case)
    send_at(due)
    (health,) = queries.health(at=due + timedelta(minutes=1), seen_by=officer)
    assert (health.key, health.name, health.alarms, health.growing) == (CONNECTOR, "Badge press", (), False)
    assert (health.queued_lately, health.settled_lately, health.overdue) == (1, 1, 0)
    assert health.last_success_at
    assert sum(health.counts.values()) == 0


def test_a_queue_that_grows_raises_an_alarm_though_nothing_failed(
    make_case: MakeCase, queue_order: QueueOrder, officer: User, due: datetime
) -> None:
    for number in range(3):
        queue_order(make_case(f"Person {number}"))
    assert not queries.health(at=due + timedelta(minutes=14), seen_by=officer)[0].alarms

    (health,) = queries.health(at=due + timedelta(minutes=16), seen_by=officer)
    assert health.growing
    assert health.oldest_due_at == due
    assert health.alarms == (
        "The queue for Badge press grows: 3 queued and 0 settled in the last hour.",
        "3 items for Badge press should have gone more than 15 minutes ago.",
    )


def test_errors_a_stop_and_a_pause_raise_alarms(
    case: Case,
    connector: Connector,
    press: Press,
    queue_order: QueueOrder,
    send_at: SendAt,
    officer: User,
    due: datetime,
) -> None:
    press.faults = ["400"]
    queue_order(case)
    send_at(due)
    actions.pause_connector(connector, reason="It is being moved.", by=officer, at=due)
    Connector.objects.update(failures_in_a_row=6, breaker_until=due + HOUR)

    (health,) = queries.health(at=due + timedelta(minutes=1), seen_by=officer)
    assert health.alarms == (
        "Somebody must put an error right: 1 item for Badge press.",
        "Badge press failed 6 times in a row: calls are stopped for now.",
        "Badge press is paused: It is being moved.",
    )
    assert (health.last_problem, health.counts["error"]) == ("The press refused the order.", 1)


def test_the_sweep_wakes_a_sender_for_each_connector_with_something_due_and_no_other(
    make_case: MakeCase, queue_order: QueueOrder, connector: Connector, officer: User, noon: datetime
) -> None:
    item = queue_order(make_case())
    actions.ensure_connector("idle")
    jobs = ProcrastinateJob.objects.all()
    jobs.delete()
    Item.objects.update(due_at=datetime.fromisoformat("2999-01-01T00:00Z"))
    tasks.sweep(0)
    assert not jobs.exists()

    Item.objects.update(due_at=noon)
    tasks.sweep(0)
    tasks.sweep(0)
    assert [job.args for job in jobs] == [{"connector": CONNECTOR}]

    ProcrastinateJob.objects.all().delete()
    lease = datetime.fromisoformat("2020-01-01T00:00Z")
    Item.objects.filter(pk=item.pk).update(status="sending", leased_until=lease)
    assert queries.connectors_with_work(at=noon) == [CONNECTOR]


def test_the_sweep_leaves_a_stopped_connector_alone_until_it_is_tried_again(
    make_case: MakeCase, queue_order: QueueOrder, connector: Connector, due: datetime
) -> None:
    queue_order(make_case())
    Connector.objects.update(failures_in_a_row=5, breaker_until=due + HOUR)
    assert queries.connectors_with_work(at=due + timedelta(minutes=59)) == []
    assert queries.connectors_with_work(at=due + HOUR) == [CONNECTOR]


def test_figures_are_over_the_items_somebody_may_see_and_over_calls_of_the_last_day(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, officer: User, stranger: User, due: datetime
) -> None:
    press.faults = ["400"]
    queue_order(case)
    send_at(due)
    (hidden,) = queries.health(at=due + HOUR, seen_by=stranger)
    (later,) = queries.health(at=due + 26 * HOUR, seen_by=officer)
    assert (hidden.last_problem, hidden.last_problem_at, hidden.counts["error"], hidden.alarms) == ("", None, 0, ())
    assert (later.last_problem, later.counts["error"]) == ("", 1)


def test_figures_of_a_connector_are_read_from_indexes(
    connector: Connector, case: Case, administrator: User, noon: datetime
) -> None:
    past = [noon - number * HOUR for number in range(4000)]
    items = Item.objects.bulk_create(
        Item(
            connector=connector,
            operation="badge_press.order",
            lane="badge",
            case=case,
            idempotency_key=str(at),
            status="done",
            due_at=at,
            created_at=at,
            created_by=administrator,
            processed_at=at,
        )
        for at in past
    )
    Attempt.objects.bulk_create(
        Attempt(item=item, number=1, started_at=at, finished_at=at, problem="No answer." if number % 2 else "")
        for number, (item, at) in enumerate(zip(items, past, strict=True))
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE exchange_item, exchange_attempt")
        with CaptureQueriesContext(connection) as asked:
            queries.health(at=noon, seen_by=administrator)
        plans = ""
        for query in asked.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute("EXPLAIN " + query["sql"])
                plans += "\n".join(line for (line,) in cursor.fetchall())
    for index in ("item_unsettled", "item_processed", "attempt_went_well", "attempt_problem"):
        assert f" {index}" in plans, plans  # or the one of the same name that is kept in order for all connectors


def test_the_job_sends_what_is_due_now(case: Case, press: Press, queue_order: QueueOrder) -> None:
    item = queue_order(case)
    tasks.send_due(CONNECTOR)
    item.refresh_from_db()
    assert (item.status, len(press.orders)) == ("done", 1)


def test_what_waits_behind_a_settled_item_is_woken(
    case: Case, queue_order: QueueOrder, officer: User, noon: datetime, set_limits: Callable[..., Connector]
) -> None:
    set_limits(duplicate_days=0)
    first, _ = queue_order(case), queue_order(case)
    ProcrastinateJob.objects.all().delete()
    actions.cancel(first, reason="Withdrawn.", by=officer, at=noon + HOUR)
    assert [job.scheduled_at for job in ProcrastinateJob.objects.all()] == [noon + HOUR]
