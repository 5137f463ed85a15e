from datetime import date, datetime

import pytest
from tests.cases.conftest import MakePerson, MakeService, OpenCase

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.domain.cases import actions, similar
from moothall.domain.cases.models import Case
from moothall.domain.people import actions as people
from moothall.domain.people.actions import OrganisationDetails, PersonDetails
from moothall.domain.people.models import Customer

pytestmark = pytest.mark.django_db
NINO = "AB123456C"
OTHER_DAY = date(1990, 1, 2)


def found(case: Case, user: User) -> dict[str, tuple[str, ...]]:
    return {similar.case.customer.name: similar.reasons for similar in actions.similar_cases(case, user=user)}


def test_cases_with_the_same_number_name_or_birthday_are_listed_with_the_reasons(
    open_case: OpenCase, make_person: MakePerson, officer: User, noon: datetime
) -> None:
    case = open_case(make_person("Example", nino=NINO))
    open_case(make_person("EXÄMPLE", first_names="Name", date_of_birth=OTHER_DAY))
    open_case(make_person("Other", first_names="Birthday"))
    open_case(make_person("Example", first_names="Both"))
    open_case(make_person("Nobody", first_names="Stranger", date_of_birth=OTHER_DAY))
    details = PersonDetails(last_name="Claims", date_of_birth=OTHER_DAY, nino=NINO)
    open_case(people.person_for_application(details, by=officer, at=noon).customer)

    assert found(case, officer) == {
        "Claims": ("same National Insurance number",),
        "Both Example": ("same date of birth", "same last name"),
        "Birthday Other": ("same date of birth",),
        "Name EXÄMPLE": ("same last name",),
    }
    assert list(found(case, officer)) == ["Claims", "Both Example", "Birthday Other", "Name EXÄMPLE"]
    blind = [one for one in officer.security_groups[0].permissions if one != Permission.VIEW_PEOPLE]
    SecurityGroup.objects.filter(key="blue_badge_officers").update(permissions=blind)
    assert found(case, User.objects.get(pk=officer.pk)) == {
        "Both Example": ("same last name",),
        "Name EXÄMPLE": ("same last name",),
    }


def test_other_cases_of_the_same_customer_come_first_and_the_case_itself_never(
    open_case: OpenCase, ann: Customer, make_person: MakePerson, officer: User
) -> None:
    case, other = open_case(ann), open_case(ann)
    open_case(make_person("Example", first_names="Zoe"))

    listed = actions.similar_cases(case, user=officer)

    assert listed[0].case == other
    assert case not in [similar.case for similar in listed]
    assert listed[0].reasons[0] == "same customer"


def test_people_without_a_birthday_or_number_are_not_similar_for_lacking_them(
    open_case: OpenCase, make_person: MakePerson, officer: User
) -> None:
    case = open_case(make_person("Example", date_of_birth=None))
    open_case(make_person("Other", date_of_birth=None))

    assert found(case, officer) == {}


def test_cases_the_user_may_not_see_are_not_listed(
    open_case: OpenCase,
    make_person: MakePerson,
    make_service: MakeService,
    officer: User,
    administrator: User,
    stranger: User,
) -> None:
    case = open_case(make_person("Example"))
    open_case(make_person("Example", first_names="Tess"), service=make_service("taxicard", "Taxicard", "TC"))

    assert found(case, officer) == found(case, stranger) == {}
    assert list(found(case, administrator)) == ["Tess Example"]


def test_organisations_are_similar_by_name(open_case: OpenCase, officer: User, noon: datetime) -> None:
    one, two = (
        people.create_organisation(OrganisationDetails(name=name), by=officer, at=noon)
        for name in ("Example Day-Centre", "EXAMPLE DAY CENTRE")
    )
    case = open_case(one)
    open_case(two)

    assert found(case, officer) == {"EXAMPLE DAY CENTRE": ("same name of organisation",)}


def test_of_many_alike_the_cases_left_out_are_none_for_others_that_the_user_may_not_see(
    open_case: OpenCase,
    make_person: MakePerson,
    make_service: MakeService,
    officer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(similar, "MOST_ALIKE", 1)
    monkeypatch.setattr(similar, "_alike", compiled(prepared=True)(similar._alike.plain))
    unseen = make_service("taxicard", "Taxicard", "TC")
    case = open_case(make_person("Example"))
    open_case(make_person("Example", first_names="Hidden", date_of_birth=OTHER_DAY), service=unseen)
    for first in ("Old", "New"):
        open_case(make_person("Example", first_names=first, date_of_birth=OTHER_DAY))
    open_case(make_person("Example", first_names="Secret", date_of_birth=OTHER_DAY), service=unseen)
    make_person("Example", first_names="Caseless", date_of_birth=OTHER_DAY)

    assert list(found(case, officer)) == ["New Example"]
