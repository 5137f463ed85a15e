"""A small service whose workflow has every kind of stage, published for these tests."""

from datetime import datetime
from io import BytesIO

import pytest
from PIL import Image

from moothall.core.accounts.models import User
from moothall.domain.cases import actions
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import bundle, catalogue, checks
from moothall.domain.catalogue.models import Service
from moothall.domain.people import actions as people
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.models import Customer
from moothall.domain.workflow import published

SERVICE = """
key: permits
name: Parking permits
prefix: PP
case_types:
  - {key: new, label: New permit, workflow: permit}
sources:
  - {key: online, label: Online}
tags:
  - {key: payment, label: Payment, system: true}
  - {key: checked, label: Checked}
  - {key: permit_holder, label: Permit holder, applies_to: customer}
  - {key: photograph, label: Photograph, applies_to: document}
  - {key: used, label: Used, applies_to: document}
groups:
  - {key: blue_badge_officers, name: Officers}
  - {key: blue_badge_managers, name: Managers}
  - {key: blue_badge_viewers, name: Viewers}
"""

WORKFLOW = """
key: permit
name: Parking permit
start: check
stages:
  - id: check
    name: Check
    see: [blue_badge_officers, blue_badge_managers, blue_badge_viewers]
    progress: [blue_badge_officers]
    target: {amount: 4, unit: working_days}
    outcomes:
      - id: complete
        name: Complete
        questions:
          - {id: zone, label: Zone, type: choice, list: zones, required: true}
          - {id: photo, label: Photograph, type: document, tag: photograph}
        tags:
          case: {set: [checked]}
          customer: {set: [permit_holder]}
          documents: {question: photo, set: [used]}
        to: wait_for_payment
      - id: incomplete
        name: Incomplete
        questions:
          - {id: missing, label: "What is missing?", type: choices, list: missing, required: true}
        do:
          - effect: request
            kind: document
            items: missing
            answer_within: {amount: 10, unit: working_days}
            remind_after: {amount: 5, unit: working_days}
            reminder: chase
            close_after: {amount: 20, unit: working_days}
            pauses: true
            then: {received: came, closed: gave_up}
        to: waiting
      - id: refuse
        name: Refuse
        note: required
        to: holding
      - id: second_permit
        name: Start a second workflow
        do:
          - {effect: start, workflow: extra}
        end: {state: closed}
  - id: waiting
    name: Waiting
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    target: {amount: 3, unit: working_days}
    outcomes:
      - {id: came, name: It came, to: check}
      - {id: gave_up, name: Gave up, end: {state: closed}}
  - id: wait_for_payment
    name: Wait for payment
    see: [blue_badge_officers, blue_badge_managers]
    progress: [blue_badge_managers]
    automatic: {when: tag('payment') || paid(), outcome: paid}
    outcomes:
      - {id: paid, name: Paid, to: issue}
      - {id: not_paid, name: Not paid, note: required, end: {state: closed}}
  - id: issue
    name: Issue
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    outcomes:
      - {id: issued, name: Issued, end: {state: complete}}
  - id: holding
    name: Refused, open to appeal
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    holding: true
    automatic: {when: days_since(stage.entered_on) > 28, outcome: no_appeal}
    outcomes:
      - {id: no_appeal, name: No appeal, end: {state: refused}}
      - {id: look_again, name: Look again, to: check}
"""

EXTRA = """
key: extra
name: Extra
start: only
start_groups: [blue_badge_managers]
stages:
  - id: only
    name: Only
    see: [blue_badge_officers, blue_badge_managers]
    progress: [blue_badge_officers]
    outcomes:
      - {id: done, name: Done, end: {state: complete}}
"""

FILES = {
    "service.yaml": SERVICE,
    "workflows/permit.yaml": WORKFLOW,
    "workflows/extra.yaml": EXTRA,
    "letters/chase.html": "---\nname: Reminder\nsubject: We still need something\n---\n<p>Please answer.</p>\n",
    "lists/zones.yaml": "name: Zones\nvalues:\n  - {key: north, label: North}\n  - {key: south, label: South}\n",
    "lists/missing.yaml": "name: Missing\nvalues:\n  - {key: photo, label: A photograph}\n  - {key: bill, label: A bill}\n",
}


def publish(files: dict[str, str], *, by: User, at: datetime) -> Service:
    """Check and publish a service made of `files`."""
    read = bundle.parse(files)
    assert checks.check(read) == []
    return catalogue_actions.publish(read, by=by, at=at).service


def only_item(case: Case) -> WorkItem:
    """The one open work item of a case, as it is now."""
    return WorkItem.objects.open().select_related("stage", "run", "case__service", "case__customer").get(case=case)


@pytest.fixture(autouse=True)
def published_versions_read_afresh() -> None:
    catalogue.forget()
    published.forget()


def picture(shade: int = 0) -> bytes:
    """A small PNG, another for every shade."""
    content = BytesIO()
    Image.new("RGB", (8, 8), (shade, shade, shade)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def service(administrator: User, officer: User, manager: User, viewer: User, noon: datetime) -> Service:
    return publish(FILES, by=administrator, at=noon)


@pytest.fixture
def applicant(officer: User, noon: datetime) -> Customer:
    return people.create_person(PersonDetails(first_names="Ann", last_name="Applicant"), by=officer, at=noon)


@pytest.fixture
def case(service: Service, applicant: Customer, officer: User, noon: datetime) -> Case:
    """A permit asked for, waiting at Check."""
    return actions.open_case(service=service, type="new", source="online", customer=applicant, by=officer, at=noon)
