"""A small service that writes to its applicants, one who is written to, and a mail server that takes or refuses."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from moothall.core.accounts.models import User
from moothall.domain.cases import actions
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import bundle, catalogue, checks
from moothall.domain.catalogue.models import Service
from moothall.domain.people import actions as people
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.models import ContactDetail, Customer
from moothall.domain.workflow import published

FILES = {
    "service.yaml": """
key: permits
name: Parking permits
prefix: PP
case_types: [{key: new, label: New permit, workflow: permit}]
sources: [{key: online, label: Online}]
groups: [{key: blue_badge_officers, name: Officers}]
by_hand: [granted, missing]
""",
    "workflows/permit.yaml": """
key: permit
name: Parking permit
start: check
stages:
  - id: check
    name: Check
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    outcomes:
      - id: incomplete
        name: Incomplete
        questions: [{id: gaps, label: "What is missing?", type: choices, list: missing, required: true}]
        do: [{effect: message, template: missing, channels: [email, letter], list: gaps}]
        end: {state: closed}
      - id: incomplete_by_email
        name: Incomplete, by e-mail
        questions: [{id: gaps, label: "What is missing?", type: choices, list: missing, required: true}]
        do: [{effect: message, template: missing, channels: [email], list: gaps}]
        end: {state: closed}
      - id: granted
        name: Granted
        do: [{effect: message, template: granted, channels: [email], recipient: alternative_contact}]
        end: {state: complete}
      - id: unsure
        name: Unsure
        do: [{effect: message, template: granted, channels: [letter], draft: true}]
        end: {state: complete}
""",
    "lists/missing.yaml": """
name: Missing
values:
  - key: photo
    label: A photograph
    text: "<p><strong>A photograph</strong> of {{ full_name }}.</p>"
    welsh: "<p><strong>Llun</strong> o {{ full_name }}.</p>"
  - {key: bill, label: A bill & nothing else, welsh: Bil a dim byd arall.}
  - {key: form, label: The form, text: The form we sent you., welsh: Y ffurflen a anfonwyd atoch.}
""",
    "letters/missing.html": """---
name: Something is missing
subject: "{{ case_ref }}: we need more from you"
---
<p>{{ salutation }},</p>
<p>We need:</p>
{{ paragraphs }}
{% if answer_by %}<p>Answer by {{ answer_by }}.</p>{% endif %}
<p>Follow your <a href="{{ selfserve_link }}">application</a>.</p>
""",
    "letters/missing.cy.html": """---
name: Mae rhywbeth ar goll
subject: "{{ case_ref }}: mae angen mwy arnom"
language: cy
---
<p>{{ salutation }},</p>
{{ paragraphs }}
<p>{{ today }}</p>
""",
    "letters/granted.html": """---
name: Granted
subject: Your permit
---
<p>{{ salutation }},</p>
<p>The permit of {{ full_name }} is granted.</p>
""",
}


@pytest.fixture(autouse=True)
def said_who_it_is(request: pytest.FixtureRequest) -> None:
    if {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue("example_council")


@pytest.fixture(autouse=True)
def everything_read_afresh(settings: Any, tmp_path: Path) -> None:
    catalogue.forget()
    published.forget()
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def service(administrator: User, noon: datetime) -> Service:
    read = bundle.parse(FILES)
    assert checks.check(read) == []
    return catalogue_actions.publish(read, by=administrator, at=noon).service


@pytest.fixture
def applicant(db: None, officer: User, noon: datetime) -> Customer:
    """Somebody with a title, an address, an e-mail address, and a name that is also HTML."""
    return people.create_person(
        PersonDetails(title="Mrs", first_names="Ann <b>", last_name="O'Applicant", date_of_birth=date(1950, 1, 2)),
        address=AddressLines(line1="1 Example Road", town="Exampleton", postcode="EX1 1AA"),
        contacts=[Contact(type="email", value="ann@example.org")],
        by=officer,
        at=noon,
    )


@pytest.fixture
def case(service: Service, applicant: Customer, officer: User, noon: datetime) -> Case:
    """A permit asked for, waiting at Check."""
    return actions.open_case(service=service, type="new", source="online", customer=applicant, by=officer, at=noon)


@pytest.fixture
def item(case: Case) -> WorkItem:
    return WorkItem.objects.open().get(case=case)


@pytest.fixture
def without_email(applicant: Customer) -> None:
    applicant.contact_details.all().delete()


@pytest.fixture
def with_carer(applicant: Customer, noon: datetime) -> ContactDetail:
    """Carl Carer answers for the applicant."""
    return ContactDetail.objects.create(
        customer=applicant,
        type="email",
        value="carl@example.org",
        normalised="carl@example.org",
        holder="Carl Carer",
        from_date=noon.date(),
    )


@dataclass
class MailServer:
    """What a real SMTP server took, and what it is told to answer."""

    port: int
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    at_rcpt: str = "250 OK"
    at_data: str = "250 OK"
    sleeps: float = 0
    meanwhile: Callable[[], object] = lambda: None  # while it makes up its mind about a message

    async def handle_RCPT(
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.at_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_rcpt

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:
        if self.sleeps:
            time.sleep(self.sleeps)
        await asyncio.to_thread(self.meanwhile)
        if self.at_data.startswith("250"):
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            parsed = message_from_bytes(content, policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            self.taken.append(parsed)
            self.recipients += envelope.rcpt_tos
        return self.at_data


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """A mail server on a port of its own, which the product is told to use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = MailServer(port=probe.getsockname()[1])
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 1
    yield server
    controller.stop()
