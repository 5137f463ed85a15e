"""Which jobs that failed are tried again, and which are given up."""

import psycopg
import pytest
from django.db import OperationalError
from procrastinate.jobs import Job

from moothall.core.jobs.retrying import Insist

JOB = Job(id=1, queue="default", priority=0, lock=None, queueing_lock=None, task_name="tests.several", attempts=3)


@pytest.mark.parametrize(
    "failure",
    [
        OperationalError("the server closed the connection"),
        psycopg.OperationalError("the server closed the connection"),
        ExceptionGroup("Parts failed.", [OperationalError("the server closed the connection")]),
        ExceptionGroup(
            "Parts failed.", [ValueError("odd"), ExceptionGroup("More.", [psycopg.InterfaceError("closed")])]
        ),
    ],
)
def test_a_job_that_failed_because_the_database_went_away_is_tried_again(failure: Exception) -> None:
    assert Insist(own=None).get_retry_decision(exception=failure, job=JOB) is not None


@pytest.mark.parametrize("failure", [ValueError("odd"), ExceptionGroup("Parts failed.", [ValueError("odd")])])
def test_a_job_that_failed_for_a_fault_of_its_own_is_given_up_unless_it_says_otherwise(failure: Exception) -> None:
    assert Insist(own=None).get_retry_decision(exception=failure, job=JOB) is None
