"""The integration queue at the desk: seen, understood, put right; and how the connectors do."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.exchange.press import CONNECTOR, ORDER, Order, Press, running

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.domain.exchange import actions, dispatch, operations
from moothall.domain.exchange.models import Connector, Item
from moothall.web.desk.views import connectors

pytestmark = pytest.mark.django_db
Status = Item.Status


@pytest.fixture
def press() -> Iterator[Press]:
    with running() as press:
        operations.register(Order(press.url))
        yield press


@pytest.fixture
def item(press: Press, make_case: OpenCase, officer: User, noon: datetime) -> Item:
    """A badge order that waits."""
    return actions.queue(make_case(), ORDER, by=officer, at=noon)


@pytest.fixture
def failed(press: Press, item: Item, noon: datetime) -> Item:
    """A badge order that the press refused."""
    press.faults.append("400")
    dispatch.send_due(CONNECTOR, seconds=45, clock=dispatch.clock_from(noon + timedelta(minutes=20)))
    item.refresh_from_db()
    assert item.status == Status.ERROR
    return item


@pytest.fixture
def at_queue(sign_in_as: SignInAs, manager: User) -> Client:
    """The manager's browser: the manager may change the queue."""
    manager.groups.update(permissions=[*manager.groups.get().permissions, Permission.MANAGE_CONNECTORS])
    return sign_in_as(manager)


def page(item: Item, verb: str = "") -> str:
    return f"/desk/queue/{item.pk}/{f'{verb}/' if verb else ''}"


def text(answer: Any) -> str:
    return Page.of(answer).text("main")


def test_the_list_says_case_name_postcode_state_and_who_queued_it(at_queue: Client, item: Item) -> None:
    line = Page.of(at_queue.get("/desk/queue/")).text("tbody")
    for fact in (item.case.reference, "Madeup", "EX1 2AB", "Badge order", "Waiting", "Olive Officer"):
        assert fact in line


def test_the_list_is_narrowed_by_state_connector_and_case(at_queue: Client, item: Item) -> None:
    reference = item.case.reference
    for asked in ("status=queued", f"connector={CONNECTOR}", f"case={reference.lower().replace('-', '+')}"):
        assert reference in Page.of(at_queue.get(f"/desk/queue/?{asked}")).text("tbody")
    for asked in ("status=error", "case=BB-4KX2-9TFC"):
        assert reference not in Page.of(at_queue.get(f"/desk/queue/?{asked}")).text("tbody")
    assert at_queue.get("/desk/queue/?case=nonsense").status_code == 422
    assert at_queue.get("/desk/queue/?page=2²").status_code == 200


def test_an_item_shows_exactly_what_went_and_came_with_secrets_hidden(at_queue: Client, failed: Item) -> None:
    shown = text(at_queue.get(page(failed)))
    assert '"name": "Alma Madeup"' in shown
    assert '"status": 400' in shown
    assert "The press refused the order." in shown
    assert "s3cret" not in shown
    assert "tok-123456789" not in shown
    assert "abcdefghijklmnop" not in shown
    assert Access.objects.filter(subject_type="case", subject_id=failed.case_id, via="desk queue.item").exists()


def test_an_item_is_paused_with_a_reason_and_goes_on(at_queue: Client, item: Item) -> None:
    assert at_queue.post(page(item, "pause"), {"reason": ""}).status_code == 422
    answer = at_queue.post(page(item, "pause"), {"reason": "The photograph is wrong."}, follow=True)
    assert "It is paused." in text(answer)
    assert "The photograph is wrong." in text(answer)
    again = at_queue.post(page(item, "pause"), {"reason": "Twice."}, follow=True)
    assert "cannot be paused: it is paused" in text(again)
    at_queue.post(page(item, "unpause"))
    item.refresh_from_db()
    assert item.status == Status.QUEUED


@pytest.mark.parametrize(
    ("verb", "given", "status"),
    [
        ("retry", {}, Status.QUEUED),
        ("requeue", {}, Status.QUEUED),
        ("cancel", {"reason": "Not wanted."}, Status.CANCELLED),
        ("skip", {"reason": "Done by telephone."}, Status.SKIPPED),
    ],
)
def test_what_failed_is_tried_queued_cancelled_or_skipped(
    at_queue: Client, failed: Item, verb: str, given: dict[str, str], status: str
) -> None:
    assert page(failed, verb) in Page.of(at_queue.get(page(failed))).links().values()
    assert at_queue.get(page(failed, verb)).status_code == 200
    assert at_queue.post(page(failed, verb), given).status_code == 302
    failed.refresh_from_db()
    assert failed.status == status


def test_a_request_is_edited_checked_and_queued_again(
    at_queue: Client, failed: Item, press: Press, noon: datetime
) -> None:
    shown = json.loads(Page.of(at_queue.get(page(failed, "edit"))).text("textarea"))
    assert shown["client_secret"] == "[hidden]"

    broken = at_queue.post(page(failed, "edit"), {"payload": '{"name": '})
    assert broken.status_code == 422
    assert "look at line 1" in text(broken)
    assert '{"name":' in Page.of(broken).text("textarea")
    empty = at_queue.post(page(failed, "edit"), {"payload": json.dumps({**shown, "name": ""})})
    assert "Give the name of the holder" in text(empty)

    changed = at_queue.post(page(failed, "edit"), {"payload": json.dumps({**shown, "name": "Alma Right"})}, follow=True)
    assert "It is queued again." in text(changed)
    dispatch.send_due(CONNECTOR, seconds=45, clock=dispatch.clock_from(noon + timedelta(days=400)))
    failed.refresh_from_db()


def test_an_edited_request_is_built_from_the_case_again(at_queue: Client, failed: Item) -> None:
    shown = json.loads(Page.of(at_queue.get(page(failed, "edit"))).text("textarea"))
    at_queue.post(page(failed, "edit"), {"payload": json.dumps({**shown, "name": "Alma Right"})})
    failed.refresh_from_db()
    assert failed.payload_override is not None
    at_queue.post(page(failed, "edit"), {"rebuild": "yes", "payload": "{"})
    failed.refresh_from_db()
    assert failed.payload_override is None


def test_everything_of_a_case_is_paused_and_goes_on(at_queue: Client, item: Item) -> None:
    reference = item.case.reference
    answer = at_queue.post(f"/desk/queue/cases/{reference}/pause/", {"reason": "A question."}, follow=True)
    assert "Un-pause this case" in text(answer)
    assert "The integrations of this case are paused: A question." in text(at_queue.get(page(item)))
    assert "Pause this case" in text(at_queue.post(f"/desk/queue/cases/{reference}/unpause/", follow=True))


def test_all_errors_of_a_connector_are_queued_again_at_once(at_queue: Client, failed: Item) -> None:
    answer = at_queue.post(f"/desk/connectors/{CONNECTOR}/requeue/", follow=True)
    assert "1 item is queued again." in text(answer)
    failed.refresh_from_db()
    assert failed.status == Status.QUEUED


def test_many_errors_of_a_connector_are_queued_again_bit_by_bit(
    at_queue: Client, press: Press, make_case: OpenCase, officer: User, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connectors, "AT_A_TIME", 2)
    for number in range(3):
        actions.queue(make_case(last_name=f"Madeup{number}"), ORDER, by=officer, at=noon)
    Item.objects.update(status=Status.ERROR, problem="No answer")
    first = text(at_queue.post(f"/desk/connectors/{CONNECTOR}/requeue/", follow=True))
    assert "2 items are queued again." in first
    assert "1 more item ended in an error. Press the button again." in first
    second = text(at_queue.post(f"/desk/connectors/{CONNECTOR}/requeue/", follow=True))
    assert "1 item is queued again." in second
    assert "Press the button again" not in second


def test_a_connector_is_paused_with_a_reason_and_goes_on(at_queue: Client, item: Item) -> None:
    assert at_queue.post(f"/desk/connectors/{CONNECTOR}/pause/", {"reason": ""}).status_code == 422
    answer = at_queue.post(f"/desk/connectors/{CONNECTOR}/pause/", {"reason": "Maintenance."}, follow=True)
    assert "is paused: Maintenance." in text(answer)
    at_queue.post(f"/desk/connectors/{CONNECTOR}/unpause/")
    assert Connector.objects.get(key=CONNECTOR).paused_at is None


def test_a_test_of_a_connection_that_is_not_set_up_says_so(at_queue: Client, officer: User) -> None:
    actions.ensure_connector("dft_blue_badge", name="National service")
    answer = at_queue.post("/desk/connectors/dft_blue_badge/test/", follow=True)
    assert Page.of(answer).all("div", class_="app-notification--error") or "not" in text(answer)
    assert at_queue.post(f"/desk/connectors/{CONNECTOR}/test/").status_code == 404


def test_who_may_see_the_queue_but_not_manage_it_changes_nothing(at_desk: Client, item: Item) -> None:
    assert page(item, "pause") not in Page.of(at_desk.get(page(item))).links().values()
    for address in (page(item, "pause"), page(item, "edit"), f"/desk/queue/cases/{item.case.reference}/cancel/"):
        assert at_desk.post(address, {"reason": "No."}).status_code == 403
    item.refresh_from_db()
    assert item.status == Status.QUEUED


def test_items_of_a_service_one_does_not_reach_are_not_there(
    sign_in_as: SignInAs, make_user: MakeUser, item: Item
) -> None:
    permissions = [Permission.SIGN_IN, Permission.VIEW_CASES, Permission.VIEW_QUEUE, Permission.MANAGE_QUEUE]
    other = sign_in_as(make_user("Tim Taxes", "taxes", permissions=permissions, services=["council_tax"]))
    assert item.case.reference not in text(other.get("/desk/queue/"))
    assert other.get(page(item)).status_code == 404
    assert other.post(page(item, "retry")).status_code == 404


def test_the_list_takes_a_bounded_number_of_statements_however_long_it_is(
    at_queue: Client, press: Press, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    for number in range(6):
        actions.queue(make_case(last_name=f"Madeup{number}"), ORDER, by=officer, at=noon)
    with CaptureQueriesContext(connection) as asked:
        assert at_queue.get("/desk/queue/").status_code == 200
    assert len(asked) <= 12


def test_the_list_goes_on_by_place_in_either_order_and_by_days(
    at_queue: Client, press: Press, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    first = actions.queue(make_case(), ORDER, by=officer, at=noon)
    Item.objects.bulk_create(
        [
            Item(
                connector=first.connector, operation=ORDER, lane="order", case=first.case, idempotency_key=f"k{number}",
                due_at=noon, created_at=noon + timedelta(days=number), created_by=officer,
                status="done", processed_at=noon + timedelta(days=100 - number),
            )
            for number in range(1, 56)
        ]
    )  # fmt: skip
    for sort, start in (("-created", 50), ("created", 50), ("-processed", 50), ("processed", 50)):
        whole = Page.of(at_queue.get(f"/desk/queue/?sort={sort}"))
        assert len(whole.all("tr")) - 1 == start
        onward = whole.all("a", rel="next")[0]["href"]
        rest = Page.of(at_queue.get(f"/desk/queue/{onward}"))
        assert len(rest.all("tr")) - 1 == 6, sort
        seen = {
            link
            for page in (whole, rest)
            for link in (a["href"] for a in page.all("a"))
            if link.startswith("/desk/queue/") and link[-2].isdigit()
        }
        assert len(seen) == 56, "what is not processed comes last"
    day = (noon + timedelta(days=3)).date().isoformat()
    assert len(Page.of(at_queue.get(f"/desk/queue/?created_from={day}&created_to={day}")).all("tr")) - 1 == 1
    assert at_queue.get("/desk/queue/?after=yesterday").status_code == 404
    assert at_queue.get("/desk/queue/?created_from=soon").status_code == 422


def test_everything_of_a_connector_is_cancelled_with_a_result_for_each_and_goes_on_where_it_stopped(
    at_queue: Client, press: Press, make_case: OpenCase, officer: User, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connectors, "AT_A_TIME", 2)
    items = [actions.queue(make_case(last_name=f"Madeup{n}"), ORDER, by=officer, at=noon) for n in range(3)]
    where = f"/desk/connectors/{CONNECTOR}/cancel/"
    asked = Page.of(at_queue.get(where))
    assert "3 items that wait" in asked.text("form")
    until = asked.all("input", name="until")[0]["value"]
    assert at_queue.post(where, {"reason": "", "until": until}).status_code == 422

    given = {"reason": "The press closed.", "until": until}
    results = at_queue.post(where, given)["Location"]
    for _ in range(2):  # reloaded, nothing more is cancelled
        first = text(at_queue.get(results))
        assert "2 items are cancelled" in first
        assert "1 is left." in first
        assert items[0].case.reference in first
    assert "1 item is cancelled" in text(at_queue.post(where, given, follow=True))
    assert "0 items are cancelled" in text(at_queue.post(where, given, follow=True))
    assert set(Item.objects.values_list("status", "settled_reason")) == {("cancelled", "The press closed.")}
    assert "Nothing waits" in text(at_queue.get(where))
    assert items[0].case.timeline.filter(text__contains="The press closed.").exists()


def test_what_is_queued_after_the_question_is_not_cancelled_and_only_managers_may(
    at_queue: Client, at_desk: Client, item: Item
) -> None:
    where = f"/desk/connectors/{CONNECTOR}/cancel/"
    before = (item.created_at - timedelta(minutes=1)).isoformat()
    done = at_queue.post(where, {"reason": "Closed.", "until": before})
    assert "0 items are cancelled" in text(at_queue.get(done["Location"]))
    assert at_desk.get(done["Location"]).status_code == 403
    assert at_desk.post(where, {"reason": "Closed.", "until": before}).status_code == 403
    item.refresh_from_db()
    assert item.status == Status.QUEUED


def test_a_connector_says_how_it_does(at_queue: Client, failed: Item) -> None:
    shown = text(at_queue.get("/desk/connectors/"))
    assert "Calls at once" in shown
    assert "Running" in shown
    Connector.objects.update(breaker_until=failed.created_at + timedelta(days=4000))
    assert "Stopped after failures until" in text(at_queue.get("/desk/connectors/"))
