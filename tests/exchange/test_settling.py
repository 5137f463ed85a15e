"""What is kept of a try that was cut short, what a fault leaves behind, and the way out when nobody answers."""

from datetime import datetime, timedelta

import pytest
from tests.exchange.conftest import QueueOrder, SendAt
from tests.exchange.press import CONNECTOR, Order, Press

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.cases.models import Case, Note
from moothall.domain.exchange import actions, claims, settling
from moothall.domain.exchange.actions import QueueRefusal
from moothall.domain.exchange.models import Item

DAY = timedelta(days=1)


@pytest.fixture
def unknown(case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime) -> Item:
    """An order without an answer."""
    press.faults = ["silent after"]
    item = queue_order(case)
    send_at(due, seconds=1)
    item.refresh_from_db()
    assert item.status == "unknown"
    return item


def test_a_try_lost_with_its_sender_shows_when_and_where_it_was_sent(
    case: Case, order: Order, queue_order: QueueOrder, press: Press, due: datetime
) -> None:
    item = queue_order(case)
    claimed = claims.claim(CONNECTOR, at=due)
    assert isinstance(claimed, Item)
    call = settling.Call(pk=item.pk, claim=claimed.claims, asking=False, started_at=due)
    sent_at, missed_at = due + timedelta(seconds=2), due + timedelta(seconds=95)
    assert settling.prepare(call, order, clock=lambda: sent_at)

    settling.recover(CONNECTOR, at=missed_at)

    lost = item.tries.get()
    assert (lost.started_at, lost.finished_at, lost.asking) == (sent_at, missed_at, False)
    assert lost.problem.startswith(settling.SENDER_DIED)
    assert "noticed" in lost.problem
    assert (lost.request["method"], lost.request["url"]) == ("POST", f"{press.url}/orders")
    assert lost.request["headers"]["Authorization"] == "[hidden]"
    assert lost.request["body"]["name"] == "Ann Example"


def test_a_question_lost_with_its_sender_is_kept_as_a_question_from_when_it_was_asked(unknown: Item) -> None:
    asked_at = unknown.due_at + timedelta(seconds=1)
    claims.claim(CONNECTOR, at=asked_at)

    settling.recover(CONNECTOR, at=asked_at + timedelta(seconds=90))

    lost = unknown.tries.order_by("-number")[0]
    assert (lost.asking, lost.started_at, lost.request) == (True, asked_at, None)


def test_a_fault_of_the_program_before_anything_left_is_an_error_and_not_a_question(
    case: Case, order: Order, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    def fault() -> None:
        raise KeyError("reference")

    order.before_send = fault
    item = queue_order(case)
    with pytest.raises(KeyError):
        send_at(due)

    item.refresh_from_db()
    assert (item.status, item.ask_first, press.calls) == ("error", False, [])
    assert "Nothing was sent" in item.problem


def test_a_fault_of_the_program_after_the_request_left_is_asked_about(
    case: Case, order: Order, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    def fault() -> None:
        raise KeyError("number")

    order.after_send = fault
    item = queue_order(case)
    with pytest.raises(KeyError):
        send_at(due)

    item.refresh_from_db()
    assert item.status == "unknown"


@pytest.mark.parametrize(
    ("verdict", "status", "asks"),
    [("done_elsewhere", "skipped", True), ("send_again", "queued", False), ("cancel", "cancelled", True)],
)
def test_whoever_found_out_settles_an_order_without_an_answer_by_hand(
    unknown: Item, officer: User, noon: datetime, verdict: str, status: str, asks: bool
) -> None:
    actions.settle(unknown, verdict=verdict, reason="Rang the press.", by=officer, at=noon + DAY)

    unknown.refresh_from_db()
    assert (unknown.status, unknown.ask_first) == (status, asks)
    note = Note.objects.get(case=unknown.case, important=True)
    assert "Rang the press." in note.text
    assert unknown.case.timeline.filter(detail__action="settled", text__contains="Rang the press.").exists()
    kept = Entry.objects.get(action="exchange.settled")
    assert (kept.by, kept.detail["verdict"], kept.reason) == (officer, verdict, "Rang the press.")


def test_settled_as_not_done_it_is_sent_again_without_asking(
    unknown: Item, press: Press, send_at: SendAt, officer: User, noon: datetime
) -> None:
    press.orders.clear()
    actions.settle(unknown, verdict="send_again", reason="Nobody has it.", by=officer, at=noon + DAY)

    send_at(noon + 2 * DAY)

    unknown.refresh_from_db()
    assert (unknown.status, len(press.orders), press.asked) == ("done", 1, [])


def test_settling_by_hand_needs_a_reason_and_something_not_known(
    unknown: Item, queue_order: QueueOrder, officer: User, noon: datetime
) -> None:
    with pytest.raises(QueueRefusal, match="Say why"):
        actions.settle(unknown, verdict="cancel", reason=" ", by=officer, at=noon)
    with pytest.raises(QueueRefusal, match="done_elsewhere, send_again or cancel"):
        actions.settle(unknown, verdict="forget", reason="So.", by=officer, at=noon)
    plain = queue_order(unknown.case, key="another")
    actions.unpause(plain, by=officer, at=noon)
    with pytest.raises(QueueRefusal, match="cannot be settled by hand: "):
        actions.settle(plain, verdict="cancel", reason="So.", by=officer, at=noon)


def test_the_case_says_that_an_answer_was_lost_and_what_the_other_system_said_when_asked(
    unknown: Item, send_at: SendAt, due: datetime
) -> None:
    said = unknown.case.timeline.filter(detail__action="unanswered").get().text
    assert said.startswith("Badge order: no answer came, so it is not known whether it was done.")

    send_at(due + DAY)

    done = unknown.case.timeline.get(detail__action="done").text
    assert "The answer had been lost" in done


def test_the_case_says_that_the_other_system_did_not_have_it_and_it_is_sent_again(
    case: Case, press: Press, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    press.faults = ["silent before"]
    queue_order(case)
    send_at(due)
    send_at(due + DAY)

    assert case.timeline.filter(detail__action="not_there").count() == 1
