"""Requests to the applicant: number, dates, paused clock, reminder, end (BEST-7)."""

from datetime import date, datetime, timedelta

import pytest
from tests.progress.conftest import only_item

from moothall.core.accounts.models import User
from moothall.domain.cases import clock, progress, requests
from moothall.domain.cases.models import Case, Request, TimelineEntry
from moothall.domain.messages.models import Message


@pytest.fixture
def request_(case: Case, officer: User, noon: datetime) -> Request:
    """Two things asked for on Tuesday 3 March 2026, the case waiting."""
    progress.choose(only_item(case), "incomplete", by=officer, at=noon, answers={"missing": ["photo", "bill"]})
    return Request.objects.get(case=case)


def test_an_outcome_asks_for_what_was_chosen_by_working_days(request_: Request) -> None:
    assert request_.number == 1
    assert [item["label"] for item in request_.items] == ["A photograph", "A bill"]
    assert (request_.answer_by, request_.remind_on, request_.close_on) == (
        date(2026, 3, 17),
        date(2026, 3, 10),
        date(2026, 3, 31),
    )
    assert request_.item.stage.key == "waiting"
    line = TimelineEntry.objects.filter(case=request_.case, kind="request").get()
    assert line.text == "Request 1: A photograph, A bill. Answer by 17 March 2026."


def test_the_clock_stands_still_until_the_request_is_answered(
    request_: Request, case: Case, officer: User, noon: datetime
) -> None:
    fortnight = noon + timedelta(days=14)
    paused = clock.reckon(only_item(case), fortnight)
    assert paused is not None
    assert paused.is_paused

    Request.objects.filter(pk=request_.pk).update(settings={"then": {}})
    request_.refresh_from_db()
    requests.answer(request_, by=officer, at=fortnight)

    going = clock.reckon(only_item(case), fortnight)
    assert going is not None
    assert not going.is_paused
    assert going.due.date() == date(2026, 3, 19)  # three working days of which none ran before


def test_an_answer_takes_the_outcome_the_request_names(
    request_: Request, case: Case, officer: User, noon: datetime
) -> None:
    requests.answer(request_, text="By post", by=officer, at=noon)

    assert only_item(case).stage.key == "check"
    request_.refresh_from_db()
    assert (request_.state, request_.answer, request_.ended_by) == ("answered", "By post", officer)


def test_requests_are_numbered_within_their_case(request_: Request, case: Case, officer: User, noon: datetime) -> None:
    requests.answer(request_, by=officer, at=noon)

    progress.choose(only_item(case), "incomplete", by=officer, at=noon, answers={"missing": ["bill"]})

    assert list(case.requests.order_by("pk").values_list("number", flat=True)) == [1, 2]


def test_a_reminder_is_sent_once_when_its_day_has_come(request_: Request, case: Case, noon: datetime) -> None:
    assert requests.remind_due(today=date(2026, 3, 9), at=noon) == 0
    assert not Message.objects.exists()

    assert requests.remind_due(today=date(2026, 3, 10), at=noon) == 1
    assert requests.remind_due(today=date(2026, 3, 11), at=noon) == 0

    assert Message.objects.get(case_link__case=case).subject == "We still need something"


def test_a_request_closes_by_itself_after_its_last_day(request_: Request, case: Case, noon: datetime) -> None:
    assert requests.close_due(today=date(2026, 3, 31), at=noon) == 0

    assert requests.close_due(today=date(2026, 4, 1), at=noon) == 1

    request_.refresh_from_db()
    case.refresh_from_db()
    assert request_.state == "closed"
    assert case.end_state == "closed"


def test_a_cancelled_request_says_why_and_lets_the_clock_go_on(
    request_: Request, case: Case, officer: User, noon: datetime
) -> None:
    with pytest.raises(requests.RequestRefused, match="Say why"):
        requests.cancel(request_, reason=" ", by=officer, at=noon)

    requests.cancel(request_, reason="Asked by mistake", by=officer, at=noon)

    request_.refresh_from_db()
    assert (request_.state, request_.reason) == ("cancelled", "Asked by mistake")
    going = clock.reckon(only_item(case), noon)
    assert going is not None
    assert not going.is_paused


def test_a_request_ends_once(request_: Request, officer: User, noon: datetime) -> None:
    requests.answer(request_, by=officer, at=noon)

    with pytest.raises(requests.RequestRefused, match="already answered"):
        requests.cancel(request_, reason="Late", by=officer, at=noon)


def test_leaving_the_stage_ends_what_was_asked_there(
    request_: Request, case: Case, officer: User, noon: datetime
) -> None:
    progress.choose(only_item(case), "came", by=officer, at=noon)

    request_.refresh_from_db()
    assert (request_.state, request_.ended_at) == ("answered", noon)


def test_a_date_already_past_is_refused(case: Case, officer: User, noon: datetime) -> None:
    with pytest.raises(requests.RequestRefused, match="has passed"):
        requests.ask(
            only_item(case),
            kind="document",
            items=[{"key": "bill", "label": "A bill"}],
            answer_by=date(2026, 3, 2),
            by=officer,
            at=noon,
        )
    assert not Request.objects.exists()


def test_an_extension_is_within_the_limit_and_says_why(case: Case, manager: User, noon: datetime) -> None:
    item = only_item(case)
    before = clock.reckon(item, noon)
    assert before is not None

    clock.extend(item, amount=2, reason="Waiting for the hospital", by=manager, at=noon)

    after = clock.reckon(only_item(case), noon)
    assert after is not None
    assert (before.due.date(), after.due.date()) == (date(2026, 3, 9), date(2026, 3, 11))
    with pytest.raises(clock.ClockRefused):
        clock.extend(only_item(case), amount=3, reason="More", by=manager, at=noon)
