"""Who a customer is, changed by two at once: the one waits for the other, and neither is undone for it (CT-8)."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from functools import partial

import pytest
from tests.cases.at_once import meanwhile
from tests.desk.council import offer_blue_badges, open_case

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.domain.cases import assigning, corrected, progress, tagging
from moothall.domain.cases.models import Case, WorkItem, WorkLine
from moothall.domain.people import corrections
from moothall.domain.people.corrections import ChangedMeanwhile
from moothall.domain.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
WHY = {"reason": "Read wrongly.", "evidence": "A passport"}


@pytest.fixture
def cases(noon: datetime, officer: User) -> list[Case]:
    """Two cases of one customer, on each of which a change of who they are is asked for."""
    service = offer_blue_badges(at=noon)
    first, second = (open_case(service, at=noon) for _ in range(2))
    Case.objects.filter(pk=second.pk).update(customer=first.customer)
    for case in (first, second):
        progress.start(case, "change_party_data", by=officer, at=noon, by_hand=True)
    return list(Case.objects.order_by("pk"))


def item(case: Case) -> WorkItem:
    return WorkItem.objects.select_related("stage", "run", "case").get(case=case, stage__key="change")


def by_workflow(case: Case, name: str, by: User, at: datetime) -> None:
    progress.choose(item(case), "names", by=by, at=at, answers={"last_name": name, **WHY})


def at_the_desk(case: Case, name: str, by: User, at: datetime) -> None:
    customer = Case.objects.select_related("customer__person").get(pk=case.pk).customer
    version = corrections.version_of(customer.person)
    corrected.correct(customer, changes={"last_name": name}, version=version, **WHY, by=by, at=at)


def name_of(case: Case) -> str:
    return Person.objects.get(pk=Case.objects.get(pk=case.pk).customer_id).last_name


@pytest.mark.parametrize("other", [by_workflow, at_the_desk])
def test_a_change_by_workflow_and_another_of_the_same_customer_do_not_block_each_other(
    cases: list[Case], officer: User, noon: datetime, other: Callable[..., None]
) -> None:
    here, there = cases
    late = pytest.raises(ChangedMeanwhile) if other is at_the_desk else nullcontext()
    with late:
        meanwhile(
            lambda: assigning.take(item(here), by=officer, at=noon),
            during=partial(other, there, "Later", officer, noon),
            then=lambda: by_workflow(here, "Sooner", officer, noon),
        )
    last = "Sooner" if other is at_the_desk else "Later"
    assert name_of(here) == last
    assert {line.customer_name for line in WorkLine.objects.all()} == {f"Alma {last}"}


def test_a_customer_tagged_from_a_case_and_renamed_at_the_desk_do_not_block_each_other(
    cases: list[Case], officer: User, noon: datetime
) -> None:
    case = cases[0]
    meanwhile(
        lambda: assigning.take(item(case), by=officer, at=noon),
        during=lambda: at_the_desk(case, "Renamed", officer, noon),
        then=lambda: tagging.tag_customer(case, set=["vip"], by=system_user(), at=noon, system=True),
    )
    assert name_of(case) == "Renamed"
    assert Case.objects.get(pk=case.pk).customer.tags == ["vip"]
