"""Several workflows on one case, and automatic stages that cannot go on."""

import threading
import time
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.progress.conftest import EXTRA, FILES, WORKFLOW, only_item, publish

from moothall.core.accounts.models import User
from moothall.core.lists.models import Value
from moothall.domain.cases import actions, alarms, progress, requests, tasks
from moothall.domain.cases.models import Case, Note, Request, Run, WorkItem
from moothall.domain.catalogue import actions as publishing
from moothall.domain.catalogue import bundle
from moothall.domain.catalogue.models import Service
from moothall.domain.payments.models import Payment
from moothall.domain.people.models import Customer

FAULTY = """      - id: paid
        name: Paid
        questions:
          - {id: where, label: Where, type: choice, list: zones, required: true, default: north}
        to: issue
"""
WAITS_FOR_CHECKED = (
    EXTRA.replace("progress: [blue_badge_officers]", "progress: []")
    .replace("    outcomes:", "    automatic: {when: tag('checked'), outcome: done}\n    outcomes:")
    .replace("name: Done, end", "name: Done, tags: {case: {set: [payment]}}, end")
)


def open_one(files: dict[str, str], customer: Customer, *, by: User, at: datetime) -> Case:
    service = publish(files, by=by, at=at)
    service = Service.objects.get(pk=service.pk)
    return actions.open_case(service=service, type="new", source="online", customer=customer, by=by, at=at)


@pytest.fixture
def stuck_case(officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime) -> Case:
    """A case at Wait for payment whose automatic outcome answers with a value that was since retired."""
    assert "      - {id: paid, name: Paid, to: issue}\n" in WORKFLOW
    files = FILES | {"workflows/permit.yaml": WORKFLOW.replace("      - {id: paid, name: Paid, to: issue}\n", FAULTY)}
    case = open_one(files, applicant, by=officer, at=noon)
    progress.choose(only_item(case), "complete", by=officer, at=noon, answers={"zone": "south"})
    Value.objects.filter(list__key="permits.zones", key="north").update(retired_on=noon.date())
    return case


def test_a_payment_is_kept_though_the_stage_it_wakes_cannot_go_on(
    stuck_case: Case, officer: User, noon: datetime
) -> None:
    for _ in range(2):
        actions.record_payment(stuck_case, pence=1000, method="card", by=officer, at=noon)

    assert Payment.objects.count() == 2
    assert only_item(stuck_case).stage.key == "wait_for_payment"
    note = Note.objects.get(case=stuck_case)
    assert note.important
    assert note.text.startswith("Wait for payment could not go on by itself. ")


def test_an_outcome_is_kept_though_the_automatic_stage_after_it_cannot_go_on(
    stuck_case: Case, officer: User, applicant: Customer, noon: datetime
) -> None:
    service = Service.objects.get(key="permits")
    case = actions.open_case(service=service, type="new", source="online", customer=applicant, by=officer, at=noon)
    actions.record_payment(case, pence=1000, method="card", by=officer, at=noon)

    chosen = progress.choose(only_item(case), "complete", by=officer, at=noon, answers={"zone": "south"})

    assert chosen.now_at is not None
    assert chosen.now_at.stage.key == "wait_for_payment"
    assert WorkItem.objects.filter(case=case).count() == 2


def test_one_case_whose_day_has_come_and_cannot_go_on_stops_no_other(
    officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime
) -> None:
    asks = "questions: [{id: w, label: W, type: choice, list: zones, required: true, default: north}]"
    wrong = WORKFLOW.replace("name: No appeal, end", f"name: No appeal, {asks}, end")
    first = open_one(FILES | {"workflows/permit.yaml": wrong}, applicant, by=officer, at=noon)
    second = open_one(FILES, applicant, by=officer, at=noon)
    for case in (first, second):
        progress.choose(only_item(case), "refuse", by=officer, at=noon, note="No")
    Value.objects.filter(list__key="permits.zones", key="north").update(retired_on=noon.date())

    alarms.wake(at=noon + timedelta(days=29))

    second.refresh_from_db()
    assert second.end_state == "refused"
    stuck = only_item(first)
    assert stuck.wakes_at is not None
    assert stuck.wakes_at > noon + timedelta(days=29)  # it stands in nobody's way until tomorrow


def test_a_request_closes_though_its_outcome_cannot_be_taken(
    officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime
) -> None:
    blocked = WORKFLOW.replace(
        "{id: gave_up, name: Gave up, end", "{id: gave_up, name: Gave up, requires_tags: [checked], end"
    )
    case = open_one(FILES | {"workflows/permit.yaml": blocked}, applicant, by=officer, at=noon)
    progress.choose(only_item(case), "incomplete", by=officer, at=noon, answers={"missing": ["photo"]})

    assert requests.close_due(today=date(2026, 4, 1), at=noon) == 1

    assert Request.objects.get(case=case).state == "closed"
    assert only_item(case).stage.key == "waiting"
    assert Note.objects.get(case=case).text.startswith("Request 1 could not go on by itself.")


def test_a_tag_set_by_one_workflow_wakes_another_and_no_tag_is_lost(
    officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime
) -> None:
    case = open_one(FILES | {"workflows/extra.yaml": WAITS_FOR_CHECKED}, applicant, by=officer, at=noon)
    other = progress.start(case, "extra", by=manager, at=noon)
    item = WorkItem.objects.open().get(case=case, stage__key="check")

    progress.choose(item, "complete", by=officer, at=noon, answers={"zone": "north"})

    assert Run.objects.get(pk=other.pk).end_state == "complete"
    case.refresh_from_db()
    assert case.tags == ["checked", "payment"]


@pytest.mark.django_db(transaction=True)
def test_an_outcome_that_waited_for_the_case_wakes_what_began_on_it_meanwhile(
    officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime
) -> None:
    case = open_one(FILES | {"workflows/extra.yaml": WAITS_FOR_CHECKED}, applicant, by=officer, at=noon)
    item = WorkItem.objects.open().get(case=case, stage__key="check")
    faults: list[Exception] = []

    def choose() -> None:
        try:
            progress.choose(item.pk, "complete", by=officer, at=noon, answers={"zone": "north"})
        except Exception as fault:  # noqa: BLE001 - shown to the test
            faults.append(fault)
        finally:
            connection.close()

    waiting = threading.Thread(target=choose)
    with transaction.atomic():
        other = progress.start(case, "extra", by=manager, at=noon)
        waiting.start()
        _until_somebody_waits()
    waiting.join(timeout=30)

    assert faults == []
    assert Run.objects.get(pk=other.pk).end_state == "complete"


def _until_somebody_waits() -> None:
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("The second officer did not come to wait for the case.")


VISITS = {
    "service.yaml": """
key: visits
name: Home visits
prefix: HV
case_types: [{key: new, label: New, workflow: visit}]
sources: [{key: online, label: Online}]
groups: [{key: blue_badge_officers, name: Officers}]
""",
    "workflows/visit.yaml": """
key: visit
name: Visit
start: wait
stages:
  - id: wait
    name: Wait
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    automatic: {when: "'permit_holder' in customer.tags", outcome: go}
    outcomes: [{id: go, name: Go, end: {state: complete}}]
""",
}


def test_an_outcome_that_tags_the_customer_wakes_their_other_cases(
    officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime
) -> None:
    case = open_one(FILES, applicant, by=officer, at=noon)
    visits = publishing.publish(bundle.parse(VISITS), by=officer, at=noon).service
    waits = actions.open_case(service=visits, type="new", source="online", customer=applicant, by=officer, at=noon)

    progress.choose(only_item(case), "complete", by=officer, at=noon, answers={"zone": "south"})

    job = ProcrastinateJob.objects.get(task_name="cases.customer_changed")
    tasks.customer_changed(**job.args)
    waits.refresh_from_db()
    assert waits.end_state == "complete"
