"""Applications no case could be made of: who sees them, and trying again.

They belong to no case yet: an application of the national service is seen by whoever manages the queue of the service
its cases are of, one of another source by whoever manages that of every service.
"""

from datetime import datetime

from django.db.models import Q, QuerySet

from moothall.connectors.dft_blue_badge import KEY, client, fetching, intake
from moothall.connectors.dft_blue_badge.fetching import Fetched
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.models import EVERY_SERVICE, User
from moothall.core.accounts.permissions import Permission
from moothall.core.council import settings as council
from moothall.domain.cases import submissions
from moothall.domain.cases.models import Submission


def failed(user: User) -> QuerySet[Submission]:
    """Those that failed and that `user` may see, the oldest first."""
    return _seen_by(user, submissions.failed()).defer("raw")


def tried(user: User, submission_id: int) -> Submission | None:
    """One that was tried, whether it failed or became a case meanwhile, of those `user` may see."""
    rows = _seen_by(user, Submission.objects.exclude(Q(case=None, problem="")))
    return rows.filter(pk=submission_id).first()


def fetched(submission: Submission) -> Fetched | None:
    """The application as the national service shows it now, with its documents; None where there is nothing to ask.

    Asked outside any transaction. Raises NationalError.
    """
    if submission.source != KEY or submission.case_id:
        return None
    return fetching.fetch(client.current(), submission.external_id)


def retry(submission: Submission, anew: Fetched | None, *, by: User, at: datetime) -> None:
    """Try again to make a case of it, as it was fetched anew. When it fails again, its problem says why."""
    if anew:
        intake.take(anew.raw, anew.files, by=by, at=at)
    else:
        submissions.retry(submission, by=by, at=at)


def _seen_by(user: User, rows: QuerySet[Submission]) -> QuerySet[Submission]:
    if EVERY_SERVICE in user.services_with(Permission.MANAGE_QUEUE):
        return rows
    seen = user.may(Permission.MANAGE_QUEUE, council.read(NationalService).service)
    return rows.filter(source=KEY) if seen else rows.none()
