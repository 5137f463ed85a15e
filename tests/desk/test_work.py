"""The work list: what is shown to whom, found, sorted, paged, taken and changed many at once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.domain.cases import clock, seeking
from moothall.domain.cases.models import Case, WorkItem, WorkLine
from moothall.web.desk.work_pages import Order, page

pytestmark = pytest.mark.django_db
WORK = "/desk/work/"
SIDE = f"{WORK}side/"
MOST_STATEMENTS = 12


def item(case: Case) -> WorkItem:
    return WorkItem.objects.get(case=case, finished_at=None)


def references(response: Any) -> list[str]:
    """The cases of the list, in order."""
    return [text for around, text in Page.of(response).texts if any(tag == "tbody" for tag, _ in around) and text.startswith("BB-")
            and around[-1][0] == "a"]  # fmt: skip


def listed(client: Client, **query: Any) -> list[str]:
    answer = client.get(WORK, {"tab": "all", **query})
    assert answer.status_code == 200
    return references(answer)


def test_each_tab_shows_its_work(
    at_desk: Client, make_case: OpenCase, officer: User, second_officer: User, at: datetime
) -> None:
    mine, hers, nobodys = make_case(at=at, by=officer), make_case(at=at, by=second_officer), make_case(at=at)

    assert references(at_desk.get("/desk/")) == [mine.reference]
    assert listed(at_desk, tab="mine") == [mine.reference]
    assert listed(at_desk, tab="unassigned") == [nobodys.reference]
    assert set(listed(at_desk, tab="team")) == {mine.reference, hers.reference, nobodys.reference}
    assert len(listed(at_desk)) == 3


def test_who_only_looks_has_no_team_work_but_sees_it_all(
    sign_in_as: SignInAs, viewer: User, make_case: OpenCase, at: datetime
) -> None:
    case = make_case(at=at)
    client = sign_in_as(viewer)

    assert listed(client, tab="team") == []
    empty = Page.of(client.get(WORK, {"tab": "team"})).text("main")
    assert "No work item is on this tab." in empty
    assert "Take a filter away" not in empty
    assert "Take a filter away" in Page.of(client.get(WORK, {"tab": "team", "source": "phone"})).text("main")
    answer = client.get(WORK, {"tab": "all"})
    assert references(answer) == [case.reference]
    assert "Take" not in Page.of(answer).text("button")


def test_who_works_at_no_stage_is_told_why_the_list_is_empty(
    sign_in_as: SignInAs, make_user: MakeUser, make_case: OpenCase, at: datetime
) -> None:
    make_case(at=at)
    nowhere = make_user("Nora Nowhere", "advisers", permissions=list(Permission))

    answer = Page.of(sign_in_as(nowhere).get(WORK, {"tab": "all"})).text("main")

    assert "None of your groups works at a stage of any workflow" in answer


def test_work_of_stages_or_services_one_may_not_see_is_nowhere(
    sign_in_as: SignInAs, assessor: User, make_user: MakeUser, make_case: OpenCase, at: datetime
) -> None:
    case = make_case(at=at)
    permissions = [Permission.SIGN_IN, Permission.VIEW_CASES, Permission.VIEW_WORK, Permission.EXPORT_CASES]
    elsewhere = make_user("Ed Elsewhere", "blue_badge_viewers", permissions=permissions, services=["bins"])
    SecurityGroup.objects.filter(key="blue_badge_viewers").update(services=["bins"], permissions=permissions)

    for user in (assessor, elsewhere):
        client = sign_in_as(user)
        assert listed(client) == []
        assert case.reference not in client.get(WORK, {"tab": "all"}).content.decode()
        taken = client.post(f"{WORK}{item(case).pk}/take/")
        assert taken.status_code in {403, 404}
        many = client.get(f"{WORK}many/", {"do": "outcome", "item": item(case).pk})
        assert case.reference not in many.content.decode()
    assert case.reference not in b"".join(client.get(f"{WORK}export/csv/?tab=all")).decode()  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("query", "first", "second"),
    [
        ({"type": "renewal"}, False, True),
        ({"source": "online"}, True, False),
        ({"tag": "terminal_illness"}, True, False),
        ({"without_tag": "terminal_illness"}, False, True),
        ({"terminal": "yes"}, True, False),
        ({"terminal": "no"}, False, True),
        ({"assigned_to": "me"}, True, False),
        ({"assigned_to": "nobody"}, False, True),
        ({"days_from": "5"}, True, False),
        ({"days_to": "5"}, False, True),
        ({"target": "late"}, True, False),
        ({"target": "blue"}, False, True),
        ({"target": "none"}, False, False),
        ({"workflow": "blue_badge.application", "stage": "blue_badge.application/initial_checks"}, True, True),
        ({"workflow": "blue_badge.appeal"}, False, False),
        ({"terminal": "yes", "source": "online", "target": "late", "days_from": "5", "assigned_to": "me"}, True, False),
        ({"terminal": "yes", "type": "renewal"}, False, False),
    ],
)
def test_all_filters_hold_together(
    at_desk: Client, tagged: tuple[Case, Case], query: dict[str, str], *, first: bool, second: bool
) -> None:
    expected = {case.reference for case, there in zip(tagged, (first, second), strict=True) if there}
    assert set(listed(at_desk, **query)) == expected


def test_last_updated_is_a_range_of_whole_days(at_desk: Client, tagged: tuple[Case, Case]) -> None:
    one, other = tagged
    lately = (timezone.now() - timedelta(days=20)).date().isoformat()
    assert listed(at_desk, updated_from=lately) == [one.reference]
    assert listed(at_desk, updated_to=lately) == [other.reference]


def test_a_colleagues_work_is_found_by_their_name(
    at_desk: Client, second_officer: User, make_case: OpenCase, at: datetime
) -> None:
    make_case(at=at)
    hers = make_case(at=at, by=second_officer)
    assert listed(at_desk, assigned_to=str(second_officer.pk)) == [hers.reference]


def test_what_is_wrong_with_a_filter_is_said_beside_it_and_nothing_is_listed(
    at_desk: Client, make_case: OpenCase, at: datetime
) -> None:
    make_case(at=at)
    answer = at_desk.get(WORK, {"tab": "all", "days_from": "ten", "updated_from": "2026-02-31"})

    assert answer.status_code == 422
    assert references(answer) == []
    shown = Page.of(answer)
    assert "Enter days as a whole number, like 14." in shown.text("p", id="filter_days_from-error")
    assert "Enter a real date" in shown.text("p", id="filter_updated_from-error")
    assert at_desk.get(WORK, {"state": "completed", "target": "late"}).status_code == 422


def test_a_text_finds_by_reference_or_name_and_is_in_no_address(at_desk: Client, tagged: tuple[Case, Case]) -> None:
    one, other = tagged
    sent = at_desk.post(f"{WORK}find/", {"find": "Secon", "back": "tab=all"})

    assert "Secon" not in sent["Location"]
    assert references(at_desk.get(sent["Location"])) == [other.reference]
    sent = at_desk.post(f"{WORK}find/", {"find": one.reference.lower(), "back": "tab=all"})
    answer = at_desk.get(sent["Location"])
    assert references(answer) == [one.reference]
    assert all(one.reference not in href for href in Page.of(answer).links().values() if href.startswith(WORK))
    assert len(listed(at_desk, updated="any")) == 2


def test_the_page_after_is_there_when_the_last_of_the_page_before_was_finished_meanwhile(
    at_desk: Client, officer: User, many_cases: list[Case], at: datetime
) -> None:
    first = at_desk.get(WORK, {"tab": "all", "sort": "case"})
    last, onward = references(first)[-1], Page.of(first).all("a", rel="next")[0]["href"]
    done = {"finished_at": at + timedelta(days=1), "finished_by": officer, "outcome": "done"}
    WorkItem.objects.filter(case__reference=last).update(**done)

    after = references(at_desk.get(onward if onward.startswith("/") else WORK + onward))
    assert len(after) == 25
    assert min(after) > last


def test_no_row_is_missed_when_the_last_of_a_page_moves_and_its_place_names_nobody(
    at_desk: Client, officer: User, second_officer: User, many_cases: list[Case]
) -> None:
    WorkItem.objects.filter(case__in=many_cases[:60]).update(assigned_to=second_officer)
    first = at_desk.get(WORK, {"tab": "all", "sort": "assigned"})
    onward = Page.of(first).all("a", rel="next")[0]["href"]
    assert "Oscar" not in onward
    last = WorkItem.objects.get(case__reference=references(first)[-1])
    WorkItem.objects.filter(pk=last.pk).update(assigned_to=None if last.assigned_to else officer)

    seen = references(first)
    while onward:
        answer = at_desk.get(onward)
        seen += references(answer)
        onward = next((link["href"] for link in Page.of(answer).all("a", rel="next")), "")
    assert set(seen) == {case.reference for case in many_cases}


@pytest.mark.parametrize("place", ["1", "1~x", "1~gAAAAA==", "5-12"])
def test_a_place_that_was_not_told_by_the_list_leads_nowhere(officer: User, many_cases: list[Case], place: str) -> None:
    with pytest.raises(Http404):
        page(WorkLine.objects.visible_to(officer), Order.named("case"), after=place)
    told = page(WorkLine.objects.visible_to(officer), Order.named("type")).after
    with pytest.raises(Http404):
        page(WorkLine.objects.visible_to(officer), Order.named("case"), after=told)


def test_everybody_chooses_how_many_rows_a_page_has(at_desk: Client, many_cases: list[Case]) -> None:
    columns = f"{WORK}columns/"
    assert len(listed(at_desk)) == 25
    assert at_desk.post(columns, {"size": "100"}).status_code == 302
    assert len(listed(at_desk)) == 100
    at_desk.post(columns, {"add": "tags"})
    at_desk.post(columns, {"size": "1000000"})
    at_desk.post(columns, {"usual": "1"})
    assert len(listed(at_desk)) == 100
    assert Page.of(at_desk.get(columns)).all("input", name="size", checked="")[0]["value"] == "100"


@pytest.mark.parametrize(
    "sort", ["case", "-customer", "type", "-type", "age", "-age", "updated", "-updated", "assigned", "terminal", "tags", "-target", "target", "stage"],
)  # fmt: skip
def test_pages_follow_one_another_in_every_order_without_gap_or_repeat(
    many_cases: list[Case], officer: User, sort: str
) -> None:
    lines, order = WorkLine.objects.visible_to(officer), Order.named(sort)

    def forwards() -> Iterator[list[int]]:
        after = ""
        while True:
            found = page(lines, order, size=50, after=after)
            yield found.items
            after = found.after
            if not after:
                return

    pages = list(forwards())
    seen = [pk for one in pages for pk in one]
    assert [len(one) for one in pages] == [50, 50, 12]
    assert len(set(seen)) == 112
    last = page(lines, order, size=50, after=page(lines, order, size=100).after)
    back = page(lines, order, size=50, before=last.before)
    assert back.items == pages[1]
    first = page(lines, order, size=50, before=back.before)
    assert first.items == pages[0]
    assert first.before == ""
    turned = Order.named(sort.removeprefix("-") if sort.startswith("-") else f"-{sort}")
    assert page(lines, turned).items == seen[::-1][:25]


def test_the_next_page_goes_on_where_the_last_ended_although_rows_moved(
    at_desk: Client, many_cases: list[Case]
) -> None:
    answer = at_desk.get(WORK, {"tab": "all", "sort": "updated"})
    first = references(answer)
    onward = Page.of(answer).all("a", rel="next")[0]["href"]
    Case.objects.filter(reference__in=[*first[:3], first[-1]]).update(updated_at=timezone.now())

    second = references(at_desk.get(onward))
    assert len(second) == 25
    assert set(second).isdisjoint(first)


@pytest.mark.parametrize("place", ["x", "-5", "99999999999999999999", "999999999", "1-x", "1-99999999999999999999999"])
def test_an_address_with_a_place_that_is_none_leads_nowhere_or_to_a_page(
    at_desk: Client, make_case: OpenCase, at: datetime, place: str
) -> None:
    make_case(at=at)
    assert at_desk.get(WORK, {"tab": "all", "after": place}).status_code in {200, 404}
    assert at_desk.get(WORK, {"tab": "all", "after": place, "sort": "customer"}).status_code in {200, 404}


def test_a_list_of_one_page_says_how_many_there_are_however_many_others_there_are(
    at_desk: Client, tagged: tuple[Case, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking, "FEW", -1)  # as in a large council: nothing but the page is counted
    assert "2 work items" in Page.of(at_desk.get(WORK, {"tab": "all", "updated": "any"})).text("main")
    assert "1 work item " in Page.of(at_desk.get(WORK, {"tab": "mine", "updated": "any"})).text("main")


def test_stages_are_counted_beside_the_list_under_the_same_filters(at_desk: Client, tagged: tuple[Case, Case]) -> None:
    beside = Page.of(at_desk.get(WORK, {"tab": "all", "updated": "any"})).links()["How many at each stage"]
    everything = Page.of(at_desk.get(beside))
    assert "Initial Checks 2" in everything.text("main")
    assert everything.links()["Back to the list"] == f"{WORK}?tab=all&updated=any"
    few = Page.of(at_desk.get(SIDE, {"tab": "all", "terminal": "yes"}, headers={"HX-Request": "true"}))
    assert few.all("html") == []
    assert "Initial Checks 1" in few.text("div", id="work-side")
    assert "terminal=yes" in few.links()["Initial Checks"]
    assert "Initial Checks" not in Page.of(at_desk.get(SIDE, {"tab": "all", "days_from": "ten"})).text("main")


def test_a_work_item_is_taken_and_given_back_from_the_list(
    at_desk: Client, make_case: OpenCase, officer: User, at: datetime
) -> None:
    case = make_case(at=at)
    sent = at_desk.post(f"{WORK}{item(case).pk}/take/", {"back": "tab=unassigned&sort=case&after=3&evil=1"})

    assert sent["Location"] == f"{WORK}?tab=unassigned&sort=case&after=3"
    assert item(case).assigned_to == officer
    at_desk.post(f"{WORK}{item(case).pk}/take/")
    assert item(case).assigned_to == officer
    at_desk.post(f"{WORK}{item(case).pk}/release/")
    assert item(case).assigned_to is None


def test_a_colleagues_work_is_not_taken_from_the_list(
    at_desk: Client, make_case: OpenCase, second_officer: User, at: datetime
) -> None:
    case = make_case(at=at, by=second_officer)
    at_desk.post(f"{WORK}{item(case).pk}/take/")

    assert item(case).assigned_to == second_officer
    said = Page.of(at_desk.get(WORK)).text("main")
    assert f"Oscar Officer has Initial Checks of {case.reference}. Choose “Take over” there" in said


def test_many_are_assigned_at_once_with_a_result_for_each(
    at_desk: Client, make_case: OpenCase, second_officer: User, at: datetime
) -> None:
    cases = [make_case(at=at) for _ in range(3)]
    numbers = [item(case).pk for case in cases]
    asked = at_desk.get(f"{WORK}many/", {"do": "assign", "item": numbers, "back": "tab=all"})
    assert "3 work items" in Page.of(asked).text("h1")

    given = {"do": "assign", "chosen": "1", "to": second_officer.pk, "item": numbers, "back": "tab=all"}
    done = at_desk.post(f"{WORK}many/", given, follow=True)
    assert "3 of 3 done." in Page.of(done).text("main")
    assert {item(case).assigned_to for case in cases} == {second_officer}
    assert Page.of(done).links()["Back to the list"] == f"{WORK}?tab=all"


def test_who_may_not_edit_assigns_and_tags_nothing(
    sign_in_as: SignInAs, viewer: User, officer: User, make_case: OpenCase, at: datetime
) -> None:
    case = make_case(at=at)
    client = sign_in_as(viewer)
    for given in ({"do": "assign", "to": officer.pk}, {"do": "tag", "put": "terminal_illness"}):
        done = client.post(f"{WORK}many/", {"chosen": "1", "item": item(case).pk, **given}, follow=True)
        assert "0 of 1 done." in Page.of(done).text("main")
    case.refresh_from_db()
    assert item(case).assigned_to is None
    assert case.tags == []


def test_many_are_tagged_at_once_and_twice_is_as_once(at_desk: Client, tagged: tuple[Case, Case]) -> None:
    given = {"do": "tag", "chosen": "1", "put": "existing_badge", "remove": "terminal_illness"}
    numbers = [item(case).pk for case in tagged]
    for _ in range(2):
        done = at_desk.post(f"{WORK}many/", {**given, "item": numbers}, follow=True)
        assert "2 of 2 done." in Page.of(done).text("main")
    assert [list(case.tags) for case in Case.objects.order_by("pk")] == [["existing_badge"], ["existing_badge"]]

    system = at_desk.post(f"{WORK}many/", {"do": "tag", "chosen": "1", "put": "payment", "item": numbers})
    assert system.status_code == 422


def test_an_outcome_is_chosen_on_many_and_what_is_refused_stops_no_other(
    at_desk: Client, make_case: OpenCase, at: datetime
) -> None:
    one, gone, other = (make_case(at=at) for _ in range(3))
    seen = [f"{item(case).pk}:{item(case).version}" for case in (one, gone, other)]
    WorkItem.objects.filter(case=gone).update(version=9)
    place = "blue_badge.application/initial_checks/desktop_screening"
    given = {"do": "outcome", "chosen": "1", "outcome": place, "item": seen}
    done = Page.of(at_desk.post(f"{WORK}many/", given, follow=True))

    assert "2 of 3 done." in done.text("main")
    assert "now at Desktop Screening" in done.text("main")
    assert item(gone).stage.key == "initial_checks"
    assert {item(case).stage.key for case in (one, other)} == {"desktop_screening"}
    again = Page.of(at_desk.post(f"{WORK}many/", given, follow=True))
    assert "0 of 3 done." in again.text("main")


def test_that_an_outcome_needs_a_note_is_said_before_it_is_chosen_on_many(
    at_desk: Client, make_case: OpenCase, at: datetime
) -> None:
    case = make_case(at=at)
    given = {"do": "outcome", "item": f"{item(case).pk}:{item(case).version}"}
    assert "Out of area, reject (needs a note)" in Page.of(at_desk.get(f"{WORK}many/", given)).text("fieldset")
    chosen = {"chosen": "1", "outcome": "blue_badge.application/initial_checks/out_of_area", "note": " "}
    refused = at_desk.post(f"{WORK}many/", given | chosen)
    assert refused.status_code == 422
    assert "Write a note" in Page.of(refused).text("p", id="id_note-error")
    assert item(case).stage.key == "initial_checks"


def test_whoever_only_looks_is_offered_nothing_to_do_with_many(
    sign_in_as: SignInAs, viewer: User, make_case: OpenCase, at: datetime
) -> None:
    case, browser = make_case(at=at), sign_in_as(viewer)
    shown = Page.of(browser.get(WORK, {"tab": "all"})).text("main")
    assert case.reference in shown
    assert "With those selected" not in shown
    for doing in ("assign", "tag"):
        answer = browser.get(f"{WORK}many/", {"do": doing, "item": item(case).pk})
        assert "not change them" in Page.of(answer).text("main")


def test_only_outcomes_that_ask_nothing_of_one_case_are_offered_for_many(
    at_desk: Client, make_case: OpenCase, at: datetime
) -> None:
    case = make_case(at=at)
    asked = Page.of(at_desk.get(f"{WORK}many/", {"do": "outcome", "item": item(case).pk}))
    assert "Initial Checks: In area, complete application" in asked.text("fieldset")
    assert "the work items and try again" in Page.of(at_desk.get(f"{WORK}many/", {"do": "tag"})).text("main")


def test_the_list_refreshes_in_place_and_that_is_no_use_of_the_session(
    at_desk: Client, make_case: OpenCase, at: datetime
) -> None:
    case = make_case(at=at)
    whole = Page.of(at_desk.get(WORK, {"tab": "all", "sort": "case"}))
    here = whole.all("div", id="work-list")[0]["hx-get"]
    session = at_desk.session
    session["used"] -= 120
    session.save()
    used = session["used"]

    part = at_desk.get(here, headers={"HX-Request": "true", "X-Refresh": "true"})
    assert references(part) == [case.reference]
    assert Page.of(part).all("html") == []
    assert at_desk.session["used"] == used
    at_desk.get(here)
    assert at_desk.session["used"] > used


def test_the_list_costs_the_same_statements_whatever_its_length(at_desk: Client, many_cases: list[Case]) -> None:
    at_desk.get(WORK, {"tab": "all"})
    with CaptureQueriesContext(connection) as few:
        assert listed(at_desk, tag="payment", sort="-age") == []
    with CaptureQueriesContext(connection) as asked:
        assert len(listed(at_desk)) == 25
    WorkItem.objects.filter(case__in=many_cases[2:]).delete()
    with CaptureQueriesContext(connection) as two:
        assert len(listed(at_desk)) == 2
    assert len(two) == len(asked)
    assert max(len(few), len(asked)) <= MOST_STATEMENTS, "\n".join(
        one["sql"][:60] + " ... " + one["sql"][one["sql"].find(" FROM ") :][:260] for one in asked
    )


def test_who_searched_and_for_what_is_on_record_without_the_values(at_desk: Client, tagged: tuple[Case, Case]) -> None:
    at_desk.get(WORK, {"tab": "all", "terminal": "yes"})
    row = Access.objects.filter(via="desk work").latest("pk")
    assert row.detail == {"found": 1, "asked": ["tab", "terminal"]}


def test_a_paused_clock_is_found_by_what_it_shows(at_desk: Client, tagged: tuple[Case, Case], manager: User) -> None:
    one, _other = tagged
    pause = clock.pause(item(one), category="waiting", reason="Waiting.", by=manager, at=timezone.now())
    pause.began_at = item(one).entered_at
    pause.save()
    clock.note_turns([item(one).pk], at=timezone.now())
    assert listed(at_desk, target="late") == []
    assert one.reference in listed(at_desk, target="blue")
