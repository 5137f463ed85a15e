"""The queue's own housekeeping. A job that succeeded is deleted at once; one that did not is kept to be looked at."""

from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext

FAILED_KEPT_HOURS = 30 * 24


@app.periodic(cron="7 3 * * *")
@app.task(name="jobs.forget_failed", queue="housekeeping", queueing_lock="jobs.forget_failed", pass_context=True)
async def forget_failed(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - when the job was due
    """Delete jobs that failed, were cancelled or aborted more than thirty days ago."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=FAILED_KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
