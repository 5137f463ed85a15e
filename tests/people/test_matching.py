from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.people.conftest import BORN, HOME, NINO, MakePerson

from moothall.core.accounts.models import User
from moothall.domain.cases import merged
from moothall.domain.people import actions
from moothall.domain.people.actions import OrganisationDetails, PersonDetails
from moothall.domain.people.details import AddressLines
from moothall.domain.people.matching import Rule, match_application, match_organisation, match_replacement
from moothall.domain.people.models import Customer

pytestmark = pytest.mark.django_db
OTHER_DAY = date(1961, 5, 4)
ELSEWHERE = AddressLines(line1="9 Sample Road", town="Exampleton", postcode="EX2 2BB")


@pytest.fixture
def ann_with_badge(ann: Customer, officer: User, noon: datetime) -> Customer:
    actions.set_reference(ann, type="badge_number", number="KKK KK1", status="issued", by=officer, at=noon)
    return ann


def application(**given: object) -> dict[str, object]:
    return {"nino": "", "date_of_birth": BORN, "last_name": "Example", "postcode": "EX1 1AA", **given}


def replacement(**given: object) -> dict[str, object]:
    return {"badge_number": "", **application(**given)}


def test_an_application_is_matched_by_nino_and_date_of_birth_whatever_the_name_and_postcode(ann: Customer) -> None:
    match = match_application(**application(nino="ab 12 34 56 c", last_name="Married", postcode="EX9 9ZZ"))

    assert (match.customer, match.rule, match.nino_conflict) == (ann, Rule.NINO, False)


def test_a_nino_without_its_last_letter_is_the_same_number(ann: Customer) -> None:
    assert match_application(**application(nino="AB123456", postcode="")).customer == ann


def test_without_a_nino_an_application_is_matched_by_last_name_date_of_birth_and_postcode(ann: Customer) -> None:
    match = match_application(**application(last_name="éxample", postcode="ex11aa"))

    assert (match.customer, match.rule) == (ann, Rule.NAME)


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_name": "Other"},
        {"date_of_birth": OTHER_DAY},
        {"date_of_birth": None},
        {"postcode": "EX2 2BB"},
        {"postcode": ""},
        {"postcode": "rubbish"},
        {"last_name": "--"},
    ],
)
def test_each_of_last_name_date_of_birth_and_postcode_is_needed(ann: Customer, wrong: dict[str, object]) -> None:
    assert match_application(**application(**wrong)).customer is None


def test_a_nino_recorded_with_another_date_of_birth_matches_nobody_and_says_why(ann: Customer) -> None:
    match = match_application(**application(nino=NINO, date_of_birth=OTHER_DAY))

    assert match.customer is None
    assert match.nino_conflict
    assert "recorded for somebody with another date of birth" in match.reason


def test_a_twin_with_another_nino_is_somebody_else(ann: Customer) -> None:
    match = match_application(**application(nino="AB654321C"))

    assert match.customer is None
    assert "has another National Insurance number" in match.reason


def test_a_person_recorded_without_a_nino_is_found_by_name_though_one_is_given(make_person: MakePerson) -> None:
    person = make_person(nino="")

    assert match_application(**application(nino=NINO)).customer == person


def test_of_two_people_who_match_neither_is_chosen(ann: Customer, make_person: MakePerson) -> None:
    ben = make_person(first_names="Ben", nino="")

    match = match_application(**application())

    assert match.customer is None
    assert set(match.candidates) == {ann, ben}
    assert "More than one" in match.reason


def test_a_former_address_does_not_match_but_a_second_current_one_does(
    ann: Customer, officer: User, noon: datetime
) -> None:
    moved = noon.replace(month=6)
    actions.set_address(ann, ELSEWHERE, by=officer, at=moved)
    actions.set_address(
        ann,
        HOME.__class__(line1="2 Letter Lane", town="X", postcode="EX3 3CC"),
        purpose="correspondence",
        by=officer,
        at=moved,
    )

    assert match_application(**application(on=moved.date())).customer is None
    assert match_application(**application(postcode="EX2 2BB", on=moved.date())).customer == ann
    assert match_application(**application(postcode="EX3 3CC", on=moved.date())).customer == ann


def test_a_replacement_with_a_badge_number_is_matched_to_its_holder(ann_with_badge: Customer) -> None:
    match = match_replacement(**replacement(badge_number="kkkkk1", postcode="", last_name="EXAMPLE"))

    assert (match.customer, match.rule) == (ann_with_badge, Rule.BADGE)


@pytest.mark.parametrize("wrong", [{"last_name": "Other"}, {"date_of_birth": OTHER_DAY}, {"date_of_birth": None}])
def test_a_badge_number_whose_holder_differs_is_a_separate_case_even_when_nino_and_postcode_match(
    ann_with_badge: Customer, wrong: dict[str, object]
) -> None:
    match = match_replacement(**replacement(badge_number="KKKKK1", nino=NINO, **wrong))

    assert match.customer is None
    assert "not those of the customer holding that badge" in match.reason


def test_a_badge_number_nobody_holds_is_a_separate_case_even_when_everything_else_matches(ann: Customer) -> None:
    assert match_replacement(**replacement(badge_number="ZZZZZ9", nino=NINO)).customer is None


def test_a_replacement_without_a_badge_number_is_matched_by_nino_and_date_of_birth(ann: Customer) -> None:
    match = match_replacement(**replacement(nino=NINO, last_name="Married", postcode="EX9 9ZZ"))

    assert (match.customer, match.rule) == (ann, Rule.NINO)


def test_a_replacement_without_a_badge_number_or_nino_is_matched_by_birth_name_and_postcode(ann: Customer) -> None:
    assert match_replacement(**replacement()).rule == Rule.NAME
    assert match_replacement(**replacement(postcode="EX2 2BB")).customer is None


def test_a_replacement_whose_nino_differs_from_the_record_is_matched_by_name_and_says_so(ann: Customer) -> None:
    match = match_replacement(**replacement(nino="AB654321C"))

    assert (match.customer, match.nino_conflict) == (ann, True)
    assert "check who this is" in match.reason


@given(
    last_name=st.sampled_from(["Example", "EXAMPLE", "Exämple", "Other", ""]),
    day=st.sampled_from([BORN, OTHER_DAY, None]),
    postcode=st.sampled_from(["EX1 1AA", "ex11aa", "EX2 2BB", "?"]),
    nino=st.sampled_from([NINO, "AB123456", "AB654321C", "nonsense", ""]),
    badge=st.sampled_from(["KKKKK1", "ZZZZZ9", "", " "]),
)
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_replacement_follows_the_rule_for_every_mixture_of_what_is_given(
    ann_with_badge: Customer, last_name: str, day: date | None, postcode: str, nino: str, badge: str
) -> None:
    same_name, same_day = last_name.upper() in {"EXAMPLE", "EXÄMPLE"}, day == BORN
    if badge.strip():
        expected = badge == "KKKKK1" and same_day and same_name
    else:
        by_nino = nino.startswith("AB123456") and same_day
        expected = by_nino or (same_day and same_name and postcode.upper().startswith("EX1"))

    match = match_replacement(badge_number=badge, date_of_birth=day, last_name=last_name, nino=nino, postcode=postcode)

    assert (match.customer == ann_with_badge) is expected
    assert (match.rule is Rule.NONE) is not expected
    assert match.reason.endswith(".")


@given(
    one=st.builds(
        PersonDetails,
        last_name=st.sampled_from(["Núñez", "Nunez", "O'Neill"]),
        date_of_birth=st.sampled_from([BORN, OTHER_DAY]),
        nino=st.sampled_from(["", NINO, "AB654321C"]),
    ),
    other=st.builds(
        PersonDetails,
        last_name=st.sampled_from(["Nunez", "ONEILL", "o’neill"]),
        date_of_birth=st.sampled_from([BORN, OTHER_DAY]),
        nino=st.sampled_from(["", "AB123456", "AB654321C"]),
    ),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whichever_of_two_applications_comes_first_they_are_of_one_person_or_of_two(
    one: PersonDetails, other: PersonDetails, officer: User, noon: datetime
) -> None:
    outcomes = []
    for first, second in ((one, other), (other, one)):
        Customer.objects.all().delete()
        a = actions.person_for_application(first, address=HOME, by=officer, at=noon)
        b = actions.person_for_application(second, address=HOME, by=officer, at=noon)
        outcomes.append(a.customer == b.customer)

    assert outcomes[0] == outcomes[1]


def test_an_organisation_is_matched_by_name_and_charity_number_or_postcode(officer: User, noon: datetime) -> None:
    details = OrganisationDetails(name="Example Day-Centre", charity_number="1234567")
    centre = actions.create_organisation(details, address=HOME, by=officer, at=noon)

    found = match_organisation(name="EXAMPLE DAY CENTRE", charity_number="1234567", postcode="")
    assert (found.customer, found.rule) == (centre, Rule.ORGANISATION)
    assert match_organisation(name="example day centre", charity_number="", postcode="EX1 1AA").customer == centre
    assert match_organisation(name="example day centre", charity_number="", postcode="EX2 2BB").customer is None
    assert match_organisation(name="Other", charity_number="1234567", postcode="EX1 1AA").customer is None


def test_whoever_applies_as_a_record_that_was_merged_is_its_golden_record_unless_the_number_is_another(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    smith, jones = make_person(last_name="Smith"), make_person(last_name="Jones", nino="")
    old, new = (
        actions.create_organisation(OrganisationDetails(name=name), address=HOME, by=officer, at=noon)
        for name in ("Old Centre", "New Centre")
    )
    for kept, absorbed in ((smith, jones), (new, old)):
        merged.merge(kept, absorbed, chosen=[], reason="Renamed.", by=officer, at=noon)

    assert match_application(**application(last_name="Jones")).customer == smith
    assert match_application(**application(last_name="Jones", nino="AB654321C")).customer is None
    assert match_organisation(name="Old Centre", charity_number="", postcode="EX1 1AA").customer == new
