"""What one was told: counted in the header, listed, opened, marked as read, and sent by e-mail by choice."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.domain.notifications import actions
from moothall.domain.notifications.models import ByEmail, Notification

pytestmark = pytest.mark.django_db
ADDRESS = "/desk/notifications/"


def tell(user: User, number: int = 1, *, at: datetime) -> Notification:
    actions.notify(
        [user],
        kind=Notification.Kind.MENTION,
        text=f"Oscar Officer mentioned you on BB-{number}.",
        cause=f"note.{number}",
        reference=f"BB-{number}",
        page="notes",
        anchor=f"note-{number}",
        at=at + timedelta(minutes=number),
    )
    return Notification.objects.get(user=user, cause=f"note.{number}")


def header(client: Client) -> str:
    return Page.of(client.get(ADDRESS)).text("a", class_="app-header__notices")


def test_the_header_counts_what_is_unread(at_desk: Client, officer: User, noon: datetime) -> None:
    assert header(at_desk) == "Notifications"
    tell(officer, 1, at=noon)
    tell(officer, 2, at=noon)
    assert header(at_desk) == "Notifications 2 unread"


def test_without_any_the_page_says_what_will_stand_there(at_desk: Client) -> None:
    assert "You have no notifications" in Page.of(at_desk.get(ADDRESS)).text("main")


def test_the_newest_stands_first_and_nobody_else_s_is_there(
    at_desk: Client, officer: User, second_officer: User, noon: datetime
) -> None:
    for number in (1, 2):
        tell(officer, number, at=noon)
    tell(second_officer, 3, at=noon)

    text = Page.of(at_desk.get(ADDRESS)).text("ul", class_="app-notices")
    assert text.index("BB-2") < text.index("BB-1")
    assert "BB-3" not in text


def test_to_open_one_reads_it_and_leads_to_the_note(at_desk: Client, officer: User, noon: datetime) -> None:
    one = tell(officer, at=noon)

    answer = at_desk.post(f"{ADDRESS}{one.pk}/")

    assert answer["Location"] == "/desk/cases/BB-1/notes/?note=1#note-1"
    assert header(at_desk) == "Notifications"


def test_nobody_opens_or_reads_what_somebody_else_was_told(
    at_desk: Client, second_officer: User, noon: datetime
) -> None:
    one = tell(second_officer, at=noon)

    assert at_desk.post(f"{ADDRESS}{one.pk}/").status_code == 404
    at_desk.post(f"{ADDRESS}read/", {"only": one.pk})
    assert actions.unread(second_officer) == 1


def test_one_or_all_are_marked_as_read(at_desk: Client, officer: User, noon: datetime) -> None:
    one, _, _ = (tell(officer, number, at=noon) for number in (1, 2, 3))

    at_desk.post(f"{ADDRESS}read/", {"only": one.pk})
    assert actions.unread(officer) == 2
    assert at_desk.post(f"{ADDRESS}read/")["Location"] == ADDRESS
    assert actions.unread(officer) == 0
    assert Page.of(at_desk.get(ADDRESS)).links()["Oscar Officer mentioned you on BB-1."].endswith("#note-1")


def test_emails_are_chosen_on_the_page(at_desk: Client, officer: User) -> None:
    at_desk.post(f"{ADDRESS}by-email/", {"by_email": "on"})
    assert ByEmail.objects.filter(user=officer).exists()
    assert "checked" in next(iter(Page.of(at_desk.get(ADDRESS)).all("input", name="by_email")))

    at_desk.post(f"{ADDRESS}by-email/", {})
    assert not ByEmail.objects.exists()


@pytest.mark.parametrize("page", ["0", "2", "x", "999999"])
def test_a_page_there_is_not_is_not_found(at_desk: Client, page: str) -> None:
    assert at_desk.get(f"{ADDRESS}?page={page}").status_code == 404


def test_the_list_costs_as_many_statements_for_one_as_for_many(at_desk: Client, officer: User, noon: datetime) -> None:
    at_desk.get(ADDRESS)
    counts = []
    for numbers in (range(1, 2), range(2, 40)):
        for number in numbers:
            tell(officer, number, at=noon)
        with CaptureQueriesContext(connection) as statements:
            assert at_desk.get(ADDRESS).status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 12
    assert Page.of(at_desk.get(f"{ADDRESS}?page=2")).text("ul", class_="app-notices")
