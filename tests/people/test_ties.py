"""What customers are to each other, and what an organisation has."""

from datetime import date, datetime, timedelta

import pytest

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.people import actions, organisations, relationships
from moothall.domain.people.actions import OrganisationDetails, PersonDetails
from moothall.domain.people.details import AddressLines
from moothall.domain.people.models import Customer, Relationship, Residence, Vehicle
from moothall.kit.invalid import Invalid

pytestmark = pytest.mark.django_db
SITE = AddressLines(line1="Sample House", town="Exampleton", postcode="EX1 2AB")
OTHER_SITE = AddressLines(line1="Model Hall", town="Exampleton", postcode="EX1 3AB")


@pytest.fixture
def alma(officer: User, noon: datetime) -> Customer:
    return actions.create_person(PersonDetails(first_names="Alma", last_name="Madeup"), by=officer, at=noon)


@pytest.fixture
def bert(officer: User, noon: datetime) -> Customer:
    return actions.create_person(PersonDetails(first_names="Bert", last_name="Madeup"), by=officer, at=noon)


@pytest.fixture
def club(officer: User, noon: datetime) -> Customer:
    return actions.create_organisation(OrganisationDetails(name="Sample Day Club"), by=officer, at=noon)


def test_each_says_the_relationship_in_their_own_words(
    alma: Customer, bert: Customer, officer: User, noon: datetime
) -> None:
    relationships.relate(bert, alma, kind="parent_back", by=officer, at=noon)

    (hers,), (his,) = relationships.of(alma, most=10), relationships.of(bert, most=10)
    assert (hers.text, hers.other) == ("Parent of", bert)
    assert (his.text, his.other) == ("Child of", alma)
    written = Entry.objects.filter(action="relationship.added").values_list("subject_id", flat=True)
    assert set(written) == {alma.pk, bert.pk}


def test_the_same_relationship_again_or_from_the_other_side_is_one(
    alma: Customer, bert: Customer, officer: User, noon: datetime
) -> None:
    first = relationships.relate(alma, bert, kind="partner", by=officer, at=noon)
    assert relationships.relate(bert, alma, kind="partner", by=officer, at=noon) == first
    assert Relationship.objects.count() == 1


def test_one_that_ended_stays_on_record_and_can_begin_again(
    alma: Customer, bert: Customer, officer: User, noon: datetime
) -> None:
    first = relationships.relate(alma, bert, kind="carer", from_date=date(2026, 1, 1), by=officer, at=noon)
    relationships.end(first, by=officer, at=noon)
    relationships.end(first, by=officer, at=noon + timedelta(days=1))
    relationships.relate(alma, bert, kind="carer", by=officer, at=noon)

    now, before = relationships.of(alma, most=10)
    assert now.row.to_date is None
    assert before.row.to_date == noon.date()


@pytest.mark.parametrize("kind", ["", "_back", "partner_back", "friend"])
def test_a_kind_that_is_not_offered_is_refused(
    alma: Customer, bert: Customer, officer: User, noon: datetime, kind: str
) -> None:
    with pytest.raises(Invalid, match="Choose what they are"):
        relationships.relate(alma, bert, kind=kind, by=officer, at=noon)


def test_nobody_is_related_to_themselves_and_nothing_ends_before_it_began(
    alma: Customer, bert: Customer, officer: User, noon: datetime
) -> None:
    with pytest.raises(Invalid, match="themselves"):
        relationships.relate(alma, alma, kind="partner", by=officer, at=noon)
    row = relationships.relate(alma, bert, kind="partner", by=officer, at=noon)
    with pytest.raises(Invalid, match="cannot end before"):
        relationships.end(row, on=date(2025, 1, 1), by=officer, at=noon)


def test_an_organisation_has_many_sites_at_once_each_ended_for_itself(
    club: Customer, officer: User, noon: datetime
) -> None:
    first = organisations.add_site(club, SITE, by=officer, at=noon)
    organisations.add_site(club, OTHER_SITE, by=officer, at=noon)
    assert organisations.add_site(club, SITE, by=officer, at=noon) == first
    organisations.end_site(first, by=officer, at=noon)

    standing = club.residences.filter(purpose=Residence.Purpose.SITE, to_date=None)
    assert [site.address.line1 for site in standing] == ["Model Hall"]
    assert club.residences.count() == 2
    with pytest.raises(Invalid, match="add a site"):
        actions.set_address(club, SITE, purpose=Residence.Purpose.SITE, by=officer, at=noon)


def test_a_vehicle_is_kept_as_its_mark_is_written_once_and_can_come_back(
    club: Customer, officer: User, noon: datetime
) -> None:
    first = organisations.add_vehicle(club, "ab12 cde", description=" Minibus ", by=officer, at=noon)
    assert (first.registration, first.description) == ("AB12CDE", "Minibus")
    assert organisations.add_vehicle(club, "AB12CDE", by=officer, at=noon) == first
    organisations.end_vehicle(first, by=officer, at=noon)
    organisations.add_vehicle(club, "AB12CDE", by=officer, at=noon)
    assert Vehicle.objects.count() == 2


def test_a_mark_nobody_can_read_or_a_person_with_a_fleet_is_refused(
    club: Customer, alma: Customer, officer: User, noon: datetime
) -> None:
    with pytest.raises(Invalid, match="registration mark"):
        organisations.add_vehicle(club, "!", by=officer, at=noon)
    with pytest.raises(Invalid, match="only organisations"):
        organisations.add_vehicle(alma, "AB12 CDE", by=officer, at=noon)
