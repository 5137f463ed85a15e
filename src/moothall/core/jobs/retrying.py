"""When a job that failed is tried again."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job
from procrastinate.tasks import Task

DATABASE_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


@dataclass(frozen=True)
class Backoff(BaseRetryStrategy):
    """Wait twice as long after each failure, spread by half, at most `longest_seconds`; give up after `most` attempts.

    The default tries for about a day. Use it as `@app.task(retry=Backoff())`.
    """

    most: int = 12
    first_seconds: float = 5.0
    longest_seconds: float = 4 * 3600.0

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        """When to try again, or None to give up. The job is then kept as failed."""
        if job.attempts + 1 >= self.most:
            return None
        wait = min(self.longest_seconds, self.first_seconds * 2**job.attempts)
        return RetryDecision(retry_in={"seconds": int(wait * random.uniform(1.0, 1.5))})  # noqa: S311


@dataclass(frozen=True)
class Insist(BaseRetryStrategy):
    """Whatever a job's own strategy: one that failed because the database went away, or was too busy, is tried again.

    So is one that did several things and failed in any of them for this reason, which it raises as a group.
    """

    own: BaseRetryStrategy | None
    away: Backoff = Backoff(most=100, first_seconds=1.0, longest_seconds=300.0)

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try again, or None to give up."""
        if _database_went_away(exception):
            return self.away.get_retry_decision(exception=exception, job=job)
        return self.own.get_retry_decision(exception=exception, job=job) if self.own else None


def _database_went_away(exception: BaseException) -> bool:
    if isinstance(exception, BaseExceptionGroup):
        return exception.subgroup(DATABASE_AWAY) is not None
    return isinstance(exception, DATABASE_AWAY)


def insist(tasks: Iterable[Task[Any, Any, Any]]) -> None:
    """Give every task the strategy above, around its own. Twice is once."""
    for task in tasks:
        if not isinstance(task.retry_strategy, Insist):
            task.retry_strategy = Insist(task.retry_strategy)
