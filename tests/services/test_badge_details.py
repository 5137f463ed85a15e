"""Whatever would stop a badge order is said at Badge Details, before the applicant is asked to pay."""

import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pikepdf
import pytest
from PIL import Image
from tests.services.conftest import SERVICES, PublishService

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.core.council import settings as council
from moothall.core.council.settings import Council
from moothall.domain.cases import actions, progress
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.cases.progress import Refused
from moothall.domain.catalogue.models import Service
from moothall.domain.documents.models import Document
from moothall.domain.exchange.models import Item
from moothall.domain.people import actions as people
from moothall.domain.people.actions import OrganisationDetails, PersonDetails
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.models import Customer
from moothall.domain.workflow.parts import Hook

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
ADDRESS = AddressLines(line1="4 Sample Street", town="Exampleton", postcode="EX1 2AB")
PHONE = (Contact(type="mobile", value="07700 900123"),)
LONG = AddressLines(line1="Sample " * 13, line2="Street " * 13, town="Exampleton", postcode="EX1 2AB")


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, "PNG")
    return made.getvalue()


PICTURE = picture()

pytestmark = pytest.mark.django_db
Found = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def service(publish_service: PublishService) -> Service:
    return publish_service("blue_badge")


@pytest.fixture
def officer(service: Service) -> User:
    user = User.objects.create_user("officer@council.example.org", full_name="Olive Officer")
    Membership.objects.create(user=user, group=SecurityGroup.objects.get(key="blue_badge_officers"))
    return user


def applicant(*, address: AddressLines | None = ADDRESS, contacts: Any = PHONE, **person: Any) -> Customer:
    details = {"first_names": "Ann", "last_name": "Example", "date_of_birth": date(1950, 5, 5), "gender": "female"}
    given = PersonDetails(**(details | person))
    return people.create_person(given, by=system_user(), at=NOW, address=address, contacts=list(contacts))


@pytest.fixture
def refused(service: Service, officer: User) -> Found:
    """`refused(customer, eligibility="pip")`: what stands in the way at Badge Details, as (question, sentence)."""

    def ask(
        customer: Customer, *, type: str = "new", workflow: str = "application", photo: bytes = PICTURE, **answers: Any
    ) -> Any:
        case = actions.open_case(
            service=service, type=type, source="paper", customer=customer, by=officer, at=NOW, start=False
        )
        item = at_badge_details(case, workflow, officer)
        given: Mapping[str, Any] = {"eligibility": "pip", "photograph": photograph(case, photo, officer)}
        if customer.kind == Customer.Kind.ORGANISATION:
            given = {}
        try:
            progress.choose(item, "confirm", answers={**given, **answers}, by=officer, at=NOW)
        except Refused as refusal:
            assert WorkItem.objects.get(pk=item.pk).finished_at is None
            assert not Item.objects.exists()
            return [(reason.field, reason.sentence) for reason in refusal.reasons]
        return []

    return ask


def at_badge_details(case: Case, workflow: str, by: User) -> WorkItem:
    progress.start(case, workflow, by=by, at=NOW)
    steps = {
        "application": (("desktop_screening", ""), ("eligible", "")),
        "fast_track": (("fast_track", "Cannot wait."),),
    }
    for outcome, note in steps[workflow]:
        progress.choose(WorkItem.objects.open().get(case=case), outcome, note=note, by=by, at=NOW)
    return WorkItem.objects.open().select_related("stage").get(case=case, stage__key="badge_details")


def photograph(case: Case, content: bytes, by: User) -> str:
    added = actions.add_document(
        case,
        name="me.png" if content == PICTURE else "me.pdf",
        content=content,
        origin=Document.Origin.APPLICANT,
        tags=["photograph"],
        by=by,
        at=NOW,
    )
    return str(added.pk)


@pytest.mark.parametrize("workflow", ["application", "fast_track"])
@pytest.mark.parametrize(
    ("nation", "eligibility", "place"),
    [
        ("england", "cognitive", "Wales"),
        ("england", "traf_risk", "Scotland"),
        ("scotland", "cognitive", "Wales"),
        ("wales", "traf_risk", "Scotland"),
        ("northern_ireland", "cognitive", "Wales"),
        ("wales", "cognitive", ""),
        ("scotland", "traf_risk", ""),
        ("england", "walkd", ""),
    ],
)
def test_eligibility_of_another_nation_is_refused_before_anybody_pays(
    refused: Found, officer: User, workflow: str, nation: str, eligibility: str, place: str
) -> None:
    council.write(Council.model_validate({"nation": nation}), by=officer, at=NOW)

    found = refused(applicant(), workflow=workflow, eligibility=eligibility)

    sentence = f"This eligibility applies in {place} only: choose another."
    assert found == ([("eligibility", sentence)] if place else [])


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ({"address": None}, "Record the home address"),
        ({"address": LONG}, "The address is too long for a badge order"),
        ({"contacts": ()}, "Record a telephone number"),
        ({"first_names": "Łucja"}, "has letters the printer does not have (Ł)"),
        ({"first_names": "Anneliese-Wilhelmina-Margarethe-Josephine"}, "does not fit on a badge"),
    ],
)
def test_what_is_wrong_with_the_person_is_said_before_anybody_pays(
    refused: Found, who: dict[str, Any], sentence: str
) -> None:
    found = refused(applicant(**who))

    assert any(sentence in said for _, said in found), found


def test_everything_that_is_wrong_is_said_at_once(refused: Found) -> None:
    found = refused(applicant(contacts=()), eligibility="cognitive")

    assert [field for field, _ in found] == ["", "eligibility"]


@pytest.mark.parametrize("workflow", ["application", "appeal", "fast_track"])
def test_every_way_to_a_badge_is_checked_at_badge_details_first_of_all(workflow: str) -> None:
    [stage] = [one for one in SERVICES["blue_badge"].workflows[workflow].stages if one.id == "badge_details"]
    first = stage.outcome("confirm").do[0]

    assert isinstance(first, Hook)
    assert first.name == "dft_blue_badge.check_order"


def test_an_organisation_without_a_contact_to_print_is_refused(refused: Found, officer: User) -> None:
    day_centre = OrganisationDetails(name="Sample Day Centre", contact_name="")
    customer = people.create_organisation(day_centre, by=officer, at=NOW, address=ADDRESS, contacts=list(PHONE))

    found = refused(customer, type="organisation", number_of_badges=3)

    assert [said for _, said in found] == ["Record the name of the organisation's contact: it is printed on the badge."]


def test_a_photograph_that_cannot_be_read_is_refused(refused: Found) -> None:
    letter = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(letter)

    [(field, sentence)] = refused(applicant(), photo=letter.getvalue())

    assert field == "photograph"
    assert "is no picture that can be read" in sentence


@pytest.mark.parametrize(
    ("status", "expiry", "sentence"),
    [
        ("issued", NOW.date(), ""),
        ("cancelled", None, "is cancelled, so it cannot be replaced"),
        ("issued", NOW.date() - timedelta(days=1), "ran out on 3 March 2026"),
    ],
)
@pytest.mark.parametrize("theirs", [True, False])
def test_a_badge_we_know_cannot_be_replaced_is_refused_before_anybody_pays(
    service: Service, officer: User, status: str, expiry: date | None, sentence: str, theirs: bool
) -> None:
    customer = applicant()
    holder = customer if theirs else applicant(first_names="Bob", last_name="Sample")
    badge = {"type": "badge_number", "number": "KKKKK1", "status": status, "to_date": expiry}
    people.set_reference(holder, by=officer, at=NOW, **badge)
    case = actions.open_case(service=service, type="replacement", source="paper", customer=customer, by=officer, at=NOW)
    progress.choose(WorkItem.objects.open().get(case=case), "lost", by=officer, at=NOW)
    item = WorkItem.objects.open().get(case=case)
    try:
        progress.choose(item, "confirm", answers={"badge_number": "kkkkk1"}, by=officer, at=NOW)
        found = ""
    except Refused as refusal:
        found = str(refusal)

    assert (sentence if theirs else "is recorded for somebody else") in found
    assert bool(found) == bool(sentence or not theirs)
