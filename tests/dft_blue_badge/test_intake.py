"""Applications arrive over HTTP from the sandboxed service and become cases."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.dft_blue_badge.conftest import Post
from tests.sandbox.bodies import application

from moothall.connectors.dft_blue_badge import client, intake
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.documents.models import Document
from moothall.domain.messages.models import Message
from moothall.domain.payments.models import Payment
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.usefixtures("service")


def test_an_application_becomes_a_case_with_its_person_documents_payment_message_and_work_item(
    sandbox: Running, now: datetime
) -> None:
    sandbox.load_applications(1, la="ABERD", documents=True, first=10)  # a paid PIP application

    assert intake.poll(at=now).taken == 1

    case = Case.objects.get()
    assert (case.type, case.source, case.tags) == ("new", "online", ["payment"])
    assert case.customer.person.last_name == "Testerby"
    assert case.customer.address_on(now.date()) is not None
    assert {tag for tags in Document.objects.values_list("tags", flat=True) for tag in tags} == {
        "photograph",
        "proof_of_address",
    }
    payment = Payment.objects.get()
    assert (payment.pence, payment.status, payment.reference) == (1000, "received", "P00000000010")
    assert WorkItem.objects.open().get(case=case).stage.key == "look"
    assert Message.objects.get().subject == "We have your Blue Badge application"


def test_an_application_is_taken_once_however_often_the_list_shows_it(sandbox: Running, now: datetime) -> None:
    sandbox.load_applications(7, la="ABERD")

    assert [intake.poll(at=now, whole=whole).taken for whole in (False, False, True)] == [7, 0, 0]
    assert Case.objects.count() == 7


def test_what_was_submitted_is_kept_raw_and_in_our_words(apply: Post, now: datetime) -> None:
    body = application("WALKD")
    body["eligibility"]["descriptionOfConditions"] = (
        "Arthritis\n- - - - - - - - - -\nAble to walk from and to:\nthe shop\n- - - - - - - - - -\n"
        "How long it takes:\nten minutes"
    )
    national_id = apply(body)

    intake.poll(at=now)

    case = Case.objects.get()
    eligibility = case.submitted["eligibility"]
    assert case.submission.raw["applicationId"] == national_id
    assert eligibility["type"] == {"code": "walkd", "label": "Walking ability"}
    assert (eligibility["conditions"], eligibility["walks_from_and_to"], eligibility["how_long_it_takes"]) == (
        "Arthritis",
        "the shop",
        "ten minutes",
    )
    assert eligibility["walking"]["pain"] == "Pain"
    assert case.submitted["other"] == {}


def test_an_application_without_documents_takes_few_statements(sandbox: Running, now: datetime) -> None:
    sandbox.load_applications(2, la="ABERD")
    national = client.current()
    first, second = (national.application(row["applicationId"]) for row in intake._list(national, None))
    intake.take(first, at=now)

    with CaptureQueriesContext(connection) as counted:
        assert intake.take(second, at=now)

    assert len(counted) <= 36, [query["sql"][:120] for query in counted.captured_queries]
