"""E-mails, texts and letters through GOV.UK Notify: queued by the service's definitions, sent once, their end on the case."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pydantic import SecretStr
from tests.cases.conftest import make_person, nothing_remembered

from moothall.connectors.govuk_notify import KEY, check
from moothall.connectors.govuk_notify.receipts import STATES
from moothall.connectors.govuk_notify.settings import GovukNotify
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.domain.cases import actions
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.catalogue import actions as publishing
from moothall.domain.catalogue import bundle
from moothall.domain.exchange import deliveries, dispatch
from moothall.domain.exchange.actions import change_settings, ensure_connector
from moothall.domain.exchange.deliveries import NotKnownYet
from moothall.domain.exchange.models import Delivery, Item
from moothall.domain.messages.models import Message
from moothall.domain.people import actions as people
from moothall.domain.people.details import Contact
from moothall.domain.people.models import Customer
from moothall.sandbox import testing
from moothall.sandbox.testing import Running

__all__ = ["make_person", "nothing_remembered"]
EMAIL, SMS = "f33517ff-2a88-4f6e-b855-c550268ce08a", "6a9d8e0c-2f0b-4a51-9c1b-1f4f6f0a1a11"
LETTER = "0b8f3b52-9b5f-4c0f-8f9e-7c5e7d1b2c22"
SERVICE = f"""
key: garden
name: Garden waste
prefix: GW
connectors: [govuk_notify]
case_types:
  - {{key: new, label: New subscription, workflow: deal}}
sources:
  - {{key: online, label: Online}}
arrivals:
  - sources: [online]
    sends:
      - operation: govuk_notify.email
        template: {EMAIL}
        placeholders: {{first_name: first_name, case_ref: case_ref, post: postcode}}
"""
WORKFLOW = f"""
key: deal
name: Deal with it
start: decide
stages:
  - id: decide
    name: Decide
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    outcomes:
      - id: tell
        name: Tell them
        do:
          - {{effect: send, operation: govuk_notify.sms, template: {SMS}, placeholders: {{case ref: case_ref}}}}
          - {{effect: send, operation: govuk_notify.letter, template: {LETTER}, placeholders: {{first name: first_name, case ref: case_ref}}}}
        end: {{state: complete}}
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with testing.start("--no-presets") as one:
        yield one


@pytest.fixture
def notify(db: None, running: Running) -> Iterator[Running]:
    """The council sends through it, with a key for tests."""
    running.control("POST", "/reset", {"presets": False})
    there, now = running.notify, timezone.now()
    given = GovukNotify(
        base_url=there["base_url"],
        api_key=SecretStr(there["keys"]["test"]),
        callback_token=SecretStr(there["callback_token"]),
        timeout_seconds=0.5,
        fall_back=True,
    )
    council.write(given, by=system_user(), at=now)
    change_settings(ensure_connector(KEY), by=system_user(), at=now, per_minute=60_000)
    yield running
    council.forget()


@pytest.fixture
def resident(make_person: Callable[..., Customer], officer: User, noon: datetime) -> Customer:
    customer = make_person()
    for kind, value in (("email", "ann@example.org"), ("mobile", "07700900003")):
        people.set_contact(customer, Contact(type=kind, value=value), by=officer, at=noon)
    return customer


@pytest.fixture
def garden_case(resident: Customer, administrator: User, officer: User, noon: datetime) -> Case:
    files = {"service.yaml": SERVICE, "workflows/deal.yaml": WORKFLOW}
    service = publishing.publish(bundle.parse(files), by=administrator, at=noon).service
    now = timezone.now()
    return actions.open_case(service=service, type="new", source="online", customer=resident, by=officer, at=now)


def send(hours: int = 1) -> None:
    dispatch.send_due(KEY, clock=dispatch.clock_from(timezone.now() + timedelta(hours=hours)))


@pytest.mark.django_db(transaction=True)
def test_a_message_on_arrival_is_sent_once_and_its_end_comes_to_the_case_once(
    notify: Running, garden_case: Case, client: Client, officer: User
) -> None:
    notify.set_fault("drop-after", pattern="POST /v2", count=1)
    send()
    notify.clear_faults()
    send(hours=40)
    [sent] = notify.control("GET", "/govuk_notify")["sent"]
    item = Item.objects.get()
    assert (sent["to"], sent["reference"]) == ("ann@example.org", f"{garden_case.reference}-{item.pk}")
    assert (item.status, Delivery.objects.get().external_id) == ("done", sent["id"])

    told = {"id": sent["id"], "status": "technical-failure"}
    assert receipt(client, told, "Bearer wrong") == 403
    for _ in range(2):
        assert receipt(client, told, f"Bearer {notify.notify['callback_token']}") == 204
    [job] = ProcrastinateJob.objects.filter(task_name="exchange.message_ended")
    for _ in range(2):
        deliveries.ended(**job.args, at=timezone.now())

    lines = TimelineEntry.objects.filter(case=garden_case, text__contains=STATES["technical-failure"])
    assert lines.count() == 1
    ours = Message.objects.get()
    assert (ours.to_email, ours.subject) == ("ann@example.org", f"Your application {garden_case.reference}")
    with pytest.raises(NotKnownYet):
        deliveries.ended("unknown", status="delivered", said="delivered", good=True, again=False, at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_an_outcome_sends_a_text_and_says_what_is_missing_for_a_letter(
    notify: Running, garden_case: Case, officer: User
) -> None:
    from moothall.domain.cases import progress

    progress.choose(garden_case.work_items.get().pk, "tell", by=officer, at=timezone.now())
    send()
    send(hours=2)

    items = {item.operation: item for item in Item.objects.all()}
    assert items["govuk_notify.sms"].result["to"] == "07700900003"  # type: ignore[index]
    assert notify.control("GET", "/govuk_notify")["receipts"][-1]["status"] == "temporary-failure"
    assert (items["govuk_notify.letter"].status, "postal address" in items["govuk_notify.letter"].problem) == (
        "error",
        True,
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"per_minute": 0}, "this minute"),
        ({"day": {"email": 0}}, "of the day"),
        ({"key": "live", "trial": True}, "trial mode"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_its_limits_are_told_in_words(notify: Running, garden_case: Case, change: dict[str, Any], says: str) -> None:
    notify.control("PUT", "/govuk_notify", change)
    if key := change.get("key"):
        live = council.read(GovukNotify).model_copy(update={"api_key": SecretStr(notify.notify["keys"][key])})
        council.write(live, by=system_user(), at=timezone.now())
    send()

    assert says in Item.objects.get().problem
    assert notify.control("GET", "/govuk_notify")["sent"] == []


def test_a_check_says_whether_it_answers(notify: Running, administrator: User) -> None:
    assert check.check(by=administrator, at=timezone.now()).works
    wrong = GovukNotify(base_url=notify.notify["base_url"], api_key=SecretStr("x" * 80))
    council.write(wrong, by=system_user(), at=timezone.now())
    found = check.check(by=administrator, at=timezone.now())
    assert (found.works, "key" in found.sentences[0]) == (False, True)


def receipt(client: Client, told: dict[str, str], token: str) -> int:
    answer = client.post(
        "/messages/govuk-notify/receipts/",
        json.dumps(told),
        content_type="application/json",
        headers={"Authorization": token},
    )
    return answer.status_code
