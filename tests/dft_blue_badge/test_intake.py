"""Applications arrive over HTTP from the sandboxed service and become cases."""

import contextlib
import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.dft_blue_badge.conftest import Post
from tests.sandbox.bodies import application, with_change

from moothall.connectors.dft_blue_badge import KEY, client, intake, making
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.core.accounts.actions import system_user
from moothall.domain.cases.models import Case, Note, Submission, WorkItem
from moothall.domain.documents.models import Document
from moothall.domain.exchange import cursors
from moothall.domain.messages.models import Message
from moothall.domain.payments.models import Payment
from moothall.domain.people.models import Customer, ExternalReference
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

    assert len(counted) <= 36, [str(query["sql"])[:120] for query in counted.captured_queries]


def refetch(**given: Any) -> Submission:
    return Submission.objects.get(**given)


@pytest.mark.parametrize("fault", ["duplicate", "drop-after", "500", "malformed", "slow=0.2"])
def test_a_list_of_several_pages_is_read_whole_whatever_goes_wrong_on_the_way(
    sandbox: Running, now: datetime, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE_SIZE", 4)
    sandbox.load_applications(10, la="ABERD")
    sandbox.set_fault(fault, pattern="GET /applications$", count=2)

    assert intake.poll(at=now).taken == 10
    assert Case.objects.count() == 10


def test_an_outage_leaves_everything_for_the_next_poll(sandbox: Running, now: datetime) -> None:
    sandbox.load_applications(9, la="ABERD")
    sandbox.set_fault("500", pattern="GET /applications/")

    polled = intake.poll(at=now)
    assert (polled.taken, Case.objects.count(), Submission.objects.count()) == (0, 0, 9)
    assert "out of order" in polled.problem

    sandbox.clear_faults()
    assert intake.poll(at=now).taken == 9


def test_one_application_the_service_cannot_show_does_not_hold_up_the_others(sandbox: Running, now: datetime) -> None:
    ids = sandbox.load_applications(4, la="ABERD")
    sandbox.set_fault("500", pattern=f"GET /applications/{ids[1]}")

    assert intake.poll(at=now).taken == 3
    assert "could not be read yet" in refetch(external_id=ids[1]).problem

    sandbox.clear_faults()
    assert intake.poll(at=now).taken == 1
    assert refetch(external_id=ids[1]).problem == ""


def test_a_program_fault_with_one_application_is_raised_after_the_others_are_taken(
    sandbox: Running, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.load_applications(3, la="ABERD")
    make_case = making.make_case
    broken = iter([True])

    def fails_once(*args: Any, **given: Any) -> Case:
        if next(broken, False):
            raise ZeroDivisionError
        return make_case(*args, **given)

    monkeypatch.setattr(making, "make_case", fails_once)
    with pytest.raises(ExceptionGroup):
        intake.poll(at=now)

    assert Case.objects.count() == 2
    assert intake.poll(at=now).taken == 1


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("party", None, "cannot be read: party"),
        ("party.person", None, "does not say who the badge is for"),
        ("party.person.dob", "yesterday", "party.person.dob"),
        ("party.contact.postCode", "NOWHERE", "Enter a full UK postcode"),
        ("party.typeCode", "ROBOT", "neither a person nor an organisation"),
        ("party.person.badgeHolderName", "x" * 300, "at most"),
    ],
)
def test_an_application_no_case_can_be_made_of_is_kept_with_the_reason_and_leaves_nothing_half_made(
    apply: Post, now: datetime, path: str, value: Any, sentence: str
) -> None:
    raw = client.current().application(apply(application()))

    assert intake.take(with_change(raw, path, value), at=now) is None

    kept = refetch(external_id=raw["applicationId"])
    assert sentence in kept.problem
    assert not Customer.objects.exists()
    assert intake.retry_failed(at=now) == 1  # the service shows it well by now
    assert refetch(external_id=raw["applicationId"]).case is not None


def test_unknown_codes_and_fields_are_let_through_and_kept(apply: Post, now: datetime) -> None:
    raw = client.current().application(apply(application()))
    raw |= {"applicationTypeCode": "UPGRADE", "newPart": {"a": 1}}
    raw["eligibility"] |= {"typeCode": "HIDDEN", "coping": "with \x00 oddity".replace("\x00", "?")}

    case = intake.take(raw, at=now)

    assert case is not None
    assert case.type == "new"
    assert case.submitted["eligibility"]["type"] == {"code": "hidden", "label": "HIDDEN"}
    assert case.submitted["other"] == {"newPart": {"a": 1}, "eligibility.coping": "with ? oddity"}
    assert "UPGRADE" in Note.objects.get(case=case).text


def test_an_expired_link_to_a_document_is_asked_for_again(
    sandbox: Running, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.load_applications(1, la="ABERD", documents=True)
    asked = client.Client.application

    def with_a_dead_link(self: client.Client, national_id: str) -> dict[str, Any]:
        shown = asked(self, national_id)
        monkeypatch.setattr(client.Client, "application", asked)
        shown["artifacts"][0]["link"] = shown["artifacts"][0]["link"].replace("X-Expires=", "X-Expires=1")
        return shown

    monkeypatch.setattr(client.Client, "application", with_a_dead_link)
    intake.poll(at=now)

    assert Document.objects.count() == 2


def test_a_document_that_cannot_be_had_or_kept_is_an_important_note_and_the_case_is_opened(
    sandbox: Running, now: datetime
) -> None:
    sandbox.load_applications(1, la="ABERD", documents=True)
    sandbox.set_fault("500", pattern="GET /documents/.*photo")

    intake.poll(at=now)

    assert Document.objects.count() == 1
    assert "photograph “photo.png” given with the application is not here" in Note.objects.get(important=True).text


def test_an_application_transferred_before_it_was_read_is_no_case_until_it_comes_back(
    apply: Post, now: datetime, hand_over: Any
) -> None:
    national_id = apply(application())
    intake.announce(client.current(), by=system_user(), at=now)
    hand_over(national_id, "BIRM")

    assert (intake.poll(at=now).failed, intake.poll(at=now).failed) == (1, 0)
    assert "transferred to another authority" in refetch().problem


def test_an_old_application_transferred_to_us_is_found_by_the_whole_list(
    sandbox: Running, apply: Post, now: datetime, hand_over: Any
) -> None:
    theirs = apply(application(la="BIRM") | {"party": application("ORG")["party"], "eligibility": None})
    sandbox.load_applications(1, la="ABERD")
    intake.poll(at=now)
    with connection.cursor() as cursor:  # the cursor has long moved on
        cursor.execute(
            "UPDATE exchange_cursor SET value = to_jsonb(%s::text)", [(now + timedelta(hours=1)).isoformat()]
        )
    hand_over(theirs, "ABERD", by="BIRM")

    later = now + timedelta(hours=2)
    assert [intake.poll(at=later).taken, intake.poll(at=later, whole=True).taken] == [0, 1]
    assert Note.objects.filter(text__contains="transferred this application to us").exists()


def test_a_renewal_belongs_to_the_person_who_is_known_and_adds_what_is_new(apply: Post, now: datetime) -> None:
    apply(application())
    intake.poll(at=now)
    again = with_change(application(renewal=True), "party.contact.buildingStreet", "2 New Row")
    apply(again | {"existingBadgeNumber": "ABC123"})

    intake.poll(at=now + timedelta(days=1))

    renewal = Case.objects.get(type="renewal")
    assert Customer.objects.count() == 1
    assert "existing_badge" in renewal.tags
    assert [residence.address.line1 for residence in renewal.customer.residences.order_by("from_date")] == [
        "1 Example Row",
        "2 New Row",
    ]


@pytest.mark.parametrize(("last_name", "same"), [("Example", True), ("Other", False)])
def test_a_replacement_with_a_badge_number_belongs_to_the_holder_only_if_name_and_birthday_agree(
    apply: Post, now: datetime, last_name: str, same: bool
) -> None:
    apply(application())
    intake.poll(at=now)
    holder = Customer.objects.get()
    ExternalReference.objects.create(customer=holder, type="badge_number", number="KKKKKK", status="issued")
    replacement = with_change(application(), "party.person.badgeHolderName", f"Alex {last_name}")
    apply(replacement | {"applicationTypeCode": "REPLACE", "existingBadgeNumber": "kkkkkk"})

    intake.poll(at=now)

    assert (Case.objects.get(type="replacement").customer == holder) is same


def test_a_number_somebody_else_has_is_a_tag_and_an_important_note(apply: Post, now: datetime) -> None:
    apply(application())
    apply(with_change(application(), "party.person.dob", "1980-01-01"))

    intake.poll(at=now)

    conflicting = Case.objects.get(tags__contains=["nino_conflict"])
    assert Note.objects.get(case=conflicting, important=True)


def test_words_of_a_terminal_illness_put_the_case_forward(apply: Post, now: datetime) -> None:
    body = application("WALKD")
    body["eligibility"]["descriptionOfConditions"] = "Terminally ill, DS1500 enclosed"
    apply(body)

    intake.poll(at=now)

    assert "terminal_illness" in Case.objects.get().tags


def test_a_payment_whose_end_nobody_could_read_is_a_note_and_no_payment(apply: Post, now: datetime) -> None:
    apply(application() | {"paymentTaken": False, "paymentReference": "Unknown"})

    intake.poll(at=now)

    assert not Payment.objects.exists()
    assert "may have paid" in Note.objects.get().text


def test_two_pollers_on_the_same_stretch_take_each_application_once(sandbox: Running, now: datetime) -> None:
    sandbox.load_applications(3, la="ABERD")
    national, by = client.current(), system_user()
    was = cursors.read(KEY, intake.CURSOR)
    intake.announce(national, by=by, at=now)

    with pytest.raises(cursors.CursorMoved):
        cursors.move(KEY, intake.CURSOR, was=was, to="2030-01-01T00:00:00+00:00", at=now)
    intake.announce(national, by=by, at=now)

    assert Submission.objects.count() == 3
    assert intake.take_waiting(national, by=by, at=now).taken == 3


class Killed(BaseException):
    """What a kill is to a process: nothing catches it."""


steps = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.integers(1, 3)),
        st.tuples(st.just("poll"), st.booleans()),
        st.tuples(st.just("fault"), st.sampled_from(["500", "malformed", "drop-after", "duplicate", "401"])),
        st.tuples(st.just("kill"), st.integers(0, 3)),
    ),
    max_size=8,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_any_order_of_arrivals_polls_faults_and_kills_ends_with_one_case_an_application(
    sandbox: Running, now: datetime, steps: list[tuple[str, Any]]
) -> None:
    sandbox.control("POST", "/reset", {"presets": False})
    first, expected = 0, set()
    with transaction.atomic(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(client, "PAGE_SIZE", 2)
        for what, amount in steps:
            if what == "arrive":
                expected |= set(sandbox.load_applications(amount, la="ABERD", first=first))
                first += amount
            elif what == "fault":
                sandbox.set_fault(amount, pattern="GET /applications", count=2)
            else:
                poll_or_be_killed(now, whole=amount is True, after=amount if what == "kill" else None)
        sandbox.clear_faults()
        intake.poll(at=now)

        assert set(Case.objects.values_list("submission__external_id", flat=True)) == expected
        assert Submission.objects.count() == len(expected)
        transaction.set_rollback(True)


def poll_or_be_killed(now: datetime, *, whole: bool, after: int | None) -> None:
    """Poll; with `after`, die in the middle of making the case that comes after so many."""
    make_case = making.make_case
    made = itertools.count()

    def dies(*args: Any, **given: Any) -> Case:
        case = make_case(*args, **given)
        if next(made) == after:
            raise Killed
        return case

    with pytest.MonkeyPatch.context() as patched, contextlib.suppress(Killed, NationalError):
        patched.setattr(making, "make_case", dies)
        intake.poll(at=now, whole=whole)
