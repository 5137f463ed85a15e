"""A search is bounded, recorded each time and kept for a week; requests about different badges are different."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from tests.dft_blue_badge.conftest import Post
from tests.sandbox.bodies import application

from moothall.connectors.dft_blue_badge import KEY, client, intake, search
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.models import User
from moothall.core.audit.models import Access
from moothall.core.council import settings as council
from moothall.domain.cases.models import Case
from moothall.domain.exchange import actions as exchange
from moothall.domain.exchange import operations
from moothall.domain.exchange.actions import QueueRefusal
from moothall.domain.exchange.actions.connectors import change_settings, ensure_connector
from moothall.domain.exchange.models import Connector
from moothall.domain.people import matching
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.usefixtures("connector")


def badge_pages(sandbox: Running) -> int:
    return sum(call["path"].partition("?")[0].endswith("/badges") for call in sandbox.control("GET", "/calls"))


def test_a_lease_is_longer_than_any_call_can_be_under_way(officer: User, now: datetime) -> None:
    connector = ensure_connector(KEY)
    longest = operations.longest_call(KEY)
    with pytest.raises(QueueRefusal, match=f"longer than {longest:.0f} seconds"):
        change_settings(connector, by=officer, at=now, lease_seconds=int(longest))

    assert change_settings(connector, by=officer, at=now, lease_seconds=int(longest) + 1).lease_seconds > longest
    assert Connector(key="new").lease_seconds > longest


def test_a_time_out_beyond_what_a_lease_allows_is_refused(officer: User, now: datetime) -> None:
    with pytest.raises(council.SettingRefused, match="less than or equal to 15"):
        council.change(NationalService, "timeout_seconds", ["16"], by=officer, at=now)


def test_a_search_that_finds_very_many_reads_only_so_many(
    sandbox: Running, officer: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.control("POST", "/seed", {"badges": [{"number": f"KKKK{number}"} for number in range(10, 22)]})
    monkeypatch.setattr(client, "PAGE_SIZE", 2)
    sandbox.control("DELETE", "/calls")

    monkeypatch.setattr(search, "MOST", 3)
    assert len(search.search(name="e", by=officer, at=now).found) == 3
    assert badge_pages(sandbox) == 2
    assert Access.objects.get(subject_type="badges").detail["found"] == 4  # there are more

    monkeypatch.setattr(search, "MOST_READ", 6)
    sandbox.control("DELETE", "/calls")
    found = search.search(name="e", nino="SH123459D", by=officer, at=now).found
    assert (found, badge_pages(sandbox)) == ([], 3)


def test_whoever_is_shown_a_kept_answer_is_recorded_too(sandbox: Running, officer: User, now: datetime) -> None:
    for _ in range(2):
        search.search(number="KKKKK5", by=officer, at=now)

    assert Access.objects.filter(subject_type="badges", user=officer).count() == 2


def test_a_kept_answer_is_asked_for_anew_after_a_week(sandbox: Running, officer: User, now: datetime) -> None:
    first = search.search(number="KKKKK5", by=officer, at=now)
    day = timedelta(days=1)

    assert search.search(number="KKKKK5", by=officer, at=now + 6 * day).pk == first.pk
    assert search.search(number="KKKKK5", by=officer, at=now + 8 * day).pk != first.pk


@pytest.mark.parametrize("operation", ["cancel", "replace"])
def test_a_second_request_is_a_duplicate_only_if_it_is_about_the_same_badge(
    apply: Post, officer: User, now: datetime, operation: str
) -> None:
    apply(application())
    intake.poll(at=now)
    case = Case.objects.get()
    ask = {"by": officer, "at": now}

    def status(number: str) -> str:
        given = {"badge_number": number, "reason": "lost"}
        return str(exchange.queue(case, f"dft_blue_badge.{operation}", arguments=given, **ask).status)

    assert [status(number) for number in ("KKKKK1", "KKKKK2", "kkkkk1 ")] == ["queued", "queued", "paused"]


@pytest.mark.parametrize("number", [None, "KKKKK1"])
@pytest.mark.parametrize("type", ["REPLACE", "RENEW"])
def test_an_applicant_is_looked_for_once_nobody_else_is_being_recorded_under_their_name(
    apply: Post, now: datetime, monkeypatch: pytest.MonkeyPatch, type: str, number: str | None
) -> None:
    raw = client.current().application(apply(application()))
    raw |= {"applicationTypeCode": type, "existingBadgeNumber": number}
    held: list[bool] = []

    def watched(match: Any) -> Any:
        def looks(**asked: Any) -> Any:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
                    " AND pid = pg_backend_pid()"
                )
                held.append(cursor.fetchone()[0] > 0)
            return match(**asked)

        return looks

    for name in ("match_replacement", "match_application"):
        monkeypatch.setattr(matching, name, watched(getattr(matching, name)))
    assert intake.take(raw, at=now)

    assert held
    assert all(held)
