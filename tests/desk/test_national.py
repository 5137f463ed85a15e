"""The national search at the desk, against the sandboxed service over real HTTP."""

from datetime import datetime

import pytest
from django.test import Client
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.dft_blue_badge.conftest import national, now, running, sandbox, service  # noqa: F401
from tests.dft_blue_badge.test_status_and_search import seed

from moothall.connectors.dft_blue_badge import codes
from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service
from moothall.domain.exchange.models import Lookup
from moothall.domain.people import actions as people
from moothall.domain.places.models import Address
from moothall.sandbox.dft.seeds import CONTACT
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(service: Service, sign_in_as: SignInAs, officer: User) -> Client:  # noqa: F811
    """The officer's browser, at a council connected to the national service."""
    officer.groups.update(services=[service.key])
    return sign_in_as(officer)


def test_a_badge_is_found_taken_over_as_person_and_case_and_known_from_then_on(here: Client, sandbox: Running) -> None:  # noqa: F811
    seed(sandbox, "KKKKK7")
    asked = here.post("/desk/national/", {"number": "kkkkk7"})
    assert "kkkkk7" not in asked["Location"].lower()
    page = Page.of(here.get(asked["Location"]))
    assert "KKKKK7" in page.text("tbody")

    take_over = page.links()["Take over"]
    assert here.post(take_over, {}).status_code == 422
    for _ in range(2):
        answer = here.post(take_over, {"source": "online"})
        assert answer.status_code == 302, answer.content.decode()
    case = Case.objects.get()
    assert answer["Location"] == f"/desk/cases/{case.reference}/"
    assert case.customer.references.get().number == "KKKKK7"
    assert Page.of(here.get(asked["Location"])).links()["Recorded here"] == f"/desk/customers/{case.customer_id}/"


def test_a_badge_nobody_has_asked_about_is_asked_about_as_it_is_opened_and_an_answer_to_that_asks_no_more(
    here: Client, officer: User, noon: datetime
) -> None:
    customer = people.create_person(people.PersonDetails(first_names="Alma", last_name="Madeup"), by=officer, at=noon)
    badge = people.set_reference(customer, type="badge_number", number="AB12CD", status="issued", by=officer, at=noon)
    address = f"/desk/customers/{customer.pk}/badges/{badge.pk}/"
    assert Page.of(here.get(address)).all("form", hx_trigger="load", hx_post=address)
    assert not Page.of(here.get(address, headers={"HX-Request": "true"})).all("form", hx_trigger="load")


def test_the_status_recorded_here_follows_the_answer_of_the_national_service_and_who_asked_is_told(
    here: Client,
    sandbox: Running,  # noqa: F811
    make_case: OpenCase,
    officer: User,
    noon: datetime,
) -> None:
    seed(sandbox, "KKKKK6", status="CANCELLED", cancel_reason="LOST")
    case = make_case()
    kept = people.set_reference(
        case.customer, type="badge_number", number="KKKKK6", status="issued", by=officer, at=noon
    )
    address = f"/desk/customers/{case.customer_id}/badges/{kept.pk}/"

    told = Page.of(here.post(address, follow=True)).text("main")
    assert "says that the badge is cancelled. Its status here follows: it was issued." in told
    assert "Cancelled" in Page.of(here.get(f"/desk/customers/{case.customer_id}/")).text("table")
    assert Entry.objects.filter(action="reference.set", by=officer, detail__status="cancelled").count() == 1
    assert "Its status here follows" not in Page.of(here.post(address, follow=True)).text("main")

    people.set_reference(case.customer, type="badge_number", number="KKKKK6", status="issued", by=officer, at=noon)
    differing = "the national service said “cancelled”. Recorded here is “issued”. Ask again"
    assert differing in Page.of(here.get(address)).text("main")


def test_a_badge_seen_on_the_summary_of_a_case_brings_its_status_here_up_to_date(
    here: Client,
    sandbox: Running,  # noqa: F811
    make_case: OpenCase,
    officer: User,
    noon: datetime,
) -> None:
    codes.refresh(by=officer, at=noon)
    case = make_case()
    seed(sandbox, "KKKKK5", status="ISSUED", name=case.customer.name)
    Address.objects.filter(residences__customer=case.customer).update(postcode=CONTACT["postCode"])
    kept = people.set_reference(
        case.customer, type="badge_number", number="KKKKK5", status="ordered", by=officer, at=noon
    )

    told = Page.of(here.post(f"/desk/cases/{case.reference}/national/", follow=True)).text("main")
    assert "KKKKK5 Issued, until" in told
    assert ", Aberdeenshire" in told
    kept.refresh_from_db()
    assert kept.status == "issued"


def test_an_answer_is_kept_until_it_is_asked_again(here: Client, sandbox: Running) -> None:  # noqa: F811
    asked = here.post("/desk/national/", {"number": "KKKKK8"})["Location"]
    assert "Nothing was found" in Page.of(here.get(asked)).text("main")
    seed(sandbox, "KKKKK8")
    assert "Nothing was found" in Page.of(here.post("/desk/national/", {"number": "KKKKK8"}, follow=True)).text("main")
    assert "KKKKK8" in Page.of(here.post(f"{asked}refresh/", follow=True)).text("tbody")


def test_too_little_to_search_by_is_said_and_kept(here: Client) -> None:
    answer = here.post("/desk/national/", {"nino": "AB123456C"})
    assert answer.status_code == 422
    assert "searches by badge number, name or postcode" in Page.of(answer).text("main")
    assert Page.of(answer).all("input", id="id_nino")[0]["value"] == "AB123456C"


def test_what_somebody_else_looked_for_is_not_shown(
    here: Client,
    sign_in_as: SignInAs,
    second_officer: User,
    now: datetime,  # noqa: F811
) -> None:
    asked = here.post("/desk/national/", {"number": "KKKKK9"})["Location"]
    assert sign_in_as(second_officer).get(asked).status_code == 404


def test_whom_it_may_be_here_is_shown_first_and_the_one_chosen_is_taken(
    here: Client,
    sandbox: Running,  # noqa: F811
    officer: User,
    now: datetime,  # noqa: F811
) -> None:
    seed(sandbox, "KKKKK6")
    found = here.post("/desk/national/", {"number": "KKKKK6"})["Location"]
    cells = Page.of(here.get(found)).text("tbody").split()
    last_name = Lookup.objects.filter(kind="badges").latest("at").found[0]["name"].split()[-1]
    first_names = " ".join(Lookup.objects.filter(kind="badges").latest("at").found[0]["name"].split()[:-1])
    assert last_name in cells
    known = people.create_person(people.PersonDetails(first_names=first_names, last_name=last_name), by=officer, at=now)
    where = Page.of(here.get(found)).links()["Take over"]
    asked = Page.of(here.get(where))
    assert "same last name" in asked.text("form")
    assert here.post(where, {"source": "online"}).status_code == 422
    for _ in range(2):
        here.post(where, {"source": "online", "customer": str(known.pk)})
    case = Case.objects.get()
    assert case.customer == known
    assert known.references.get().number == "KKKKK6"
