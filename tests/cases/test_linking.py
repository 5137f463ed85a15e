"""Cases linked by kind: said both ways, one parent, no circle, undone with a reason; and likely duplicates."""

from collections.abc import Callable
from datetime import datetime

import pytest
from tests.cases.conftest import MakePerson, OpenCase

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.cases import actions, duplicates, linking
from moothall.domain.cases.actions import CannotChange
from moothall.domain.cases.models import Case, RelatedCase, TimelineEntry
from moothall.domain.people.models import Customer

pytestmark = pytest.mark.django_db
Kind = RelatedCase.Kind
Link = Callable[..., RelatedCase]


@pytest.fixture
def link(officer: User, noon: datetime) -> Link:
    def link(case: Case, other: Case, kind: Kind = Kind.PARENT_OF) -> RelatedCase:
        return actions.link_cases(case, other, kind=kind, why="Same house", by=officer, at=noon)

    return link


@pytest.fixture
def three(open_case: OpenCase, case: Case, make_person: MakePerson) -> list[Case]:
    return [case, open_case(make_person("Sample")), open_case(make_person("Notreal"))]


def last_line(case: Case) -> str:
    return TimelineEntry.objects.filter(case=case).order_by("-pk")[0].text


@pytest.mark.parametrize("kind", list(Kind))
def test_a_link_is_said_the_one_way_and_the_other(three: list[Case], link: Link, kind: Kind) -> None:
    for one, other in ((three[0], three[1]), (three[2], three[1])):
        made = link(one, other, kind)

        assert made.kind_for(one) == kind
        assert made.kind_for(other) == RelatedCase.INVERSE[kind]
        RelatedCase.objects.all().delete()


def test_both_timelines_say_what_each_is_to_the_other(three: list[Case], link: Link) -> None:
    parent, child, _ = three
    link(parent, child)

    assert last_line(parent) == f"Linked as parent of {child.reference}: Same house"
    assert last_line(child) == f"Linked as child of {parent.reference}: Same house"


def test_the_same_link_again_changes_nothing_and_another_kind_is_refused(three: list[Case], link: Link) -> None:
    parent, child, _ = three
    made = link(parent, child)

    assert link(child, parent, Kind.CHILD_OF) == made
    with pytest.raises(CannotChange, match="is linked as parent of"):
        link(parent, child, Kind.RELATED)


def test_a_case_has_one_parent(three: list[Case], link: Link) -> None:
    link(three[0], three[2])
    with pytest.raises(CannotChange, match="has a parent case already"):
        link(three[1], three[2])


def test_no_case_is_among_its_own_ancestors(three: list[Case], link: Link) -> None:
    link(three[0], three[1])
    link(three[1], three[2])
    with pytest.raises(CannotChange, match="is above"):
        link(three[2], three[0])


def test_a_link_is_undone_with_a_reason_on_both_timelines(
    three: list[Case], link: Link, officer: User, noon: datetime
) -> None:
    one, other, _ = three
    link(one, other)
    with pytest.raises(CannotChange, match="Say why"):
        actions.unlink_cases(other, one, why=" ", by=officer, at=noon)
    actions.unlink_cases(other, one, why="Two houses", by=officer, at=noon)
    actions.unlink_cases(other, one, why="Two houses", by=officer, at=noon)

    assert not RelatedCase.objects.exists()
    assert last_line(one) == f"No longer linked to {other.reference}: Two houses"
    assert last_line(other) == f"No longer linked to {one.reference}: Two houses"
    assert Entry.objects.filter(action="case.unlinked").count() == 1


def test_open_children_are_those_not_closed(three: list[Case], link: Link, noon: datetime) -> None:
    parent, child, closed = three
    link(parent, child)
    link(closed, parent, Kind.CHILD_OF)
    Case.objects.filter(pk=closed.pk).update(closed_at=noon, end_state="closed")

    assert linking.open_children(parent) == [child]
    assert linking.open_children(child) == []


def test_a_linked_case_one_may_not_see_is_only_counted(
    three: list[Case], link: Link, officer: User, stranger: User
) -> None:
    officer.groups.update(services=[three[0].service_key])
    link(three[0], three[1])

    (seen,) = linking.linked(three[0], user=officer)
    assert (seen.kind, seen.case, seen.why) == (Kind.PARENT_OF, three[1], "Same house")
    (unseen,) = linking.linked(three[0], user=stranger)
    assert (unseen.kind, unseen.case, unseen.why, unseen.stages) == (Kind.PARENT_OF, None, "", "")


def test_an_open_case_of_the_same_customer_may_be_a_duplicate_until_somebody_says_otherwise(
    open_case: OpenCase, case: Case, officer: User, noon: datetime
) -> None:
    officer.groups.update(services=[case.service_key])
    other = open_case(case.customer)
    (found,) = duplicates.of_case(case, user=officer, postcode="")
    assert (found.case, found.reasons) == (other, ("same customer",))

    for _ in range(2):
        actions.not_duplicate(other, case, by=officer, at=noon)
    assert duplicates.of_case(case, user=officer, postcode="") == []
    assert last_line(case) == f"Not a duplicate of {other.reference}."
    assert Entry.objects.filter(action="case.not_duplicate").count() == 1


def test_linked_and_closed_cases_are_no_duplicates(
    open_case: OpenCase, case: Case, officer: User, link: Link, noon: datetime
) -> None:
    officer.groups.update(services=[case.service_key])
    linked, closed = open_case(case.customer), open_case(case.customer)
    link(case, linked, Kind.FOLLOWS)
    Case.objects.filter(pk=closed.pk).update(closed_at=noon, end_state="closed")

    assert duplicates.of_case(case, user=officer, postcode="") == []


def test_what_one_may_not_see_is_no_duplicate(open_case: OpenCase, case: Case, stranger: User) -> None:
    open_case(case.customer)

    assert duplicates.of_case(case, user=stranger, postcode="") == []


def test_another_customer_with_the_same_number_or_name_birth_and_postcode_is_the_same_person(
    open_case: OpenCase, case: Case, make_person: MakePerson, officer: User, noon: datetime
) -> None:
    officer.groups.update(services=[case.service_key])
    person = case.customer.person
    twin = make_person(person.last_name)
    twin.person.date_of_birth = person.date_of_birth
    twin.person.save()
    other = open_case(twin)
    home = Customer.objects.get(pk=twin.pk).address_on(noon.date())
    code = home.postcode if home else ""

    assert duplicates.of_case(case, user=officer, postcode="") == []
    if code:
        (found,) = duplicates.of_case(case, user=officer, postcode=code)
        assert (found.case, found.reasons) == (other, ("same last name, date of birth and postcode",))
    twin.person.nino_claimed = person.nino or "QQ123456C"
    twin.person.save()
    person.nino = person.nino or "QQ123456C"
    person.save()
    (found,) = duplicates.of_case(Case.objects.get(pk=case.pk), user=officer, postcode="")
    assert found.reasons == ("same National Insurance number",)
