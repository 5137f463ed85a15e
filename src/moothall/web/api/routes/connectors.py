"""Whole connectors of the integration queue: held, set, cancelled or queued again (CT-71, CT-74)."""

from typing import Annotated, Literal

from ninja import Query, Schema
from pydantic import Field, model_validator

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case
from moothall.domain.exchange import actions
from moothall.domain.exchange.models import CONNECTOR_SETTINGS, Connector, Item, ItemQuerySet
from moothall.web.api.operations import Operations
from moothall.web.api.problems import Problem, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Moment
from moothall.web.common import connectors as tests
from moothall.web.common.connectors import Checked

router = Operations(tags=["Integration queue"])
AT_A_TIME = 100
Whole = Annotated[int, Field(ge=0, le=2_000_000_000, strict=True)]
Counted = Annotated[int, Field(ge=1, le=2_000_000_000, strict=True)]


class ConnectorAction(Body):
    action: Literal["pause", "unpause"]
    reason: str = Field("", max_length=2000)


class CancelAll(Body):
    reason: str = Field("", max_length=2000)
    until: Moment | None = Field(
        None, description="Only what was queued up to then: now, or the `until` of the answer to go on with the rest"
    )


class NotCancelled(Schema):
    item: int
    sentence: str


class Cancelled(Schema):
    """What was cancelled by this request: a hundred items at most. While `left` is not 0, call again with `until`."""

    cancelled: int
    refused: list[NotCancelled]
    left: int
    until: Moment


class RequeueQuery(Schema):
    after: int = Field(0, ge=0, lt=2**63, description="Only items with a higher number: the `after` of the answer")


class Requeued(Schema):
    """What was queued again by this request: a hundred items at most. While `left` is not 0, call again with `after`."""

    items: int
    left: int
    after: int


class ConnectorSettings(Body):
    """Those given are changed. Items already queued keep the time they are due."""

    name: str | None = Field(None, min_length=1, max_length=120)
    delay_seconds: Whole | None = Field(None, description="Time to correct before sending")
    max_attempts: Counted | None = None
    retry_seconds: Counted | None = Field(None, description="Before the first retry; doubled each time")
    per_minute: Counted | None = Field(None, description="Calls a minute at most")
    at_once: Counted | None = Field(None, description="Calls at once at most")
    breaker_after: Counted | None = Field(None, description="Failures in a row that stop all calls for a while")
    lease_seconds: Counted | None = Field(None, description="Longer than any call can last, in seconds")
    duplicate_days: Whole | None = Field(None, description="A second request within these days is paused")

    @model_validator(mode="after")
    def _something(self) -> "ConnectorSettings":
        if not self.model_dump(exclude_none=True):
            raise ValueError("Give a setting to change.")
        return self


class TestedOut(Schema):
    works: bool
    sentences: list[str] = Field(description="What was found, and what an administrator should know")


class ConnectorOut(Schema):
    key: str
    name: str
    paused: bool
    pause_reason: str
    delay_seconds: int
    max_attempts: int
    retry_seconds: int
    per_minute: int
    at_once: int
    breaker_after: int
    lease_seconds: int
    duplicate_days: int

    @classmethod
    def of(cls, connector: Connector) -> "ConnectorOut":
        settings = {name: getattr(connector, name) for name in CONNECTOR_SETTINGS}
        paused = connector.paused_at is not None
        return cls(key=connector.key, paused=paused, pause_reason=connector.pause_reason, **settings)


@router.writes("POST", "/connectors/{key}/actions", needs=Permission.MANAGE_CONNECTORS, answers=ConnectorOut)
def act_on_connector(request: ApiRequest, key: str, body: ConnectorAction) -> ConnectorOut:
    """Pause or un-pause everything that goes through one connector."""
    connector = _connector(key)
    if body.action == "pause":
        connector = actions.pause_connector(connector, reason=body.reason, by=request.auth, at=request.now)
    else:
        connector = actions.unpause_connector(connector, by=request.auth, at=request.now)
    return ConnectorOut.of(connector)


@router.writes("POST", "/connectors/{key}/cancellation", needs=Permission.MANAGE_QUEUE, answers=Cancelled)
def cancel_all(request: ApiRequest, key: str, body: CancelAll) -> Cancelled:
    """Cancel what waits at a connector, of cases whose queue you manage, a hundred at a time.

    What is under way is left, and so is what was queued after `until`, and what is paused while nobody knows whether it
    was done. Each request is one transaction: an error undoes all of it.
    """
    connector, among = _connector(key), _managed(request)
    until = min(body.until or request.now, request.now)
    results = actions.cancel_connector(
        connector, among=among, until=until, most=AT_A_TIME, reason=body.reason, by=request.auth, at=request.now
    )
    refused = [NotCancelled(item=item.pk, sentence=problem) for item, problem in results if problem]
    left = actions.to_cancel(connector, among=among, until=until).count()
    return Cancelled(cancelled=len(results) - len(refused), refused=refused, left=left, until=until)


@router.writes("POST", "/connectors/{key}/requeue", needs=Permission.MANAGE_QUEUE, answers=Requeued, body="none")
def requeue_all(request: ApiRequest, key: str, query: Query[RequeueQuery]) -> Requeued:
    """Queue again what ended in an error at a connector, of cases whose queue you manage, a hundred at a time.

    Going on with `after`, none is queued again twice that fails anew. Each request is one transaction.
    """
    connector, among = _connector(key), _managed(request)
    done = actions.requeue_connector(
        connector, among=among, after=query.after, most=AT_A_TIME, by=request.auth, at=request.now
    )
    after = max((item.pk for item in done), default=query.after)
    left = actions.to_requeue(connector, among=among, after=after).count()
    return Requeued(items=len(done), left=left, after=after)


def _tested(request: ApiRequest, key: str) -> Checked:
    connector = _connector(key)
    if connector.key not in tests.CHECKS:
        raise Problem(409, f"{connector.name} has nothing that can be tested.", kind="not-tested")
    return tests.test(connector.key, by=request.auth, at=request.now)


@router.writes(
    "POST",
    "/connectors/{key}/test",
    needs=Permission.MANAGE_CONNECTORS,
    answers=TestedOut,
    body="none",
    first=_tested,
)
def test_connector(request: ApiRequest, key: str) -> TestedOut:  # noqa: ARG001
    """Call the other system now: whether it answers, and until when our credential is good."""
    return TestedOut(works=request.fetched.works, sentences=list(request.fetched.sentences))


@router.reads("/connectors/{key}", needs=Permission.MANAGE_CONNECTORS, answers=ConnectorOut)
def read_connector(request: ApiRequest, key: str) -> ConnectorOut:  # noqa: ARG001
    """How fast a connector sends, how often it tries, and whether it is held."""
    return ConnectorOut.of(_connector(key))


@router.writes("PATCH", "/connectors/{key}", needs=Permission.MANAGE_CONNECTORS, answers=ConnectorOut)
def change_connector(request: ApiRequest, key: str, body: ConnectorSettings) -> ConnectorOut:
    """Change settings of a connector."""
    changed = body.model_dump(exclude_none=True)
    return ConnectorOut.of(actions.change_settings(_connector(key), by=request.auth, at=request.now, **changed))


def _managed(request: ApiRequest) -> ItemQuerySet:
    """The items whose queue one manages."""
    cases = Case.objects.visible_to(request.auth, Permission.MANAGE_QUEUE)
    return Item.objects.visible_to(request.auth).filter(case__in=cases.values("id"))


def _connector(key: str) -> Connector:
    connector = Connector.objects.filter(key=key).first()
    if connector is None:
        raise not_found()
    return connector
