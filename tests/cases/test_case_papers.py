"""Documents, payments and the timeline of a case."""

from datetime import datetime

import pytest
from django.db import ProgrammingError, connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks
from tests.cases.conftest import OpenCase
from tests.cases.test_case_opening import texts
from tests.documents.conftest import pdf, picture

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.lists.actions import TagRefused
from moothall.domain.cases import actions, refunding
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.documents.actions import Refused
from moothall.domain.documents.models import Deletion, Document
from moothall.domain.payments.actions import PaymentRefused
from moothall.domain.payments.models import Payment

pytestmark = pytest.mark.django_db


def kept_pence() -> int:
    """What came and was not given back."""
    return sum(one.pence - one.refunded_pence for one in Payment.objects.exclude(received_at=None))


@pytest.fixture
def proof(case: Case, officer: User, noon: datetime) -> Document:
    return actions.add_document(case, name="proof.pdf", content=pdf(), origin="officer", by=officer, at=noon)


def test_a_document_is_put_on_its_case_and_the_timeline(case: Case, proof: Document, officer: User) -> None:
    assert proof.case_link.case == case
    assert (proof.created_by, proof.origin) == (officer, "officer")
    entry = case.timeline.get(kind="document")
    assert (entry.text, entry.detail["document"]) == ("Document “proof.pdf” added.", proof.pk)


def test_a_document_refused_leaves_the_case_as_it_was(case: Case, officer: User, noon: datetime) -> None:
    before = texts(case)
    with pytest.raises(Refused):
        actions.add_document(case, name="x.jpg", content=b"<html>", origin="applicant", by=officer, at=noon)
    with pytest.raises(TagRefused):
        actions.add_document(
            case, name="x.pdf", content=pdf(), origin="applicant", tags=["urgent"], by=officer, at=noon
        )

    assert texts(case) == before
    assert not Document.objects.exists()


def test_tagging_a_document_as_the_photograph_lets_the_waiting_stage_move_on(
    case: Case, officer: User, noon: datetime
) -> None:
    photo = actions.add_document(case, name="me.jpg", content=picture(), origin="applicant", by=officer, at=noon)
    actions.tag_document(case, photo, set=["photograph"], by=officer, at=noon)

    case.refresh_from_db()
    assert case.end_state == "complete"
    assert "“me.jpg” tagged photograph." in texts(case)


def test_a_document_deleted_is_gone_for_good_and_the_timeline_says_who_and_why(
    case: Case,
    proof: Document,
    manager: User,
    noon: datetime,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        actions.delete_document(case, proof, reason="Wrong person", by=manager, at=noon)

    assert not Document.objects.exists()
    assert Deletion.objects.get().by == manager
    assert texts(case)[-1] == "Document “proof.pdf” deleted: Wrong person"


def test_a_document_of_another_case_cannot_be_reached_through_this_one(
    open_case: OpenCase, case: Case, proof: Document, officer: User, noon: datetime
) -> None:
    other = open_case(case.customer)
    with pytest.raises(Document.DoesNotExist):
        actions.delete_document(other, proof, reason="Mine", by=officer, at=noon)
    with pytest.raises(Document.DoesNotExist):
        actions.tag_document(other, proof, set=["photograph"], by=officer, at=noon)


@pytest.mark.parametrize("table", ["cases_timelineentry", "cases_note"])
@pytest.mark.parametrize("change", ["UPDATE {} SET text = 'never happened'", "DELETE FROM {}"])
def test_nobody_can_edit_the_timeline_or_a_note_not_even_in_sql(
    case: Case, officer: User, noon: datetime, table: str, change: str
) -> None:
    actions.add_note(case, text="As it was", by=officer, at=noon)

    with (
        pytest.raises(ProgrammingError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute(change.format(table))
    assert TimelineEntry.objects.filter(text="Note added.").exists()


def test_a_payment_recorded_is_on_the_timeline_and_moves_the_waiting_stage_on(
    case: Case, officer: User, noon: datetime
) -> None:
    payment = actions.record_payment(
        case, pence=1000, method="cheque", reference="000123", purpose="Badge fee", by=officer, at=noon
    )

    case.refresh_from_db()
    assert (payment.status, payment.received_at, case.end_state) == ("received", noon, "complete")
    assert "£10.00 received by cheque, reference 000123." in texts(case)
    assert Entry.objects.get(action="payment.received").detail == {"case": case.pk, "pence": 1000}


def test_a_payment_asked_for_is_received_once(case: Case, officer: User, noon: datetime) -> None:
    payment = actions.request_payment(case, pence=1000, purpose="Badge fee", by=officer, at=noon)
    case.refresh_from_db()
    assert case.end_state == ""

    actions.receive_payment(case, payment, method="card", by=officer, at=noon)
    with pytest.raises(PaymentRefused, match="received already"):
        actions.receive_payment(case, payment, method="card", by=officer, at=noon)

    case.refresh_from_db()
    assert case.end_state == "complete"
    assert kept_pence() == 1000


def test_a_refund_never_gives_back_more_than_came(case: Case, officer: User, noon: datetime) -> None:
    payment = actions.record_payment(case, pence=1000, method="cash", by=officer, at=noon)
    refunding.ask(case, payment, pence=400, reason="Paid too much", by=officer, at=noon)
    assert (Payment.objects.get().status, kept_pence()) == ("received", 600)

    for pence in (601, 0, -1):
        with pytest.raises(PaymentRefused):
            refunding.ask(case, payment, pence=pence, reason="More", by=officer, at=noon)
    refunding.ask(case, payment, pence=600, reason="The rest", by=officer, at=noon)

    assert (Payment.objects.get().status, kept_pence()) == ("refunded", 0)
    with pytest.raises(PaymentRefused, match="is refunded"):
        refunding.ask(case, payment, pence=1, reason="Again", by=officer, at=noon)


def test_only_what_was_asked_for_and_has_not_come_can_be_cancelled(case: Case, officer: User, noon: datetime) -> None:
    asked = actions.request_payment(case, pence=1000, purpose="Badge fee", by=officer, at=noon)
    actions.cancel_payment(case, asked, reason="Exempt", by=officer, at=noon)
    came = actions.record_payment(case, pence=1000, method="cash", by=officer, at=noon)

    for payment in (asked, came):
        with pytest.raises(PaymentRefused):
            actions.cancel_payment(case, payment, reason="Again", by=officer, at=noon)
    assert kept_pence() == 1000


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"pence": 0}, "amount"),
        ({"pence": -5}, "amount"),
        ({"method": "shells"}, "way to pay"),
        ({"method": ""}, "way to pay"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_with_a_sentence(
    case: Case, officer: User, noon: datetime, given: dict[str, object], sentence: str
) -> None:
    with pytest.raises(PaymentRefused, match=sentence):
        actions.record_payment(case, **{"pence": 1000, "method": "cash", "by": officer, "at": noon, **given})  # type: ignore[arg-type]
    assert not Payment.objects.exists()
