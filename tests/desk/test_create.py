"""A case opened by hand: customer, case, documents, workflow; with nothing lost on the way."""

import io
import re
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.forms.test_answers import ask

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case, Run
from moothall.domain.catalogue.models import Service
from moothall.domain.forms import wording
from moothall.domain.people import actions as people
from moothall.domain.people.models import Customer
from moothall.kit import nino
from moothall.web.desk.forms.customers import NewPerson

pytestmark = pytest.mark.django_db
NORA = {
    "first_names": "Nora",
    "last_name": "Newcomer",
    "language": "en",
    "date_of_birth_0": "2",
    "date_of_birth_1": "1",
    "date_of_birth_2": "1960",
    "line1": "7 Sample Street",
    "town": "Exampleton",
    "postcode": "ex1 2ab",
    "email": "nora@example.org",
}
ALMA = {
    **NORA,
    "first_names": "Alma",
    "last_name": "Madeup",
    "date_of_birth_0": "17",
    "date_of_birth_1": "5",
    "date_of_birth_2": "1958",
}
NEW_CASE = {"type": "blue_badge.new", "source": "phone"}


@pytest.fixture(autouse=True)
def stored_here(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def text(answer: Any) -> str:
    return Page.of(answer).text("main")


def test_a_new_person_is_recorded_and_the_case_comes_next(at_desk: Client, service: Service) -> None:
    answer = at_desk.post("/desk/create/person/", NORA)
    nora = Customer.objects.get(name="Nora Newcomer")
    assert answer["Location"] == f"/desk/create/customers/{nora.pk}/case/"
    assert nora.residences.get().address.postcode == "EX1 2AB"
    assert nora.contact_details.get().value == "nora@example.org"


def test_who_is_recorded_and_the_case_that_is_opened_are_one_though_their_forms_are_sent_twice(
    at_desk: Client, service: Service
) -> None:
    assert 'name="key"' in at_desk.get("/desk/create/person/").content.decode()
    firm = {"name": "Example Taxis", "email": "fleet@example.org"}
    for kind, typed in (("person", NORA), ("organisation", firm)):
        sent = typed | {"key": str(uuid4())}
        first, again = (at_desk.post(f"/desk/create/{kind}/", sent) for _ in range(2))
        assert first.status_code == again.status_code == 302
        assert first["Location"] == again["Location"]
    assert Customer.objects.count() == 2
    address = f"/desk/create/customers/{Customer.objects.get(kind='person').pk}/case/"
    assert 'name="key"' in at_desk.get(address).content.decode()
    sent = NEW_CASE | {"key": str(uuid4())}
    first, again = (at_desk.post(address, sent) for _ in range(2))
    assert first["Location"] == again["Location"]
    assert Case.objects.count() == 1


def test_what_is_wrong_is_said_beside_it_and_nothing_typed_is_lost(at_desk: Client) -> None:
    answer = at_desk.post("/desk/create/person/", {**NORA, "nino": "nonsense", "town": ""})
    page = Page.of(answer)
    assert answer.status_code == 422
    assert page.text("p", id="id_nino-error")
    assert "Enter the town or city." in page.text("p", id="id_town-error")
    assert page.all("input", id="id_last_name")[0]["value"] == "Newcomer"
    assert not Customer.objects.exists()


@pytest.mark.parametrize(("kind", "name"), [("person", "last_name"), ("organisation", "name")])
def test_a_name_is_missed_beside_its_box_also_when_no_address_is_given(at_desk: Client, kind: str, name: str) -> None:
    page = Page.of(at_desk.post(f"/desk/create/{kind}/", {"email": "nora@example.org"}))
    assert "Enter " in page.text("p", id=f"id_{name}-error")
    assert page.text("p", id="id_line1-error") == ""
    assert page.all("input", id="id_email")[0]["value"] == "nora@example.org"


def test_a_new_person_is_asked_their_name_before_their_address(at_desk: Client) -> None:
    asked = [one["name"] for one in Page.of(at_desk.get("/desk/create/person/")).all("input") if "name" in one]
    assert asked.index("last_name") < asked.index("nino") < asked.index("line1") < asked.index("email")


def test_who_they_may_be_already_is_shown_with_reasons_before_they_are_recorded(
    at_desk: Client, make_case: OpenCase
) -> None:
    alma = make_case().customer
    page = Page.of(at_desk.post("/desk/create/person/", ALMA))
    assert "same date of birth, same last name, same first names, same postcode" in page.text("ul", id="likely")
    assert page.links()["Alma Madeup"] == f"/desk/customers/{alma.pk}/"
    assert page.all("input", id="id_email")[0]["value"] == "nora@example.org"
    assert Customer.objects.count() == 1

    sure = page.all("input", name="sure")[0]["value"]
    assert at_desk.post("/desk/create/person/", {**ALMA, "sure": sure}).status_code == 302
    assert Customer.objects.count() == 2


def test_somebody_else_of_that_name_who_came_meanwhile_is_shown_too(at_desk: Client, make_case: OpenCase) -> None:
    make_case()
    sure = Page.of(at_desk.post("/desk/create/person/", ALMA)).all("input", name="sure")[0]["value"]
    make_case()
    assert at_desk.post("/desk/create/person/", {**ALMA, "sure": sure}).status_code == 200
    assert Customer.objects.count() == 2


def test_a_national_insurance_number_that_exists_is_refused(
    at_desk: Client, officer: User, service: Service, noon: datetime
) -> None:
    known = people.create_person(people.PersonDetails(last_name="Known", nino="AB123456C"), by=officer, at=noon)
    for sure in ({}, {"sure": str(known.pk)}):
        refused = at_desk.post("/desk/create/person/", {**NORA, "nino": "AB 12 34 56 C", **sure})
        assert refused.status_code == 422
        assert "is recorded already" in Page.of(refused).text("p", id="id_nino-error")
        assert "They are somebody else" not in text(refused)
    assert Customer.objects.count() == 1


def test_an_organisation_is_recorded_unless_it_is_there_already(
    at_desk: Client, officer: User, service: Service, noon: datetime
) -> None:
    known = people.create_organisation(people.OrganisationDetails(name="Made Up Minibuses"), by=officer, at=noon)
    page = Page.of(at_desk.post("/desk/create/organisation/", {"name": "MADE UP minibuses"}))
    assert page.links()["Made Up Minibuses"] == f"/desk/customers/{known.pk}/"
    assert at_desk.post("/desk/create/organisation/", {"name": "Fictional Ferries"}).status_code == 302
    assert Customer.objects.get(name="Fictional Ferries").kind == "organisation"


def test_a_case_is_opened_given_documents_and_its_workflow_started(
    at_desk: Client, make_case: OpenCase, officer: User, settings: Any
) -> None:
    open_already = make_case()
    customer, given = open_already.customer, {**NEW_CASE, "sure": open_already.reference}
    opened = at_desk.post(f"/desk/create/customers/{customer.pk}/case/", given)
    case = Case.objects.filter(customer=customer).latest("id")
    assert opened["Location"] == f"/desk/create/cases/{case.reference}/documents/"
    assert (case.type, case.source, case.opened_by) == ("new", "phone", officer)
    assert not Run.objects.filter(case=case).exists()

    drawn = io.BytesIO()
    Image.new("RGB", (40, 40)).save(drawn, "PNG")
    page = SimpleUploadedFile("letter.png", drawn.getvalue())
    rubbish = SimpleUploadedFile("run.exe", b"MZ\x00")
    answer = at_desk.post(opened["Location"], {"uploads": [page, rubbish], "tags": ["supporting"]})
    assert "run.exe" in Page.of(answer).text("p", id="id_uploads-error")
    assert case.document_links.get().document.tags == ["supporting"]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 20_000
    large = SimpleUploadedFile("scan.png", drawn.getvalue() + bytes(20_000))
    assert "scan.png: This file is too large." in text(at_desk.post(opened["Location"], {"uploads": [large]}))
    assert "letter.png" in text(at_desk.get(opened["Location"]))
    onward = at_desk.post(opened["Location"], {})["Location"]

    assert "checked" in Page.of(at_desk.get(onward)).all("input", name="workflow")[0]
    for _ in range(2):
        answer = at_desk.post(onward, {"workflow": "application"})
    assert Run.objects.get(case=case).version.workflow.key == "blue_badge.application"
    assert answer.status_code == 422


def test_an_open_case_of_the_same_service_is_shown_before_another_is_opened(
    at_desk: Client, make_case: OpenCase
) -> None:
    case = make_case()
    address = f"/desk/create/customers/{case.customer_id}/case/"
    asked = at_desk.post(address, NEW_CASE)
    page = Page.of(asked)

    assert Case.objects.count() == 1
    assert "There is an open case already" in page.text("main")
    assert page.links()[case.reference] == f"/desk/cases/{case.reference}/"
    assert page.all("input", name="type", value=NEW_CASE["type"])[0].keys() >= {"checked"}
    (sure,) = page.all("input", name="sure")
    assert at_desk.post(address, {**NEW_CASE, "sure": sure["value"]}).status_code == 302


def test_who_may_not_open_cases_or_record_people_is_refused(
    sign_in_as: SignInAs, viewer: User, make_case: OpenCase
) -> None:
    client, case = sign_in_as(viewer), make_case()
    for address in (
        "person/",
        "organisation/",
        f"customers/{case.customer_id}/case/",
        f"cases/{case.reference}/documents/",
    ):
        assert client.post(f"/desk/create/{address}", NORA).status_code == 403


def test_a_case_of_a_service_one_may_not_open_cases_of_is_not_offered(
    sign_in_as: SignInAs, make_case: OpenCase, viewer: User, officer: User
) -> None:
    case = make_case()
    officer.groups.update(services=["council_tax"])
    answer = sign_in_as(officer).post(f"/desk/create/customers/{case.customer_id}/case/", NEW_CASE)
    assert answer.status_code == 404
    viewer.groups.update(permissions=[*viewer.groups.get().permissions, Permission.OPEN_CASES], services=["blue_badge"])
    assert Case.objects.count() == 1


def test_whose_number_it_is_already_is_one_click_away(
    at_desk: Client, service: Service, officer: User, noon: datetime
) -> None:
    details = people.PersonDetails(first_names="Bert", last_name="Notreal", nino="AB123456C")
    bert = people.create_person(details, by=officer, at=noon)
    answer = at_desk.post("/desk/create/person/", {**NORA, "nino": "AB123456C"})
    assert answer.status_code == 422
    assert Page.of(answer).links()["Bert Notreal"] == f"/desk/customers/{bert.pk}/"
    assert not Customer.objects.filter(name="Nora Newcomer").exists()


def test_an_organisation_is_recorded_with_its_sites_and_vehicles_on_the_way_to_its_case(at_desk: Client) -> None:
    onward = at_desk.post("/desk/create/organisation/", {"name": "Fictional Ferries"})["Location"]
    customer = Customer.objects.get(name="Fictional Ferries")
    assert onward == f"/desk/create/customers/{customer.pk}/premises/"
    links = Page.of(at_desk.get(onward)).links()
    assert links["Continue"] == f"/desk/create/customers/{customer.pk}/case/"

    assert at_desk.post(links["Add a vehicle"], {"registration": ""}).status_code == 422
    vehicle = {"registration": "AB12 CDE", "description": "Minibus with a lift"}
    site = {"line1": "1 Example Quay", "town": "Exampleton", "postcode": "EX1 1AA"}
    for link, given in ((links["Add a vehicle"], vehicle), (links["Add a site"], site)):
        assert Page.of(at_desk.get(link)).links()["Sites and vehicles"] == onward
        assert at_desk.post(link, given)["Location"] == onward
    for words in ("AB12CDE", "Minibus with a lift", "1 Example Quay"):
        assert words in text(at_desk.get(onward))


def test_a_person_has_no_sites_and_vehicles(at_desk: Client, make_case: OpenCase) -> None:
    assert at_desk.get(f"/desk/create/customers/{make_case().customer_id}/premises/").status_code == 404


def test_an_example_of_a_national_insurance_number_is_one_that_is_taken() -> None:
    asked = ask("nino")
    said = [
        str(NewPerson.base_fields["nino"].help_text),
        *(wording.said("nino", asked, tongue) for tongue in ("en", "cy")),
    ]
    with pytest.raises(nino.InvalidNino) as refused:
        nino.normalise("none")
    for sentence in (*said, str(refused.value)):
        assert nino.normalise(re.findall(r"[A-Z]{2} [0-9 ]+ [A-D]", sentence)[0]) == "AB123456C"
