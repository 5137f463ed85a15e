"""The sandboxed national service over real HTTP, a council connected to it, and what tests do with both."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone
from pydantic import SecretStr
from tests.dft_blue_badge.service import FILES
from tests.sandbox.bodies import application
from tests.sandbox.callers import Caller

from moothall.connectors.dft_blue_badge import KEY, client, codes, intake, operations
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.core.council.settings import Council
from moothall.domain.cases import actions as cases
from moothall.domain.cases import progress
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import bundle, catalogue, checks
from moothall.domain.catalogue.models import Service
from moothall.domain.documents.models import Document
from moothall.domain.exchange import dispatch
from moothall.domain.exchange.actions import ensure_connector
from moothall.domain.exchange.models import Connector, Item
from moothall.domain.workflow import published
from moothall.sandbox import testing
from moothall.sandbox.dft.samples import photo_png
from moothall.sandbox.testing import Running

LA = "ABERD"
Post = Callable[[dict[str, Any]], str]


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    steps = ("--processed-after", "never", "--issued-after", "never")
    with testing.start("--credentials-seed", "connector", "--no-presets", *steps) as one:
        yield one


@pytest.fixture
def sandbox(running: Running) -> Running:
    running.control("POST", "/reset", {"presets": False})
    running.control("PUT", "/settings", {"token_seconds": 3600})
    return running


@pytest.fixture
def now() -> datetime:
    """The sandbox's clock is the machine's."""
    return timezone.now()


@pytest.fixture
def national(sandbox: Running, administrator: User, now: datetime) -> Iterator[NationalService]:
    """The council is connected to the sandbox as Aberdeenshire, whose nation is Scotland."""
    client_id, client_secret = sandbox.authority(LA)
    settings = NationalService(
        base_url=sandbox.base_url,
        client_id=client_id,
        client_secret=SecretStr(client_secret),
        la=LA,
        timeout_seconds=1,
        pause_seconds=0.01,
    )
    council.write(settings, by=administrator, at=now)
    council.write(Council(nation="scotland"), by=administrator, at=now)
    client.forget()
    codes.forget()
    yield settings
    client.forget()


@pytest.fixture
def connect(national: NationalService, administrator: User, now: datetime) -> Callable[..., NationalService]:
    """`connect(badge_fee_pence=0)`: change settings of the connection."""

    def change(**values: Any) -> NationalService:
        changed = national.model_copy(update=values)
        council.write(changed, by=administrator, at=now)
        return changed

    return change


@pytest.fixture
def service(
    administrator: User, officer: User, now: datetime, settings: Any, tmp_path: Path, national: NationalService
) -> Service:
    settings.MEDIA_ROOT = tmp_path
    catalogue.forget()
    published.forget()
    operations.register()
    read = bundle.parse(FILES)
    assert checks.check(read) == []
    return catalogue_actions.publish(read, by=administrator, at=now).service


@pytest.fixture(scope="session")
def citizens(running: Running) -> Iterator[Caller]:
    """The citizen's application, which alone may make applications."""
    caller = Caller(running.base_url, running.citizen_app())
    yield caller
    caller.http.close()


@pytest.fixture
def apply(sandbox: Running, citizens: Caller) -> Post:
    """`apply(body)`: an application made by a citizen; returns its national id."""

    def post(body: dict[str, Any]) -> str:
        answer: httpx.Response = citizens.post("/applications", body)
        if answer.status_code == 401:  # another test took every token back
            citizens.http.headers["Authorization"] = f"Bearer {citizens.token()}"
            answer = citizens.post("/applications", body)
        assert answer.status_code == 200, answer.text
        made: str = answer.json()["data"]
        return made

    return post


@pytest.fixture
def hand_over(sandbox: Running) -> Callable[..., None]:
    """`hand_over(national_id, "BIRM")`: an authority (ours, unless said) transfers an application to another."""

    def transfer(national_id: str, to: str, *, by: str = LA) -> None:
        caller = Caller(sandbox.base_url, sandbox.authority(by))
        with closing(caller.http):
            body = {"transferToLaShortCode": to}
            caller.post(f"/applications/{national_id}/transfers", body).raise_for_status()

    return transfer


@pytest.fixture
def connector(service: Service) -> Connector:
    return ensure_connector(KEY, per_minute=60_000, delay_seconds=0, breaker_after=1000)


@pytest.fixture
def send(connector: Connector) -> Callable[..., int]:
    """`send(minutes=1)`: what is due that many minutes from now is sent."""

    def run(*, minutes: float = 1) -> int:
        clock = dispatch.clock_from(timezone.now() + timedelta(minutes=minutes))
        return dispatch.send_due(KEY, seconds=20, clock=clock)

    return run


@pytest.fixture
def arrive(apply: Post, officer: User, now: datetime) -> Callable[..., Case]:
    """`arrive("PIP")`: an application that became a case, with a photograph."""

    def make(kind: str = "PIP", **changes: Any) -> Case:
        national_id = apply(application(kind) | changes)
        intake.poll(at=now)
        case = Case.objects.get(submission__external_id=national_id)
        if kind != "ORG":
            photo = {"name": "me.png", "content": photo_png(1), "origin": "applicant", "tags": ["photograph"]}
            cases.add_document(case, by=officer, at=now, **photo)
        return case

    return make


@pytest.fixture
def decide(officer: User, now: datetime) -> Callable[..., Item]:
    """`decide(case)`: the officer answers about the badge, which queues the order."""

    def choose(case: Case, *, days: int = 0, **answers: Any) -> Item:
        today = timezone.localdate()
        person = case.customer.kind == "person"
        given = {
            "deliver_to": "home",
            "delivery_option": "standard",
            "number_of_badges": 1,
            "start_date": (today + timedelta(days=days)).isoformat(),
            "expiry_date": (today + timedelta(days=days + 700)).isoformat(),
        }
        if person:
            photo = Document.objects.filter(case_link__case=case).latest("pk").pk
            given |= {"eligibility": "pip", "photograph": photo}
        progress.choose(WorkItem.objects.open().get(case=case), "order", by=officer, at=now, answers=given | answers)
        return Item.objects.get(case=case, operation="dft_blue_badge.order")

    return choose
