"""What one was told: read, and said to be read (BEST-8)."""

from ninja import Query, Schema
from pydantic import Field

from moothall.domain.notifications import actions
from moothall.domain.notifications.models import Notification
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Moment, RowId

router = Operations(tags=["Notifications"])


class NotificationQuery(PageQuery):
    unread: bool = False


class NotificationOut(Schema):
    id: int
    kind: str
    text: str
    reference: str = Field(description="The case it is about; empty when it is about none")
    at: Moment
    read_at: Moment | None


class Reading(Body):
    only: RowId | None = Field(None, description="One alone; all when left out")


class ReadOut(Schema):
    read: int = Field(description="How many were unread")


@router.reads("/notifications", needs=None, answers=Page[NotificationOut])
def notifications(request: ApiRequest, query: Query[NotificationQuery]) -> Page[NotificationOut]:
    """What you were told, the newest first."""
    rows = actions.not_read(request.auth) if query.unread else Notification.objects.filter(user=request.auth)
    return page_of(rows.order_by("-at", "-id"), query, _shown)


@router.writes("POST", "/notifications/reading", needs=None, answers=ReadOut)
def mark_read(request: ApiRequest, body: Reading) -> ReadOut:
    """Say that you have read all, or one. Again changes nothing."""
    return ReadOut(read=actions.mark_read(request.auth, only=body.only, at=request.now))


def _shown(row: Notification) -> NotificationOut:
    return NotificationOut(
        id=row.pk, kind=row.kind, text=row.text, reference=row.reference, at=row.at, read_at=row.read_at
    )
