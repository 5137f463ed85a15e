"""Health, figures, headers and the log line of a request."""

import json
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from moothall.core.accounts.models import User
from moothall.core.council import settings
from moothall.core.council.models import Setting
from moothall.core.council.settings import Council
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service, ServiceVersion
from moothall.domain.exchange.models import Connector, Item
from moothall.domain.messages.models import Message
from moothall.domain.people.models import Customer
from moothall.web.ops import views

Logged = Callable[[], list[dict[str, Any]]]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """No answer of another test."""
    views.forget()
    yield
    views.forget()


@pytest.fixture(autouse=True)
def said_who_it_is(example_council: Council) -> None:
    """The council's settings are there."""


@pytest.fixture(autouse=True)
def scanner(settings: Any) -> Iterator[None]:
    """A virus scanner that answers whoever asks for its version."""

    class Version(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.read(len(b"zVERSION\0"))
            self.wfile.write(b"ClamAV 1.4.3\0")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Version) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.SCANNER = f"127.0.0.1:{server.server_address[1]}"
        yield
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("address", "notice"), [("", "No virus scanner is set"), ("127.0.0.1:1", "The virus scanner does not answer")]
)
def test_that_files_are_not_scanned_or_cannot_be_is_noticed(
    client: Client, settings: Any, address: str, notice: str
) -> None:
    settings.SCANNER = address

    response = client.get("/health/ready")

    assert response.status_code == 200
    assert [one.startswith(notice) for one in response.json()["notices"]] == [True]


def test_how_the_scanner_does_is_told_to_who_may_read_the_figures_and_asked_once(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    monkeypatch.setattr(views.scanning, "warning", lambda: looks.append(1) or "It does not answer.")
    settings.METRICS_TOKEN = "example-token"

    assert client.get("/health/ready").json()["notices"] == []
    assert client.get("/health/ready", headers={"Authorization": "Bearer another"}).json()["notices"] == []
    assert looks == []
    for _ in range(2):
        told = client.get("/health/ready", headers={"Authorization": "Bearer example-token"}).json()["notices"]
        assert told == ["It does not answer."]
    assert looks == [1]


def test_settings_the_council_has_not_given_are_noticed(client: Client) -> None:
    Setting.objects.filter(key__in=["council.phone", "council.email_from"]).delete()
    settings.forget()

    notices = client.get("/health/ready").json()["notices"]

    assert notices == ["Council settings are missing: council.phone, council.email_from."]


@pytest.fixture
def case(officer: User, noon: datetime) -> Case:
    by = {"published_at": noon, "published_by": officer}
    service = Service.objects.create(key="permits", name="Permits", prefix="PP")
    version = ServiceVersion.objects.create(service=service, number=1, files={}, fingerprint="0", **by)
    customer = Customer.objects.create(kind=Customer.Kind.PERSON, name="Ann Example", created_at=noon)
    return Case.objects.create(
        reference="PP-TEST-0001", service=service, service_version=version, type="new", source="online",
        customer=customer, opened_at=noon, opened_by=officer, updated_at=noon,
    )  # fmt: skip


def test_a_process_that_answers_is_alive_without_asking_the_database(client: Client) -> None:
    with connection.execute_wrapper(_no_statement):
        response = client.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_it_is_ready_when_migrations_are_applied_and_no_job_waits_too_long(client: Client) -> None:
    response = client.get("/health/ready")

    assert (response.status_code, response.json()) == (
        200,
        {"status": "ok", "problems": [], "notices": []},
    )


def test_it_is_not_ready_while_a_migration_waits(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'exchange'")

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["problems"] == ["Migrations wait to be applied. Run `moothall migrate`."]


def test_it_is_not_ready_when_jobs_wait_and_nobody_does_them(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('q', 't', 'todo')")
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '1 hour'")

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["problems"] == ["A job has waited 3600 seconds, and 0 workers run."]


def test_whoever_asks_again_and_again_whether_it_is_ready_costs_the_database_nothing(client: Client) -> None:
    first = client.get("/health/ready").json()

    with connection.execute_wrapper(_no_statement):
        again = client.get("/health/ready").json()

    assert again == first


def test_leases_are_judged_by_the_clock_of_the_database(client: Client, case: Case, monkeypatch: Any) -> None:
    connector = Connector.objects.create(key="example", name="Example")
    now = timezone.now()
    Item.objects.create(
        connector=connector, operation="example.tell", lane="example", case=case, idempotency_key="1", status="sending",
        leased_until=now + timedelta(seconds=30), due_at=now, created_at=now, created_by=case.opened_by,
    )  # fmt: skip
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=1))

    assert client.get("/health/ready").json()["notices"] == []
    assert 'moothall_exchange_abandoned{connector="example"}' not in client.get("/metrics").content.decode()


def test_figures_count_requests_by_route_jobs_by_status_and_items_by_connector(client: Client) -> None:
    Connector.objects.get_or_create(key="example", defaults={"name": "Example"})
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('q', 't', 'todo')")
    client.get("/health/live?name=Quillfeather")

    text = client.get("/metrics").content.decode()

    assert 'moothall_requests_total{method="GET",route="health/live",status="200"}' in text
    assert 'moothall_jobs{status="todo"} 1.0' in text
    assert "moothall_exchange_oldest_due_seconds 0.0" in text
    assert 'moothall_submissions{state="failed"} 0.0' in text
    assert "Quillfeather" not in text


def test_what_fell_silent_in_the_middle_is_said_though_the_machine_is_ready(client: Client, case: Case) -> None:
    connector = Connector.objects.create(key="example", name="Example")
    past = timezone.now() - timedelta(seconds=5)
    for number, lease in enumerate([past, past, timezone.now() + timedelta(seconds=30)]):
        Item.objects.create(
            connector=connector, operation="example.tell", lane="example", case=case, idempotency_key=str(number),
            status="sending", leased_until=lease, due_at=past, created_at=past, created_by=case.opened_by,
        )  # fmt: skip
    Message.objects.create(
        channel="letter", to_name="Ann Example", subject="Your permit", html="<p>Yes.</p>", status="sending",
        due_at=past, created_at=past, created_by=case.opened_by,
    )  # fmt: skip

    response = client.get("/health/ready")
    text = client.get("/metrics").content.decode()

    assert (response.status_code, response.json()["status"]) == (200, "ok")
    assert response.json()["notices"] == [
        "2 items of the integration queue were being sent when their senders fell silent.",
        "1 message was being delivered when its worker fell silent.",
    ]
    assert 'moothall_exchange_abandoned{connector="example"} 2.0' in text
    assert "moothall_messages_abandoned 1.0" in text


def test_figures_count_only_items_that_are_not_settled(client: Client) -> None:
    client.get("/metrics")  # what is asked once for the process
    with CaptureQueriesContext(connection) as asked:
        client.get("/metrics")

    counted = [
        query["sql"] for query in asked.captured_queries if "GROUP BY" in query["sql"] and "item" in query["sql"]
    ]
    assert len(counted) == 2
    unsettled = r"item_unsettled|item_status on exchange_item .*\n +Index Cond: \(\(status\)"  # nothing that is settled
    for statement, indexes in zip(counted, [unsettled, f"{unsettled}|item_leased"], strict=True):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + statement)
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert re.search(indexes, plan), plan


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 200),
        ("", {"X-Forwarded-For": "192.0.2.7"}, 401),
        ("figures-please", {}, 401),
        ("figures-please", {"Authorization": "Bearer something-else"}, 401),
        ("figures-please", {"Authorization": "Bearer figures-please"}, 200),
    ],
)
def test_figures_are_for_this_machine_or_for_whoever_has_the_token(
    client: Client, settings: Settings, token: str, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = token

    assert client.get("/metrics", headers=headers).status_code == status


def test_figures_are_not_for_another_machine_without_a_token(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 401


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/api/v1/openapi.json", "/nowhere"])
def test_every_answer_forbids_inline_scripts_framing_and_keeping(client: Client, path: str) -> None:
    headers = client.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_a_request_is_logged_by_its_route_never_by_its_address(client: Client, logged: Logged) -> None:
    client.get("/people/Quillfeather?nino=QQ123456C")
    client.get("/health/live?nino=QQ123456C")

    said = json.dumps(logged())
    assert "Quillfeather" not in said
    assert "QQ123456C" not in said
    requests = [(line["route"], line["status"]) for line in logged() if line["event"] == "request"]
    assert requests == [("none", 404), ("health/live", 200)]


def test_an_answer_carries_the_id_its_request_came_with(client: Client) -> None:
    given = "0b9f5a30-2f3c-4b57-9c1e-6a1f6f6b7c11"

    assert client.get("/health/live", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    assert client.get("/health/live", headers={"X-Request-ID": "<script>"}).headers["X-Request-ID"] != "<script>"


def _no_statement(*arguments: object) -> object:
    raise AssertionError("The database was asked.")
