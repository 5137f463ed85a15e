"""Statements that PostgreSQL plans once a connection."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moothall.core import planned

PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT 7 * $1::int%%'"


def count_prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute(PREPARED)
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_planned_statement_is_prepared_at_its_first_execution_and_kept_for_the_next() -> None:
    with planned.cursor() as cursor:
        answers = [cursor.execute("SELECT 7 * %s::int", [number]).fetchone()[0] for number in (2, 3)]

    assert answers == [14, 21]
    assert count_prepared() == 1


@pytest.mark.django_db
def test_other_statements_are_not_prepared_however_often_they_come() -> None:
    with connection.cursor() as cursor:
        for _ in range(8):
            cursor.execute("SELECT 7 * 2::int")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT 7 * 2::int'")
        assert cursor.fetchone()[0] == 0


@pytest.mark.django_db
def test_a_planned_statement_is_counted_like_any_other() -> None:
    with CaptureQueriesContext(connection) as captured, planned.cursor() as cursor:
        cursor.execute("SELECT 7 * %s::int", [1])

    assert len(captured) == 1
