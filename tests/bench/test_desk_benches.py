"""The measurements of the desk ask what they promise, on a tiny council. Nothing is asserted about time."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from moothall.config.bench import big, pages, server, worklist
from moothall.config.bench.browser import HOST
from moothall.core.council import settings as council_settings
from moothall.domain.cases.models import WorkItem
from moothall.web.desk import session


@pytest.fixture
def tiny_council(transactional_db: None, settings: Any, tmp_path: Path) -> None:
    settings.ALLOWED_HOSTS, settings.MEDIA_ROOT = [HOST], tmp_path
    big.fill(100, 4, say=lambda _: None)


def test_the_worklist_bench_asks_every_kind_of_page_and_names_the_worst(tiny_council: None) -> None:
    options = worklist.Options(repeat=1, most=40)

    council, took = worklist.council(options, say=lambda _: None)

    assert council["kinds"].keys() >= {"all", "one filter", "two filters", "three filters", "followed", "text"}
    every = council["kinds"]["all"]
    assert every["requests"] == len(took) >= 40
    assert 0 < every["statements"] <= 22
    assert 0 < every["sql_p50_ms"] <= every["sql_p95_ms"]
    assert 0 < council["beside"]["primary_key_ms"] < council["beside"]["page_without_list_ms"]
    assert {"name", "server_ms", "sql_ms"} <= council["worst"][0].keys()


def test_whoever_measures_sees_two_of_three_services(tiny_council: None) -> None:
    seen = WorkItem.objects.open().visible_to(big.officer()).values_list("case__service__key", flat=True)
    assert set(seen) == {"blue_badge", "bulky_waste"}
    assert WorkItem.objects.open().filter(case__service__key="discounts").exists()


def test_no_page_asks_more_for_a_full_case(tiny_council: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        council_settings, "KEPT_SECONDS", 3600.0
    )  # or a slow page reads again what a quick one need not
    monkeypatch.setattr(session, "USE_NOTED_EVERY", timedelta(hours=1))
    found = pages.measured(pages.Options(many=300, repeat=1))

    for tab in ("summary", "application", "workflow", "timeline", "documents", "notes", "payments", "issued"):
        few, full = found[f"case with 10: {tab}"], found[f"case with 300: {tab}"]
        assert full["statements"] <= few["statements"] + 1, tab
    assert max(page["statements"] for page in found.values()) <= 25


def test_every_tab_of_a_case_has_a_limit_of_time_and_every_page_one_of_statements() -> None:
    quick, slow = {"server_ms": 39.0, "statements": 25}, {"server_ms": 41.0, "statements": 26}

    assert pages.too_dear({"case with 10: timeline": quick, "work list": slow | {"statements": 12}}) == []
    full = {
        "case with 2,000: timeline": slow | {"statements": 12},
        "case with 2,000: summary": slow | {"statements": 12},
    }
    assert pages.too_dear(full | {"case with 10: timeline": slow, "work list": slow}) == [
        "case with 2,000: timeline takes 41.0 ms, more than 40.0",
        "case with 2,000: summary takes 41.0 ms, more than 40.0",
        "case with 10: timeline takes 41.0 ms, more than 40.0",
        "case with 10: timeline asks 26 statements, more than 25",
        "work list asks 26 statements, more than 25",
    ]


def test_limits_that_are_not_kept_are_named() -> None:
    kept = {"server_p95_ms": 59.0, "sql_p95_ms": 19.0, "statements": 12}
    slow = {"server_p95_ms": 61.0, "sql_p95_ms": 19.0, "statements": 12}
    councils = {"1000": {"kinds": {"all": kept}}, "10000": {"kinds": {"all": slow}}}

    failed = worklist.failed(councils, {"server": 1.6, "sql": 1.0})

    assert failed == [
        "with 10,000 open work items server_p95_ms is 61.0, more than 60.0",
        "the server's time grows 1.6 times, more than 1.5",
    ]
    assert worklist.failed({"1000": {"kinds": {"all": kept}}}, {"server": 1.5, "sql": 9.0}) == []


@pytest.mark.django_db(transaction=True)
def test_a_database_is_known_again_by_what_was_said_of_it() -> None:
    name = "moothall_bench_remarked"
    assert server.comment(name) is None
    server.recreate(name)
    try:
        assert server.comment(name) is None
        server.remark(name, "it's of this size")
        assert server.comment(name) == "it's of this size"
    finally:
        server.drop(name)
    assert server.comment(name) is None
