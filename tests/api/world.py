"""A council with two services, people in every role, and cases with everything on them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import ClassVar

from django.utils import timezone
from PIL import Image
from tests.api.client import ApiClient

from moothall.core.accounts import tokens
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import EVERY_SERVICE, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.lists import actions as lists
from moothall.domain.cases import actions
from moothall.domain.cases.models import Case, CaseMessage, WorkItem
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import bundle, checks
from moothall.domain.catalogue.models import Service
from moothall.domain.documents.models import Document
from moothall.domain.exchange import operations
from moothall.domain.exchange.actions import queue
from moothall.domain.exchange.models import Item
from moothall.domain.messages.models import Message
from moothall.domain.people import actions as people
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.models import Customer

_SERVICE = """
key: {key}
name: {name}
prefix: {prefix}
case_types:
  - {{key: new, label: New, workflow: permit}}
sources:
  - {{key: online, label: Online}}
  - {{key: paper, label: Paper}}
tags:
  - {{key: urgent, label: Urgent}}
  - {{key: payment, label: Payment, system: true}}
  - {{key: for_assessor, label: For the assessor, applies_to: document}}
skills:
  - {{key: appeals, label: Appeals}}
groups:
  - {{key: {key}_officers, name: Officers}}
  - {{key: {key}_viewers, name: Viewers}}
by_hand: [zones_explained]
"""
_WORKFLOW = """
key: permit
name: Permit
start: check
stages:
  - id: check
    name: Check
    see: [{key}_officers, {key}_viewers]
    progress: [{key}_officers]
    target: {{amount: 4, unit: working_days}}
    public: {{status: We are checking your application, within: 4 working days}}
    outcomes:
      - id: complete
        name: Complete
        questions:
          - {{id: zone, label: Zone, type: choice, list: zones, required: true}}
        to: issue
      - id: incomplete
        name: Incomplete
        do:
          - effect: request
            kind: document
            text: A photograph
            answer_within: {{amount: 10, unit: working_days}}
            remind_after: {{amount: 5, unit: working_days}}
            reminder: zones_reminder
            pauses: true
            then: {{received: came}}
        to: waiting
      - id: write
        name: Write
        questions: [{{id: what, label: Zones, type: choices, list: zones}}]
        do:
          - {{effect: message, template: zones_explained, channels: [email, letter], list: what, when: "size(answers.what) > 0"}}
          - {{effect: message, template: zones_explained, channels: [letter], list: what}}
        to: check
      - {{id: refuse, name: Refuse, note: required, end: {{state: refused}}}}
      - {{id: needs_payment, name: Needs payment, requires_tags: [payment], end: {{state: complete}}}}
  - id: waiting
    name: Waiting
    see: [{key}_officers]
    progress: [{key}_officers]
    outcomes:
      - {{id: came, name: It came, to: check}}
  - id: issue
    name: Issue
    see: [{key}_officers]
    progress: [{key}_officers]
    outcomes:
      - {{id: issued, name: Issued, end: {{state: complete}}}}
"""
_ZONES = "name: Zones\nvalues:\n  - {key: north, label: North}\n  - {key: south, label: South}\n"
_LETTER = """---
name: The zones
subject: "The zones, {{ case_ref }}"
channels: [email, letter]
---
<p>{{ salutation }}</p>
{{ paragraphs }}
"""

VIEW = [
    Permission.API, Permission.VIEW_CASES, Permission.VIEW_SUBMISSION, Permission.VIEW_TIMELINE,
    Permission.VIEW_DOCUMENTS, Permission.VIEW_NOTES, Permission.VIEW_PAYMENTS, Permission.VIEW_PEOPLE,
    Permission.VIEW_WORK, Permission.VIEW_QUEUE, Permission.EXPORT_CASES, Permission.VIEW_AUDIT,
    Permission.VIEW_ACCESSES,
]  # fmt: skip


class Order:
    """An operation of a connector nobody calls in these tests."""

    name = "press.order"
    connector = "press"
    title = "Badge order"
    lane = "badge"
    editable: ClassVar = {"case": operations.Editable(title="case")}

    def subject(self, item: Item) -> str:  # noqa: ARG002
        return ""

    def build(self, item: Item) -> dict[str, object]:
        return {"case": item.case.reference, "client_secret": "do not show"}

    def validate(self, payload: dict[str, object], *, item: Item) -> list[str]:  # noqa: ARG002
        return [] if "case" in payload else ["Say which case."]

    def request(self, payload: dict[str, object], *, item: Item) -> dict[str, object]:  # noqa: ARG002
        return {"method": "POST", "url": "https://press.example.org/orders"}

    def send(self, payload: dict[str, object], *, item: Item) -> operations.Reply:  # noqa: ARG002
        raise operations.SendError("Nobody answers here.")

    def ask(self, payload: dict[str, object], *, item: Item) -> None:  # noqa: ARG002
        return None

    def done(self, item: Item, reply: operations.Reply, *, by: User, at: datetime) -> None:
        """Nothing follows."""


@dataclass
class World:
    """Everything by name. `cases` holds the cases of each service by its key."""

    services: dict[str, Service] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    clients: dict[str, ApiClient] = field(default_factory=dict)
    cases: dict[str, list[Case]] = field(default_factory=dict)
    documents: dict[str, list[Document]] = field(default_factory=dict)

    def case(self, service: str = "permits", number: int = 0) -> Case:
        return self.cases[service][number]

    def item(self, service: str = "permits", number: int = 0) -> WorkItem:
        """The open work item of a case, as it is now."""
        return WorkItem.objects.open().get(case=self.case(service, number))


def build() -> World:
    """Two services with three cases each, and somebody in every role."""
    world = World()
    operations.register(Order())
    system, at = system_user(), timezone.now() - timedelta(hours=2)
    lists.ensure_list(
        "contact_types", name="Contact types", values=[{"key": "email", "label": "E-mail"}], by=system, at=at
    )
    for key, name, prefix in (("permits", "Parking permits", "PP"), ("bins", "Garden bins", "GB")):
        world.services[key] = publish(key, name=name, prefix=prefix, at=at)
    _people(world)
    for key in world.services:
        world.cases[key] = [_case(world, key, number, at) for number in range(3)]
        world.documents[key] = list(Document.objects.filter(case_link__case__in=world.cases[key]).order_by("id"))
    return world


def publish(
    key: str,
    *,
    at: datetime,
    name: str = "Parking permits",
    prefix: str = "PP",
    changes: Mapping[str, str] | None = None,
) -> Service:
    """Publish a service, the next version when `changes` (old text → new) make its workflow another."""
    workflow = _WORKFLOW.format(key=key)
    for old, new in (changes or {}).items():
        assert old in workflow
        workflow = workflow.replace(old, new)
    read = bundle.parse(
        {
            "service.yaml": _SERVICE.format(key=key, name=name, prefix=prefix),
            "workflows/permit.yaml": workflow,
            "lists/zones.yaml": _ZONES,
            "letters/zones_explained.html": _LETTER,
            "letters/zones_reminder.html": _LETTER.replace("{{ paragraphs }}", "<p>We still wait.</p>"),
        }
    )
    assert checks.check(read) == []
    return catalogue_actions.publish(read, by=system_user(), at=at).service


def _people(world: World) -> None:
    everything = list(Permission)
    without_notes = [permission for permission in VIEW if permission is not Permission.VIEW_NOTES]
    officer = [permission for permission in everything if not permission.startswith("administration")]
    officer.append(Permission.VIEW_AUDIT)
    roles: dict[str, tuple[list[Permission], list[str], list[str], list[str]]] = {
        "officer": (officer, ["permits"], [], ["permits_officers"]),
        "other_officer": (officer, ["bins"], [], ["bins_officers"]),
        "assessor": (VIEW, ["permits"], ["for_assessor"], []),
        "viewer": (without_notes, ["permits"], [], ["permits_viewers"]),
        "manager": (everything, [EVERY_SERVICE], [], ["permits_officers", "bins_officers"]),
        "stranger": ([Permission.API], [], [], []),
    }
    for role, (permissions, services, document_tags, groups) in roles.items():
        user = User.objects.create_user(f"{role}@council.example.org", full_name=role.replace("_", " ").title())
        own = SecurityGroup.objects.create(
            key=f"{role}s", name=role, permissions=permissions, services=services, document_tags=document_tags
        )
        user.groups.add(own, *SecurityGroup.objects.filter(key__in=groups))
        world.users[role], world.clients[role] = user, sign_in(user)
    world.clients["inactive"] = sign_in(_lone(world, "inactive"))
    User.objects.filter(pk=world.users["inactive"].pk).update(is_active=False)
    world.clients["expired"] = sign_in(_lone(world, "expired"), days_ago=31)
    world.clients["nobody"] = ApiClient()


def _lone(world: World, role: str) -> User:
    """Somebody with every permission on every service, to show that it takes more than that."""
    user = User.objects.create_user(f"{role}@council.example.org", full_name=role.title())
    user.groups.add(SecurityGroup.objects.get(key="managers"))
    world.users[role] = user
    return user


def sign_in(user: User, *, days_ago: int = 0) -> ApiClient:
    """A client with a token of thirty days, made some days ago."""
    at = timezone.now() - timedelta(days=days_ago)
    return ApiClient(tokens.issue(user, name="test", days=30, by=user, at=at)[1])


def _case(world: World, service: str, number: int, at: datetime) -> Case:
    by = world.users["manager"]
    letter = {"permits": "P", "bins": "B"}[service]
    customer = _customer(f"{letter}{number}", by, at)
    case = actions.open_case(
        service=world.services[service],
        type="new",
        source="paper" if number else "online",
        customer=customer,
        submitted={"given": f"{service}-{number}"},
        by=by,
        at=at + timedelta(minutes=number),
    )
    actions.add_note(case, text=f"Secret note {service} {number}", important=True, by=by, at=at)
    actions.record_payment(case, pence=1000, method="card", by=by, at=at)
    for name, tags in ((f"plain-{service}-{number}.png", []), (f"assess-{service}-{number}.png", ["for_assessor"])):
        shade = len(Document.objects.all())
        actions.add_document(case, name=name, content=picture(shade), origin="officer", tags=tags, by=by, at=at)
    message = Message.objects.create(
        channel="letter", to_name=customer.name, to_lines=["1 Example Street"], subject=f"Letter {service} {number}",
        html="<p>Dear applicant</p>", created_at=at, created_by=by,
        document=Document.objects.filter(case_link__case=case).exclude(tags__contains=["for_assessor"]).first(),
    )  # fmt: skip
    CaseMessage.objects.create(case=case, message=message)
    queue(case, Order.name, by=by, at=at)
    return case


def _customer(mark: str, by: User, at: datetime) -> Customer:
    stem = {"P": "1234", "B": "5678"}[mark[0]]
    return people.create_person(
        PersonDetails(
            first_names=f"Pat {mark}",
            last_name="Exampleson",
            date_of_birth=date(1950, 1, 1 + int(mark[1])),
            nino=f"AB{stem}0{mark[1]}C",
        ),
        address=AddressLines(line1=f"{mark[1]} Example Street", town="Exampleton", postcode="SW1A 1AA"),
        contacts=[Contact(type="email", value=f"pat.{mark.lower()}@example.org")],
        by=by,
        at=at,
    )


def picture(shade: int) -> bytes:
    """A small PNG, another for every shade."""
    content = BytesIO()
    Image.new("RGB", (8, 8), (shade % 256, shade // 256, 7)).save(content, "PNG")
    return content.getvalue()


def references(cases: Iterable[Case]) -> set[str]:
    return {case.reference for case in cases}
