"""A workflow orders through the queue, waits for the reply and goes on by itself."""

from collections.abc import Callable
from datetime import datetime

import pytest
from tests.exchange.conftest import SendAt
from tests.exchange.press import Order, Press

from moothall.core.accounts.models import User
from moothall.domain.cases import actions as cases
from moothall.domain.cases import progress
from moothall.domain.cases.models import Case
from moothall.domain.catalogue import actions as publishing
from moothall.domain.catalogue import bundle, catalogue, checks
from moothall.domain.catalogue.models import Service
from moothall.domain.exchange import actions
from moothall.domain.exchange.models import Connector, Item
from moothall.domain.people import actions as people
from moothall.domain.people.actions import PersonDetails
from moothall.domain.workflow import published

Publish = Callable[[str], Service]
_MANIFEST = """
key: taxicard
name: Taxicard
prefix: TC
case_types:
  - {key: new, label: New application, workflow: application}
sources:
  - {key: online, label: Online}
tags: []
"""
_WORKFLOW = """
key: application
name: Application
start: decide
stages:
  - id: decide
    name: Decide
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    outcomes:
      - id: grant
        name: Grant
        do:
          - {effect: send, operation: badge_press.order}
        to: ordered
  - id: ordered
    name: Ordered
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    automatic:
      - {when: "'badge_press.order' in replies && replies['badge_press.order'] in ['done', 'skipped']", outcome: made}
    outcomes:
      - {id: made, name: Made, end: {state: complete}}
"""


@pytest.fixture
def publish(administrator: User, officer: User, order: Order, noon: datetime) -> Publish:
    """`publish(workflow)`: a service with this workflow, found without fault."""
    catalogue.forget()
    published.forget()

    def make(workflow: str) -> Service:
        files = {"service.yaml": _MANIFEST, "workflows/application.yaml": workflow}
        parsed = bundle.parse(files)
        assert not checks.check(parsed, groups=["blue_badge_officers"])
        return publishing.publish(parsed, by=administrator, at=noon).service

    return make


@pytest.fixture
def granted(publish: Publish, connector: object, officer: User, noon: datetime) -> Case:
    """A case granted at noon, so that its order is queued."""
    service = publish(_WORKFLOW)
    ann = people.create_person(PersonDetails(first_names="Ann", last_name="Example"), by=officer, at=noon)
    case = cases.open_case(service=service, customer=ann, type="new", source="online", by=officer, at=noon)
    progress.choose(case.work_items.get(), "grant", by=officer, at=noon)
    return case


def test_an_outcome_queues_its_order_and_the_reply_moves_the_case_on(
    granted: Case, press: Press, send_at: SendAt, due: datetime
) -> None:
    assert granted.work_items.open().get().stage.key == "ordered"
    assert Item.objects.get().case == granted
    send_at(due)

    granted.refresh_from_db()
    assert granted.end_state == "complete"
    assert len(press.orders) == 1


def test_an_error_leaves_the_case_where_it_is_and_a_skip_lets_it_go_on(
    granted: Case, press: Press, send_at: SendAt, officer: User, due: datetime
) -> None:
    press.faults = ["400"]
    send_at(due)
    granted.refresh_from_db()
    assert granted.end_state == ""

    actions.skip(Item.objects.get(), reason="Ordered by telephone.", by=officer, at=due)
    granted.refresh_from_db()
    assert granted.end_state == "complete"


def test_an_outcome_chosen_again_queues_nothing_more(granted: Case, officer: User, noon: datetime) -> None:
    item = granted.work_items.order_by("pk").first()
    assert item
    with pytest.raises(progress.AlreadyProgressed):
        progress.choose(item, "grant", by=officer, at=noon)
    assert Item.objects.count() == 1


def test_a_definition_that_names_an_operation_nobody_offers_is_faulty(order: Order) -> None:
    workflow = _WORKFLOW.replace("badge_press.order}", "badge_press.ordr}")
    parsed = bundle.parse({"service.yaml": _MANIFEST, "workflows/application.yaml": workflow})
    (fault,) = checks.check(parsed, groups=["blue_badge_officers"])
    assert "badge_press.ordr" in fault.sentence


_WAITING = _WORKFLOW.replace(
    "        do:\n          - {effect: send, operation: badge_press.order}\n        to: ordered", "        to: ordered"
).replace(
    "\"'badge_press.order' in replies && replies['badge_press.order'] in ['done', 'skipped']\"",
    "\"replies['badge_press.order'] == 'STATE'\"",
)
Happens = Callable[[Item, Press, SendAt, User, datetime], object]


def pause(item: Item, press: Press, send_at: SendAt, by: User, at: datetime) -> None:
    actions.pause(item, reason="Ask first.", by=by, at=at)


def unpause(item: Item, press: Press, send_at: SendAt, by: User, at: datetime) -> None:
    actions.unpause(item, by=by, at=at)


def queue_again(item: Item, press: Press, send_at: SendAt, by: User, at: datetime) -> None:
    actions.requeue(item, by=by, at=at)


def lose_the_answer(item: Item, press: Press, send_at: SendAt, by: User, at: datetime) -> None:
    press.faults = ["silent after"]
    send_at(at)


def queue_another(item: Item, press: Press, send_at: SendAt, by: User, at: datetime) -> None:
    actions.queue(item.case, "badge_press.order", by=by, at=at)


@pytest.mark.parametrize(
    ("before", "state", "happens"),
    [
        ("queued", "paused", pause),
        ("paused", "queued", unpause),
        ("error", "queued", queue_again),
        ("done", "queued", queue_another),
        ("queued", "unknown", lose_the_answer),
    ],
)
def test_a_stage_that_waits_for_how_a_call_stands_is_woken_when_it_comes_to_stand_so(
    before: str,
    state: str,
    happens: Happens,
    publish: Publish,
    connector: Connector,
    press: Press,
    send_at: SendAt,
    officer: User,
    noon: datetime,
    due: datetime,
) -> None:
    service = publish(_WAITING.replace("STATE", state))
    ann = people.create_person(PersonDetails(first_names="Ann", last_name="Example"), by=officer, at=noon)
    case = cases.open_case(service=service, customer=ann, type="new", source="online", by=officer, at=noon)
    progress.choose(case.work_items.get(), "grant", by=officer, at=noon)
    said = {"paused": {"paused_at": noon, "pause_reason": "Ask first."}, "error": {"problem": "Refused."}}
    item = Item.objects.create(
        connector=connector, operation="badge_press.order", lane="order", case=case, idempotency_key="1", status=before,
        due_at=noon, created_at=noon, created_by=officer, processed_at=noon if before == "done" else None,
        **said.get(before, {}),
    )  # fmt: skip

    happens(item, press, send_at, officer, due)

    assert Item.objects.latest("pk").status == state
    case.refresh_from_db()
    assert case.end_state == "complete"


def test_a_condition_cannot_name_the_moment_of_sending_for_which_nothing_is_woken(order: Order) -> None:
    workflow = _WAITING.replace("STATE", "sending")
    (fault,) = checks.check(
        bundle.parse({"service.yaml": _MANIFEST, "workflows/application.yaml": workflow}),
        groups=["blue_badge_officers"],
    )
    assert "sending" in fault.sentence
