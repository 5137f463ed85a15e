"""What officers do with the queue, and when it is refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.exchange.conftest import MakeCase, QueueOrder, SendAt
from tests.exchange.press import CONNECTOR, ORDER, Press

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.cases.models import Case
from moothall.domain.exchange import actions, operations, payloads, queries
from moothall.domain.exchange.actions import QueueRefusal
from moothall.domain.exchange.models import Connector, Item

DAY = timedelta(days=1)
Status = Item.Status


def put(item: Item, status: str, at: datetime, *, ask_first: bool = False) -> Item:
    """The item as it is when it has come to `status`."""
    item.status = status
    item.ask_first = ask_first or status == Status.UNKNOWN
    item.leased_until = at + timedelta(minutes=5) if status == Status.SENDING else None
    item.processed_at = at if status in Item.SETTLED else None
    item.problem = "The press refused the order." if status == Status.ERROR else ""
    item.settled_reason = "Not wanted." if status in (Status.CANCELLED, Status.SKIPPED) else ""
    item.paused_at, item.pause_reason = (at, "Wait.") if status == Status.PAUSED else (None, "")
    item.attempts = 5
    item.save()
    return item


VERBS: dict[str, tuple[Callable[..., Any], dict[str, Any], set[str], str | None]] = {
    "pause": (actions.pause, {"reason": "Check the name."}, {"queued", "unknown"}, "paused"),
    "unpause": (actions.unpause, {}, {"paused"}, "queued"),
    "cancel": (actions.cancel, {"reason": "Withdrawn."}, {"queued", "paused", "error"}, "cancelled"),
    "skip": (actions.skip, {"reason": "Done by hand."}, {"queued", "paused", "error"}, "skipped"),
    "requeue": (actions.requeue, {}, {"error", "cancelled", "skipped"}, "queued"),
    "edit": (
        actions.edit_and_requeue,
        {"payload": {"name": "Ann Edited"}},
        {"queued", "paused", "error", "cancelled", "skipped"},
        "queued",
    ),
    "send_now": (actions.send_now, {}, {"queued", "paused", "error", "unknown"}, None),
    "retry": (actions.retry, {}, {"error", "unknown"}, None),
}


@pytest.mark.parametrize("verb", VERBS)
def test_each_action_is_possible_in_its_states_and_refused_with_a_sentence_in_all_others(
    verb: str, make_case: MakeCase, queue_order: QueueOrder, officer: User, noon: datetime
) -> None:
    action, given, allowed, comes_to = VERBS[verb]
    for status in Status.values:
        item = put(queue_order(make_case()), status, noon)
        before = Item.objects.filter(pk=item.pk).values().get()
        if status in allowed:
            action(item, **given, by=officer, at=noon)
            item.refresh_from_db()
            asks = "unknown" if status == "unknown" and comes_to is None else "queued"
            assert item.status == (comes_to or asks), status
            assert item.case.timeline.last().text.startswith("Badge order: "), status
            assert Entry.objects.filter(subject_type="item", subject_id=item.pk).count() == 2, status
        else:
            with pytest.raises(QueueRefusal, match="Badge order for BB-TEST-.* cannot be .*: it "):
                action(item, **given, by=officer, at=noon)
            assert Item.objects.filter(pk=item.pk).values().get() == before


@pytest.mark.parametrize("action", [actions.pause, actions.cancel, actions.skip])
def test_a_reason_must_be_given(
    action: Callable[..., Any], case: Case, queue_order: QueueOrder, officer: User, noon: datetime
) -> None:
    item = queue_order(case)
    with pytest.raises(QueueRefusal, match="Say why"):
        action(item, reason="  ", by=officer, at=noon)


def test_the_reason_of_a_cancellation_is_on_the_timeline_of_the_case(
    case: Case, queue_order: QueueOrder, officer: User, noon: datetime
) -> None:
    actions.cancel(queue_order(case), reason="The applicant withdrew.", by=officer, at=noon)
    last = case.timeline.last()
    assert (last.text, last.by) == ("Badge order: cancelled. The applicant withdrew.", officer)


def test_a_paused_item_is_not_sent_until_it_is_unpaused(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, officer: User, noon: datetime
) -> None:
    item = queue_order(case)
    actions.pause(item, reason="Check the name.", by=officer, at=noon)
    assert send_at(noon + DAY) == 0

    actions.unpause(item, by=officer, at=noon + DAY)
    assert send_at(noon + DAY) == 1


@pytest.mark.parametrize("settle", [actions.cancel, actions.skip])
def test_what_is_cancelled_or_skipped_is_never_sent_unless_it_is_queued_again(
    settle: Callable[..., Any], case: Case, queue_order: QueueOrder, send_at: SendAt, officer: User, noon: datetime
) -> None:
    item = queue_order(case)
    settle(item, reason="Not wanted.", by=officer, at=noon)
    assert send_at(noon + DAY) == 0

    actions.requeue(item, by=officer, at=noon + DAY)
    assert send_at(noon + DAY) == 0  # the time to correct runs again
    assert send_at(noon + DAY + timedelta(minutes=15)) == 1


def test_sending_by_hand_goes_at_once_and_resets_the_attempts(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, officer: User, noon: datetime
) -> None:
    item = put(queue_order(case), "error", noon)
    actions.send_now(item, by=officer, at=noon)
    item.refresh_from_db()
    assert (item.attempts, item.problem) == (0, "")

    assert send_at(noon) == 1
    assert press.references() == [item.idempotency_key]


def test_an_item_whose_outcome_is_unknown_is_asked_about_first_whatever_an_officer_presses(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, officer: User, noon: datetime
) -> None:
    for number, verb in enumerate((actions.send_now, actions.retry, actions.requeue)):
        item = put(queue_order(make_case(f"Person {number}")), "error", noon, ask_first=True)
        item.sent = {"reference": item.idempotency_key}
        item.save()
        verb(item, by=officer, at=noon)
        send_at(noon + DAY)
        assert press.asked[-1] == item.idempotency_key
    assert len(press.asked) == 3


def test_an_item_paused_while_its_outcome_is_unknown_cannot_be_cancelled(
    case: Case, queue_order: QueueOrder, officer: User, noon: datetime
) -> None:
    item = put(queue_order(case), "paused", noon, ask_first=True)
    with pytest.raises(QueueRefusal, match=r"may have been done already .* Un-pause it first"):
        actions.cancel(item, reason="Withdrawn.", by=officer, at=noon)
    actions.unpause(item, by=officer, at=noon)
    item.refresh_from_db()
    assert item.status == "unknown"


def test_an_edited_request_the_operation_finds_fault_with_is_refused(
    case: Case, queue_order: QueueOrder, officer: User, noon: datetime
) -> None:
    item = queue_order(case)
    with pytest.raises(QueueRefusal, match="Give the name of the holder"):
        actions.edit_and_requeue(item, {"name": ""}, by=officer, at=noon)
    shortened = f"[12 characters of data, sha256 {'0' * 64}]"
    with pytest.raises(QueueRefusal, match="no longer the one on the case"):
        actions.edit_and_requeue(item, {"name": "Ann", "photo": shortened}, by=officer, at=noon)


def test_an_edit_is_taken_back_by_building_from_the_case_again(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, officer: User, noon: datetime
) -> None:
    item = queue_order(case)
    actions.edit_and_requeue(item, {"name": "Ann Edited"}, by=officer, at=noon)
    actions.edit_and_requeue(item, None, by=officer, at=noon)
    send_at(noon + DAY)
    assert press.orders[0]["name"] == "Ann Example"


def test_the_same_key_queues_once(case: Case, make_case: MakeCase, queue_order: QueueOrder) -> None:
    assert queue_order(case, key="work item 7") == queue_order(case, key="work item 7")
    assert Item.objects.count() == 1
    with pytest.raises(QueueRefusal, match="already belongs to something else"):
        queue_order(make_case("Bea"), key="work item 7")


def test_a_delay_given_overrides_the_connectors(
    case: Case, queue_order: QueueOrder, send_at: SendAt, noon: datetime
) -> None:
    queue_order(case, delay=timedelta(0))
    assert send_at(noon) == 1


def test_a_second_request_for_the_same_customer_within_90_days_is_paused_with_its_reason(
    case: Case, make_case: MakeCase, queue_order: QueueOrder, send_at: SendAt, officer: User, noon: datetime
) -> None:
    queue_order(case)
    send_at(noon + DAY)
    second = queue_order(make_case(customer=case.customer), at=noon + 89 * DAY)

    assert second.status == "paused"
    assert second.pause_reason.startswith(
        f"The same was asked for this customer on 3 March 2026 (case {case.reference})"
    )
    assert send_at(noon + 90 * DAY) == 0
    actions.unpause(second, by=officer, at=noon + 90 * DAY)
    assert send_at(noon + 90 * DAY) == 1


def test_after_90_days_or_for_another_customer_or_after_a_cancellation_nothing_is_paused(
    case: Case, make_case: MakeCase, queue_order: QueueOrder, officer: User, noon: datetime
) -> None:
    first = queue_order(case)
    assert queue_order(make_case(), at=noon + DAY).status == "queued"
    assert queue_order(make_case(customer=case.customer), at=noon + 90 * DAY).status == "queued"
    other = make_case("Bea")
    actions.cancel(queue_order(other), reason="Withdrawn.", by=officer, at=noon)
    assert queue_order(make_case(customer=other.customer), at=noon + DAY).status == "queued"
    assert first.status == "queued"


def test_queueing_an_operation_nobody_registered_is_refused(case: Case, officer: User, noon: datetime) -> None:
    with pytest.raises(operations.UnknownOperation, match="There is no operation called nobody.knows"):
        actions.queue(case, "nobody.knows", by=officer, at=noon)


def test_the_items_of_a_case_go_in_the_order_they_were_queued_and_an_error_holds_back_the_rest(
    case: Case, make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, officer: User,
    noon: datetime, set_limits: Callable[..., Connector],
) -> None:  # fmt: skip
    set_limits(duplicate_days=0)
    first, second, third = (queue_order(case, key=f"step {n}", delay=timedelta(minutes=9 - n)) for n in (1, 2, 3))
    other = queue_order(make_case("Bea"), key="other")
    press.faults = ["400"]
    send_at(noon + timedelta(minutes=8))
    send_at(noon + DAY)

    assert press.references() == [other.idempotency_key]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("error", "queued")
    assert queries.waiting_for(second) == "Badge order comes first: it is waiting for somebody to put an error right."

    actions.skip(first, reason="Ordered by telephone.", by=officer, at=noon + DAY)
    send_at(noon + 2 * DAY)
    assert press.references()[1:] == [second.idempotency_key, third.idempotency_key]


def test_a_paused_case_sends_nothing_queued_before_or_after_until_it_is_unpaused(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, officer: User, noon: datetime
) -> None:
    item = queue_order(case)
    actions.pause_case(case, reason="Fraud enquiry.", by=officer, at=noon)
    with pytest.raises(QueueRefusal, match="paused already: Fraud enquiry"):
        actions.pause_case(case, reason="Again.", by=officer, at=noon)
    assert send_at(noon + DAY) == 0
    assert queries.waiting_for(item) == "The integrations of this case are paused: Fraud enquiry."
    assert case.timeline.last().text == "Integrations paused. Fraud enquiry."

    actions.unpause_case(case, by=officer, at=noon + DAY)
    assert send_at(noon + DAY) == 1
    with pytest.raises(QueueRefusal, match="are not paused"):
        actions.unpause_case(case, by=officer, at=noon + DAY)


def test_cancelling_a_whole_case_is_all_or_nothing(
    case: Case, queue_order: QueueOrder, officer: User, noon: datetime
) -> None:
    first, second = queue_order(case), queue_order(case)
    put(first, "sending", noon)
    with pytest.raises(QueueRefusal, match="being sent at this moment"):
        actions.cancel_case(case, reason="Withdrawn.", by=officer, at=noon)
    second.refresh_from_db()
    assert second.status == "paused"

    put(first, "queued", noon)
    assert len(actions.cancel_case(case, reason="Withdrawn.", by=officer, at=noon)) == 2
    assert not Item.objects.unsettled().exists()
    with pytest.raises(QueueRefusal, match="Nothing is waiting"):
        actions.cancel_case(case, reason="Withdrawn.", by=officer, at=noon)


def test_a_whole_cases_errors_are_queued_again(
    case: Case, queue_order: QueueOrder, officer: User, noon: datetime
) -> None:
    put(queue_order(case), "error", noon)
    put(queue_order(case), "done", noon)
    assert [item.status for item in actions.requeue_case(case, by=officer, at=noon)] == ["queued"]
    with pytest.raises(QueueRefusal, match="ended in an error"):
        actions.requeue_case(case, by=officer, at=noon)


def test_a_paused_connector_sends_nothing_and_refuses_sending_by_hand(
    case: Case, connector: Connector, queue_order: QueueOrder, send_at: SendAt, officer: User, noon: datetime
) -> None:
    item = queue_order(case)
    connector = actions.pause_connector(connector, reason="The press is being moved.", by=officer, at=noon)
    assert send_at(noon + DAY) == 0
    with pytest.raises(QueueRefusal, match=r"Badge press is paused \(The press is being moved.\): un-pause it first"):
        actions.send_now(item, by=officer, at=noon)
    with pytest.raises(QueueRefusal, match="paused already"):
        actions.pause_connector(connector, reason="Again.", by=officer, at=noon)

    actions.unpause_connector(connector, by=officer, at=noon)
    assert send_at(noon + DAY) == 1
    with pytest.raises(QueueRefusal, match="is not paused"):
        actions.unpause_connector(connector, by=officer, at=noon)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"at_once": 0}, "The setting at once must be a whole number from 1."),
        ({"delay_seconds": -1}, "The setting delay seconds must be a whole number from 0."),
        ({"per_minute": "many"}, "The setting per minute must be a whole number from 1."),
        ({"per_minute": 10**12}, "The setting per minute must be a whole number from 1."),
        ({"paused_at": None}, "A connector has no setting called paused_at."),
        ({"name": " "}, "The name must be text of up to 120 characters."),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    settings: dict[str, Any], sentence: str, connector: Connector, officer: User, noon: datetime
) -> None:
    with pytest.raises(QueueRefusal, match=sentence):
        actions.change_settings(connector, by=officer, at=noon, **settings)


def test_a_changed_setting_is_audited_with_what_it_was(connector: Connector, officer: User, noon: datetime) -> None:
    actions.change_settings(connector, by=officer, at=noon, delay_seconds=60)
    entry = Entry.objects.get(action="connector.changed")
    assert (entry.by, entry.detail["before"], entry.detail["after"]) == (
        officer,
        {"delay_seconds": 900},
        {"delay_seconds": 60},
    )


def test_queueing_wakes_a_sender_at_the_due_time_in_the_same_transaction(
    case: Case, queue_order: QueueOrder, due: datetime
) -> None:
    queue_order(case)
    job = ProcrastinateJob.objects.get(task_name="exchange.send_due")
    assert (job.args, job.scheduled_at, job.queue_name) == ({"connector": CONNECTOR}, due, "exchange")


def test_an_item_is_seen_by_those_who_may_see_the_queue_and_the_case(
    case: Case,
    queue_order: QueueOrder,
    officer: User,
    viewer: User,
    stranger: User,
    administrator: User,
    make_user: Any,
) -> None:
    queue_order(case)
    elsewhere = make_user(
        "Ben Benefits", "benefits", permissions=["case.queue.view", "case.view"], services=["council_tax"]
    )
    seen = {user.full_name: Item.objects.visible_to(user).count() for user in (officer, administrator)}
    hidden = {user.full_name: Item.objects.visible_to(user).count() for user in (viewer, stranger, elsewhere)}
    assert set(seen.values()) == {1}
    assert set(hidden.values()) == {0}


def test_replies_say_how_the_last_item_of_each_operation_stands(
    case: Case, queue_order: QueueOrder, noon: datetime
) -> None:
    put(queue_order(case), "cancelled", noon)
    queue_order(case)
    assert queries.replies(case) == {ORDER: "queued"}


def test_an_officer_sees_what_would_be_sent_and_what_stands_in_its_way(
    case: Case, queue_order: QueueOrder, officer: User, noon: datetime
) -> None:
    item = queue_order(case)
    preview = payloads.preview(item)
    assert (preview.payload["name"], preview.payload["client_secret"]) == ("Ann Example", "[hidden]")
    assert preview.problems == ()

    edited = actions.edit_and_requeue(item, {**preview.payload, "name": "Ann Edited"}, by=officer, at=noon)
    assert payloads.preview(edited) == payloads.Preview(payload={**preview.payload, "name": "Ann Edited"}, problems=())
    case.customer.name = ""
    case.customer.save()
    built = actions.edit_and_requeue(item, None, by=officer, at=noon)
    assert payloads.preview(built).problems == ("Give the name of the holder: the press cannot print without.",)
