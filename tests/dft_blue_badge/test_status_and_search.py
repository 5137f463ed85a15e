"""Badges compared with the export, searched for, taken over from another authority; and the connection checked."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.dft_blue_badge.conftest import Post
from tests.sandbox.bodies import application

from moothall.connectors.dft_blue_badge import check, codes, intake, search, status
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.search import CannotSearch
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit.models import Access
from moothall.domain.cases.models import Case, Note, Run
from moothall.domain.exchange import actions as exchange
from moothall.domain.exchange.models import Item, Lookup
from moothall.domain.people import actions as people
from moothall.domain.people.models import ExternalReference, Person
from moothall.kit.invalid import Invalid
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.usefixtures("connector")
Connect = Callable[..., NationalService]


@pytest.fixture
def case(apply: Post, now: datetime) -> Case:
    apply(application())
    intake.poll(at=now)
    return Case.objects.get()


def seed(sandbox: Running, number: str, **more: Any) -> None:
    sandbox.control("POST", "/seed", {"badges": [{"number": number, **more}]})


def record(case: Case, number: str, *, by: User, at: datetime, status: str = "ordered") -> ExternalReference:
    return people.set_reference(case.customer, type="badge_number", number=number, status=status, by=by, at=at)


def test_the_export_brings_every_recorded_badge_up_to_date_and_reports_the_others(
    sandbox: Running, case: Case, officer: User, now: datetime
) -> None:
    seed(sandbox, "KKKKK1", status="ISSUED")
    seed(sandbox, "KKKKK2", status="ISSUED")
    record(case, "KKKKK1", by=officer, at=now)
    record(case, "KKKKK9", by=officer, at=now)
    item = exchange.queue(case, "dft_blue_badge.order", by=officer, at=now)
    Item.objects.filter(pk=item.pk).update(status="done", processed_at=now, result={"numbers": ["KKKKK9"]})

    found = status.reconcile(by=officer, at=now)

    assert ExternalReference.objects.get(number="KKKKK1").status == "issued"
    assert (found.changed, found.missing, found.unknown) == (1, ("KKKKK9",), ("KKKKK2",))
    assert Lookup.objects.get(kind="reconciliation").found["missing"] == ["KKKKK9"]
    assert status.reconcile(by=officer, at=now).changed == 0


def test_a_badge_the_printer_rejected_is_a_tag_and_an_important_note_with_the_reason(
    sandbox: Running, case: Case, officer: User, now: datetime
) -> None:
    record(case, "KKKKK3", by=officer, at=now)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            "x.csv",
            "badge_no,badge_status,local_authority_ref,rejected_reason,print_request_date_time\r\n"
            f"KKKKK3,REJECT,{case.reference},Photograph not found,2026-02-02T10:00:00\r\n"
            f"KKKKK3,PROCESSED,{case.reference},,2026-02-01T10:00:00\r\n",
        )
    line = status.read_export(content.getvalue())["KKKKK3"]

    status._changed(ExternalReference.objects.get(), codes.status(line["badge_status"]), line, by=officer, at=now)

    case.refresh_from_db()
    assert "badge_problem" in case.tags
    assert "Photograph not found" in Note.objects.get(case=case, important=True).text


def test_an_export_that_is_no_zip_is_said_in_words(sandbox: Running, officer: User, now: datetime) -> None:
    sandbox.set_fault("malformed", pattern="GET /badges$", count=1)

    with pytest.raises(NationalError, match="export of badges could not be read"):
        status.reconcile(by=officer, at=now)


def test_one_badge_is_asked_for_and_its_status_kept(sandbox: Running, case: Case, officer: User, now: datetime) -> None:
    seed(sandbox, "KKKKK4", status="CANCELLED", cancel_reason="LOST")
    record(case, "KKKKK4", by=officer, at=now)

    answer = status.refresh(search.fetch("kkkkk4"), by=officer, at=now, case=case)

    assert answer.found["cancelReasonCode"] == "LOST"
    assert ExternalReference.objects.get().status == "cancelled"


def test_a_search_is_kept_until_it_is_refreshed(sandbox: Running, officer: User, now: datetime) -> None:
    first = search.search(number="KKKKK5", by=officer, at=now)
    seed(sandbox, "KKKKK5")

    assert first.found == []
    assert search.search(number="kkkkk5", by=officer, at=now).pk == first.pk
    [found] = search.search(number="KKKKK5", by=officer, at=now, refresh=True).found
    assert found["badgeNumber"] == "KKKKK5"


def test_a_search_goes_by_name_or_postcode_narrowed_by_national_insurance_number(
    sandbox: Running, officer: User, now: datetime
) -> None:
    seed(sandbox, "KKKKK6")
    [badge] = sandbox.control("GET", "/badges")
    name, postcode = badge["party"]["person"]["badgeHolderName"], badge["party"]["contact"]["postCode"]
    nino = badge["party"]["person"].get("nino")
    ask = {"by": officer, "at": now}

    assert len(search.search(name=name[:5], **ask).found) == 1
    assert len(search.search(postcode=postcode, name=name, **ask).found) == 1
    assert search.search(postcode=postcode, name="nobody", **ask).found == []
    assert search.search(postcode=postcode, nino="SH123459D", **ask).found == []
    if nino:
        assert len(search.search(postcode=postcode, nino=nino, **ask).found) == 1


@pytest.mark.parametrize("asked", [{}, {"nino": "SH123459D"}, {"nino": "x"}, {"postcode": "x"}, {"name": "x" * 101}])
def test_a_search_that_cannot_be_made_says_what_to_enter(asked: dict[str, str], officer: User, now: datetime) -> None:
    with pytest.raises(Invalid):
        search.search(by=officer, at=now, **asked)


def test_a_badge_of_another_authority_is_taken_over_as_person_and_case_once(
    sandbox: Running, officer: User, now: datetime
) -> None:
    seed(sandbox, "KKKKK7", la="BIRM")
    codes.refresh(by=officer, at=now)

    case = search.take_over(search.fetch("kkkkk7"), source="phone", by=officer, at=now)

    assert (case.type, case.tags, Run.objects.count()) == ("renewal", ["existing_badge"], 0)
    assert case.customer.references.get().status == "issued"
    assert "taken over from Birmingham" in Note.objects.get().text
    assert search.take_over(search.fetch("KKKKK7"), source="phone", by=officer, at=now) == case


def test_a_badge_that_does_not_exist_cannot_be_taken_over() -> None:
    with pytest.raises(CannotSearch, match="has no badge ZZZZZZ"):
        search.fetch("zzzzzz")


def test_a_connection_that_works_says_who_we_are_and_when_the_credential_ends(
    connect: Connect, officer: User, now: datetime
) -> None:
    today = timezone.localdate(now)
    connect(credential_expires_on=today + timedelta(days=10))

    checked = check.check(by=officer, at=now)

    assert checked.works
    assert "we are Aberdeenshire" in checked.sentences[0]
    assert "ends in 10 days" in checked.sentences[1]


def test_a_connection_with_a_wrong_secret_or_authority_says_what_to_correct(
    connect: Connect, officer: User, now: datetime
) -> None:
    connect(la="NOBODY", credential_expires_on=date(2999, 1, 1))
    assert "does not know the authority" in check.check(by=officer, at=now).sentences[0]

    connect(client_id="wrong", credential_expires_on=date(2020, 1, 1))
    wrong = check.check(by=officer, at=now)
    assert not wrong.works
    assert "credentials" in wrong.sentences[0]
    assert "ended on 1 January 2020" in wrong.sentences[1]


def test_code_lists_are_read_once_a_day_and_an_unknown_code_stays_as_it_is(sandbox: Running, now: datetime) -> None:
    by = system_user()
    first = codes.refresh(by=by, at=now)

    assert codes.refresh(by=by, at=now + timedelta(hours=1)) == first
    assert codes.refresh(by=by, at=now + timedelta(days=2)) != first
    assert codes.labels()["ELIGIBILIT"]["WALKD"] == "Walking ability"
    assert codes.status("PENDCANC") == "pendcanc"


@pytest.mark.parametrize("how", ["export", "refresh"])
def test_the_case_that_ordered_a_badge_says_when_it_is_issued_however_we_hear_of_it(
    sandbox: Running, case: Case, officer: User, now: datetime, how: str
) -> None:
    seed(sandbox, "KKKKK6", status="ISSUED")
    record(case, "KKKKK6", by=officer, at=now)
    item = exchange.queue(case, "dft_blue_badge.order", by=officer, at=now)
    Item.objects.filter(pk=item.pk).update(status="done", processed_at=now, result={"numbers": ["KKKKK6"]})

    if how == "export":
        status.reconcile(by=officer, at=now)
    else:
        status.refresh(search.fetch("KKKKK6"), by=officer, at=now)
    status.reconcile(by=officer, at=now)

    assert case.timeline.filter(text__startswith="Badge KKKKK6 is issued").count() == 1


def test_a_national_insurance_number_alone_is_asked_by_what_is_recorded_of_whom_one_may_see(
    sandbox: Running, case: Case, officer: User, stranger: User, now: datetime
) -> None:
    nino, person = "SH123459D", case.customer.person
    Person.objects.filter(pk=person.pk).update(nino=nino)
    home = case.customer.residences.get(to_date=None).address.postcode.replace(" ", "")
    theirs = {"nino": nino, "name": f"Alma {person.last_name}"}
    seed(sandbox, "KKKKK1", **theirs)
    seed(sandbox, "KKKKK2", nino="AB123456C", name=f"Another {person.last_name}")
    seed(sandbox, "KKKKK3", nino=nino, name="Alma Formerly", postcode=home)
    seed(sandbox, "KKKKK4", name="Alma Otherwise", postcode="ZZ999ZZ")
    record(case, "KKKKK4", by=officer, at=now)

    found = search.search(nino=nino.lower(), by=officer, at=now)

    assert {row["badgeNumber"] for row in found.found} == {"KKKKK1", "KKKKK3", "KKKKK4"}
    assert Access.objects.filter(user=officer, subject_type="customer", via="dft_blue_badge nino").count() == 1
    assert search.search(nino=nino, by=officer, at=now).pk == found.pk
    with pytest.raises(search.CannotSearch, match="Add the name or the postcode"):
        search.search(nino=nino, by=stranger, at=now)
