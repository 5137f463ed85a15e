from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cases.conftest import MakePerson, OpenCase
from tests.cases.test_case_opening import texts

from moothall.core.accounts.models import User
from moothall.core.lists.actions import TagRefused
from moothall.core.lists.models import Tag
from moothall.domain.cases import actions, tasks
from moothall.domain.cases.models import Case
from moothall.domain.catalogue import actions as publishing
from moothall.domain.catalogue import bundle
from moothall.domain.catalogue.models import Service
from moothall.domain.people import actions as people
from moothall.domain.people import corrections
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.matching import Match, Rule
from moothall.domain.people.models import Customer, Person

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


WAITING = {
    "service.yaml": """
key: visits
name: Home visits
prefix: HV
case_types: [{key: new, label: New, workflow: visit}]
sources: [{key: online, label: Online}]
""",
    "workflows/visit.yaml": """
key: visit
name: Visit
start: wait
stages:
  - id: wait
    name: Wait
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    automatic: {when: "'vip' in customer.tags", outcome: go}
    outcomes: [{id: go, name: Go, end: {state: complete}}]
""",
}


@pytest.fixture
def waits_for_vip(administrator: User, noon: datetime) -> Service:
    """A service whose cases wait for a tag of their customer."""
    return publishing.publish(bundle.parse(WAITING), by=administrator, at=noon).service


def test_a_tag_on_a_customer_wakes_all_their_cases_that_wait_for_it_and_nobody_elses(
    case: Case,
    waits_for_vip: Service,
    open_case: OpenCase,
    ann: Customer,
    make_person: MakePerson,
    officer: User,
    noon: datetime,
) -> None:
    hers = [open_case(ann, service=waits_for_vip) for _ in range(2)]
    another = open_case(make_person("Stranger"), service=waits_for_vip)
    jobs = ProcrastinateJob.objects.filter(task_name="cases.customer_changed")

    actions.tag_customer(case, set=["vip"], by=officer, at=noon)

    assert [job.args for job in jobs] == [{"customer_id": ann.pk}]
    tasks.customer_changed(customer_id=ann.pk)
    tasks.customer_changed(customer_id=ann.pk)
    for one in [*hers, another]:
        one.refresh_from_db()
    assert [one.end_state for one in hers] == ["complete", "complete"]
    assert another.end_state == ""


def test_where_no_other_case_of_the_customer_waits_for_a_tag_nothing_is_queued(
    case: Case, open_case: OpenCase, ann: Customer, officer: User, noon: datetime
) -> None:
    open_case(ann)

    actions.tag_customer(case, set=["vip"], by=officer, at=noon)

    assert not ProcrastinateJob.objects.filter(task_name="cases.customer_changed").exists()


@pytest.fixture
def waits_for_age_or_number(administrator: User, noon: datetime) -> Service:
    """A service whose cases wait until their customer is of pension age or has a number."""
    manifest = WAITING["service.yaml"].replace("visits", "passes").replace("HV", "PA")
    workflow = WAITING["workflows/visit.yaml"].replace(
        "'vip' in customer.tags", "customer.age >= 66 || customer.has_nino"
    )
    files = {"service.yaml": manifest, "workflows/visit.yaml": workflow}
    return publishing.publish(bundle.parse(files), by=administrator, at=noon).service


def do_what_is_queued() -> None:
    for job in ProcrastinateJob.objects.filter(task_name="cases.customer_changed"):
        tasks.customer_changed(**job.args)


@pytest.mark.parametrize("changes", [{"nino": "AB123456C"}, {"date_of_birth": date(1940, 1, 1)}])
def test_a_person_put_right_wakes_their_cases_that_wait_for_it(
    waits_for_age_or_number: Service,
    open_case: OpenCase,
    make_person: MakePerson,
    officer: User,
    noon: datetime,
    changes: dict[str, object],
) -> None:
    customer = make_person("Example", date_of_birth=date(1990, 1, 1))
    case = open_case(customer, service=waits_for_age_or_number)
    said = {"reason": "As on the certificate", "evidence": "Birth certificate", "by": officer, "at": noon}

    version = corrections.version_of(customer.person)
    corrections.change_person(customer, changes={"known_as": "Ann"}, version=version, **said)
    assert not ProcrastinateJob.objects.filter(task_name="cases.customer_changed").exists()
    version = corrections.version_of(Person.objects.get(pk=customer.pk))
    corrections.change_person(customer, changes=changes, version=version, **said)
    do_what_is_queued()

    case.refresh_from_db()
    assert case.end_state == "complete"


def test_a_number_learned_from_another_application_wakes_the_cases_that_wait_for_it(
    waits_for_age_or_number: Service, open_case: OpenCase, make_person: MakePerson, officer: User, noon: datetime
) -> None:
    customer = make_person("Example", date_of_birth=date(1990, 1, 1))
    case = open_case(customer, service=waits_for_age_or_number)
    details = PersonDetails(last_name="Example", date_of_birth=date(1990, 1, 1), nino="AB123456C")

    people.person_for_application(
        details, by=officer, at=noon, match=Match(customer=customer, rule=Rule.NINO, reason="")
    )
    do_what_is_queued()

    case.refresh_from_db()
    assert case.end_state == "complete"


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
