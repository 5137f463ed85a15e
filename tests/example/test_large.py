"""A large example council: loaded at once, and as sound as one that was worked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F, Q

from moothall.config.demo.council import EXAMPLE
from moothall.config.example import copying, large, people
from moothall.config.management.commands.services import built_in, read
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.domain.cases import assigning, clock, progress
from moothall.domain.cases.models import Case, Extension, Note, Pause, Run, TimelineEntry, WorkItem, WorkLine
from moothall.domain.catalogue import actions as catalogue
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document
from moothall.domain.workflow.models import Stage
from moothall.kit import references

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def staff(settings: object, tmp_path: Path) -> dict[str, User]:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    by = system_user()
    for folder in built_in():
        catalogue.publish(read(folder), by=by, at=NOW)
    council.write(EXAMPLE, by=by, at=NOW)
    return people.hire(password="a long enough password", at=NOW)


def load(*, open_cases: int = 600, finished: int = 4) -> large.Loaded:
    return large.load(open_cases=open_cases, finished=finished, now=NOW, say=lambda _: None)


def test_it_has_as_many_open_and_finished_work_items_as_asked_for_at_every_stage(staff: dict[str, User]) -> None:
    done = load()

    items = WorkItem.objects.all()
    assert (done.open, done.finished) == (600, 2400) == (items.open().count(), items.exclude(finished_at=None).count())
    assert Case.objects.open().count() == 600 == Run.objects.filter(ended_at=None).count()
    seen = Stage.objects.filter(see__overlap=["blue_badge_officers"]).count()
    assert items.open().values("stage").distinct().count() > seen / 2
    assert items.values("stage").distinct().count() > 0.9 * seen
    assert 0.1 < items.open().exclude(assigned_to=None).count() / 600 < 0.5
    for rows in (Pause, Extension, Note, Document):
        assert rows.objects.exists()
    assert Case.objects.exclude(tags=[]).count() > 60


def test_each_case_is_whole(staff: dict[str, User]) -> None:
    load(open_cases=200)

    for case in Case.objects.all()[:50]:
        assert references.parse(case.reference).number == case.pk
    wrong = Case.objects.annotate(
        going=Count("work_items", Q(work_items__finished_at=None), distinct=True),
        lines=Count(
            "timeline", Q(timeline__kind__in=["case", "workflow"], timeline__detail__has_key="outcome"), distinct=True
        ),
        over=Count("work_items", Q(work_items__finished_at__isnull=False), distinct=True),
    ).exclude(Q(closed_at=None, going=1) | Q(closed_at__isnull=False, going=0), lines=F("over"))
    assert not wrong.exists()
    assert not WorkItem.objects.exclude(case=F("run__case")).exists()
    assert not WorkItem.objects.filter(finished_at__lt=F("entered_at")).exists()
    assert not Case.objects.filter(updated_at__gt=NOW).exists()
    assert not TimelineEntry.objects.filter(at__gt=NOW).exists()


def test_people_can_work_on_what_was_loaded(staff: dict[str, User]) -> None:
    load(open_cases=200)
    officer = staff["olive.officer@council.example.org"]

    at_start = WorkItem.objects.open().filter(stage__key="initial_checks", case__type="new", assigned_to=None)
    item = at_start.select_related("stage", "case").first()
    assert item is not None
    assigning.take(item, by=officer, at=NOW)
    item.refresh_from_db()
    progress.choose(item, "desktop_screening", by=officer, at=NOW, version=item.version, answers={}, note="")
    assert item.case.work_items.open().get().stage.key == "desktop_screening"
    paused = clock.with_clock(WorkItem.objects.open().filter(pauses__ended_at=None, pauses__isnull=False)).first()
    assert paused is not None
    reckoning = clock.reckon(paused, NOW)
    assert reckoning is not None
    assert reckoning.is_paused
    with documents.open_file(Document.objects.latest("pk")) as file:
        assert file.read()


def test_tables_keep_their_indexes_keys_and_triggers_and_numbers_go_on(staff: dict[str, User]) -> None:
    before = _schema()
    load(open_cases=20)
    load(open_cases=20)

    assert _schema() == before
    assert WorkItem.objects.open().count() == 40
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('cases_case', 'id'))")
        assert cursor.fetchone()[0] == Case.objects.latest("pk").pk + 1


def test_it_is_loaded_whole_or_not_at_all(staff: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    before = _schema()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "go_on_from", full)
    with pytest.raises(OSError, match="No space"):
        load(open_cases=20)
    assert not Case.objects.exists()
    assert _schema() == before


@pytest.fixture
def another_council(officer: User) -> Iterator[User]:
    User.objects.filter(pk=officer.pk).update(email="somebody@example.org")
    council.forget()
    yield officer
    council.forget()


def test_a_council_of_its_own_is_refused_before_anything_is_written(
    another_council: User, settings: object, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    before = council.read(council.Council)
    with pytest.raises(CommandError, match="one of its own"):
        call_command("example", cases=5000)
    council.forget()
    assert council.read(council.Council) == before


def test_a_council_by_another_name_is_refused() -> None:
    council.write(council.Council(name="Somewhere Council"), by=system_user(), at=NOW)
    with pytest.raises(people.NotTheExample, match="not the example"):
        people.refuse_others()


def _schema() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
            WHERE indrelid::regclass::text ~ '^(cases|people|places|documents)_'
            UNION SELECT 'key', conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE conrelid::regclass::text ~ '^(cases|people|places|documents)_'
            UNION SELECT 'trigger', tgrelid::regclass::text || tgname, tgenabled::text FROM pg_trigger
            WHERE tgrelid::regclass::text ~ '^(cases|people|places|documents)_' AND NOT tgisinternal
            ORDER BY 1, 2
        """)
        return list(cursor.fetchall())


def test_the_work_list_has_a_line_for_each_open_item_and_every_clock_is_read(staff: dict[str, User]) -> None:
    load(open_cases=40)
    open_items = WorkItem.objects.open()
    assert set(WorkLine.objects.values_list("pk", flat=True)) == set(open_items.values_list("pk", flat=True))
    assert set(open_items.values_list("turns_by", flat=True)) == {clock.turns_by()}
    for item in clock.with_clock(open_items):
        reckoning = clock.reckon(item, NOW)
        assert (reckoning.band == "late" if reckoning else False) == (
            item.late_after is not None and item.late_after < NOW
        )
