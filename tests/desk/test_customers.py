"""The record of a customer: what it shows, to whom, and how it is put right."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access, Entry
from moothall.domain.cases import actions as cases
from moothall.domain.cases import sight
from moothall.domain.cases.models import Case, TimelineEntry, WorkLine
from moothall.domain.catalogue.models import Service
from moothall.domain.people import actions as people
from moothall.domain.people import corrections
from moothall.domain.people.models import Customer, EarlierDealing, WebAccount

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 3, 10, 9, tzinfo=UTC)
MOVED = {"line1": "9 New Street", "town": "Exampleton", "postcode": "ex1 3ab", "purpose": "home"}


@pytest.fixture
def alma(make_case: OpenCase) -> Customer:
    return make_case().customer


def address(customer: Customer, part: str = "") -> str:
    return f"/desk/customers/{customer.pk}/{part}"


def renaming(customer: Customer, **given: str) -> dict[str, str]:
    person = customer.person
    version = corrections.version_of(person)
    kept = {"first_names": person.first_names, "last_name": person.last_name, "gender": person.gender, "language": "en"}
    return {**kept, "reason": "She married.", "version": version, **given}


def test_the_record_shows_badges_cases_contacts_addresses_and_what_happened(
    at_desk: Client, alma: Customer, officer: User, noon: datetime
) -> None:
    people.set_reference(alma, type="badge_number", number="AB12CD", status="issued", by=officer, at=noon)
    shown = Page.of(at_desk.get(address(alma)))

    text = shown.text("main")
    for fact in ("Alma", "17 May 1958", "AB12CD", "Issued", "alma@example.org", "4 Sample Street", "Case opened"):
        assert fact in text
    case = Case.objects.get(customer=alma)
    assert shown.links()[case.reference] == f"/desk/cases/{case.reference}/"
    assert Access.objects.filter(subject_type="customer", subject_id=alma.pk, via="desk customer").count() == 1


def test_what_was_dealt_with_before_is_seen_as_cases_of_its_service_are(
    sign_in_as: SignInAs, make_user: MakeUser, alma: Customer, noon: datetime
) -> None:
    for number, service in enumerate(("blue_badge", "housing", "")):
        said = {"source": "Old CRM", "number": f"C{number}", "subject": f"Of {service or 'none'}", "service": service}
        EarlierDealing.objects.create(customer=alma, kind="case", on=noon.date(), carried_at=noon, **said)
    seeing = [Permission.SIGN_IN, Permission.API, Permission.VIEW_CASES, Permission.VIEW_PEOPLE]
    badges = make_user("Bea Badges", "badges", permissions=seeing, services=["blue_badge"])
    everything = make_user("Eve Everything", "everything", permissions=seeing)

    for user, seen in ((badges, {"blue_badge"}), (everything, {"blue_badge", "housing", "none"})):
        client = sign_in_as(user)
        for page in ("", "timeline/?kind=earlier"):
            text = Page.of(client.get(address(alma, page))).text("main")
            assert {one for one in ("blue_badge", "housing", "none") if f"Of {one}" in text} == seen
        assert sight.visible_dealings(user).count() == len(seen)


def test_what_was_dealt_with_before_stands_on_the_record_and_in_the_line_of_time(
    at_desk: Client, alma: Customer, noon: datetime
) -> None:
    said = {"source": "Old CRM", "service": "blue_badge", "carried_at": noon}
    bin_ = EarlierDealing(customer=alma, number="C1", kind="case", on=date(2025, 2, 1), subject="Missed bin", **said)
    bin_.ended_on, bin_.stood, bin_.text = date(2025, 2, 3), "Resolved", "Collected a day late."
    rang = EarlierDealing(customer=alma, number="I2", kind="contact", on=date(2025, 5, 9), subject="Rang", **said)
    EarlierDealing.objects.bulk_create([bin_, rang])
    WebAccount.objects.create(customer=alma, email="alma@example.org", carried_at=noon)

    record = Page.of(at_desk.get(address(alma))).text("main")
    for part in ("alma@example.org, not confirmed yet", "Old CRM C1", "3 February 2025", "Resolved"):
        assert part in record
    everything = Page.of(at_desk.get(address(alma, "timeline/"))).text("main")
    assert everything.index("Case opened") < everything.index("9 May 2025") < everything.index("1 February 2025")
    assert "midnight" not in everything
    before = Page.of(at_desk.get(address(alma, "timeline/?kind=earlier"))).text("main")
    assert "Collected a day late." in before
    assert "Case opened" not in before
    assert "Rang" not in Page.of(at_desk.get(address(alma, "timeline/?kind=case"))).text("main")


def test_an_address_that_was_moved_from_is_shown_with_its_days(at_desk: Client, alma: Customer, officer: User) -> None:
    people.set_address(
        alma, people.AddressLines(line1="9 New Street", town="Exampleton", postcode="EX1 3AB"), by=officer, at=LATER
    )
    text = Page.of(at_desk.get(address(alma))).text("main")
    assert "9 New Street, Exampleton, EX1 3AB Home 10 March 2026 4 Sample Street" in text
    assert "3 March 2026 9 March 2026" in text


def test_somebody_of_a_service_one_does_not_reach_is_not_there(
    sign_in_as: SignInAs, make_user: MakeUser, alma: Customer
) -> None:
    permissions = [Permission.SIGN_IN, Permission.VIEW_CASES, Permission.VIEW_PEOPLE, Permission.EDIT_PEOPLE]
    other = sign_in_as(make_user("Tim Taxes", "taxes", permissions=permissions, services=["council_tax"]))
    for part in ("", "change/", "address/", "contact/"):
        assert other.get(address(alma, part)).status_code == 404
    assert other.post(address(alma, "contact/"), {"type": "email", "value": "x@example.org"}).status_code == 404


def test_a_new_contact_detail_replaces_the_old_one_which_stays_on_record(at_desk: Client, alma: Customer) -> None:
    answer = at_desk.post(address(alma, "contact/"), {"type": "email", "value": "new@example.org"}, follow=True)
    assert "The contact detail is recorded." in Page.of(answer).text("main")
    assert "new@example.org" in Page.of(answer).text("table")
    old = alma.contact_details.get(value="alma@example.org")
    assert old.to_date is not None


def test_what_is_wrong_with_an_address_is_said_beside_it_and_nothing_is_lost(at_desk: Client, alma: Customer) -> None:
    answer = at_desk.post(address(alma, "address/"), {**MOVED, "postcode": "nowhere"})
    page = Page.of(answer)
    assert answer.status_code == 422
    assert "Enter a full UK postcode" in page.text("p", id="id_postcode-error")
    assert page.all("input", id="id_line1")[0]["value"] == "9 New Street"
    assert alma.residences.count() == 1


def test_moving_ends_the_address_before_and_moving_there_again_changes_nothing(at_desk: Client, alma: Customer) -> None:
    for _ in range(2):
        assert at_desk.post(address(alma, "address/"), MOVED).status_code == 302
    assert list(alma.residences.order_by("from_date").values_list("address__postcode", flat=True)) == [
        "EX1 2AB",
        "EX1 3AB",
    ]


def test_a_name_is_put_right_with_a_reason_and_the_old_one_is_shown(at_desk: Client, alma: Customer) -> None:
    answer = at_desk.post(address(alma, "change/"), renaming(alma, last_name="Invented"), follow=True)
    page = Page.of(answer)
    assert page.text("h1").endswith("Alma Invented")
    assert "Alma Madeup" in page.text("details")
    assert "She married." in page.text("details")
    assert at_desk.post(address(alma, "change/"), renaming(alma, reason="")).status_code == 422


def test_a_change_made_meanwhile_by_somebody_else_is_not_overwritten(
    at_desk: Client, alma: Customer, second_officer: User, noon: datetime
) -> None:
    sent = renaming(alma, last_name="Invented")
    now = {"changes": {"known_as": "Al"}, "version": sent["version"], "reason": "So she said."}
    corrections.change_person(alma, by=second_officer, at=noon, **now)  # type: ignore[arg-type]
    answer = at_desk.post(address(alma, "change/"), sent)
    assert answer.status_code == 422
    assert "was changed while you had them open" in Page.of(answer).text("main")


def test_a_birthday_and_number_are_changed_only_by_who_may_correct_people(
    at_desk: Client, alma: Customer, officer: User
) -> None:
    assert "Date of birth" not in Page.of(at_desk.get(address(alma, "change/"))).text("form")
    at_desk.post(address(alma, "change/"), renaming(alma, nino="AB123456C"))
    alma.person.refresh_from_db()
    assert alma.person.nino is None

    group = officer.groups.get()
    group.permissions = [*group.permissions, Permission.CORRECT_PEOPLE]
    group.save()
    born = {"date_of_birth_0": "18", "date_of_birth_1": "5", "date_of_birth_2": "1958"}
    given = renaming(alma, nino="AB 12 34 56 C", **born)
    unshown = at_desk.post(address(alma, "change/"), given)
    assert "Say what you saw that shows it" in Page.of(unshown).text("main")
    assert at_desk.post(address(alma, "change/"), {**given, "evidence": "Birth certificate"}).status_code == 302
    alma.person.refresh_from_db()
    assert (alma.person.nino, alma.person.date_of_birth.day) == ("AB123456C", 18)


def test_what_an_organisation_is_called_is_changed_with_a_reason_and_what_was_is_shown(
    at_desk: Client, officer: User, service: Service, noon: datetime, sign_in_as: SignInAs, viewer: User
) -> None:
    details = people.OrganisationDetails(name="Sample Day Club", charity_number="1000001", contact_name="Ann Example")
    club = people.create_organisation(details, by=officer, at=noon)
    case = cases.open_case(service=service, type="new", source="online", customer=club, by=officer, at=noon)
    there = address(club, "change/")
    seen = Page.of(at_desk.get(there)).all("input", name="version")[0]["value"]
    given = {"name": " Sample  Social Club", "charity_number": "1000001", "contact_name": "", "version": seen}
    assert at_desk.post(there, {**given, "reason": ""}).status_code == 422
    assert at_desk.post(there, {**given, "name": "", "reason": "Why not."}).status_code == 422
    assert sign_in_as(viewer).post(there, {**given, "reason": "No."}).status_code == 403

    page = Page.of(at_desk.post(there, {**given, "reason": "Resolved in May."}, follow=True))

    assert page.text("h1").endswith("Sample Social Club")
    before = page.text("details")
    for part in ("Sample Day Club", "Ann Example", "Resolved in May.", officer.full_name):
        assert part in before
    assert "Charity number" not in before
    club.refresh_from_db()
    assert (club.organisation.name_key, club.organisation.charity_number) == ("SAMPLESOCIALCLUB", "1000001")
    told = Entry.objects.get(action="organisation.changed")
    assert (told.reason, told.detail["changed"]) == ("Resolved in May.", ["name", "contact_name"])
    assert WorkLine.objects.get(case=case).customer_name == "Sample Social Club"
    line = TimelineEntry.objects.get(case=case, text__startswith="The customer's record was changed")
    assert (
        "name from “Sample Day Club” to “Sample Social Club”; whom to speak to from “Ann Example” to none" in line.text
    )
    late = at_desk.post(there, {**given, "name": "Another", "reason": "Late."})
    assert "was changed while you had it open" in Page.of(late).text("main")


def test_a_viewer_sees_the_record_and_no_way_to_change_it(sign_in_as: SignInAs, viewer: User, alma: Customer) -> None:
    client = sign_in_as(viewer)
    assert address(alma, "change/") not in Page.of(client.get(address(alma))).links().values()
    assert client.post(address(alma, "change/"), renaming(alma)).status_code == 403


def test_the_record_takes_a_bounded_number_of_statements_however_much_is_on_it(
    at_desk: Client, alma: Customer, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    for number in range(5):
        case = cases.open_case(
            service=make_case(last_name=f"Other{number}").service,
            type="renewal",
            source="phone",
            customer=alma,
            by=officer,
            at=noon,
        )
        cases.add_note(case, text="Phoned.", by=officer, at=noon)
        people.set_reference(alma, type="badge_number", number=f"AB12C{number}", by=officer, at=noon)
        moved = people.AddressLines(line1=f"{number} New Street", town="Exampleton", postcode="EX1 3AB")
        people.set_address(alma, moved, by=officer, at=noon + timedelta(days=number + 1))
    with CaptureQueriesContext(connection) as asked:
        assert at_desk.get(address(alma)).status_code == 200
    assert len(asked) <= 25
