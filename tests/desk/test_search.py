"""The search box: what it finds, where it leads, and what is kept of it."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.domain.cases.models import Case
from moothall.domain.people import actions as people
from moothall.domain.people import searching
from moothall.domain.people.actions import OrganisationDetails
from moothall.web.desk import looking, questions

pytestmark = pytest.mark.django_db
NINO = "QQ123456C"


def search(client: Client, text: str) -> Page:
    answer = client.post("/desk/search/", {"q": text}, follow=True)
    assert text not in "".join(address for address, _ in answer.redirect_chain)
    return Page.of(answer)


@pytest.fixture
def holder(make_case: OpenCase, officer: User, noon: datetime) -> int:
    """Alma, who has a National Insurance number and a badge."""
    customer = make_case().customer
    customer.person.nino = "AB123456C"
    customer.person.save()
    people.set_reference(customer, type="badge_number", number="AB12CD", status="issued", by=officer, at=noon)
    return int(customer.pk)


@pytest.mark.parametrize("typed", ["ab 12 34 56 c", "AB12CD", "ab12-cd"])
def test_a_badge_number_or_national_insurance_number_leads_straight_to_its_holder(
    at_desk: Client, holder: int, typed: str
) -> None:
    assert at_desk.post("/desk/search/", {"q": typed})["Location"] == f"/desk/customers/{holder}/"


def test_who_may_not_see_people_is_led_to_the_holders_only_case(
    sign_in_as: SignInAs, make_user: MakeUser, holder: int, make_case: OpenCase
) -> None:
    clerk = make_user("Cleo Clerk", "clerks", permissions=[Permission.SIGN_IN, Permission.VIEW_CASES])
    desk = sign_in_as(clerk)
    answer = desk.post("/desk/search/", {"q": "AB12CD"})
    assert answer["Location"].startswith("/desk/cases/BB-")


def test_who_may_not_see_people_finds_their_cases_by_name_and_by_nothing_they_may_not_know(
    sign_in_as: SignInAs, make_user: MakeUser, holder: int, make_case: OpenCase
) -> None:
    clerk = make_user("Cleo Clerk", "clerks", permissions=[Permission.SIGN_IN, Permission.VIEW_CASES])
    desk, case = sign_in_as(clerk), Case.objects.get(customer=holder)
    assert case.reference in search(desk, "madeu").text("main")
    for text in ("AB123456C", "EX1 2AB", "17 May 1958", "Madeup EX1 2AB", "Madeup 17/05/1958"):
        assert case.reference not in search(desk, text).text("main"), text


def test_a_postcode_finds_who_lives_there_and_their_cases(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    found = search(at_desk, "ex1 2ab").text("main")
    assert "Alma Madeup 17 May 1958 EX1 2AB" in found
    assert case.reference in found


def test_a_name_finds_customers_who_have_no_case_as_well(at_desk: Client, officer: User, noon: datetime) -> None:
    details = people.PersonDetails(first_names="Nora", last_name="Caseless", date_of_birth=date(1960, 1, 2))
    nora = people.create_person(details, by=officer, at=noon)
    assert search(at_desk, "casel").links()["Nora Caseless"] == f"/desk/customers/{nora.pk}/"


def test_what_was_looked_for_can_be_come_back_to_by_the_same_person_for_an_hour(
    at_desk: Client, sign_in_as: SignInAs, second_officer: User, make_case: OpenCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_case()
    address = at_desk.post("/desk/search/", {"q": "Madeup"})["Location"]

    assert "Alma Madeup" in Page.of(at_desk.get(address)).text("main")
    assert sign_in_as(second_officer).get(address).status_code == 404
    monkeypatch.setattr(questions, "KEPT_FOR", timedelta(seconds=-1))
    assert at_desk.get(address).status_code == 404


def test_a_search_is_on_record_without_what_was_typed(at_desk: Client, make_case: OpenCase) -> None:
    make_case()
    before = timezone.now()
    search(at_desk, "Madeup")
    rows = Access.objects.filter(via="desk search", at__gte=before)
    assert {(row.subject_type, str(row.detail)) for row in rows} == {
        ("case", "{'asked': ['name'], 'found': 1}"),
        ("customer", "{'asked': ['name'], 'found': 1}"),
    }


def test_cases_one_may_not_see_are_not_found(
    sign_in_as: SignInAs, make_user: MakeUser, holder: int, make_case: OpenCase
) -> None:
    permissions = [Permission.SIGN_IN, Permission.VIEW_CASES, Permission.VIEW_PEOPLE]
    other = make_user("Tim Taxes", "taxes", permissions=permissions, services=["council_tax"])
    for typed in ("Madeup", "AB12CD", "EX1 2AB", "AB123456C"):
        assert "Nothing was found" in search(sign_in_as(other), typed).text("main")


def test_a_search_takes_a_bounded_number_of_statements_whatever_it_finds(at_desk: Client, make_case: OpenCase) -> None:
    for number in range(6):
        make_case(last_name=f"Madeup{chr(97 + number)}")
    address = at_desk.post("/desk/search/", {"q": "Madeup"})["Location"]
    with CaptureQueriesContext(connection) as asked:
        assert "Alma Madeupf" in Page.of(at_desk.get(address)).text("main")
    assert len(asked) <= 16


def test_all_that_is_known_is_asked_at_once_and_the_page_says_why_somebody_was_found(
    at_desk: Client, make_case: OpenCase
) -> None:
    case = make_case()
    make_case(last_name="Madeover")
    found = search(at_desk, "madeup 17/5/1958 %@example.org").text("main")
    assert "Looked for: date of birth, e-mail, name" in found
    assert "Alma Madeup 17 May 1958 EX1 2AB born 17 May 1958, e-mail alma@example.org" in found
    assert "Madeover" not in found

    asked = {"name": "Madup", "sounds_like": "on", "postcode": "EX1%", "case": f"%{case.reference[-4:]}"}
    answer = at_desk.post("/desk/search/", asked, follow=True)
    assert "sounds like it, EX1 2AB" in Page.of(answer).text("main")
    assert not [one for one in asked.values() if one in answer.redirect_chain[0][0]]


def test_where_many_fit_the_first_by_name_are_shown_and_the_next_are_a_page_away(
    at_desk: Client, officer: User, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Charlie Charity", "Bertie Charity", "Annie Charity"):
        people.create_organisation(OrganisationDetails(name=name), by=officer, at=noon)
    monkeypatch.setattr(looking, "MOST", 1)
    monkeypatch.setattr(searching, "COUNTED", 1)

    address = at_desk.post("/desk/search/", {"q": "charity"})["Location"]
    first, second, last = (Page.of(at_desk.get(f"{address}?page={page}")) for page in (1, 2, 3))
    assert "More than 1 customers fit" in first.text("main")
    assert "More than 2 customers fit" in second.text("main")
    assert [[name for name in page.links() if "Charity" in name] for page in (first, second, last)] == [
        ["Annie Charity"],
        ["Bertie Charity"],
        ["Charlie Charity"],
    ]
    assert first.links()["2"] == "?page=2"
    assert "More than" not in last.text("main")
    assert at_desk.get(f"{address}?page=4").status_code == 404


def test_what_leads_nowhere_is_refused_beside_the_box_and_stays_typed(at_desk: Client) -> None:
    answer = at_desk.post("/desk/search/", {"q": "%a%"})
    assert answer.status_code == 422
    assert "at least three letters" in Page.of(answer).text("form")
    assert 'value="%a%"' in answer.content.decode()


def test_results_come_as_one_types_by_post_and_are_on_record(at_desk: Client, make_case: OpenCase) -> None:
    make_case()
    part = at_desk.post("/desk/search/typed/", {"q": "made"}, headers={"HX-Request": "true"}).content.decode()
    assert "Alma Madeup" in part
    assert "<html" not in part
    assert Access.objects.filter(subject_type="customer", detail={"found": 1, "asked": ["name"]}).count() == 1
    assert "at least" in at_desk.post("/desk/search/typed/", {"q": "%a%"}).content.decode()


def test_what_is_found_while_typing_is_the_first_page_however_many_there_are(
    at_desk: Client, make_case: OpenCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "MOST", 1)
    for _ in range(2):
        make_case()
    answer = at_desk.post("/desk/search/typed/", {"q": "made"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Madeup" in answer.content.decode()
    assert "page=2" not in answer.content.decode()
