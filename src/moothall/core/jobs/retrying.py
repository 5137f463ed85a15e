"""When a job that failed is tried again."""

import random
from dataclasses import dataclass

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job


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
