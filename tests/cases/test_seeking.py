"""Lines found by walking along an order or by what they have: the same lines, whichever way and however far it is gone."""

import copy
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django import app
from tests.desk.council import offer_blue_badges, open_case

from moothall.core.accounts.models import User
from moothall.domain.cases import clock, seeking, stretching, turning, worklist
from moothall.domain.cases.models import NO_BAND, Case, WorkItem, WorkLine
from moothall.domain.cases.sought import Answered
from moothall.domain.cases.wanted import Wanted
from moothall.domain.catalogue.models import Service
from moothall.domain.workflow.turns import BANDS, NEVER

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
GENDER, ENDS = "sent/blue_badge/person/gender", "asked/blue_badge.application/ends_on"
DAYS = ("updated_from", "updated_to", "opened_from", "opened_to", "due_from", "due_to", "fresh_from")
WANTED = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["new", "renewal"]),
        "source": st.sampled_from(["online", "paper", "nowhere"]),
        "tag": st.sampled_from([["existing_badge"], ["terminal_illness"]]),
        "without_tag": st.just(["existing_badge"]),
        "terminal": st.booleans(),
        "assigned_to": st.sampled_from(["me", "nobody"]),
        "target": st.sampled_from(["blue", "amber", "red", "late", "none"]),
        "waiting_days_from": st.integers(0, 30),
        "waiting_days_to": st.integers(0, 30),
        "updated_from": st.integers(0, 40),
        "updated_to": st.integers(0, 40),
        "workflow": st.just("blue_badge.application"),
        "stage": st.sampled_from(["initial_checks", "desktop_screening"]),
        "ours": st.booleans(),
        "service": st.sampled_from(["blue_badge", "nowhere"]),
        "kind": st.sampled_from(["person", "organisation"]),
        "owner": st.sampled_from(["me", "nobody"]),
        "team": st.just("none"),
        "opened_from": st.integers(0, 40),
        "opened_to": st.integers(0, 40),
        "due_from": st.integers(-10, 40),
        "due_to": st.integers(-10, 40),
        "fresh_from": st.integers(0, 40),
        "answers": st.lists(
            st.sampled_from(
                [
                    Answered(key=GENDER, said=("f",)),
                    Answered(key=GENDER, said=("f", "m")),
                    Answered(key=ENDS, least=20260301),
                    Answered(key=ENDS, least=20260301, most=20260310),
                ]
            ),
            max_size=2,
        ),
    },
)
COLUMNS = [
    *("entered_at", "updated_at", "late_after", "type", "tags", "terminal", "customer_name", "workflow"),
    *("reference", "team_name", "service_name", "stage_name"),
]


@pytest.fixture
def now(officer: User, manager: User) -> datetime:
    """The present, and sixty items of all ages; some paused, extended or updated since."""
    now = timezone.now()
    first = open_case(offer_blue_badges(at=now - 40 * DAY), at=now - 40 * DAY)
    start = WorkItem.objects.get(case=first)
    for number in range(60):
        entered = now - timedelta(hours=number * 17)
        case = Case.objects.create(
            reference=f"BB-SEEK-{number:04}",
            service=first.service,
            service_version=first.service_version,
            type="renewal" if number % 5 == 0 else "new",
            source="paper" if number % 11 == 0 else "online",
            customer=first.customer,
            tags=["existing_badge"] * (number % 3 == 0) + ["terminal_illness"] * (number % 13 == 0),
            opened_at=entered,
            opened_by=first.opened_by,
            updated_at=entered + timedelta(hours=40 if number % 4 == 0 else 0),
            owner=officer if number % 8 == 0 else None,
            submitted={"person": {"gender": {"code": "fmx"[number % 3], "label": "Said"}}} if number % 2 else None,
        )
        run = start.run
        run.pk, run._state.adding, run.case = None, True, case
        run.answers = {"ends_on": f"2026-03-{number % 28 + 1:02}"} if number % 3 else {}
        run.save()
        mine = officer if number % 6 == 0 else None
        item = WorkItem.objects.create(run=run, case=case, stage=start.stage, entered_at=entered, assigned_to=mine)
        clock.note_turns([item.pk], at=entered)
        if number % 7 == 0:
            clock.pause(item, category="waiting", reason="Waiting.", by=manager, at=entered + timedelta(hours=30))
        elif number % 9 == 0:
            clock.extend(item, amount=3, reason="More time.", by=manager, at=entered)
    return now


def test_a_line_that_turned_since_it_was_written_is_found_by_its_new_colour_and_settled_by_the_job(
    now: datetime, officer: User
) -> None:
    stages = worklist.stages_seen(officer)
    services = {row.key: (row.pk, row.name) for row in Service.objects.all()}
    late = Wanted(target="late")

    def found() -> list[int]:
        lines = worklist.waiting(late, user=officer, stages=stages, now=now)
        where = stretching.of(late, "entered_at", user=officer, stages=stages, now=now, services=services)
        return sorted(pk for pk, _ in seeking.along(lines, "entered_at", falling=False, most=99, stretches=where).lines)

    expected = found()
    assert len(expected) > 10
    turning.settle()
    assert set(WorkLine.objects.filter(pk__in=expected).values_list("band", flat=True)) == {3}
    WorkLine.objects.filter(pk__in=expected[:7]).update(band=0, turns_at=now - DAY)
    assert found() == expected
    assert turning.settle() == 7
    assert set(WorkLine.objects.filter(pk__in=expected).values_list("band", flat=True)) == {3}
    assert turning.settle() == 0
    assert found() == expected


def test_the_job_that_reads_clocks_comes_every_minute_and_settles_lines_that_have_turned(now: datetime) -> None:
    app.perform_import_paths()
    [job] = [one for one in app.periodic_registry.periodic_tasks.values() if one.task.name == "cases.read_clocks"]
    assert job.cron == "* * * * *"

    turning.settle()
    steady = WorkLine.objects.filter(turns_at__gt=now + timedelta(hours=1))  # none turns while this runs
    said = dict(steady.values_list("pk", "band"))
    assert len(set(said.values())) > 1
    WorkLine.objects.filter(pk__in=said).update(band=NO_BAND, turns_at=now - DAY)
    job.task(timestamp=0)
    assert dict(WorkLine.objects.filter(pk__in=said).values_list("pk", "band")) == said


def test_among_thousands_of_lines_those_of_a_colour_are_looked_for_by_its_band(
    now: datetime, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking, "FEW", -1)  # so that it is walked, however few there are
    like, amber = WorkLine.objects.first(), timezone.now() - timedelta(hours=1)
    assert like
    like.amber_from, like.red_from, like.late_after = amber, amber + 2 * DAY, amber + 3 * DAY
    like.targeted, like.band, like.turns_at = True, BANDS.index("amber"), amber + 2 * DAY
    few = [copy_of(like, number) for number in range(20)]
    like.late_after, like.band, like.turns_at = amber, BANDS.index("late"), NEVER
    WorkLine.objects.bulk_create([*few, *(copy_of(like, number) for number in range(20, 4_000))])
    stages, wanted, present = worklist.stages_seen(officer), Wanted(target="amber"), timezone.now()
    services = {row.key: (row.pk, row.name) for row in Service.objects.all()}
    lines = worklist.waiting(wanted, user=officer, stages=stages, now=present)
    where = stretching.of(wanted, "entered_at", user=officer, stages=stages, now=present, services=services)

    with CaptureQueriesContext(connection) as captured:
        found = seeking.along(lines, "entered_at", falling=False, most=100, stretches=where)
    assert {one.pk for one in few} <= {pk for pk, _ in found.lines}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_workline")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + captured[-1]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "using work_line_band on cases_workline" in plan
    assert "((band >= 1) AND (band <= 1))" in plan


@pytest.mark.parametrize("falling", [False, True])
def test_names_are_in_the_order_of_the_database_when_their_walk_is_given_up(
    now: datetime, officer: User, monkeypatch: pytest.MonkeyPatch, falling: bool
) -> None:
    names = ["bell", "Adams", "d'Arcy", "Édith", "Zola", "van Dyk", "Carr"]
    for number, line in enumerate(WorkLine.objects.order_by("pk")):
        WorkLine.objects.filter(pk=line.pk).update(customer_name=names[number % len(names)])
    with connection.cursor() as cursor:  # as a council's database may have it, where this one can
        cursor.execute("SELECT collname FROM pg_collation WHERE collname IN ('en-x-icu', 'en_US.utf8', 'en_GB.utf8')")
        for (name,) in cursor.fetchall()[:1]:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f'ALTER TABLE cases_workline ALTER customer_name TYPE varchar(200) COLLATE "{name}"')
    lines = worklist.waiting(Wanted(), user=officer, stages=worklist.stages_seen(officer), now=now)
    sign = "-" if falling else ""
    ordered = lines.order_by(f"{sign}customer_name", f"{sign}pk").values_list("pk", "customer_name")

    monkeypatch.setattr(seeking, "FEW", -1)
    monkeypatch.setattr(seeking, "WALK", 3)
    found = seeking.along(lines, "customer_name", falling=falling, most=30)
    assert found.lines == list(ordered[:30])


@pytest.mark.parametrize(
    ("most", "asked", "met"), [(20260328, ["EXPLAIN", "begin", "walk"], 1), (20270101, ["EXPLAIN", "begin"], 0)]
)
def test_of_two_answers_wanted_in_ranges_the_walk_begins_where_both_have_begun_and_is_spared_where_one_never_does(
    now: datetime, officer: User, monkeypatch: pytest.MonkeyPatch, most: int, asked: list[str], met: int
) -> None:
    wanted = Wanted(answers=[Answered(key=ENDS, least=20260301), Answered(key=ENDS, least=most, most=most)])
    stages = worklist.stages_seen(officer)
    lines = worklist.waiting(wanted, user=officer, stages=stages, now=now)
    services = {row.key: (row.pk, row.name) for row in Service.objects.all()}
    where = stretching.of(wanted, "entered_at", user=officer, stages=stages, now=now, services=services)
    for limit, many in (("FEW", -1), ("WALK", 1), ("FARTHEST", 1)):
        monkeypatch.setattr(seeking, limit, many)

    with CaptureQueriesContext(connection) as captured:
        found = seeking.along(lines, "entered_at", falling=False, most=1, stretches=where)
    assert len(found.lines) == met
    kinds = {"EXPLAIN": "EXPLAIN", "SELECT 0": "begin", "WITH \nwalk": "walk", "WITH \nfit": "fit"}
    assert [
        kind for query in captured for start, kind in kinds.items() if query["sql"].lstrip().startswith(start)
    ] == asked


def copy_of(line: WorkLine, number: int) -> WorkLine:
    """The line of another item, as the database would have it."""
    copied = copy.copy(line)
    copied.pk, copied.reference = 10_000_000 + number, f"BB-MANY-{number:04}"
    return copied


@given(
    WANTED,
    st.sampled_from(COLUMNS),
    st.booleans(),
    st.sampled_from([3, 20, 1000]),
    st.sampled_from([0, 1000]),
    st.sampled_from([-1, 1_000_000]),
    st.integers(0, 60),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_found_is_what_fits_in_its_order_however_it_is_found(
    now: datetime,
    officer: User,
    given_: dict[str, Any],
    column: str,
    falling: bool,
    walk: int,
    many: int,
    few: int,
    place: int,
) -> None:
    for name in DAYS:
        if name in given_:
            given_[name] = (now - given_[name] * DAY).date()
    wanted, stages = Wanted(**given_), worklist.stages_seen(officer)
    lines = worklist.waiting(wanted, user=officer, stages=stages, now=now)
    sign = "-" if falling else ""
    expected = list(lines.order_by(f"{sign}{column}", f"{sign}pk").values_list("pk", column))
    after = expected[place] if place < len(expected) else None
    rest = expected[place + 1 :] if after else expected
    services = {row.key: (row.pk, row.name) for row in Service.objects.all()}
    stretches = stretching.of(wanted, column, user=officer, stages=stages, now=now, services=services)
    usual = seeking.WALK, seeking.FARTHEST, seeking.MANY, seeking.FEW
    seeking.WALK, seeking.FARTHEST, seeking.MANY, seeking.FEW = walk, walk, many, few
    try:
        found = seeking.along(
            lines, column, falling=falling, most=7, beyond=after[::-1] if after else None, stretches=stretches
        )
    finally:
        seeking.WALK, seeking.FARTHEST, seeking.MANY, seeking.FEW = usual
    assert found.lines == rest[:7]
    assert found.total in {None, len(expected)} if found.lines else found.total in {None, 0, len(expected)}
    assert found.total is not None or many < 1000 or few < 0  # what is looked for at once is counted
