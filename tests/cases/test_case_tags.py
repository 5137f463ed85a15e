from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from django.db import connection
from tests.cases.test_case_opening import texts

from moothall.core.accounts.models import User
from moothall.core.lists.actions import TagRefused
from moothall.core.lists.models import Tag
from moothall.domain.cases import actions
from moothall.domain.cases.models import Case

pytestmark = pytest.mark.django_db


def test_each_change_of_tags_is_on_the_timeline_and_a_repeat_is_not(case: Case, officer: User, noon: datetime) -> None:
    actions.tag_case(case, set=["urgent"], by=officer, at=noon)
    actions.tag_case(case, set=["urgent"], by=officer, at=noon)
    actions.tag_case(case, remove=["urgent", "on_paper"], by=officer, at=noon)

    case.refresh_from_db()
    assert case.tags == []
    assert [text for text in texts(case) if "tagged" in text] == [
        "Case tagged urgent.",
        "Case no longer tagged urgent.",
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"set": ["no_such_tag"]}, "There is no case tag"),
        ({"set": ["vip"]}, "There is no case tag"),
        ({"set": ["paid"]}, "cannot be changed by hand"),
        ({"remove": ["paid"]}, "cannot be changed by hand"),
    ],
)
def test_by_hand_only_known_tags_that_are_not_the_systems_can_be_changed(
    case: Case, officer: User, noon: datetime, change: dict[str, list[str]], sentence: str
) -> None:
    with pytest.raises(TagRefused, match=sentence):
        actions.tag_case(case, by=officer, at=noon, **change)


def test_a_retired_tag_can_be_taken_off_but_not_put_on(case: Case, officer: User, noon: datetime) -> None:
    actions.tag_case(case, set=["urgent"], by=officer, at=noon)
    Tag.objects.filter(key="urgent").update(retired_on=date(2026, 3, 1))

    actions.tag_case(case, remove=["urgent"], by=officer, at=noon)
    with pytest.raises(TagRefused, match="no longer in use"):
        actions.tag_case(case, set=["urgent"], by=officer, at=noon)


def test_workflows_and_integrations_set_system_tags(case: Case, officer: User, noon: datetime) -> None:
    actions.tag_case(case, set=["paid"], by=officer, at=noon, system=True)

    assert case.tags == ["paid"]


def test_setting_the_tag_an_automatic_stage_waits_for_moves_the_case_on(
    case: Case, officer: User, noon: datetime
) -> None:
    actions.tag_case(case, set=["ready"], by=officer, at=noon)

    case.refresh_from_db()
    assert case.end_state == "complete"


def test_customers_are_tagged_from_their_case(case: Case, officer: User, noon: datetime) -> None:
    actions.tag_customer(case, set=["vip"], by=officer, at=noon)

    case.customer.refresh_from_db()
    assert case.customer.tags == ["vip"]
    assert texts(case)[-1] == "Customer tagged vip."
    with pytest.raises(TagRefused):
        actions.tag_customer(case, set=["urgent"], by=officer, at=noon)


@pytest.mark.django_db(transaction=True)
def test_two_people_tagging_at_once_both_count(case: Case, officer: User, noon: datetime) -> None:
    def tag(key: str) -> None:
        try:
            actions.tag_case(Case.objects.get(pk=case.pk), set=[key], by=officer, at=noon)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(tag, ["urgent", "on_paper", "urgent"]))

    case.refresh_from_db()
    assert case.tags == ["on_paper", "urgent"]
