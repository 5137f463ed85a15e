"""What becomes of one item: sent, refused, tried again, asked about."""

from datetime import datetime, timedelta

import pytest
from tests.exchange.conftest import MakeCase, QueueOrder, SendAt
from tests.exchange.press import CONNECTOR, ORDER, Order, Press

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.cases.models import Case, Note, TimelineEntry
from moothall.domain.exchange import actions, claims, dispatch, operations, queries, settling
from moothall.domain.exchange.actions import edit_and_requeue
from moothall.domain.exchange.models import Attempt, Item
from moothall.domain.exchange.operations import SendError

DAY = timedelta(days=1)


def test_an_item_waits_its_delay_and_is_then_sent_with_the_case_as_it_is_by_then(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    item = queue_order(case)
    case.customer.name = "Ann Corrected"
    case.customer.save()

    assert send_at(due - timedelta(seconds=30)) == 0
    assert send_at(due) == 1

    item.refresh_from_db()
    assert [order["name"] for order in press.orders] == ["Ann Corrected"]
    assert (item.status, item.result, item.ask_first) == ("done", {"number": "P00001"}, False)
    assert Note.objects.get(case=case).text == "Badge P00001 ordered."
    assert send_at(due + DAY) == 0


def test_a_done_item_is_on_the_timeline_in_the_audit_record_and_among_the_replies(
    case: Case, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    item = queue_order(case)
    send_at(due)

    assert list(TimelineEntry.objects.filter(case=case).values_list("kind", "text")) == [
        ("integration", "Badge order: to be sent on 3 March at 12:15."),
        ("integration", "Badge order: badge P00001 ordered."),
    ]
    assert [entry.action for entry in Entry.objects.filter(subject_type="item", subject_id=item.pk).order_by("pk")] == [
        "exchange.queued",
        "exchange.done",
    ]
    assert queries.replies(case) == {ORDER: "done"}


def test_request_and_response_are_kept_whole_with_secrets_hidden_and_pictures_shortened(
    case: Case, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    item = queue_order(case)
    send_at(due)

    attempt = Attempt.objects.get(item=item)
    assert attempt.request["headers"]["Authorization"] == "[hidden]"
    assert attempt.request["body"]["client_secret"] == "[hidden]"
    assert attempt.request["body"]["name"] == "Ann Example"
    assert attempt.request["body"]["photo"].startswith("[800 characters of data, sha256 ")
    assert attempt.response == {"status": 201, "body": {"number": "P00001", "access_token": "[hidden]"}}
    assert "s3cret" not in str(Item.objects.filter(pk=item.pk).values())


def test_what_an_officer_must_put_right_becomes_an_error_without_a_call(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    case = make_case("")
    item = queue_order(case)
    send_at(due)

    item.refresh_from_db()
    assert (item.status, item.problem) == ("error", "Give the name of the holder: the press cannot print without.")
    assert not press.calls
    assert "Give the name" in case.timeline.last().text


def test_a_refusal_of_the_other_system_goes_to_a_person_and_is_not_tried_again(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    press.faults = ["400"]
    item = queue_order(case)

    send_at(due)
    send_at(due + DAY)

    item.refresh_from_db()
    assert (item.status, item.problem, len(press.calls)) == ("error", "The press refused the order.", 1)


def test_a_passing_fault_is_tried_again_later_with_growing_waits(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    press.faults = ["503", "503"]
    item = queue_order(case)

    send_at(due)
    item.refresh_from_db()
    first = item.due_at
    assert item.status == "queued"
    assert due <= first <= due + timedelta(seconds=90)
    send_at(due + timedelta(seconds=90))
    send_at(due + DAY)

    item.refresh_from_db()
    assert (item.status, item.attempts, len(press.orders)) == ("done", 3, 1)
    assert [attempt.problem for attempt in item.tries.all()] == ["The press answered 503."] * 2 + [""]


def test_waits_double_up_to_two_hours_and_spread_over_all_of_the_time(case: Case, queue_order: QueueOrder) -> None:
    item = queue_order(case)
    for attempts, longest in ((1, 60), (4, 480), (30, 7200)):
        item.attempts = attempts
        waits = [settling._back_off(item).total_seconds() for _ in range(200)]
        assert max(waits) <= longest
        assert min(waits) < longest / 4 < longest / 2 < max(waits)


def test_the_other_systems_own_wait_is_kept_by_the_whole_connector(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    press.faults = ["429"]
    queue_order(make_case("Ann"))
    queue_order(make_case("Bea"))

    send_at(due)
    assert len(press.calls) == 1
    send_at(due + timedelta(seconds=30))
    assert len(press.calls) == 1
    send_at(due + timedelta(seconds=42))
    assert len(press.orders) == 2


def test_a_wait_the_other_system_asks_for_is_believed_up_to_two_hours() -> None:
    waits = [
        SendError("Busy.", retryable=True, retry_after=timedelta(hours=hours)).retry_after for hours in (-1, 1, 99)
    ]
    assert waits == [timedelta(0), timedelta(hours=1), timedelta(hours=2)]


def test_a_failure_is_either_retryable_or_unknown() -> None:
    with pytest.raises(ValueError, match="asked about first"):
        SendError("No answer.", retryable=True, unknown=True)


def test_after_the_last_attempt_a_person_is_asked(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime, set_limits: object
) -> None:
    set_limits(max_attempts=2)  # type: ignore[operator]
    press.faults = ["500"] * 9
    item = queue_order(case)
    for day in range(4):
        send_at(due + day * DAY)

    item.refresh_from_db()
    assert (item.status, item.problem) == ("error", "Tried 2 times, without success. The press answered 500.")


def test_after_a_lost_answer_the_other_system_is_asked_and_what_it_did_is_not_done_again(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    press.faults = ["silent after"]
    item = queue_order(case)

    send_at(due)
    item.refresh_from_db()
    assert (item.status, item.ask_first, press.asked) == ("unknown", True, [])
    assert item.due_at >= due + timedelta(seconds=30)
    send_at(due + DAY)

    item.refresh_from_db()
    assert (item.status, item.result) == ("done", {"number": "P-FOUND"})
    assert press.references() == press.asked == [item.idempotency_key]
    assert [attempt.asking for attempt in item.tries.all()] == [False, True]
    assert Note.objects.filter(case=case).count() == 1


def test_an_order_that_surely_did_not_arrive_is_sent_again_at_once(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    press.faults = ["silent before"]
    item = queue_order(case)

    send_at(due)
    assert not press.orders
    assert send_at(due + DAY) == 2

    item.refresh_from_db()
    assert (item.status, press.asked) == ("done", [item.idempotency_key])
    assert press.references() == [item.idempotency_key]


def test_while_asking_fails_nothing_is_sent(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    press.faults = ["silent after"]
    press.ask_faults = ["503", "silent", "400"]
    item = queue_order(case)
    for day in range(4):
        send_at(due + day * DAY)

    item.refresh_from_db()
    assert (item.status, item.ask_first, item.problem) == ("error", True, "The press answered 400.")
    assert (len(press.orders), len(press.asked)) == (1, 3)


def test_the_question_is_about_what_was_sent_though_the_case_has_changed_since(
    case: Case, press: Press, order: Order, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    press.faults = ["silent after"]
    item = queue_order(case)
    send_at(due)
    case.customer.name = ""
    case.customer.save()

    send_at(due + DAY)

    item.refresh_from_db()
    assert item.status == "done"


def test_a_fault_in_building_the_request_is_an_error_and_is_raised_for_the_log(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    item = queue_order(case, arguments={"bug": True})
    with pytest.raises(KeyError):
        send_at(due)

    item.refresh_from_db()
    assert item.status == "error"
    assert "fault in the program (KeyError)" in item.problem
    assert not press.calls


def test_when_what_follows_fails_here_all_of_it_is_undone_and_the_other_system_is_asked_later(
    case: Case, press: Press, order: Order, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    order.break_done = True
    item = queue_order(case)
    with pytest.raises(LookupError):
        send_at(due)

    item.refresh_from_db()
    assert (item.status, Note.objects.count()) == ("unknown", 0)
    assert item.tries.get().response["status"] == 201
    order.break_done = False
    send_at(due + DAY)

    item.refresh_from_db()
    assert (item.status, Note.objects.count(), len(press.orders)) == ("done", 1, 1)


def test_a_sender_that_died_before_it_began_leaves_the_item_waiting(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    item = queue_order(case)
    claims.claim(CONNECTOR, at=due)

    assert send_at(due + timedelta(seconds=29)) == 0
    assert send_at(due + timedelta(seconds=31)) == 1
    item.refresh_from_db()
    assert (item.status, press.asked, len(press.orders)) == ("done", [], 1)


def test_a_sender_that_died_after_it_began_is_taken_over_by_asking(
    case: Case, press: Press, order: Order, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    item = queue_order(case)
    claimed = claims.claim(CONNECTOR, at=due)
    assert isinstance(claimed, Item)
    call = settling.Call(pk=item.pk, claim=claimed.claims, asking=False, started_at=due)
    prepared = settling.prepare(call, order, clock=lambda: due)
    assert prepared
    order.send(prepared[1], item=prepared[0])

    send_at(due + timedelta(seconds=301))

    item.refresh_from_db()
    assert (item.status, press.asked, len(press.orders)) == ("done", [item.idempotency_key], 1)
    assert item.tries.first().problem.startswith(settling.SENDER_DIED)
    assert item.tries.first().request["body"]["name"] == "Ann Example"


def test_an_answer_that_comes_after_somebody_took_over_is_kept_and_changes_nothing(
    case: Case, press: Press, order: Order, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    item = queue_order(case)
    claimed = claims.claim(CONNECTOR, at=due)
    assert isinstance(claimed, Item)
    call = settling.Call(pk=item.pk, claim=claimed.claims, asking=False, started_at=due)
    prepared = settling.prepare(call, order, clock=lambda: due)
    assert prepared
    reply = order.send(prepared[1], item=prepared[0])
    send_at(due + timedelta(seconds=301))

    settling.finish(call, order, reply, at=due + timedelta(seconds=302))
    settling.failed(call, SendError("Too late."), at=due + timedelta(seconds=303))

    assert Note.objects.filter(case=case).count() == 1
    assert [attempt.problem for attempt in item.tries.all()][2:] == [settling.CAME_LATE] * 2
    item.refresh_from_db()
    assert item.status == "done"


def test_a_claim_that_was_lost_before_it_began_calls_nobody(
    case: Case, press: Press, queue_order: QueueOrder, due: datetime
) -> None:
    item = queue_order(case)
    claimed = claims.claim(CONNECTOR, at=due)
    assert isinstance(claimed, Item)
    settling.recover(CONNECTOR, at=due + timedelta(hours=1))

    dispatch.deliver(claimed, clock=dispatch.clock_from(due + timedelta(hours=1)))

    item.refresh_from_db()
    assert (item.status, press.calls) == ("queued", [])


def test_an_edited_request_is_sent_in_place_of_the_built_one_with_the_picture_put_back(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime, officer: User
) -> None:
    press.faults = ["400"]
    item = queue_order(case)
    send_at(due)
    item.refresh_from_db()
    shown = item.sent
    assert "QUJD" not in str(shown)

    edit_and_requeue(item, {**shown, "name": "Ann Edited"}, by=officer, at=due)
    send_at(due + DAY)

    assert [(order["name"], order["photo"]) for order in press.orders] == [("Ann Edited", "QUJD" * 200)]


def test_an_operation_no_longer_installed_is_an_error_in_words(
    case: Case, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    item = queue_order(case)
    Item.objects.filter(pk=item.pk).update(operation="press.gone")
    send_at(due)

    item.refresh_from_db()
    assert (item.status, item.problem) == (
        "error",
        "There is no operation called press.gone: is its connector installed?",
    )


def test_what_is_unsettled_holds_back_only_its_own_lane_of_the_case(
    case: Case, queue_order: QueueOrder, press: Press, send_at: SendAt, officer: User, noon: datetime, due: datetime
) -> None:
    class Label(Order):
        name = "badge_press.label"
        lane = "label"

    operations.register(Label(press.url))
    label = actions.queue(case, "badge_press.label", by=officer, at=noon)
    actions.pause(label, reason="Not now.", by=officer, at=noon)
    item = queue_order(case)

    send_at(due)

    item.refresh_from_db()
    assert item.status == "done"
