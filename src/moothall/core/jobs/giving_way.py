"""A job that failed and is to be tried again gives way to its like that waits already.

A queueing lock keeps two alike from waiting. While one runs another may be queued, and when the first then fails and is
to wait again, there is no place for both: the database refuses it. What waits does the same, so the first is dropped.
"""

from datetime import datetime

import structlog
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import QUEUEING_LOCK_CONSTRAINT, JobManager

log = structlog.get_logger("moothall.jobs")
_NO_LATER = """
    UPDATE procrastinate_jobs SET scheduled_at = %(at)s
    WHERE status = 'todo' AND queueing_lock = %(lock)s AND scheduled_at > %(at)s
"""


class GivingWay(JobManager):
    """The jobs of a worker."""

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Have a job wait to be tried again; where its like waits, that one is done no later than it, and it is dropped."""
        try:
            await super().retry_job(job, retry_at=retry_at, priority=priority, queue=queue, lock=lock)
        except UniqueViolation as refused:
            if refused.constraint_name != QUEUEING_LOCK_CONSTRAINT or job.queueing_lock is None:
                raise
            log.info("a job gave way to its like that waits", job=job.id, task=job.task_name)
            if retry_at:
                await self.connector.execute_query_async(_NO_LATER, at=retry_at, lock=job.queueing_lock)
            await self.finish_job(job, status=Status.ABORTED, delete_job=True)
