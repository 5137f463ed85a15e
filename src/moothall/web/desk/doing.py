"""Something begun on many cases: a few are done while one waits, more by a job, and both lead to the same page."""

from django.http import HttpResponse
from django.shortcuts import redirect

from moothall.domain.cases import batches
from moothall.domain.cases.models import Batch

WHILE_ONE_WAITS = 50


def done_or_queued(batch: Batch) -> HttpResponse:
    """Do a small batch now; lead to the page that tells what came of each case."""
    if batch.finished_at is None and batch.lines.count() <= WHILE_ONE_WAITS:
        batches.work_through(batch.pk)
    return redirect("desk:work_batch", batch.pk)
