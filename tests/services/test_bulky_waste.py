"""Bulky waste: a day is offered while it has room, taken once, and paid before it is collected."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.conftest import MakeUser
from tests.services.conftest import SERVICES

from moothall.core.accounts.actions import system_user
from moothall.domain.cases import actions as cases
from moothall.domain.cases import paying, progress
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import bundle, catalogue
from moothall.domain.forms import actions, delivering, looking_over, runner
from moothall.domain.forms import published as published_forms
from moothall.domain.forms.actions import Held, NotOpen
from moothall.domain.forms.models import Booking, Submission
from moothall.domain.payments.models import Payment
from moothall.domain.workflow import published

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOME = {"line1": "4 Sample Street", "town": "Exampleton", "postcode": "EX1 2AB"}
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "where": {"collect_from": HOME},
    "things": {"things": [{"what": "bed"}], "upholstered": "no"},
    "day": {"day": "d2026_03_06", "put_where": "By the gate"},
    "you": {"first_names": "Ann", "last_name": "Example"},
}


@pytest.fixture
def two_places(db: None) -> None:
    """The service, of whose days each has two places."""
    for one in (catalogue, published, published_forms):
        one.forget()
    files = dict(SERVICES["bulky_waste"].files)
    files["forms/book.yaml"] = files["forms/book.yaml"].replace("places: 12", "places: 2")
    catalogue_actions.publish(bundle.parse(files), by=system_user(), at=NOON)


def filled(day: str = "d2026_03_06", at: datetime = NOON) -> Held:
    held = actions.start("bulky_waste.book", by=None, at=at)
    for page, answers in ANSWERS.items():
        given = {**answers, "day": day} if page == "day" else answers
        saved = actions.save_page(held.draft.key, page, given, token=held.token, by=None, at=at)
        assert saved.problems == ()
        held = saved.held
    return held


def offered(at: datetime = NOON) -> list[str]:
    held = actions.start("bulky_waste.book", by=None, at=at)
    return [option.key for option in runner.offering(held.journey, held.journey.plan.form.questions["day"]).options]


def send(held: Held, at: datetime = NOON) -> Submission:
    return actions.submit(held.draft.key, token=held.token, by=None, at=at)


def test_a_day_is_offered_while_it_has_room_and_the_last_place_is_taken_once(two_places: None) -> None:
    in_winter = offered(datetime(2026, 12, 10, 12, tzinfo=UTC))
    assert ("d2026_12_24" in in_winter, "d2026_12_25" in in_winter) == (True, False), "a bank holiday"
    assert offered()[:3] == ["d2026_03_06", "d2026_03_10", "d2026_03_12"]
    first, second, third = filled(), filled(), filled()
    rows = [row for section in looking_over.rows(first.journey) for row in section.rows]
    assert {row.question: row.text for row in rows}["day"] == "Friday 6 March 2026"
    send(first)
    assert send(first).pk == send(first).pk
    assert offered()[0] == "d2026_03_06"
    send(second)
    assert offered()[0] == "d2026_03_10"
    with pytest.raises(NotOpen, match="Friday 6 March 2026 has been taken meanwhile"):
        send(third)
    assert (Submission.objects.count(), Booking.objects.count()) == (2, 2)
    other = {**ANSWERS["day"], "day": "d2026_03_10"}
    assert not actions.save_page(third.draft.key, "day", other, token=third.token, by=None, at=NOON).problems
    send(third)
    late = filled("d2026_03_12")
    with pytest.raises(NotOpen, match="too near now"):
        send(late, at=NOON + timedelta(days=7))


def test_a_day_is_free_again_once_its_request_comes_to_nothing_and_taken_again_when_it_goes_on(
    two_places: None, make_user: MakeUser
) -> None:
    for _ in range(2):
        send(filled())
    for delivery in delivering.undelivered():
        delivering.deliver(delivery.pk, at=NOON)
    first, second = Case.objects.order_by("pk")
    by, asked = make_user("Berta", "bulky_waste_officers"), first.payment_links.get().payment
    assert offered()[0] == "d2026_03_10"
    Payment.objects.filter(pk=asked.pk).update(expires_on=NOON.date())
    asked.refresh_from_db()
    paying.expire_payment(first, asked, at=NOON)
    assert offered()[0] == "d2026_03_06", "not paid in time"
    money = paying.record_payment(first, pence=2500, method="online", by=by, at=NOON)
    assert (money.status, offered()[0]) == ("received", "d2026_03_10"), "paid after all"

    other = second.payment_links.get().payment
    paying.cancel_payment(second, other, reason="Declined", by=by, at=NOON, failed=True)
    assert offered()[0] == "d2026_03_06", "paying it failed"
    item = WorkItem.objects.get(case=second, finished_at=None)
    progress.choose(item, "free", answers={}, note="A colleague asked for it.", by=by, at=NOON)
    assert offered()[0] == "d2026_03_10", "it is carried out without money"
    item = WorkItem.objects.get(case=second, finished_at=None)
    progress.choose(item, "withdrawn", answers={}, note="A neighbour took it.", by=by, at=NOON)
    assert (Case.objects.get(pk=second.pk).end_state, offered()[0]) == ("withdrawn", "d2026_03_06")


def test_the_fee_is_asked_for_on_the_case_and_the_collection_is_planned_once_it_is_paid(two_places: None) -> None:
    send(filled())
    for delivery in delivering.undelivered():
        delivering.deliver(delivery.pk, at=NOON)
    case = Case.objects.get()
    assert case.submitted["day"]["day"] == "Friday 6 March 2026"
    asked = case.payment_links.get().payment
    assert (asked.pence, asked.purpose, asked.status) == (2500, "Bulky waste collection", "requested")
    assert WorkItem.objects.get(case=case, finished_at=None).stage.key == "payment"
    cases.receive_payment(case, asked, method="online", by=system_user(), at=NOON)
    assert WorkItem.objects.get(case=case, finished_at=None).stage.key == "planned"
