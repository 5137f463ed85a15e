"""On the pages of a case: colleagues told in notes, linked cases, likely duplicates."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import actions
from moothall.domain.cases.models import Case, NotDuplicate, RelatedCase
from moothall.domain.catalogue.models import Service
from moothall.domain.notifications.models import Notification

pytestmark = pytest.mark.django_db


def at(case: Case, tab: str = "") -> str:
    return f"/desk/cases/{case.reference}/{tab}"


def main(response: Any) -> str:
    return Page.of(response).text("main")


@pytest.fixture
def case(make_case: OpenCase) -> Case:
    return make_case()


def test_a_colleague_chosen_under_a_note_is_told_once_however_often_it_is_sent(
    at_desk: Client, case: Case, second_officer: User, stranger: User
) -> None:
    offered = {one["value"] for one in Page.of(at_desk.get(at(case, "notes/"))).all("option")}
    assert str(second_officer.pk) in offered
    assert str(stranger.pk) not in offered

    for _ in range(2):
        at_desk.post(at(case, "notes/"), {"text": "Please look.", "tell": [second_officer.pk]})

    assert Notification.objects.get().user == second_officer
    assert "Told: Oscar Officer" in main(at_desk.get(at(case, "notes/")))


def test_a_name_in_a_note_that_cannot_be_told_is_said_beside_it_and_the_note_is_kept(
    at_desk: Client, case: Case, stranger: User
) -> None:
    answer = at_desk.post(at(case, "notes/"), {"text": "Ask @Stan Stranger."})

    assert answer.status_code == 422
    assert "Stan Stranger may not see the notes of this case" in main(answer)
    assert "Ask @Stan Stranger." in main(answer)
    assert not case.notes.exists()


def test_a_parent_lists_its_children_with_where_they_are(
    at_desk: Client, case: Case, make_case: OpenCase, officer: User
) -> None:
    child = make_case(last_name="Notreal")
    at_desk.post(at(case, "link/"), {"kind": "parent_of", "other": child.reference, "why": "Same house"})

    table = Page.of(at_desk.get(at(case))).text("main")
    assert f"Parent of {child.reference} Alma Notreal Same house Olive Officer" in table
    assert "Open Initial Checks Remove link" in table
    assert f"Child of {case.reference}" in main(at_desk.get(at(child)))


def test_a_link_is_removed_with_a_reason(
    at_desk: Client, case: Case, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    other = make_case(last_name="Notreal")
    actions.link_cases(case, other, why="Same house", by=officer, at=noon)
    page = f"{at(case, 'link/')}{other.reference}/end/"

    assert at_desk.post(page, {"why": ""}).status_code == 422
    assert RelatedCase.objects.exists()
    assert at_desk.post(page, {"why": "Two houses"})["Location"] == at(case)
    assert not RelatedCase.objects.exists()


def test_a_linked_case_of_another_service_is_one_that_cannot_be_seen(
    sign_in_as: SignInAs, case: Case, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    other = make_case(last_name="Notreal")
    actions.link_cases(case, other, kind=RelatedCase.Kind.CHILD_OF, why="Secret reason", by=officer, at=noon)
    desk = sign_in_as(officer)
    Case.objects.filter(pk=other.pk).update(service=_another_service())

    text = main(desk.get(at(case)))
    assert "Child of a case you cannot see" in text
    assert other.reference not in text
    assert "Secret reason" not in text


def test_a_case_one_sees_and_may_not_change_is_no_case_to_link_with(
    sign_in_as: SignInAs, case: Case, make_case: OpenCase, officer: User
) -> None:
    other = make_case(last_name="Notreal")
    Case.objects.filter(pk=other.pk).update(service=_another_service())
    looking = SecurityGroup.objects.create(
        key="looking", name="Looking", permissions=[Permission.VIEW_CASES], services=["bins"]
    )
    Membership.objects.create(user=officer, group=looking)
    desk = sign_in_as(officer)
    assert desk.get(at(other)).status_code == 200

    answer = desk.post(at(case, "link/"), {"kind": "related", "other": other.reference, "why": "Same house"})
    assert answer.status_code == 422
    assert "There is no such case, or you may not change it." in main(answer)
    assert desk.post(at(case, "not-duplicate/"), {"other": other.reference}).status_code == 404


def test_a_likely_duplicate_is_shown_until_somebody_says_it_is_none(
    at_desk: Client, case: Case, make_case: OpenCase
) -> None:
    other = make_case()
    text = main(at_desk.get(at(case)))
    assert f"This may be a duplicate {other.reference}" in text
    assert "same last name, date of birth and postcode" in text

    at_desk.post(at(case, "not-duplicate/"), {"other": other.reference})
    assert NotDuplicate.objects.count() == 1
    assert "This may be a duplicate" not in main(at_desk.get(at(case)))
    assert "This may be a duplicate" not in main(at_desk.get(at(other)))


@pytest.mark.parametrize("other", ["", "BB-0000-0000", "itself"])
def test_only_another_case_one_sees_is_said_to_be_no_duplicate(at_desk: Client, case: Case, other: str) -> None:
    given = case.reference if other == "itself" else other

    assert at_desk.post(at(case, "not-duplicate/"), {"other": given}).status_code == 404


def test_the_timeline_is_narrowed_to_a_person_and_days_and_shown_whole(
    at_desk: Client, case: Case, officer: User, second_officer: User, noon: datetime
) -> None:
    for _ in range(101):
        actions.add_note(case, text="x", by=officer, at=noon + timedelta(days=1))
    actions.tag_case(case, set=["existing_badge"], by=second_officer, at=noon + timedelta(days=2))

    def titles(query: str) -> list[str]:
        page = Page.of(at_desk.get(at(case, f"timeline/?{query}")))
        return page.text("div", class_="moj-timeline").split(" by ")[:-1]

    assert len(titles("")) == 50
    assert len(titles("whole=yes")) > 102
    assert len(titles(f"by={second_officer.pk}")) == 1
    assert len(titles("since_0=5&since_1=3&since_2=2026")) == 1
    assert len(titles("until_0=3&until_1=3&until_2=2026&whole=yes")) == len(titles("whole=yes")) - 102
    wrong = at_desk.get(at(case, "timeline/?since_0=31&since_1=2&since_2=2026"))
    assert wrong.status_code == 422
    assert "Enter a real date" in main(wrong)


def _another_service() -> Any:
    return Service.objects.create(key="bins", name="Bins", prefix="BI")
