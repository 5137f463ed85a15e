"""Facts that two records say of one thing: none is dropped when they become one."""

from datetime import date, datetime, timedelta

import pytest
from tests.people.conftest import HOME, MakePerson
from tests.people.test_golden import APART, WHY

from moothall.core.accounts.models import User
from moothall.domain.cases import merged
from moothall.domain.people import actions, needs, reaching, relationships
from moothall.domain.people.details import Contact
from moothall.domain.people.models import (
    ContactDetail,
    Customer,
    ExternalReference,
    Flag,
    MergedRow,
    Need,
    Preference,
    Relationship,
    Residence,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(make_person: MakePerson) -> tuple[Customer, Customer]:
    return make_person(), make_person(first_names="Annie", nino="")


def test_who_made_sure_when_a_number_ended_and_that_post_came_back_stay_known(
    two: tuple[Customer, Customer], officer: User, noon: datetime
) -> None:
    ann, annie = two
    for one in two:
        actions.set_contact(one, Contact(type="mobile", value="07700 900123"), by=officer, at=noon)
        ExternalReference.objects.create(customer=one, type="tenancy", number="T1", once=False)
    reaching.verify_contact(annie.contact_details.get(), how="Rang it.", by=officer, at=noon)
    annie.references.update(from_date=date(2020, 1, 1), to_date=date(2024, 5, 1), status="left")
    annie.residences.update(doubtful_since=noon.date(), doubtful_why="Gone away.")

    made = merged.merge(ann, annie, chosen=[], reason=WHY, by=officer, at=noon)

    way, number, home = ann.contact_details.get(), ann.references.get(), ann.residences.get()
    assert (way.verified_by, way.verified_how) == (officer, "Rang it.")
    assert (number.from_date, number.to_date, number.status) == (date(2020, 1, 1), date(2024, 5, 1), "left")
    assert (home.doubtful_since, home.doubtful_why) == (noon.date(), "Gone away.")
    merged.unmerge(made, reason="No.", by=officer, at=noon)
    assert ContactDetail.objects.get(customer=ann).verified_by is None
    assert Residence.objects.get(customer=ann).doubtful_since is None


def test_partners_are_partners_once_whichever_of_them_was_recorded_first(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, cleo, annie = (make_person(nino="", first_names=name) for name in ("Ann", "Cleo", "Annie"))
    relationships.relate(ann, cleo, kind="partner", by=officer, at=noon)
    relationships.relate(annie, cleo, kind="partner", by=officer, at=noon)
    Relationship.objects.create(first=annie, second=cleo, kind="partner", from_date=noon.date())  # as an import might

    made = merged.merge(ann, annie, chosen=[], reason=WHY, by=officer, at=noon)

    tie = Relationship.objects.get()
    assert (tie.first, tie.second) == (ann, cleo)
    assert relationships.relate(cleo, ann, kind="partner", by=officer, at=noon) == tie
    merged.unmerge(made, reason="No.", by=officer, at=noon)
    assert set(Relationship.objects.values_list("first", "second")) == {
        (ann.pk, cleo.pk),
        (cleo.pk, annie.pk),
        (annie.pk, cleo.pk),
    }


def test_a_home_that_ends_later_gives_way_to_the_one_chosen(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, annie = make_person(address=HOME), make_person(nino="", address=APART)
    annie.residences.update(to_date=noon.date() + timedelta(days=60), from_date=noon.date() - timedelta(days=60))

    merged.merge(ann, annie, chosen=["home"], reason=WHY, by=officer, at=noon)

    home = ann.address_on(noon.date() + timedelta(days=1))
    assert home is not None
    assert home.line1 == "9 Model Road"


def test_needs_and_answers_of_both_become_one_and_restricted_flags_are_spoken_of_nowhere(
    two: tuple[Customer, Customer], officer: User, noon: datetime
) -> None:
    ann, annie = two
    needs.set_need(ann, kind="large_print", said="18 point", by=officer, at=noon)
    needs.set_need(annie, kind="large_print", said="on yellow paper", by=officer, at=noon)
    said = {"channel": "email", "purpose": "surveys", "how": "By letter", "by": officer, "at": noon}
    needs.set_preference(ann, agreed=True, given_on=noon.date() - timedelta(days=9), **said)
    needs.set_preference(annie, agreed=False, given_on=noon.date(), **said)

    made = merged.merge(ann, annie, chosen=[], reason=WHY, by=officer, at=noon)
    flagged = {"type": "aggressive", "restricted": True, "from_date": noon.date(), "set_by": officer, "set_at": noon}
    Flag.objects.create(customer=ann, text="Threw a chair.", **flagged)

    assert Need.objects.get().text == "18 point; on yellow paper"
    assert [one.agreed for one in Preference.objects.filter(customer=ann, to_date=None)] == [False]
    left = merged.unmerge(made, reason="No.", by=officer, at=noon)
    assert left.added == {}
    assert not MergedRow.objects.filter(table="people.flag").exclude(before={"customer_id": annie.pk}).exists()
    assert set(Need.objects.values_list("customer", "text")) == {(ann.pk, "18 point"), (annie.pk, "on yellow paper")}
    assert Preference.objects.filter(to_date=None).count() == 2
