from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.db import ProgrammingError, connection, transaction

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.audit.models import Access, Entry

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def rename(user: User, name: str) -> None:
    User.objects.filter(pk=user.pk).update(full_name=name)


def test_a_row_changed_by_bulk_sql_keeps_what_it_was_and_who_changed_it_and_why(officer: User, manager: User) -> None:
    before = officer.full_name
    with recording.because(action="user.renamed", by=manager, at=NOON, reason="Married"):
        rename(officer, "Olive Other")

    event = User.pgh_event_model.objects.get(pgh_obj_id=officer.pk)  # type: ignore[attr-defined]
    assert event.full_name == before
    context = {name: event.pgh_context[name] for name in ("action", "by", "reason")}
    assert context == {"action": "user.renamed", "by": manager.pk, "reason": "Married"}


def test_an_action_within_an_action_is_part_of_the_outer_one(officer: User, manager: User) -> None:
    with (
        recording.because(action="outer", by=manager, at=NOON),
        recording.because(action="inner", by=officer, at=NOON),
    ):
        rename(officer, "Olive Other")

    event = User.pgh_event_model.objects.get(pgh_obj_id=officer.pk)  # type: ignore[attr-defined]
    assert event.pgh_context["action"] == "outer"


def test_an_action_that_fails_leaves_neither_change_nor_record(officer: User) -> None:
    before = officer.full_name
    with suppress(ZeroDivisionError), recording.because(action="user.renamed", by=officer, at=NOON):
        rename(officer, "Olive Other")
        recording.record("user.renamed", officer, by=officer, at=NOON)
        1 / 0  # noqa: B018
    assert User.objects.get(pk=officer.pk).full_name == before
    assert not Entry.objects.filter(action="user.renamed").exists()


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_neither_the_record_nor_the_access_history_can_be_changed_or_deleted(officer: User, verb: str) -> None:
    recording.record("user.renamed", officer, by=officer, at=NOON)
    recording.read(officer, by=officer, at=NOON, via="test")
    for model in (Entry, Access):
        with pytest.raises(ProgrammingError), transaction.atomic():
            model.objects.update(at=NOON) if verb == "update" else model.objects.all().delete()
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_access")


def test_reading_several_records_writes_a_line_for_each(officer: User, manager: User) -> None:
    recording.read(officer, manager, by=manager, at=NOON, via="test")
    assert set(Access.objects.values_list("subject_id", flat=True)) == {officer.pk, manager.pk}
