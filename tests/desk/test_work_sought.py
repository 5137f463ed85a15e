"""The work list found by every column: by answers, by whose the case is and who it is of, by its days and its outcome."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.desk.conftest import OpenCase
from tests.desk.pages import Page
from tests.desk.test_work import MOST_STATEMENTS, SIDE, WORK, item, listed, references
from tests.places import gazetteer

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.council import settings as council
from moothall.domain.cases import seeking
from moothall.domain.cases.models import Case, Run, WorkItem
from moothall.domain.cases.wanted import WorkListRules
from moothall.domain.people.models import Customer, Residence
from moothall.domain.places.models import Address, Area
from moothall.web.desk.models import WorkColumns, WorkView

pytestmark = pytest.mark.django_db
GENDER = "sent/blue_badge/person/gender"
METHOD, PAID_ON = "asked/blue_badge.application/method", "asked/blue_badge.application/amount"


def coded(code: str, label: str) -> dict[str, str]:
    return {"code": code, "label": label}


@pytest.fixture
def answered(make_case: OpenCase, officer: User, at: datetime) -> tuple[Case, Case]:
    """Of a woman, the officer's, paid by card; of an organisation, of a team, nothing answered."""
    one, other = make_case(at=at, last_name="First"), make_case(at=at - timedelta(days=40), last_name="Second")
    team = SecurityGroup.objects.get(key="blue_badge_officers")
    Case.objects.filter(pk=one.pk).update(owner=officer, submitted={"person": {"gender": coded("f", "Female")}})
    Run.objects.filter(case=one).update(answers={"method": "card", "amount": 1050})
    Case.objects.filter(pk=other.pk).update(team=team, submitted={"person": {"gender": coded("m", "Male")}})
    Customer.objects.filter(pk=other.customer_id).update(kind="organisation")
    WorkItem.objects.filter(case=other).update(entered_at=at)
    return one, other


def day(days: int) -> str:
    return (timezone.now() + timedelta(days=days)).date().isoformat()


def test_every_column_can_be_asked_for_of_open_and_of_completed_work(
    at_desk: Client, answered: tuple[Case, Case], officer: User
) -> None:
    team = str(SecurityGroup.objects.get(key="blue_badge_officers").pk)
    one, other = answered
    asked: list[tuple[dict[str, Any], list[Case]]] = [
        ({"party": "person"}, [one]),
        ({"party": "organisation"}, [other]),
        ({"owner": "me"}, [one]),
        ({"owner": "nobody"}, [other]),
        ({"team": team}, [other]),
        ({"team": "none"}, [one]),
        ({"service": "blue_badge"}, [one, other]),
        ({"opened_from": day(-10)}, [one]),
        ({"opened_to": day(-10)}, [other]),
        ({GENDER: "f"}, [one]),
        ({GENDER: ["f", "m"]}, [one, other]),
        ({METHOD: "card"}, [one]),
        ({f"{PAID_ON}:from": "10.50", f"{PAID_ON}:to": "10.50"}, [one]),
        ({f"{PAID_ON}:from": "10.51"}, []),
        ({GENDER: "m", METHOD: "card"}, []),
        ({GENDER: "f", METHOD: "card", "owner": "me", "party": "person", "opened_from": day(-10)}, [one]),
    ]
    for state in ("", "completed"):
        for query, expected in asked:
            assert set(listed(at_desk, state=state, **query)) == {case.reference for case in expected}, (state, query)
        if not state:
            assert listed(at_desk, due_from=day(-1), due_to=day(400)) == listed(at_desk, target="blue")
            assert listed(at_desk, due_to=day(-300)) == []
            done = {"finished_at": timezone.now(), "finished_by": officer, "outcome": "desktop_screening"}
            WorkItem.objects.filter(case__in=answered).update(**done)
    assert len(listed(at_desk, state="completed", outcome="desktop_screening")) == 2
    assert at_desk.get(WORK, {"tab": "all", "outcome": "desktop_screening"}).status_code == 422
    assert at_desk.get(WORK, {"tab": "all", "state": "completed", "due_to": day(0)}).status_code == 422


def test_an_answer_that_is_a_column_is_a_filter_kept_in_views_exports_and_links_within_the_bound_of_statements(
    at_desk: Client, answered: tuple[Case, Case], officer: User
) -> None:
    one, _other = answered
    WorkColumns.objects.create(user=officer, keys=["stage", GENDER, METHOD, PAID_ON])
    shown = Page.of(at_desk.get(WORK, {"tab": "all"}))
    assert {box["value"] for box in shown.all("input", name=GENDER)} == {"f", "m"}
    assert shown.all("input", name=f"{PAID_ON}:to")

    query = {"tab": "all", GENDER: ["f"], METHOD: ["card"]}
    with CaptureQueriesContext(connection) as captured:
        answer = at_desk.get(WORK, query)
    assert len(captured) <= MOST_STATEMENTS + 3  # for the answers that are columns
    assert references(answer) == [one.reference]
    assert "Female" in Page.of(answer).text("main")
    SecurityGroup.objects.filter(key="blue_badge_officers").update(
        permissions=[*officer.security_groups[0].permissions, Permission.EXPORT_CASES]
    )
    lines = b"".join(at_desk.get(f"{WORK}export/csv/", query)).decode("utf-8-sig").splitlines()  # type: ignore[call-overload]
    assert [line.split(",")[0] for line in lines] == ["Case", one.reference]
    WorkColumns.objects.all().delete()
    with CaptureQueriesContext(connection) as captured:
        assert listed(at_desk, **query) == [one.reference]
    assert len(captured) <= MOST_STATEMENTS
    back = f"tab=all&{GENDER.replace('/', '%2F')}=f"
    at_desk.post(f"{WORK}views/", {"name": "Women", "back": back})
    assert references(at_desk.get(f"{WORK}?{WorkView.objects.get().query}")) == [one.reference]


def test_an_answer_one_may_not_see_or_that_tells_of_health_is_not_looked_for(
    at_desk: Client, answered: tuple[Case, Case], officer: User
) -> None:
    wrong = at_desk.get(WORK, {"tab": "all", "sent/blue_badge/eligibility/blind": "yes"})
    assert wrong.status_code == 422
    assert references(wrong) == []
    assert "You cannot look for this answer" in Page.of(wrong).text("main")
    fewer = [one for one in officer.security_groups[0].permissions if one != Permission.VIEW_SUBMISSION]
    SecurityGroup.objects.filter(key="blue_badge_officers").update(permissions=fewer)
    assert at_desk.get(WORK, {"tab": "all", GENDER: "f"}).status_code == 422
    assert at_desk.get(WORK, {"tab": "all", METHOD: "card"}).status_code == 200


def test_the_list_begins_with_what_was_updated_in_two_weeks_or_is_late_says_what_it_leaves_out_and_a_council_may_change_it(
    at_desk: Client,
    make_case: OpenCase,
    administrator: User,
    noon: datetime,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lately, old, late = make_case(at=at), make_case(at=at), make_case(at=at)
    Case.objects.filter(pk__in=[old.pk, late.pk]).update(updated_at=timezone.now() - timedelta(days=30))
    gone = timezone.now() - timedelta(days=1)
    WorkItem.objects.filter(case=late).update(amber_from=gone, red_from=gone, late_after=gone)
    everything = {lately.reference, old.reference, late.reference}
    first = at_desk.get(WORK, {"tab": "all"})
    assert set(references(first)) == {lately.reference, late.reference}
    said = "1 work item is not shown: last updated more than 14 days ago, and not late."
    assert said in Page.of(first).text("main")
    answer = at_desk.get(Page.of(first).links()["Show them too"])
    assert set(references(answer)) == everything
    assert "is not shown" not in Page.of(answer).text("main")
    assert "updated=any" in Page.of(answer).links()["Case"]
    assert set(listed(at_desk, type="new")) == everything
    assert "Initial Checks 2" in Page.of(at_desk.get(SIDE, {"tab": "all"})).text("main")
    monkeypatch.setattr(seeking, "CHEAP", 0)  # as in a large council, where it is not counted
    uncounted = Page.of(at_desk.get(WORK, {"tab": "all"})).text("main")
    assert "Work last updated more than 14 days ago is not shown, unless it is late." in uncounted
    monkeypatch.undo()
    council.write(WorkListRules(updated_days=0), by=administrator, at=noon)
    try:
        assert set(listed(at_desk)) == everything
        council.write(WorkListRules(updated_days=14), by=administrator, at=noon)
        Case.objects.filter(pk=old.pk).update(updated_at=timezone.now())
        assert "is not shown" not in Page.of(at_desk.get(WORK, {"tab": "all"})).text("main")
    finally:
        council.forget()


def test_completed_work_is_sorted_by_what_its_outcome_is_called_and_counted_at_each_stage(
    at_desk: Client, make_case: OpenCase, officer: User, at: datetime
) -> None:
    cases = {}
    for outcome in ("desktop_screening", "out_of_area", "missing_information"):
        case = cases[outcome] = make_case(at=at)
        done = {"finished_at": timezone.now(), "finished_by": officer, "outcome": outcome}
        WorkItem.objects.filter(pk=item(case).pk).update(**done)
    answer = at_desk.get(WORK, {"tab": "all", "state": "completed", "sort": "outcome"})
    rows = Page.of(answer).all("td", data_label="Outcome")
    assert len(rows) == 3
    texts = [
        text for around, text in Page.of(answer).texts if around and dict(around[-1][1]).get("data-label") == "Outcome"
    ]
    assert texts == sorted(texts)
    assert len(set(texts)) == 3
    beside = Page.of(at_desk.get(SIDE, {"tab": "all", "state": "completed"}))
    assert "Initial Checks 3" in beside.text("main")
    assert "state=completed" in beside.links()["Initial Checks"]


def test_ward_and_postcode_are_columns_the_ward_is_a_filter_and_a_postcode_is_found_outside_the_address(
    at_desk: Client, answered: tuple[Case, Case], officer: User, noon: datetime
) -> None:
    one, other = answered
    Area.objects.create(code="E05000001", name="Castle", kind="WD")
    gazetteer.street(1, "MADE-UP STREET")
    for number, ward in ((10, "E05000001"), (11, "E05000002")):
        gazetteer.place(number, 1, ward=ward)
    for case, uprn, code in ((one, "10", "AB1 2CD"), (other, "11", "AB1 9ZZ")):
        place = Address.objects.create(uprn=uprn, line1="1 Made-up Street", town="Exampleton", postcode=code)
        Residence.objects.filter(customer=case.customer).delete()
        Residence.objects.create(customer=case.customer, address=place, from_date=noon.date())
    assert at_desk.get(WORK, {"tab": "all"}).content.decode().count("filter_ward") == 0
    WorkColumns.objects.create(user=officer, keys=["ward", "postcode"])
    page = at_desk.get(WORK, {"tab": "all"})
    assert {"Castle", "AB1 2CD", "E05000002"} <= {text for _around, text in Page.of(page).texts}
    assert "filter_ward" in page.content.decode()

    for query in ({}, {"state": "completed"}):
        assert listed(at_desk, ward="E05000001", **query) == [one.reference]
        assert listed(at_desk, ward="E05000002", **query) == [other.reference]
        answer = at_desk.post(
            f"{WORK}find/", {"find": "ab19zz", "back": f"tab=all&state={query.get('state', '')}"}, follow=True
        )
        assert references(answer) == [other.reference]
        assert "ab19zz" not in str(answer.redirect_chain).casefold()
        WorkItem.objects.update(finished_at=timezone.now(), finished_by=officer, outcome="incomplete")
    assert at_desk.get(WORK, {"tab": "all", "ward": "E05000009"}).status_code == 422
    fewer = [one for one in officer.security_groups[0].permissions if one != Permission.VIEW_PEOPLE]
    SecurityGroup.objects.filter(key="blue_badge_officers").update(permissions=fewer)
    WorkItem.objects.update(finished_at=None, finished_by=None, outcome="")
    assert "Castle" not in at_desk.get(WORK, {"tab": "all"}).content.decode()
    refused = at_desk.get(WORK, {"tab": "all", "ward": "E05000001"})
    assert "You cannot look for wards" in Page.of(refused).text("main")
    found = at_desk.post(f"{WORK}find/", {"find": "AB1 9ZZ", "back": "tab=all"}, follow=True)
    assert references(found) == []
