"""Everything that failed, on one page: messages, the queue, applications, stages."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.exchange.press import ORDER, Order

from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import actions as cases
from moothall.domain.cases import stuck, submissions, timeline
from moothall.domain.cases.models import Case, CaseMessage, Submission, TimelineEntry, WorkItem
from moothall.domain.cases.opening import CannotOpen
from moothall.domain.exchange import actions, operations
from moothall.domain.exchange.models import DealtWith
from moothall.domain.messages.models import Message
from moothall.domain.notifications.models import Notification
from moothall.domain.workflow.models import Stage
from moothall.web.desk import failed, tasks
from moothall.web.desk.views import digest

pytestmark = pytest.mark.django_db
ADDRESS = "/desk/failures/"


@pytest.fixture
def case(make_case: OpenCase) -> Case:
    return make_case()


@pytest.fixture
def failed_application(noon: datetime, officer: User) -> Iterator[Submission]:
    """An application that nobody could make a case of."""

    def cannot(submission: Submission, *, by: User, at: datetime) -> Case:
        raise CannotOpen("The kiosk sent no last name.")

    submissions.source("kiosk")(cannot)
    kept, _ = submissions.receive(source="kiosk", external_id="K-1", raw={"name": "Quillfeather"}, at=noon)
    yield submissions.take(kept, by=officer, at=noon)
    submissions.forget("kiosk")


@pytest.fixture
def everybody(sign_in_as: SignInAs, administrator: User, service: Any) -> Client:
    """The administrator's browser: they see every service."""
    for group in SecurityGroup.objects.all():
        Membership.objects.get_or_create(user=administrator, group=group)
    return sign_in_as(administrator)


def undelivered(case: Case, *, by: User, at: datetime) -> None:
    message = Message.objects.create(
        channel="email", to_name="Alma", to_email="alma@example.org", subject="Your badge", html="",
        status="failed", problem="The mailbox is full.", created_at=at, created_by=by,
    )  # fmt: skip
    CaseMessage.objects.create(case=case, message=message)


def pause_order(case: Case, *, by: User, at: datetime) -> None:
    operations.register(Order("http://127.0.0.1:1"))
    actions.pause(actions.queue(case, ORDER, by=by, at=at), reason="Wrong photograph.", by=by, at=at)


def text(answer: Any) -> str:
    return Page.of(answer).text("main")


def test_a_day_on_which_nothing_failed_says_so(at_desk: Client, case: Case) -> None:
    assert "Nothing failed" in text(at_desk.get(ADDRESS))


def test_messages_and_paused_items_are_listed_with_the_way_to_them(
    at_desk: Client, case: Case, officer: User, noon: datetime
) -> None:
    undelivered(case, by=officer, at=noon)
    pause_order(case, by=officer, at=noon)
    page = Page.of(at_desk.get(ADDRESS))
    for words in ("Your badge", "The mailbox is full.", "Badge order", "Wrong photograph."):
        assert words in page.text("main")
    opened = at_desk.get(page.links()["Your badge"])
    assert "The mailbox is full." in Page.of(opened).text("main")
    assert page.links()["Badge order"].startswith("/desk/queue/")


def test_what_belongs_to_a_service_one_does_not_reach_is_left_out(
    sign_in_as: SignInAs, make_user: MakeUser, case: Case, officer: User, noon: datetime, failed_application: Submission
) -> None:
    undelivered(case, by=officer, at=noon)
    pause_order(case, by=officer, at=noon)
    other = make_user("Tim Taxes", "taxes", permissions=list(Permission), services=["council_tax"])
    client = sign_in_as(other)
    assert "Nothing failed" in text(client.get(ADDRESS))
    assert client.post(f"{ADDRESS}applications/{failed_application.pk}/retry/").status_code == 404


def test_an_application_is_tried_again_until_it_is_a_case(
    everybody: Client, failed_application: Submission, case: Case
) -> None:
    page = text(everybody.get(ADDRESS))
    assert "The kiosk sent no last name." in page
    assert "Quillfeather" not in page
    again = f"{ADDRESS}applications/{failed_application.pk}/retry/"
    assert "It failed again: The kiosk sent no last name." in text(everybody.post(again, follow=True))

    submissions.source("kiosk")(lambda submission, *, by, at: case)
    for _ in range(2):
        answer = everybody.post(again, follow=True)
        assert "There is a case of it now." in text(answer)
    assert "Nothing failed" in text(answer)


def test_an_automatic_stage_that_is_stuck_is_listed_until_it_moves(
    everybody: Client, case: Case, noon: datetime
) -> None:
    item = WorkItem.objects.get(case=case)
    seen = Stage.objects.get(pk=item.stage_id)
    item.stage = Stage.objects.create(
        version=seen.version,
        key="auto",
        name="Badge sent",
        see=seen.see,
        progress=seen.progress,
        automatic=True,
        order=99,
    )
    item.save()
    assert "Nothing failed" in text(everybody.get(ADDRESS))
    stuck.note(case, "Badge sent", CannotOpen("The printer is out."), at=noon + timedelta(minutes=1))
    assert "Automatic stages that are stuck" in text(everybody.get(ADDRESS))
    assert case.reference in Page.of(everybody.get(ADDRESS)).text("section", id="stages")

    item.entered_at = noon + timedelta(minutes=2)
    item.save()
    assert "Nothing failed" in text(everybody.get(ADDRESS))


def test_the_page_takes_a_bounded_number_of_statements_however_much_failed(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    for number in range(5):
        case = make_case(last_name=f"Madeup{number}")
        undelivered(case, by=officer, at=noon)
        pause_order(case, by=officer, at=noon)
        cases.add_note(case, text="x", by=officer, at=noon)
    with CaptureQueriesContext(connection) as asked:
        assert at_desk.get(ADDRESS).status_code == 200
    assert len(asked) <= 17


def test_everything_of_one_kind_that_failed_is_in_pages_and_a_number_that_is_not_counted_says_so(
    everybody: Client, make_case: OpenCase, officer: User, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [make_case(last_name=f"Madeup{number}") for number in range(3)]
    for number, one in enumerate(found):
        undelivered(one, by=officer, at=noon + timedelta(minutes=number))
    monkeypatch.setattr(failed, "SHOWN", 1)
    monkeypatch.setattr(failed, "COUNTED", 2)
    monkeypatch.setattr(digest, "PAGE", 2)

    page = Page.of(everybody.get(ADDRESS))
    assert "The first 1 of 2+ are shown." in page.text("main")
    every = page.links()["All of them"]
    first, second = everybody.get(every), everybody.get(f"{every}?page=2")
    assert [one.reference in text(first) for one in found] == [False, True, True]
    assert [one.reference in text(second) for one in found] == [True, False, False]
    assert everybody.get(f"{ADDRESS}nothing/").status_code == 404


def test_an_undelivered_message_is_dealt_with_once_and_leaves_the_page(
    everybody: Client, case: Case, officer: User, noon: datetime
) -> None:
    undelivered(case, by=officer, at=noon)
    where = Page.of(everybody.get(ADDRESS)).links()["Dealt with"]
    assert "Your badge" in text(everybody.get(where))
    assert everybody.post(where, {"note": ""}).status_code == 422
    for _ in range(2):
        everybody.post(where, {"note": "Sent by post instead."})
    assert DealtWith.objects.get().note == "Sent by post instead."
    assert case.timeline.filter(text__contains="Sent by post instead.").count() == 1
    assert "Nothing failed" in text(everybody.get(ADDRESS))


def test_a_file_of_an_application_that_is_not_on_its_case_is_listed_until_it_is_dealt_with(
    everybody: Client, sign_in_as: SignInAs, make_user: MakeUser, case: Case, officer: User, noon: datetime
) -> None:
    said = "The photograph “me.png” given with the application is not here."
    timeline.write(case, kind="document", text=said, by=officer, at=noon, missing="me.png")
    other = sign_in_as(make_user("Tim Taxes", "taxes", permissions=list(Permission), services=["council_tax"]))
    page = Page.of(everybody.get(ADDRESS))
    assert said in page.text("main")
    assert page.links()["me.png"] == f"/desk/cases/{case.reference}/documents/#missing"
    assert "Nothing failed" in text(other.get(ADDRESS))

    line = TimelineEntry.objects.get(text=said)
    deal = f"{ADDRESS}file/{line.pk}/"
    unconcerned = TimelineEntry.objects.exclude(pk=line.pk).first()
    assert unconcerned is not None
    assert everybody.get(f"{ADDRESS}file/{unconcerned.pk}/").status_code == 404
    assert other.get(deal).status_code == 404
    assert "me.png" in text(everybody.get(deal))
    for _ in range(2):
        everybody.post(deal, {"note": "They brought it to the desk."})
    assert "Nothing failed" in text(everybody.get(ADDRESS))
    told = TimelineEntry.objects.filter(case=case, text__endswith="was dealt with: They brought it to the desk.")
    assert told.count() == 1


def test_an_application_is_dealt_with_and_one_who_may_not_manage_changes_nothing(
    everybody: Client, at_desk: Client, failed_application: Submission, case: Case, officer: User, noon: datetime
) -> None:
    where = f"{ADDRESS}submission/{failed_application.pk}/"
    assert at_desk.post(where, {"note": "No."}).status_code == 403
    everybody.post(where, {"note": "Opened by hand."})
    assert "K-1" not in text(everybody.get(ADDRESS))
    assert everybody.get(f"{ADDRESS}gossip/1/").status_code == 404


def test_who_may_see_the_queue_is_told_once_a_day_and_only_of_failures(
    service: Any, case: Case, officer: User, noon: datetime
) -> None:
    tasks.daily_digest(int(noon.timestamp()))
    assert not Notification.objects.exists()
    undelivered(case, by=officer, at=noon)
    for hours in (0, 1):
        tasks.daily_digest(int(noon.timestamp()) + 3600 * hours)
    told = Notification.objects.get(user=officer)
    assert "Messages that could not be delivered: 1" in told.text
    assert "Alma" not in told.text
    tasks.daily_digest(int(noon.timestamp()) + 86_400)
    assert Notification.objects.filter(user=officer).count() == 2
