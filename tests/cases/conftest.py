"""A small Blue Badge service whose one stage waits for a tag, a payment or a document; customers; cases."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from pytest_django import Settings

from moothall.core.accounts.models import User
from moothall.domain.cases import actions
from moothall.domain.cases.models import Case
from moothall.domain.catalogue import actions as publishing
from moothall.domain.catalogue import bundle, catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.people import actions as people
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.models import Customer
from moothall.domain.workflow import published

MakeService = Callable[..., Service]
MakePerson = Callable[..., Customer]
OpenCase = Callable[..., Case]

_MANIFEST = """
key: {key}
name: {name}
prefix: {prefix}
case_types:
  - {{key: new, label: New application, workflow: waiting}}
  - {{key: appeal, label: Appeal}}
sources:
  - {{key: online, label: Online}}
  - {{key: paper, label: Paper}}
tags:
  - {{key: urgent, label: Urgent}}
  - {{key: ready, label: Ready}}
  - {{key: paid, label: Paid, system: true}}
  - {{key: nino_conflict, label: Number of somebody else, system: true}}
  - {{key: on_paper, label: Came on paper}}
  - {{key: vip, label: Known to us, applies_to: customer}}
  - {{key: photograph, label: Photograph, applies_to: document}}
  - {{key: assessment, label: For the assessor, applies_to: document}}
arrivals:
  - {{sources: [paper], tags: [on_paper]}}
"""
_WORKFLOW = """
key: waiting
name: Waiting
start: wait
stages:
  - id: wait
    name: Wait
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    automatic:
      - {when: "tag('ready') || paid() || documents.exists(d, 'photograph' in d.tags)", outcome: go_on}
    outcomes:
      - {id: go_on, name: Go on, end: {state: complete}}
"""


@pytest.fixture(autouse=True)
def nothing_remembered(settings: Settings, tmp_path: object) -> None:
    settings.MEDIA_ROOT = tmp_path
    catalogue.forget()
    published.forget()


@pytest.fixture
def make_service(administrator: User, noon: datetime) -> MakeService:
    """`make_service("taxicard", "Taxicard", "TC")`: a service like Blue Badge under another name."""

    def make(key: str, name: str, prefix: str) -> Service:
        files = {
            "service.yaml": _MANIFEST.format(key=key, name=name, prefix=prefix),
            "workflows/waiting.yaml": _WORKFLOW,
        }
        return publishing.publish(bundle.parse(files), by=administrator, at=noon).service

    return make


@pytest.fixture
def blue_badge(make_service: MakeService) -> Service:
    return make_service("blue_badge", "Blue Badge", "BB")


@pytest.fixture
def make_person(officer: User, noon: datetime) -> MakePerson:
    """`make_person("Example", nino=…)`: a person born on 4 May 1960, but for what is given."""

    def make(last_name: str = "Example", **given: object) -> Customer:
        details = {"first_names": "Ann", "last_name": last_name, "date_of_birth": date(1960, 5, 4), **given}
        return people.create_person(PersonDetails(**details), by=officer, at=noon)  # type: ignore[arg-type]

    return make


@pytest.fixture
def ann(make_person: MakePerson) -> Customer:
    return make_person()


@pytest.fixture
def open_case(blue_badge: Service, officer: User, noon: datetime) -> OpenCase:
    """`open_case(ann, type="appeal")`: a new online Blue Badge application, but for what is given."""

    def make(customer: Customer, **given: object) -> Case:
        whole = {"service": blue_badge, "type": "new", "source": "online", "by": officer, "at": noon, **given}
        return actions.open_case(customer=customer, **whole)  # type: ignore[arg-type]

    return make


@pytest.fixture
def case(open_case: OpenCase, ann: Customer) -> Case:
    return open_case(ann)
