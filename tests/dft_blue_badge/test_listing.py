"""The list of applications, however odd its rows, and how far it was read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from tests.dft_blue_badge.conftest import Post
from tests.sandbox.bodies import application

from moothall.connectors.dft_blue_badge import KEY, client, intake, tasks
from moothall.core.accounts.actions import system_user
from moothall.domain.cases.models import Case, Note, Submission
from moothall.domain.exchange import cursors
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.usefixtures("service")
Listed = Callable[..., None]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Listed:
    """`listed(row)`: the list has one more row."""
    asked = client.Client.application_page

    def add(row: dict[str, Any]) -> None:
        def longer(self: client.Client, number: int, *, submitted_from: str = "") -> client.Page:
            page = asked(self, number, submitted_from=submitted_from)
            return client.Page(rows=[row, *page.rows], total=(page.total or 0) + 1, pages=page.pages)

        monkeypatch.setattr(client.Client, "application_page", longer)

    return add


def stand_at(moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE exchange_cursor SET value = to_jsonb(%s::text)", [moment.isoformat()])


def test_an_application_listed_late_is_found_though_newer_ones_were_seen(apply: Post, now: datetime) -> None:
    apply(application())
    intake.poll(at=now)
    stand_at(now + timedelta(minutes=20))
    apply(application("ORG"))

    assert intake.poll(at=now + timedelta(minutes=21)).taken == 1


@pytest.mark.parametrize("date", ["2099-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", None, 7])
def test_a_row_with_an_impossible_date_blinds_nobody_to_what_comes_after_it(
    apply: Post, now: datetime, listed: Listed, date: Any
) -> None:
    listed({"applicationId": "odd-one", "submissionDate": date})
    intake.announce(client.current(), by=system_user(), at=now)
    apply(application())

    intake.poll(at=now + timedelta(minutes=1))

    assert Case.objects.count() == 1
    assert datetime.fromisoformat(cursors.read(KEY, intake.CURSOR)) <= now + timedelta(minutes=1)


def test_a_cursor_that_stands_in_the_future_does_not_count(apply: Post, now: datetime) -> None:
    apply(application())
    intake.poll(at=now)
    stand_at(datetime(2099, 1, 1, tzinfo=UTC))
    apply(application("ORG"))

    assert intake.poll(at=now + timedelta(minutes=1)).taken == 1
    assert datetime.fromisoformat(cursors.read(KEY, intake.CURSOR)) <= now + timedelta(minutes=1)


@pytest.mark.parametrize("odd", ["x" * 101, "../badges", "", None, {"a": 1}, "a b"])
def test_a_row_whose_id_cannot_be_kept_is_left_out_and_the_others_are_taken(
    sandbox: Running, now: datetime, listed: Listed, odd: Any
) -> None:
    sandbox.load_applications(2, la="ABERD")
    listed({"applicationId": odd, "submissionDate": "2026-01-01T00:00:00Z"})

    assert intake.poll(at=now).taken == 2
    assert Submission.objects.count() == 2


def test_a_service_out_of_order_is_left_alone_after_a_few_failures_in_a_row(sandbox: Running, now: datetime) -> None:
    sandbox.load_applications(intake.GIVE_UP_AFTER + 3, la="ABERD")
    sandbox.set_fault("500", pattern="GET /applications/")

    assert intake.poll(at=now).left == intake.GIVE_UP_AFTER + 3
    assert Submission.objects.exclude(problem="").count() == intake.GIVE_UP_AFTER


def test_the_night_reads_the_whole_list_once(sandbox: Running) -> None:
    sandbox.load_applications(2, la="ABERD")
    sandbox.control("DELETE", "/calls")

    tasks.nightly(timestamp=0)

    paths = [call["path"].partition("?")[0] for call in sandbox.control("GET", "/calls") if call["method"] == "GET"]
    assert [path for path in paths if path.endswith("/applications")] == ["/applications"]
    assert Case.objects.count() == 2


def test_what_left_us_is_found_beside_a_list_of_a_hundred_thousand(
    apply: Post, now: datetime, hand_over: Callable[..., None]
) -> None:
    gone, ours = apply(application()), apply(application("ORG"))
    intake.poll(at=now)
    hand_over(gone, "BIRM")
    rows = [{"applicationId": f"other-{number}"} for number in range(100_000)]

    assert intake.note_gone(at=now, rows=[*rows, {"applicationId": ours}]) == 1
    assert Note.objects.get(important=True).case.submission.external_id == gone
