"""Badges ordered, replaced and cancelled through the integration queue, with every way an answer can be lost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from moothall.connectors.dft_blue_badge import badges, intake, telling
from moothall.domain.cases.models import Case, Note, TimelineEntry
from moothall.domain.exchange import actions as exchange
from moothall.domain.exchange.models import Attempt, Item
from moothall.domain.people.models import ExternalReference
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.usefixtures("connector")
Send = Callable[..., int]
TODAY = timezone.localdate()


def nationally(sandbox: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.control("GET", "/badges")
    return found


def test_an_order_makes_a_badge_there_and_a_reference_a_sentence_and_a_closed_case_here(
    sandbox: Running, arrive: Any, decide: Any, send: Send
) -> None:
    case = arrive()
    item = decide(case)

    send()

    item.refresh_from_db()
    case.refresh_from_db()
    [badge] = nationally(sandbox)
    reference = ExternalReference.objects.get()
    assert item.status == "done", item.problem
    assert (badge["la_reference"], badge["channel"], badge["eligibility"]) == (case.reference, "ONLINE", "PIP")
    assert badge["photo"]
    assert (reference.number, reference.status, reference.from_date) == (badge["number"], "ordered", TODAY)
    assert TimelineEntry.objects.filter(
        case=case, text__contains=f"Badge {badge['number']} ordered, valid from"
    ).exists()
    assert case.end_state == "complete"
    request = Attempt.objects.get(item=item).request
    assert request is not None
    assert "characters of data" in request["body"]["imageFile"]
    assert request["headers"]["Authorization"] == "[hidden]"


def test_an_organisation_gets_as_many_numbers_as_it_ordered(
    sandbox: Running, arrive: Any, decide: Any, send: Send
) -> None:
    item = decide(arrive("ORG"), number_of_badges=3)

    send()

    item.refresh_from_db()
    assert item.status == "done", item.problem
    assert ExternalReference.objects.count() == len(nationally(sandbox)) == 3


@pytest.mark.parametrize("kind", ["PIP", "ORG"])
@pytest.mark.parametrize("fault", ["timeout", "drop-after", "hang-after", "500", "malformed", "duplicate"])
def test_an_order_whose_answer_is_lost_is_asked_about_and_never_made_twice(
    sandbox: Running, arrive: Any, decide: Any, send: Send, fault: str, kind: str
) -> None:
    item = decide(arrive(kind), number_of_badges=2 if kind == "ORG" else 1)
    sandbox.set_fault(fault, pattern="POST /badges", count=1)

    for minutes in (1, 30, 90):
        send(minutes=minutes)

    item.refresh_from_db()
    assert item.status == "done", item.problem
    numbers = sorted(badge["number"] for badge in nationally(sandbox))
    assert len(numbers) == (2 if kind == "ORG" else 1)
    assert sorted(ExternalReference.objects.values_list("number", flat=True)) == numbers


def test_an_order_that_cannot_be_sent_says_what_to_correct_and_nothing_is_sent(
    sandbox: Running, arrive: Any, decide: Any, send: Send
) -> None:
    case = arrive()
    case.customer.contact_details.all().delete()
    item = decide(case, deliver_to="council", delivery_option="fast")

    send()

    item.refresh_from_db()
    assert item.status == "error"
    assert "Record a telephone number" in item.problem
    assert "Fast track delivery goes to the home address only" in item.problem
    assert nationally(sandbox) == []


def test_data_corrected_on_the_case_meanwhile_is_what_is_ordered(
    sandbox: Running, arrive: Any, decide: Any, send: Send
) -> None:
    case = arrive()
    decide(case)
    case.customer.person.last_name = "Corrected"
    case.customer.person.save()

    send()

    assert nationally(sandbox)[0]["party"]["person"]["badgeHolderName"] == "Alex Corrected"


def test_a_start_date_that_passed_while_the_order_waited_becomes_today(
    sandbox: Running, arrive: Any, decide: Any, send: Send
) -> None:
    decide(arrive(), days=-3)

    send()

    assert nationally(sandbox)[0]["start"] == TODAY.isoformat()


def test_somebody_elses_badge_with_the_same_details_is_an_error_that_names_it(
    sandbox: Running, arrive: Any, decide: Any, send: Send
) -> None:
    item = decide(arrive())
    send()
    [first] = nationally(sandbox)
    again = exchange.queue(
        item.case, "dft_blue_badge.order", by=item.created_by, at=timezone.now(), arguments=item.arguments
    )
    Case.objects.filter(pk=item.case_id).update(reference="BB-OTHER-1")
    exchange.unpause(again, by=item.created_by, at=timezone.now())

    send(minutes=5)

    again.refresh_from_db()
    assert again.status == "error"
    assert first["number"] in again.problem
    assert len(nationally(sandbox)) == 1


def ordered(sandbox: Running, arrive: Any, decide: Any, send: Send, to: str = "ISSUED") -> tuple[Case, str]:
    case = arrive()
    decide(case)
    send()
    number = nationally(sandbox)[0]["number"]
    for step in ("PROCESSED", "ISSUED")[: {"ORDERED": 0, "PROCESSED": 1, "ISSUED": 2}[to]]:
        sandbox.advance(number, step)
    return case, number


def tell(case: Case, operation: str, **arguments: Any) -> Item:
    user = case.opened_by
    return exchange.queue(case, f"dft_blue_badge.{operation}", by=user, at=timezone.now(), arguments=arguments)


@pytest.mark.parametrize("fault", ["", "drop-after", "500"])
def test_a_lost_badge_is_replaced_once_and_the_new_one_linked_to_the_old(
    sandbox: Running, arrive: Any, decide: Any, send: Send, fault: str
) -> None:
    case, old = ordered(sandbox, arrive, decide, send)
    item = tell(case, "replace", reason="lost")
    if fault:
        sandbox.set_fault(fault, pattern="replacements", count=1)

    for minutes in (2, 30):
        send(minutes=minutes)

    item.refresh_from_db()
    assert item.status == "done", item.problem
    new = ExternalReference.objects.get(replaces__number=old)
    assert (new.status, ExternalReference.objects.get(number=old).status) == ("ordered", "replaced")
    assert {badge["number"] for badge in nationally(sandbox)} == {old, new.number}


@pytest.mark.parametrize("fault", ["", "drop-after", "500"])
def test_a_badge_no_longer_needed_is_cancelled_here_and_there(
    sandbox: Running, arrive: Any, decide: Any, send: Send, fault: str
) -> None:
    case, number = ordered(sandbox, arrive, decide, send)
    item = tell(case, "cancel", reason="no_longer_needed", badge_number=number.lower())
    if fault:
        sandbox.set_fault(fault, pattern="cancellations", count=1)

    for minutes in (2, 30):
        send(minutes=minutes)

    item.refresh_from_db()
    assert item.status == "done", item.problem
    assert nationally(sandbox)[0]["status"] == "CANCELLED"
    assert ExternalReference.objects.get().status == "cancelled"


@pytest.mark.parametrize(("operation", "reason"), [("cancel", "nolong"), ("replace", "damaged")])
def test_a_badge_at_the_printer_is_tried_again_once_it_is_issued(
    sandbox: Running, arrive: Any, decide: Any, send: Send, operation: str, reason: str
) -> None:
    case, number = ordered(sandbox, arrive, decide, send, to="PROCESSED")
    item = tell(case, operation, reason=reason)

    send(minutes=2)
    item.refresh_from_db()
    assert (item.status, "being printed" in item.problem) == ("queued", True)

    sandbox.advance(number, "ISSUED")
    send(minutes=8 * 60)
    item.refresh_from_db()
    assert item.status == "done", item.problem


def test_which_badge_is_meant_must_be_said_when_the_customer_has_none(arrive: Any, send: Send) -> None:
    item = tell(arrive(), "cancel", reason="nolong")

    send(minutes=2)

    item.refresh_from_db()
    assert (item.status, "say which badge number" in item.problem) == ("error", True)


def test_the_service_is_told_of_a_case_once_at_its_start_and_once_at_its_end(
    sandbox: Running, arrive: Any, decide: Any, send: Send, now: datetime
) -> None:
    case = arrive()

    assert [telling.tell(at=now), telling.tell(at=now)] == [1, 0]
    send()
    assert sandbox.control("GET", "/applications")[0]["record"]["applicationStatus"] == "INPROGRESS"

    decide(case)
    send()
    assert [telling.tell(at=now), telling.tell(at=now)] == [1, 0]
    send(minutes=3)
    assert sandbox.control("GET", "/applications")[0]["record"]["applicationStatus"] == "COMPLETED"


def test_an_application_transferred_away_is_a_note_and_holds_nothing_up(
    arrive: Any, send: Send, now: datetime, hand_over: Any
) -> None:
    case = arrive()
    hand_over(case.submission.external_id, "BIRM")
    telling.tell(at=now)

    send()

    assert Item.objects.get().status == "done"
    assert "transferred to another authority" in Note.objects.get(case=case, important=True).text
    assert intake.note_gone(at=now) == 0
    assert badges.current_of(case) == []
