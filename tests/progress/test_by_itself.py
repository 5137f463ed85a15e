"""What goes on by itself when several workflows of a case change what one another wait for."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from tests.progress.conftest import EXTRA, FILES, WORKFLOW, only_item
from tests.progress.test_several import WAITS_FOR_CHECKED, _until_somebody_waits, open_one

from moothall.core.accounts.models import User
from moothall.domain.cases import actions, alarms, communications, delivery, progress
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, CaseDocument, Note, WorkItem
from moothall.domain.messages.models import Message
from moothall.domain.people.models import Customer

PAID = "{when: tag('payment') || paid(), outcome: paid}"
ROUND = {
    "workflows/extra.yaml": EXTRA.replace("progress: [blue_badge_officers]", "progress: []")
    .replace("    outcomes:", "    automatic: {when: tag('checked'), outcome: done}\n    outcomes:")
    .replace(
        "name: Done, end: {state: complete}}",
        "name: Done, tags: {case: {set: [payment], remove: [checked]}}, to: only}\n"
        "      - {id: stop, name: Stop, end: {state: complete}}",
    ),
    "workflows/permit.yaml": WORKFLOW.replace(PAID, "{when: tag('payment'), outcome: paid}").replace(
        "{id: paid, name: Paid, to: issue}",
        "{id: paid, name: Paid, tags: {case: {set: [checked], remove: [payment]}}, to: wait_for_payment}\n"
        "      - {id: on, name: On, to: issue}",
    ),
}


def going(files: dict[str, str], applicant: Customer, officer: User, manager: User, noon: datetime) -> Case:
    """A case at Check, on which the workflow `extra` goes on as well."""
    case = open_one(FILES | files, applicant, by=officer, at=noon)
    progress.start(case, "extra", by=manager, at=noon)
    return case


def check(case: Case) -> WorkItem:
    return WorkItem.objects.open().get(case=case, stage__key="check")


@pytest.mark.parametrize("when", [PAID, "{when: tag('payment') || tag('checked'), outcome: paid}"])
def test_where_the_case_came_to_is_said_though_another_workflow_moved_it_on(
    when: str, officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime
) -> None:
    permit = WORKFLOW.replace(PAID, when)
    files = {"workflows/extra.yaml": WAITS_FOR_CHECKED, "workflows/permit.yaml": permit}
    case = going(files, applicant, officer, manager, noon)

    chosen = progress.choose(check(case), "complete", by=officer, at=noon, answers={"zone": "north"})

    assert chosen.now_at is not None
    assert chosen.now_at.pk == WorkItem.objects.open().get(case=case).pk
    assert chosen.now_at.stage.key == "issue"
    assert not Note.objects.filter(case=case).exists()


def test_workflows_that_wake_each_other_without_end_are_stopped_undone_and_noted_once(
    officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime
) -> None:
    case = going(ROUND, applicant, officer, manager, noon)

    progress.choose(check(case), "complete", by=officer, at=noon, answers={"zone": "north"})

    case.refresh_from_db()
    assert case.tags == ["checked"]
    assert sorted(item.stage.key for item in WorkItem.objects.open().filter(case=case)) == ["only", "wait_for_payment"]
    assert WorkItem.objects.filter(case=case).count() == 3
    assert "20 automatic stages followed one another" in Note.objects.get(case=case).text


def test_a_payment_is_kept_though_it_sets_off_workflows_without_end(
    officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime
) -> None:
    case = going(ROUND, applicant, officer, manager, noon)
    progress.choose(check(case), "complete", by=officer, at=noon, answers={"zone": "north"})

    actions.tag_case(case, set=["payment"], system=True, by=officer, at=noon)

    case.refresh_from_db()
    assert case.tags == ["checked", "payment"]


def test_a_stage_that_needs_an_event_and_a_day_goes_on_when_the_later_of_them_has_come(
    officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime
) -> None:
    days = "days_since(stage.entered_on) > 28"
    permit = WORKFLOW.replace(
        f"{{when: {days}, outcome: no_appeal}}", f"{{when: tag('payment') && {days}, outcome: no_appeal}}"
    )
    case = open_one(FILES | {"workflows/permit.yaml": permit}, applicant, by=officer, at=noon)
    progress.choose(only_item(case), "refuse", by=officer, at=noon, note="No")

    actions.tag_case(case, set=["payment"], system=True, by=officer, at=noon + timedelta(days=1))
    for day in (28, 30):
        alarms.wake(at=noon + timedelta(days=day))

    case.refresh_from_db()
    assert case.end_state == "refused"


@pytest.mark.django_db(transaction=True)
def test_a_letter_filed_while_the_stage_that_waits_for_it_is_entered_moves_the_case_on(
    officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime
) -> None:
    waits = "{when: \"documents.exists(d, 'photograph' in d.tags)\", outcome: paid}"
    case = open_one(FILES | {"workflows/permit.yaml": WORKFLOW.replace(PAID, waits)}, applicant, by=officer, at=noon)
    to = communications.Recipient(name="Ann Example", email="", lines=("1 Example Street", "AB1 2CD"))
    message = communications.send_by_hand(
        case, channel="letter", subject="Hello", html="<p>Hello</p>", tags=["photograph"], to=to, by=officer, at=noon
    )
    worker = threading.Thread(target=_deliver, args=[message, noon])

    with transaction.atomic():
        progress.choose(check(case), "complete", by=officer, at=noon, answers={"zone": "north"})
        worker.start()
        _until_somebody_waits()
    worker.join(timeout=30)

    assert CaseDocument.objects.filter(case=case).count() == 1
    assert WorkItem.objects.open().get(case=case).stage.key == "issue"


def _deliver(message: Message, at: datetime) -> None:
    try:
        delivery.deliver(message.pk, at=at)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_case_somebody_holds_too_long_keeps_no_other_from_waking(
    officer: User, manager: User, viewer: User, applicant: Customer, noon: datetime
) -> None:
    held, free = (open_one(FILES, applicant, by=officer, at=noon) for _ in range(2))
    for case in (held, free):
        progress.choose(only_item(case), "refuse", by=officer, at=noon, note="No")
    locked, over = threading.Event(), threading.Event()
    holder = threading.Thread(target=_hold, args=[held, locked, over])
    holder.start()
    locked.wait(timeout=30)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        with pytest.raises(ExceptionGroup, match="held by somebody else"):
            alarms.wake(at=noon + timedelta(days=30))
    finally:
        over.set()
        holder.join(timeout=30)
        connection.close()

    free.refresh_from_db()
    assert free.end_state == "refused"


def _hold(case: Case, locked: threading.Event, over: threading.Event) -> None:
    try:
        with transaction.atomic():
            lock(case)
            locked.set()
            over.wait(timeout=30)
    finally:
        connection.close()
