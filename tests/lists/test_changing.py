"""An administrator changes look-up lists (PPP-51)."""

from datetime import datetime

import pytest
from django.db.models.expressions import RawSQL
from tests.desk.council import offer_blue_badges

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.lists import actions, changing
from moothall.core.lists.models import List, Value
from moothall.domain.people import actions as people
from moothall.domain.people import relationships
from moothall.domain.people.actions import OrganisationDetails
from moothall.domain.people.models import Customer, ExternalReference
from moothall.domain.people.references import ReferenceTaken
from moothall.kit.invalid import Invalid

pytestmark = pytest.mark.django_db
KINDS = "relationship_types"


def offered(key: str) -> list[str]:
    return [value.key for value in actions.values(key)]


@pytest.fixture
def customers(officer: User, noon: datetime) -> tuple[Customer, Customer]:
    one, other = (
        people.create_organisation(OrganisationDetails(name=name), by=officer, at=noon)
        for name in ("First Example", "Second Example")
    )
    return one, other


def test_a_list_begins_with_the_products_values_and_becomes_the_councils_by_its_first_change(
    administrator: User, noon: datetime
) -> None:
    first = offered(KINDS)
    assert "parent" in first
    assert not List.objects.exists()

    added = changing.add(KINDS, label="Foster carer of", rules={"inverse": "Fostered by"}, by=administrator, at=noon)

    assert added.key == "foster_carer_of"
    assert offered(KINDS) == [*first, "foster_carer_of"]
    assert Entry.objects.get(action="list_value.added").by == administrator


def test_values_are_put_in_order_and_a_retired_one_stays_on_old_records_until_it_is_brought_back(
    customers: tuple[Customer, Customer], administrator: User, noon: datetime
) -> None:
    one, other = customers
    relationships.relate(one, other, kind="landlord_back", by=administrator, at=noon)
    changing.move(KINDS, "works_for", place=1, by=administrator, at=noon)
    changing.retire(KINDS, "landlord", by=administrator, at=noon)

    assert offered(KINDS)[0] == "works_for"
    rows = List.objects.get(key=KINDS)
    assert rows.in_own_order
    assert set(rows.values.filter(by_hand=True).values_list("key", flat=True)) == {"landlord"}
    assert "landlord" not in offered(KINDS)
    assert changing.used(KINDS, "landlord") == 1
    assert relationships.of(one, most=9)[0].text == "Tenant of"
    with pytest.raises(Invalid, match="Choose what they are"):
        relationships.relate(one, other, kind="landlord", by=administrator, at=noon)
    with pytest.raises(Invalid, match="It is not in use: bring it back"):
        changing.add(KINDS, label="LANDLORD OF", by=administrator, at=noon)

    changing.bring_back(KINDS, "landlord", by=administrator, at=noon)
    assert "landlord" in offered(KINDS)


def test_a_new_name_and_its_other_side_are_said_on_every_record(
    customers: tuple[Customer, Customer], administrator: User, noon: datetime
) -> None:
    one, other = customers
    relationships.relate(one, other, kind="works_for", by=administrator, at=noon)
    changing.change(
        KINDS, "works_for", label="Is employed by", rules={"inverse": "Employer of"}, by=administrator, at=noon
    )

    assert [found.text for whose in (one, other) for found in relationships.of(whose, most=9)] == [
        "Is employed by",
        "Employer of",
    ]


def test_a_number_is_one_customers_alone_or_that_of_several_as_its_type_says(
    customers: tuple[Customer, Customer], administrator: User, noon: datetime
) -> None:
    one, other = customers
    for whose in customers:
        people.set_reference(whose, type="council_tax", number="7001", by=administrator, at=noon)
    people.set_reference(one, type="social_care", number="9", by=administrator, at=noon)
    with pytest.raises(ReferenceTaken):
        people.set_reference(other, type="social_care", number="9", by=administrator, at=noon)

    with pytest.raises(Invalid, match="7001 is recorded for more than one customer"):
        changing.change(
            "reference_types", "council_tax", label="Council tax", rules={"once": True}, by=administrator, at=noon
        )
    changing.change(
        "reference_types", "social_care", label="Social care", rules={"once": False}, by=administrator, at=noon
    )
    people.set_reference(other, type="social_care", number="9", by=administrator, at=noon)


def test_a_number_that_is_as_its_type_is_to_be_is_not_written_again(
    customers: tuple[Customer, Customer], administrator: User, noon: datetime
) -> None:
    people.set_reference(customers[0], type="social_care", number="9", by=administrator, at=noon)
    ExternalReference.objects.update(once=False)
    place = ExternalReference.objects.annotate(place=RawSQL("ctid::text", ())).values_list("place", flat=True)
    before = place.get()

    changing.change("reference_types", "social_care", label="Care", rules={"once": False}, by=administrator, at=noon)

    assert place.get() == before


def test_publishing_a_service_leaves_alone_what_was_changed_by_hand(administrator: User, noon: datetime) -> None:
    offer_blue_badges(at=noon)
    key = "blue_badge.contact_channels"
    changing.change(key, "letter", label="By post", by=administrator, at=noon)
    changing.retire(key, "online", by=administrator, at=noon)
    changing.add(key, label="Video call", by=administrator, at=noon)
    changing.move(key, "email", place=1, by=administrator, at=noon)
    offer_blue_badges(at=noon)

    assert actions.labels(key)["letter"] == "By post"
    assert offered(key) == ["email", "letter", "phone", "in_person", "video_call"]
    assert Value.objects.filter(list__key=key, key="email", by_hand=False).exists()


def test_what_a_list_does_not_know_is_refused_with_a_sentence(administrator: User, noon: datetime) -> None:
    with pytest.raises(Invalid, match="say nothing of"):
        changing.add(KINDS, label="Neighbour of", rules={"colour": "red"}, by=administrator, at=noon)
    with pytest.raises(Invalid, match="is one of email, phone, text"):
        changing.add("contact_types", label="Pigeon", rules={"form": "wings"}, by=administrator, at=noon)
    with pytest.raises(changing.NoSuchValue):
        changing.retire(KINDS, "nobody", by=administrator, at=noon)
