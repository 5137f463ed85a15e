"""Systems told of changes by calls to an address of theirs: how they are, paused and gone on with (ACC-6).

One is added at the desk, where its secret is shown once: an answer here is kept for requests that are repeated.
"""

from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.domain.people.golden import following
from moothall.domain.people.models import Call, Follower
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Moment

router = Operations(tags=["People"])


class FollowerOut(Schema):
    """A system that is told of changes."""

    id: int
    name: str
    address: str
    position: int = Field(description="It knows the changes up to this one")
    failures: int = Field(description="Calls that failed in a row")
    failing_since: Moment | None
    next_at: Moment = Field(description="It is not called before")
    paused_at: Moment | None
    paused_why: str
    by_itself: bool = Field(description="It was paused after failing for long")

    @classmethod
    def of(cls, one: Follower) -> "FollowerOut":
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class CallOut(Schema):
    """One call to a system."""

    at: Moment
    test: bool
    after: int
    up_to: int
    changes: int
    status: int = Field(description="Of HTTP; 0 is no answer")
    problem: str = Field(description="Empty when it took them")
    milliseconds: int

    @classmethod
    def of(cls, one: Call) -> "CallOut":
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


@router.reads("/followers", needs=Permission.MANAGE_CONNECTORS, answers=Page[FollowerOut])
def read_followers(request: ApiRequest, query: Query[PageQuery]) -> Page[FollowerOut]:  # noqa: ARG001
    """Systems that are told of changes, by name."""
    return page_of(Follower.objects.order_by("name"), query, FollowerOut.of)


@router.reads("/followers/{int:follower_id}/calls", needs=Permission.MANAGE_CONNECTORS, answers=Page[CallOut])
def read_calls(request: ApiRequest, follower_id: int, query: Query[PageQuery]) -> Page[CallOut]:  # noqa: ARG001
    """The calls to one system in the last thirty days, the latest first."""
    return page_of(_follower(follower_id).calls.order_by("-at", "-pk"), query, CallOut.of)


@router.writes("POST", "/followers/{int:follower_id}/pause", needs=Permission.MANAGE_CONNECTORS, answers=FollowerOut)
def pause_follower(request: ApiRequest, follower_id: int) -> FollowerOut:
    """Tell it nothing until it is gone on with."""
    one = _follower(follower_id)
    following.pause(one, by=request.auth, at=request.now)
    return FollowerOut.of(_follower(follower_id))


@router.writes("POST", "/followers/{int:follower_id}/resume", needs=Permission.MANAGE_CONNECTORS, answers=FollowerOut)
def resume_follower(request: ApiRequest, follower_id: int) -> FollowerOut:
    """Tell it again from where it was."""
    one = _follower(follower_id)
    following.go_on(one, by=request.auth, at=request.now)
    return FollowerOut.of(_follower(follower_id))


def _follower(follower_id: int) -> Follower:
    found = Follower.objects.filter(pk=follower_id).first() if follower_id < 2**63 else None
    if found is None:
        raise not_found()
    return found
