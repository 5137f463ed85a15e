"""Things to do at the desk: on the summary of a case, in their list, several at once, as a file (PPP-41, PPP-43, PPP-57)."""

import csv
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.desk.test_workflow import hidden

from moothall.core.accounts.models import SecurityGroup, User
from moothall.domain.cases import intending
from moothall.domain.cases.intending import Plan
from moothall.domain.cases.models import Batch, Case, Intention, WorkItem
from moothall.domain.notifications.models import Notification

pytestmark = pytest.mark.django_db
LIST = "/desk/to-do/"
MOST_STATEMENTS = 20


def boxes(name: str, days: int) -> dict[str, str]:
    """A day so many days from today, as three boxes send it."""
    day = timezone.localdate() + timedelta(days=days)
    return {f"{name}_{place}": str(part) for place, part in enumerate((day.day, day.month, day.year))}


def planned(text: str, *, days: int = 3, **whose: Any) -> Plan:
    return Plan(text=text, type="call", due=timezone.localdate() + timedelta(days=days), **whose)


def test_something_is_added_outside_the_flow_moved_completed_with_what_follows_and_withdrawn_on_its_case(
    at_desk: Client, make_case: OpenCase, second_officer: User
) -> None:
    case = make_case()
    here = f"/desk/cases/{case.reference}/"
    summary = Page.of(at_desk.get(here))
    assert "Nothing is to be done beside the workflow." in summary.text("main")
    add = summary.links()["Add something to do"]
    refused = at_desk.post(add, {"text": "", "type": "call", **boxes("due", -2)})
    assert refused.status_code == 422
    assert "Say what is to be done." in refused.content.decode()
    past = at_desk.post(add, {"text": "Ring her", "type": "call", **boxes("due", -2)})
    assert "The day it is due has passed." in past.content.decode()

    given = {"text": "Ring <her>", "type": "call", "whose": f"user:{second_officer.pk}", **boxes("due", 2)}
    for _ in range(2):  # pressed twice, it is one thing
        done = at_desk.post(add, given, follow=True)
    page = Page.of(done)
    assert "Ring <her>" in page.text("ul", class_="app-to-do")
    assert "Added by hand, outside the flow, by Olive Officer" in page.text("ul", class_="app-to-do")
    row = Intention.objects.get()
    assert page.all("li", id=f"to-do-{row.pk}")
    moved = {**given, "text": "Ring her", "version": "1", **boxes("due", 5), **boxes("remind_on", 4)}
    at_desk.post(f"{here}to-do/{row.pk}/change/", moved)
    row.refresh_from_db()
    assert (row.version, row.user, row.due) == (2, second_officer, timezone.localdate() + timedelta(days=5))
    stale = at_desk.post(f"{here}to-do/{row.pk}/complete/", {"version": "1"})
    assert "was changed while you had it open" in stale.content.decode()
    half = at_desk.post(f"{here}to-do/{row.pk}/complete/", {"version": "2", "next-text": "Look"})
    assert "Choose what kind of thing it is." in half.content.decode()
    follow = {"next-text": "Look again", "next-type": "check", **boxes("next-due", 9)}
    page = Page.of(
        at_desk.post(f"{here}to-do/{row.pk}/complete/", {"version": "2", "note": "Rang.", **follow}, follow=True)
    )
    assert "Follows “Ring her”" in page.text("main")
    following = row.followed_by.get()
    at_desk.post(f"{here}to-do/{following.pk}/withdraw/", {"version": "1", "reason": "It came."})
    timeline = at_desk.get(f"{here}timeline/?kind=intention").content.decode()
    for words in ("added by hand, outside the flow", "To do changed", "To do completed", "To do withdrawn"):
        assert words in timeline
    assert "It came." in Page.of(at_desk.get(f"{here}to-do/")).text("main")

    intending.add(case, planned("Send it back"), by=second_officer, at=timezone.now())
    kept = intending.add(case, planned("Ask in a year"), by=second_officer, at=timezone.now())
    item = WorkItem.objects.open().get(case=case)
    here_ends = f"/desk/work/{item.pk}/outcomes/out_of_area/"
    asked = Page.of(at_desk.get(here_ends))
    assert "2 things are still to be done on this case. They end with the case" in asked.text("main")
    assert "Send it back" in asked.text("main")
    assert "still to be done" not in at_desk.get(f"/desk/work/{item.pk}/outcomes/incomplete/").content.decode()
    again = {"note": "Far away.", "keep": str(kept.pk)}
    review = at_desk.post(here_ends, hidden(asked) | again)
    assert Page.of(review).all("input", name="keep", value=str(kept.pk), checked="")
    copy = review.context["copies"][0].form
    words = {f"{copy.prefix}-{name}": copy.initial[name] for name in ("subject", "html", "channels")}
    assert at_desk.post(here_ends, hidden(Page.of(review)) | again | words | {"step": "choose"}).status_code == 302
    assert Intention.objects.open().get() == kept
    assert "Closed with the case" in Page.of(at_desk.get(here)).text("main")


def test_who_only_sees_the_case_sees_what_is_to_be_done_and_changes_nothing(
    sign_in_as: SignInAs, viewer: User, officer: User, make_case: OpenCase, noon: datetime
) -> None:
    case = make_case()
    row = intending.add(case, planned("Ring her"), by=officer, at=timezone.now())
    client = sign_in_as(viewer)
    summary = Page.of(client.get(f"/desk/cases/{case.reference}/"))
    assert "Ring her" in summary.text("main")
    assert "Add something to do" not in summary.links()
    listed = Page.of(client.get(LIST, {"tab": "all"}))
    assert "Ring her" in listed.links()
    assert not listed.all("input", type="checkbox")
    for path in ("add", f"{row.pk}/change", f"{row.pk}/complete", f"{row.pk}/withdraw"):
        assert client.post(f"/desk/cases/{case.reference}/to-do/{path}/", {}).status_code == 403
    assert client.get(f"{LIST}export/").status_code == 403
    assert client.get(f"{LIST}many/").status_code == 403


def test_the_list_has_tabs_with_counts_filters_an_order_and_pages_and_the_menu_counts_what_presses(
    at_desk: Client, officer: User, make_case: OpenCase
) -> None:
    case, now = make_case(), timezone.now()
    team = SecurityGroup.objects.get(key="blue_badge_officers")
    intending.add(case, planned("Mine today", days=0, user=officer), by=officer, at=now)
    late = intending.add(case, planned("Mine, late", days=1, user=officer), by=officer, at=now)
    Intention.objects.filter(pk=late.pk).update(due=timezone.localdate() - timedelta(days=2))
    intending.add(case, planned("The team's", days=1, team=team), by=officer, at=now)
    intending.add(case, replace(planned("Nobody's", days=30), type="check"), by=officer, at=now)

    page = Page.of(at_desk.get(LIST))
    tabs = page.text("nav", class_="moj-sub-navigation")
    assert [part for part in ("Mine 2", "My teams’ 1", "Unassigned 1", "Everybody’s 4") if part not in tabs] == []
    menu = {text for around, text in page.texts if any(tag == "nav" for tag, _ in around)}
    assert "Things to do" in menu
    assert "Things to do 2" in page.text("body")
    assert [text for text in page.links() if text.startswith("Mine,") or text == "Mine today"] == [
        "Mine, late",
        "Mine today",
    ]
    assert "Overdue" in page.text("tbody")
    overdue = Page.of(at_desk.get(LIST, {"tab": "all", "due": "overdue"})).text("tbody")
    assert "Mine, late" in overdue
    assert "Mine today" not in overdue
    kinds = Page.of(at_desk.get(LIST, {"tab": "all", "type": "check", "service": "blue_badge"})).text("tbody")
    assert "Nobody's" in kinds
    assert "Mine" not in kinds
    assert at_desk.get(LIST, {"due": "someday"}).status_code == 422
    assert at_desk.get(LIST, {"after": "x"}).status_code == 404

    Intention.objects.bulk_create(
        [
            Intention(
                case=case,
                text=f"Thing {n:03}",
                type="call",
                due=late.due,
                user=officer,
                created_at=now,
                created_by=officer,
            )
            for n in range(70)
        ]
    )
    first = Page.of(at_desk.get(LIST, {"sort": "-due"}))
    following = next(link["href"] for link in first.all("a", rel="next"))
    second = Page.of(at_desk.get(f"{LIST}{following}"))
    back = next(link["href"] for link in second.all("a", rel="prev"))
    texts = [
        text for page in (first, second) for text in page.links() if text.startswith(("Thing 0", "Mine,", "Mine t"))
    ]
    assert len(texts) == len(set(texts)) == 72
    assert Page.of(at_desk.get(f"{LIST}{back}")).text("tbody") == first.text("tbody")


def test_the_list_and_the_summary_cost_the_same_statements_however_much_is_to_be_done(
    at_desk: Client, officer: User, make_case: OpenCase
) -> None:
    case, now = make_case(), timezone.now()
    pages = [f"{LIST}?tab=all", f"/desk/cases/{case.reference}/", f"/desk/cases/{case.reference}/to-do/"]
    intending.add(case, planned("One"), by=officer, at=now)
    at_desk.get(pages[1])  # among the recent cases from now on
    counts = []
    for many in (0, 60):
        for number in range(many):
            whose = {"user": officer} if number % 2 else {}
            intending.add(case, planned(f"Thing {number}", **whose), by=officer, at=now)
        for path in pages:
            at_desk.get(path)
            with CaptureQueriesContext(connection) as asked:
                assert at_desk.get(path).status_code == 200
            counts.append(len(asked))
    assert counts[:3] == counts[3:]
    assert counts[0] <= MOST_STATEMENTS
    assert counts[1] <= 25


def test_several_are_given_moved_and_completed_each_with_its_result(
    at_desk: Client, officer: User, second_officer: User, make_case: OpenCase
) -> None:
    case, now = make_case(), timezone.now()
    rows = [intending.add(case, planned(f"Thing {n}"), by=officer, at=now) for n in range(3)]
    intending.withdraw(rows[2], reason="Not needed.", by=officer, at=now)
    ticked = {"item": [f"{row.pk}:1" for row in rows], "back": "tab=unassigned"}
    page = Page.of(at_desk.get(f"{LIST}many/", {**ticked, "do": "assign"}))
    assert "2 things to do" in page.text("h1")
    stale = intending.change(rows[1], replace(Plan.of(rows[1]), text="Thing 1, again"), by=second_officer, at=now)
    given = {**ticked, "do": "assign", "chosen": "1", "whose": f"user:{second_officer.pk}"}
    done = Page.of(at_desk.post(f"{LIST}many/", given, follow=True))

    assert "1 of 2 done." in done.text("main")
    assert "“Thing 0” is for Oscar Officer." in done.text("main")
    assert "was changed while you had it open" in done.text("main")
    assert done.links()["Back to the list"] == "/desk/to-do/?tab=unassigned"
    assert [row.user for row in Intention.objects.open().order_by("pk")] == [second_officer, None]
    assert Notification.objects.get(user=second_officer).text == "Olive Officer gave you 1 thing to do."
    now_ticked = {"item": [f"{rows[0].pk}:2", f"{stale.pk}:2"], "chosen": "1"}
    at_desk.post(f"{LIST}many/", {**now_ticked, "do": "move", **boxes("due", 8)})
    assert {row.due for row in Intention.objects.open()} == {timezone.localdate() + timedelta(days=8)}
    again = {"item": [f"{rows[0].pk}:3", f"{stale.pk}:3"], "chosen": "1", "do": "complete", "note": "Both done."}
    at_desk.post(f"{LIST}many/", again)
    assert not Intention.objects.open().exists()
    assert Batch.objects.count() == 3


def test_the_file_holds_what_the_list_shows_and_no_formula(
    sign_in_as: SignInAs, manager: User, make_case: OpenCase
) -> None:
    case: Case = make_case()
    for text, days in (("=1+1", 1), ("Later", 20)):
        intending.add(case, planned(text, days=days, user=manager), by=manager, at=timezone.now())
    client = sign_in_as(manager)
    page = Page.of(client.get(LIST, {"due": "", "sort": "-due"}))
    answer = client.get(page.links()["Export as CSV"])
    lines = list(csv.reader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]

    assert [line[0] for line in lines] == ["To do", "Later", "'=1+1"]
    assert lines[1][2] == case.reference
    assert lines[1][7] == "Mandla Manager"
