from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests.people.conftest import BORN, HOME, NINO, MakePerson

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.lists import actions as lists
from moothall.domain.people import actions, needs
from moothall.domain.people.actions import NinoTaken, OrganisationDetails, PersonDetails
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.models import ContactDetail, Customer, Person
from moothall.domain.people.references import ReferenceTaken
from moothall.domain.places.models import Address
from moothall.kit.invalid import Invalid

pytestmark = pytest.mark.django_db
SECOND = AddressLines(line1="2 Sample Road", town="Exampleton", postcode="EX2 2BB")
THIRD = AddressLines(line1="3 Made Up Lane", town="Exampleton", postcode="EX3 3CC")


def test_a_person_is_recorded_once_with_home_contacts_and_who_did_it(officer: User, noon: datetime) -> None:
    customer = actions.create_person(
        PersonDetails(last_name=" Example  Núñez ", first_names="Ann", date_of_birth=BORN, nino="ab 12 34 56 c"),
        address=HOME,
        contacts=[Contact(type="email", value="Ann@Example.org"), Contact(type="mobile", value="07700 900123")],
        by=officer,
        at=noon,
    )

    person = customer.person
    assert (customer.name, person.surname_key, person.nino) == ("Ann Example Núñez", "EXAMPLENUNEZ", NINO)
    assert customer.address_on(noon.date()) == Address.objects.get(postcode="EX1 1AA")
    assert set(customer.contact_details.values_list("normalised", flat=True)) == {"ann@example.org", "+447700900123"}
    assert (Entry.objects.get(action="person.created").by, Entry.objects.get().subject_id) == (officer, customer.pk)


@pytest.mark.parametrize("again", [NINO, "AB123456", "ab123456d"])
def test_a_person_cannot_be_created_twice_with_one_nino(make_person: MakePerson, ann: Customer, again: str) -> None:
    with pytest.raises(NinoTaken) as refusal:
        make_person(first_names="Zoe", last_name="Stranger", nino=again)

    assert "Ann" not in str(refusal.value)
    assert Customer.objects.count() == 1


def test_the_database_itself_refuses_a_second_person_with_one_nino(ann: Customer, noon: datetime) -> None:
    other = Customer.objects.create(kind="person", name="Zoe", created_at=noon)

    with pytest.raises(IntegrityError, match="person_nino_once"), transaction.atomic():
        Person.objects.create(customer=other, last_name="Zoe", surname_key="ZOE", nino="AB123456D")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"last_name": "  "}, "last name"),
        ({"last_name": "x" * 101}, "100 characters"),
        ({"nino": "nonsense"}, "National Insurance number"),
        ({"gender": "robot"}, "gender"),
    ],
)
def test_a_person_who_cannot_be_kept_is_refused_with_a_sentence(
    make_person: MakePerson, given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        make_person(**given)
    assert not Customer.objects.exists()


def test_the_address_on_any_date_can_be_asked(ann: Customer, officer: User, noon: datetime) -> None:
    moved = noon.date() + timedelta(days=100)
    actions.set_address(ann, SECOND, from_date=moved, by=officer, at=noon)
    actions.set_address(ann, THIRD, from_date=moved - timedelta(days=50), by=officer, at=noon)

    on = {day: ann.address_on(noon.date() + timedelta(days=day)) for day in (-1, 0, 49, 50, 99, 100, 5000)}
    postcodes = {day: address.postcode if address else None for day, address in on.items()}
    assert postcodes == {
        -1: None,
        0: "EX1 1AA",
        49: "EX1 1AA",
        50: "EX3 3CC",
        99: "EX3 3CC",
        100: "EX2 2BB",
        5000: "EX2 2BB",
    }


def test_after_a_stay_with_a_last_day_they_are_back_where_they_were_and_two_homes_do_not_overlap(
    ann: Customer, officer: User, noon: datetime
) -> None:
    came, left = noon.date() + timedelta(days=10), noon.date() + timedelta(days=20)
    actions.set_address(ann, SECOND, from_date=came, to_date=left, by=officer, at=noon)

    on = {day: ann.address_on(noon.date() + timedelta(days=day)) for day in (9, 10, 20, 21, 5000)}
    postcodes = {day: address.postcode if address else None for day, address in on.items()}
    assert postcodes == {9: "EX1 1AA", 10: "EX2 2BB", 20: "EX2 2BB", 21: "EX1 1AA", 5000: "EX1 1AA"}
    before = noon.date() - timedelta(days=30)
    with pytest.raises(Invalid, match="the last day at another must be before that"):
        actions.set_address(ann, THIRD, from_date=before, to_date=came, by=officer, at=noon)


def test_what_somebody_said_later_is_not_undone_by_what_they_said_before(
    ann: Customer, officer: User, noon: datetime
) -> None:
    said = {"channel": "email", "purpose": "surveys", "how": "By letter", "by": officer, "at": noon}
    today, old = noon.date(), noon.date() - timedelta(days=400)
    refused = needs.set_preference(ann, agreed=False, given_on=today, **said)
    needs.set_preference(ann, agreed=True, given_on=old, to_date=old + timedelta(days=90), **said)
    refused.refresh_from_db()
    assert (refused.to_date, refused.withdrawn_at) == (None, None)
    with pytest.raises(Invalid, match="They said something newer"):
        needs.set_preference(ann, agreed=True, given_on=old, from_date=old, **said)


def test_an_address_from_the_same_day_corrects_the_first_and_the_same_one_changes_nothing(
    ann: Customer, officer: User, noon: datetime
) -> None:
    actions.set_address(ann, SECOND, by=officer, at=noon)
    actions.set_address(ann, SECOND, by=officer, at=noon + timedelta(days=9))

    residence = ann.residences.get()
    assert (residence.address.postcode, residence.from_date, residence.to_date) == ("EX2 2BB", noon.date(), None)


def test_an_address_for_letters_leaves_the_home_as_it_was(ann: Customer, officer: User, noon: datetime) -> None:
    actions.set_address(ann, SECOND, purpose="correspondence", by=officer, at=noon)

    assert str(ann.address_on(noon.date())) == "1 Example Street, Exampleton, EX1 1AA"
    assert str(ann.address_on(noon.date(), purpose="correspondence")) == "2 Sample Road, Exampleton, EX2 2BB"


def test_people_of_one_home_share_its_address(make_person: MakePerson, ann: Customer) -> None:
    make_person(first_names="Ben", nino="")

    assert Address.objects.get().customers.count() == 2


def test_a_new_contact_detail_ends_the_one_before_and_keeps_it(ann: Customer, officer: User, noon: datetime) -> None:
    later = noon + timedelta(days=30)
    actions.set_contact(ann, Contact(type="mobile", value="07700 900123", preferred=True), by=officer, at=noon)
    actions.set_contact(ann, Contact(type="mobile", value="07700 900456"), by=officer, at=later)

    old, new = ann.contact_details.order_by("from_date")
    assert (old.to_date, new.from_date) == (later.date() - timedelta(days=1), later.date())
    assert (new.to_date, new.preferred) == (None, True)


def test_one_of_a_type_is_preferred_and_it_can_be_verified(ann: Customer, officer: User, noon: datetime) -> None:
    for holder in ("", "Carl Carer"):
        contact = Contact(type="email", value=f"{holder[:4] or 'ann'}@example.org", holder=holder, preferred=True)
        actions.set_contact(ann, contact, by=officer, at=noon, verified=holder != "")

    preferred = ContactDetail.objects.get(preferred=True)
    assert (preferred.holder, preferred.verified_at) == ("Carl Carer", noon)
    assert ContactDetail.objects.filter(to_date=None).count() == 2


@pytest.mark.parametrize(("type", "value"), [("email", "nobody"), ("home_phone", "12"), ("email", " ")])
def test_a_malformed_contact_detail_is_refused_with_a_sentence(
    ann: Customer, officer: User, noon: datetime, type: str, value: str
) -> None:
    with pytest.raises(Invalid, match=r"^Enter .*"):
        actions.set_contact(ann, Contact(type=type, value=value), by=officer, at=noon)


def test_types_of_contact_details_are_those_of_the_list(ann: Customer, officer: User, noon: datetime) -> None:
    values = [{"key": "email", "label": "E-mail"}]
    lists.ensure_list("contact_types", name="Contact types", values=values, by=officer, at=noon)

    with pytest.raises(lists.NotInList, match="pigeon"):
        actions.set_contact(ann, Contact(type="pigeon", value="coo"), by=officer, at=noon)


def test_a_reference_number_belongs_to_one_customer_and_keeps_what_it_replaced(
    ann: Customer, make_person: MakePerson, officer: User, noon: datetime
) -> None:
    old = actions.set_reference(ann, type="badge_number", number="aaa-aa1", status="issued", by=officer, at=noon)
    new = actions.set_reference(ann, type="badge_number", number="BBBBB2", replaces=old, by=officer, at=noon)
    actions.set_reference(ann, type="badge_number", number="AAAAA1", status="replaced", by=officer, at=noon)

    old.refresh_from_db()
    assert (old.number, old.status, new.replaces) == ("AAAAA1", "replaced", old)
    with pytest.raises(ReferenceTaken, match="another customer"):
        actions.set_reference(make_person(nino=""), type="badge_number", number="BBBBB2", by=officer, at=noon)
    assert actions.set_reference(ann, type="council_tax", number="BBBBB2", by=officer, at=noon).pk != new.pk


def test_an_application_of_somebody_new_records_them_and_the_next_one_finds_them(officer: User, noon: datetime) -> None:
    details = PersonDetails(last_name="Example", first_names="Ann", date_of_birth=BORN)
    first = actions.person_for_application(details, address=HOME, by=officer, at=noon)
    with_nino = PersonDetails(last_name="EXAMPLE", first_names="Ann", date_of_birth=BORN, nino=NINO)
    second = actions.person_for_application(with_nino, address=HOME, by=officer, at=noon)
    third = actions.person_for_application(with_nino, address=THIRD, by=officer, at=noon + timedelta(days=1))

    assert (first.created, second.created, third.created) == (True, False, False)
    assert first.customer == second.customer == third.customer
    assert Person.objects.get().nino == NINO
    assert str(first.customer.address_on(noon.date() + timedelta(days=1))).startswith("3 Made Up Lane")


def test_a_nino_somebody_else_has_does_not_keep_an_application_out(
    ann: Customer, officer: User, noon: datetime
) -> None:
    details = PersonDetails(last_name="Sample", date_of_birth=date(1990, 1, 2), nino=NINO)
    found = actions.person_for_application(details, address=SECOND, by=officer, at=noon)
    again = actions.person_for_application(details, address=THIRD, by=officer, at=noon)

    assert (found.created, found.match.nino_conflict) == (True, True)
    assert (found.customer.person.nino, found.customer.person.nino_claimed) == (None, NINO)
    assert (again.customer, again.match.nino_conflict) == (found.customer, True)


def test_what_an_application_gets_wrong_is_kept_as_written(officer: User, noon: datetime) -> None:
    details = PersonDetails(last_name="Example", date_of_birth=BORN, nino="not known")
    contacts = [Contact(type="mobile", value="ring  my sister"), Contact(type="email", value="")]
    found = actions.person_for_application(details, contacts=contacts, by=officer, at=noon)

    assert found.customer.person.nino is None
    assert found.customer.contact_details.get().value == "ring my sister"


def test_an_organisation_is_recorded_and_found_again(officer: User, noon: datetime) -> None:
    details = OrganisationDetails(name="Example Day Centre", charity_number="1234567", contact_name="Dee Director")
    first = actions.organisation_for_application(details, address=HOME, by=officer, at=noon)
    second = actions.organisation_for_application(details, address=HOME, by=officer, at=noon)

    assert (first.created, second.created, first.customer) == (True, False, second.customer)
    assert first.customer.organisation.contact_name == "Dee Director"


def test_changes_of_a_person_keep_the_row_as_it_was(ann: Customer, officer: User, noon: datetime) -> None:
    actions.set_address(ann, SECOND, by=officer, at=noon + timedelta(days=3))

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_date, pgh_context->>'action' FROM people_residenceevent")
        assert cursor.fetchall() == [(None, "address.set")]


def test_several_telephones_of_one_type_are_all_kept_and_replaced_together(officer: User, noon: datetime) -> None:
    details = PersonDetails(last_name="Example", date_of_birth=BORN, nino=NINO)

    def apply(day: int, *numbers: str) -> set[str]:
        contacts = [Contact(type="phone", value=number) for number in numbers]
        at = noon + timedelta(days=day)
        customer = actions.person_for_application(details, contacts=contacts, by=officer, at=at).customer
        return set(customer.contact_details.filter(to_date=None).values_list("value", flat=True))

    assert apply(0, "07700 900123", "07700 900456", "+447700900123") == {"07700 900123", "07700 900456"}
    assert apply(1, "07700 900456", "07700 900789") == {"07700 900456", "07700 900789"}
    assert apply(2) == {"07700 900456", "07700 900789"}


def test_what_another_system_sent_is_kept_without_what_cannot_be_shown(officer: User, noon: datetime) -> None:
    centre = actions.organisation_for_application(
        OrganisationDetails(name="Example\x07Day\u202e Centre", contact_name="Ann\u200b Example"), by=officer, at=noon
    )
    assert centre.customer.name == "Example Day Centre"
    assert centre.customer.organisation.contact_name == "Ann Example"
    person = actions.person_for_application(
        PersonDetails(last_name="Exam\ufeffple", first_names="Zoe\u0308\x1b"), by=officer, at=noon
    )
    assert person.customer.name == "Zoë Example"
