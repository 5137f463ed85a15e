"""A badge press on this machine, cases to order for, and senders at any time."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from tests.exchange.press import CONNECTOR, ORDER, Order, Press, running

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service, ServiceVersion
from moothall.domain.exchange import dispatch, operations
from moothall.domain.exchange.actions import change_settings, ensure_connector, queue
from moothall.domain.exchange.models import Connector, Item
from moothall.domain.people.models import Customer

MakeCase = Callable[..., Case]
QueueOrder = Callable[..., Item]
SendAt = Callable[..., int]


@pytest.fixture
def press() -> Iterator[Press]:
    with running() as press:
        yield press


@pytest.fixture
def order(press: Press) -> Order:
    """The operation, registered and pointed at the press."""
    operation = Order(press.url)
    operations.register(operation)
    return operation


@pytest.fixture
def connector(db: None, order: Order) -> Connector:
    return ensure_connector(CONNECTOR, name="Badge press", per_minute=60_000)


@pytest.fixture
def make_case(db: None, officer: User, noon: datetime) -> MakeCase:
    """`make_case("Ann Example")`: a Blue Badge case of a new customer; `customer=` for one already known."""
    service, _ = Service.objects.get_or_create(key="blue_badge", defaults={"name": "Blue Badge", "prefix": "BB"})
    version, _ = ServiceVersion.objects.get_or_create(
        service=service,
        number=1,
        defaults={"files": {}, "fingerprint": "0", "published_at": noon, "published_by": officer},
    )

    def make(name: str = "Ann Example", *, customer: Customer | None = None) -> Case:
        customer = customer or Customer.objects.create(kind=Customer.Kind.PERSON, name=name, created_at=noon)
        return Case.objects.create(
            reference=f"BB-TEST-{Case.objects.count() + 1:04}",
            service=service,
            service_version=version,
            type="new",
            source="online",
            customer=customer,
            opened_at=noon,
            opened_by=officer,
            updated_at=noon,
        )

    return make


@pytest.fixture
def case(make_case: MakeCase) -> Case:
    return make_case()


@pytest.fixture
def queue_order(connector: Connector, officer: User, noon: datetime) -> QueueOrder:
    """`queue_order(case)`: an order queued at noon."""

    def make(case: Case, *, at: datetime = noon, **given: object) -> Item:
        return queue(case, ORDER, by=officer, at=at, **given)  # type: ignore[arg-type]

    return make


@pytest.fixture
def send_at(connector: Connector) -> SendAt:
    """`send_at(moment)`: let a sender do what is due at that moment; returns how many calls it made."""

    def send(moment: datetime, *, seconds: float = 45) -> int:
        return dispatch.send_due(CONNECTOR, seconds=seconds, clock=dispatch.clock_from(moment))

    return send


@pytest.fixture
def due(noon: datetime) -> datetime:
    """When an order queued at noon goes."""
    return noon + timedelta(minutes=15)


@pytest.fixture
def set_limits(connector: Connector, officer: User, noon: datetime) -> Callable[..., Connector]:
    """`set_limits(at_once=1)`: change settings of the press's connector."""

    def change(**settings: int) -> Connector:
        return change_settings(connector, by=officer, at=noon, **settings)

    return change
