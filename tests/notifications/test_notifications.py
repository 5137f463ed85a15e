"""Colleagues are told once for each cause, at the desk, and by e-mail when they chose so."""

from datetime import datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.messages.conftest import MailServer

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.council.settings import Council
from moothall.domain.messages import mail
from moothall.domain.notifications import actions
from moothall.domain.notifications.models import ByEmail, Notification

pytestmark = pytest.mark.django_db
MENTION = Notification.Kind.MENTION


def tell(*users: User, by: User | None = None, at: datetime) -> list[User]:
    return actions.notify(
        users, kind=MENTION, text="You were mentioned on BB-1.", cause="note.1", by=by, reference="BB-1", at=at
    )


def test_one_is_told_once_for_a_cause(officer: User, second_officer: User, noon: datetime) -> None:
    assert tell(officer, officer, at=noon) == [officer]
    assert tell(officer, second_officer, at=noon) == [second_officer]

    assert actions.unread(officer) == actions.unread(second_officer) == 1


def test_who_did_it_who_left_and_the_product_itself_are_not_told(
    officer: User, second_officer: User, noon: datetime
) -> None:
    second_officer.is_active = False

    assert tell(officer, second_officer, system_user(), by=officer, at=noon) == []
    assert not Notification.objects.exists()


def test_what_is_marked_as_read_is_one_s_own(officer: User, second_officer: User, noon: datetime) -> None:
    tell(officer, second_officer, at=noon)

    assert actions.mark_read(officer, at=noon) == 1
    assert actions.mark_read(officer, at=noon) == 0
    assert (actions.unread(officer), actions.unread(second_officer)) == (0, 1)


def test_an_email_is_queued_for_who_chose_that_alone(officer: User, second_officer: User, noon: datetime) -> None:
    actions.choose_email(officer, wanted=True, at=noon)
    tell(officer, second_officer, at=noon)
    tell(officer, second_officer, at=noon)

    mine = Notification.objects.get(user=officer)
    jobs = ProcrastinateJob.objects.filter(task_name=actions.TASK)
    assert [job.args for job in jobs] == [{"notification_id": mine.pk}]


def test_the_choice_is_recorded_once(officer: User, noon: datetime) -> None:
    for wanted in (True, True, False, False):
        actions.choose_email(officer, wanted=wanted, at=noon)

    assert [entry.detail for entry in Entry.objects.order_by("id")] == [{"by_email": True}, {"by_email": False}]
    assert not ByEmail.objects.exists()


def test_the_email_says_the_sentence_and_goes_out_once(
    example_council: Council, officer: User, mail_server: MailServer, noon: datetime
) -> None:
    actions.choose_email(officer, wanted=True, at=noon)
    tell(officer, at=noon)
    mine = Notification.objects.get()

    actions.email(mine.pk, at=noon)
    actions.email(mine.pk, at=noon)

    (sent,) = mail_server.taken
    assert mail_server.recipients == [officer.email]
    assert sent["Subject"] == "You were mentioned on BB-1."
    assert f"<notification-{mine.pk}." in sent["Message-ID"]
    body = sent.get_body(("plain",))
    assert body is not None
    assert "Sign in to the desk and open Notifications" in body.get_content()


def test_what_was_read_at_the_desk_is_not_sent(
    example_council: Council, officer: User, mail_server: MailServer, noon: datetime
) -> None:
    actions.choose_email(officer, wanted=True, at=noon)
    tell(officer, at=noon)
    actions.mark_read(officer, at=noon)

    actions.email(Notification.objects.get().pk, at=noon)

    assert mail_server.taken == []


def test_without_a_sender_the_job_fails_and_is_tried_again(officer: User, noon: datetime) -> None:
    actions.choose_email(officer, wanted=True, at=noon)
    tell(officer, at=noon)

    with pytest.raises(mail.NotSent):
        actions.email(Notification.objects.get().pk, at=noon)
    assert Notification.objects.get().emailed_at is None


def test_old_notifications_are_forgotten(officer: User, noon: datetime) -> None:
    tell(officer, at=noon)

    assert actions.forget(before=noon) == 0
    assert actions.forget(before=noon + timedelta(seconds=1)) == 1
