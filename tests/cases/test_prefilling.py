"""What an earlier case of a customer has for another of theirs (CT-7)."""

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from tests.desk.council import ADDRESS, offer_blue_badges
from tests.progress.conftest import FILES, publish

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.domain.cases import actions, prefilling
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document
from moothall.domain.people import actions as people
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.models import Customer

pytestmark = pytest.mark.django_db
SAID = {
    "application": {"national_id": "N-1"},
    "person": {"name": "Alma Madeup", "date_of_birth": "1958-05-17"},
    "contact": {
        "line1": "4 Sample Street",
        "postcode": "ex12ab",
        "email": "alma@example.org",
        "phone": "020 7946 0000",
    },
    "eligibility": {
        "type": {"code": "walkd", "label": "Walking difficulty"},
        "walking": {"aids": [{"description": "Stick"}], "ends_on": "2020-01-01"},
    },
}


@pytest.fixture
def service(noon: datetime) -> Service:
    return offer_blue_badges(at=noon)


@pytest.fixture
def alma(service: Service, noon: datetime) -> Customer:
    details = people.PersonDetails(first_names="Alma", last_name="Madeup", date_of_birth=date(1958, 5, 17))
    contacts = [Contact(type="email", value="Alma@example.org")]
    before = noon - timedelta(days=3000)
    return people.create_person(details, address=ADDRESS, contacts=contacts, by=system_user(), at=before)


def opened(service: Service, alma: Customer, *, at: datetime, submitted: Any = None) -> Case:
    given = {"type": "new", "source": "paper", "customer": alma, "by": system_user(), "at": at}
    return actions.open_case(service=service, submitted=submitted, start=False, **given)


@pytest.fixture
def earlier(service: Service, alma: Customer, noon: datetime) -> Case:
    return opened(service, alma, at=noon - timedelta(days=100), submitted=SAID)


@pytest.fixture
def case(service: Service, alma: Customer, noon: datetime, earlier: Case) -> Case:
    return opened(service, alma, at=noon)


def paper(case: Case, *, at: datetime, colour: str = "white", tags: tuple[str, ...] = ("photograph",)) -> Document:
    drawn = BytesIO()
    Image.new("RGB", (40, 40), colour).save(drawn, "PNG")
    given = {"content": drawn.getvalue(), "origin": "officer", "tags": tags, "by": system_user(), "at": at}
    return actions.add_document(case, name=f"{colour}.png", **given)


def test_single_answers_are_offered_and_those_of_the_application_itself_are_not(
    case: Case, earlier: Case, officer: User, noon: datetime
) -> None:
    offered = {one.way: one for one in prefilling.offer(case, earlier, user=officer, at=noon).answers}
    assert {"person/name", "contact/postcode", "eligibility/type", "eligibility/walking/aids"} <= offered.keys()
    assert not any(way.startswith("application") for way in offered)
    assert offered["person/name"].origin.reference == earlier.reference


def test_a_service_says_which_answers_of_another_answer_its_questions(
    earlier: Case, alma: Customer, administrator: User, officer: User, noon: datetime
) -> None:
    declared = "{person/name: holder/full_name, eligibility/walking/aids: holder/aids, person/nino: holder/nino}"
    manifest = f"{FILES['service.yaml']}\ncarry_over: {{answers_from: {{blue_badge: {declared}}}}}\n"
    permits = publish(FILES | {"service.yaml": manifest}, by=administrator, at=noon)
    given: dict[str, Any] = {"type": "new", "source": "online", "customer": alma, "start": False, "at": noon}
    case = actions.open_case(service=permits, by=administrator, **given)

    offered = {one.way: one for one in prefilling.offer(case, earlier, user=officer, at=noon).answers}
    assert offered["holder/full_name"].value == "Alma Madeup"
    assert offered["holder/aids"].value == [{"description": "Stick"}]
    assert offered.keys() >= {"person/date_of_birth", "contact/postcode"}  # which every service may take over
    assert not offered.keys() & {"person/name", "eligibility/type", "holder/nino"}

    prefilling.take(case, earlier, answers={"holder/full_name"}, papers=(), by=officer, at=noon)
    case.refresh_from_db()
    assert case.submitted == {"holder": {"full_name": "Alma Madeup"}}
    assert prefilling.taken(case).answers["holder/full_name"].reference == earlier.reference


def test_what_does_not_hold_any_more_is_said_to_be_out_of_date(
    case: Case, earlier: Case, alma: Customer, officer: User, noon: datetime
) -> None:
    offered = prefilling.offer(case, earlier, user=officer, at=noon)
    assert {one.way for one in offered.answers if one.stale} == {"contact/phone", "eligibility/walking/ends_on"}

    elsewhere = AddressLines(line1="9 Other Road", town="Exampleton", postcode="EX1 2AB")
    people.set_address(alma, elsewhere, from_date=noon.date(), by=officer, at=noon)
    stale = {one.way for one in prefilling.offer(case, earlier, user=officer, at=noon).answers if one.stale}
    assert {"contact/line1", "contact/postcode"} <= stale


def test_answers_older_than_the_services_rule_are_out_of_date_but_not_what_is_recorded_alike_today(
    service: Service, alma: Customer, officer: User, noon: datetime
) -> None:
    old = opened(service, alma, at=noon - timedelta(days=1200), submitted=SAID)
    case = opened(service, alma, at=noon)
    offered = {one.way: one for one in prefilling.offer(case, old, user=officer, at=noon).answers}
    assert "longer ago" in offered["eligibility/type"].stale
    assert offered["person/date_of_birth"].stale == offered["contact/email"].stale == ""


def test_only_what_is_chosen_is_taken_and_the_timeline_says_where_it_came_from(
    case: Case, earlier: Case, officer: User, noon: datetime
) -> None:
    chosen = {"person/name", "eligibility/walking/ends_on"}
    for _ in range(2):
        prefilling.take(case, earlier, answers=chosen, papers=(), by=officer, at=noon)
    case.refresh_from_db()
    assert case.submitted == {"person": {"name": "Alma Madeup"}, "eligibility": {"walking": {"ends_on": "2020-01-01"}}}
    line = case.timeline.get(detail__has_key="taken")
    assert line.text == f"Taken over from {earlier.reference}: 2 answers, 1 said to be out of date."
    assert prefilling.taken(case).answers["person/name"].on == earlier.opened_at.date()


def test_what_was_taken_over_twice_is_still_said_to_come_from_where_it_was_first_said(
    service: Service, alma: Customer, case: Case, earlier: Case, officer: User, noon: datetime
) -> None:
    prefilling.take(case, earlier, answers={"eligibility/type"}, papers=(), by=officer, at=noon)
    later = noon + timedelta(days=1050)
    third = opened(service, alma, at=later)
    (answer,) = prefilling.offer(third, case, user=officer, at=later).answers
    assert answer.origin.reference == earlier.reference
    assert "longer ago" in answer.stale


def test_an_answer_of_the_case_itself_is_never_replaced(
    case: Case, earlier: Case, officer: User, noon: datetime
) -> None:
    Case.objects.filter(pk=case.pk).update(submitted={"person": {"name": "A Madeup"}})
    assert prefilling.take(case, earlier, answers={"person/name"}, papers=(), by=officer, at=noon) == (0, 0)
    case.refresh_from_db()
    assert case.submitted == {"person": {"name": "A Madeup"}}


def test_documents_are_copied_with_the_tags_anybody_may_set_and_once(
    case: Case, earlier: Case, officer: User, noon: datetime
) -> None:
    kept = paper(earlier, at=noon - timedelta(days=20))
    for _ in range(2):
        prefilling.take(case, earlier, answers=(), papers={kept.pk}, by=officer, at=noon)
    copy = Document.objects.get(case_link__case=case)
    assert (copy.sha256, copy.tags) == (kept.sha256, ["photograph"])
    assert prefilling.taken(case).documents[copy.pk].on == kept.created_at.date()
    actions.delete_document(earlier, kept, reason="Not theirs", by=officer, at=noon)
    with documents.open_file(copy) as file:
        assert file.read()


def test_a_document_older_than_the_services_rule_is_out_of_date(
    case: Case, earlier: Case, officer: User, noon: datetime
) -> None:
    old, new = paper(earlier, at=noon - timedelta(days=400)), paper(earlier, at=noon, colour="red")
    offered = prefilling.offer(case, earlier, user=officer, at=noon)
    assert {one.document.pk: bool(one.stale) for one in offered.papers} == {old.pk: True, new.pk: False}
    assert offered.fresh[1] == {new.pk}


def test_a_case_of_somebody_else_and_what_is_not_there_are_refused(
    service: Service, case: Case, earlier: Case, officer: User, noon: datetime
) -> None:
    stranger = people.create_person(people.PersonDetails(last_name="Stranger"), by=system_user(), at=noon)
    with pytest.raises(actions.CannotChange, match="same customer"):
        prefilling.offer(opened(service, stranger, at=noon), earlier, user=officer, at=noon)
    with pytest.raises(actions.CannotChange, match="does not have this"):
        prefilling.take(case, earlier, answers={"person/nino"}, papers=(), by=officer, at=noon)
