"""Applications no case could be made of: seen, and tried again once what was wrong is right.

They belong to no case yet: an application of the national service is seen by whoever manages the queue of the service
its cases are of, one of another source by whoever manages that of every service. Nothing the applicant said is shown.
"""

from ninja import Query, Schema
from pydantic import Field

from moothall.connectors.dft_blue_badge.fetching import Fetched
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case, Submission
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Moment
from moothall.web.common import unmade

router = Operations(tags=["Applications"])


class FailedQuery(PageQuery):
    source: str | None = Field(None, max_length=60, description="Where they came from, e.g. dft_blue_badge")


class SubmissionOut(Schema):
    """An application as it was received. `problem` says why it is no case; empty once it is one."""

    id: int
    source: str
    external_id: str
    received_at: Moment
    problem: str
    case: str | None = Field(description="Reference of its case, when there is one you may see")


@router.reads("/submissions/failed", needs=Permission.MANAGE_QUEUE, answers=Page[SubmissionOut])
def list_failed(request: ApiRequest, query: Query[FailedQuery]) -> Page[SubmissionOut]:
    """Applications that came in and could not become a case, the oldest first."""
    failed = unmade.failed(request.auth)
    if query.source is not None:
        failed = failed.filter(source=query.source)
    return page_of(failed, query, lambda row: _show(request, row))


def _fetched(request: ApiRequest, submission_id: int) -> Fetched | None:
    """The application as the national service shows it now, with its documents."""
    return unmade.fetched(_tried(request, submission_id))


@router.writes(
    "POST",
    "/submissions/{int:submission_id}/retry",
    needs=Permission.MANAGE_QUEUE,
    answers=SubmissionOut,
    body="none",
    first=_fetched,
)
def retry(request: ApiRequest, submission_id: int) -> SubmissionOut:
    """Try again to make a case of an application, fetched anew. When it fails again, `problem` says why."""
    fetched: Fetched | None = request.fetched
    unmade.retry(_tried(request, submission_id), fetched, by=request.auth, at=request.now)
    return _show(request, _tried(request, submission_id))


def _tried(request: ApiRequest, submission_id: int) -> Submission:
    submission = unmade.tried(request.auth, submission_id)
    if submission is None:
        raise not_found()
    return submission


def _show(request: ApiRequest, row: Submission) -> SubmissionOut:
    case = Case.objects.visible_to(request.auth).filter(pk=row.case_id).first() if row.case_id else None
    return SubmissionOut(
        id=row.pk,
        source=row.source,
        external_id=row.external_id,
        received_at=row.received_at,
        problem=row.problem,
        case=case.reference if case else None,
    )
