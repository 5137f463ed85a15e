"""How the job queue is doing, read from its tables."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

_COUNTS = "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status"
_OLDEST_DUE = """
    SELECT coalesce(extract(epoch FROM now() - min(greatest(event.at, job.scheduled_at))), 0)
    FROM procrastinate_jobs job
    JOIN LATERAL (
        SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id AND type = 'deferred'
    ) event ON true
    WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())
"""
_WORKERS = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)"


@dataclass(frozen=True)
class QueueHealth:
    """Jobs by status, how long the oldest job that may run has waited (seconds), and workers heard of lately."""

    by_status: dict[str, int]
    oldest_due_seconds: float
    workers: int

    @property
    def stalled(self) -> bool:
        """Jobs are due for longer than they should be: no worker runs, or too few."""
        return self.oldest_due_seconds > settings.QUEUE_STALLED_AFTER_SECONDS


def read() -> QueueHealth:
    """Ask the database."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        by_status = {str(status): int(number) for status, number in cursor.fetchall()}
        cursor.execute(_OLDEST_DUE)
        oldest = float(cursor.fetchone()[0])
        cursor.execute(_WORKERS, [settings.WORKER_DEAD_AFTER_SECONDS])
        return QueueHealth(by_status=by_status, oldest_due_seconds=oldest, workers=int(cursor.fetchone()[0]))
