"""Delivery against a real mail server: sent once, retried when that makes sense, never lost."""

import io
import threading
import time
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.conftest import WORKING
from tests.messages.conftest import MailServer

from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.domain.cases import actions, communications, delivery
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.documents.models import Document
from moothall.domain.messages.models import Message
from moothall.domain.notifications.models import Notification

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def email(case: Case, officer: User, noon: datetime) -> Message:
    """An e-mail that waits to be sent."""
    return communications.send_by_hand(case, channel="email", template="granted", by=officer, at=noon)


@pytest.fixture
def letter(case: Case, officer: User, noon: datetime) -> Message:
    """A letter that waits to be produced."""
    return communications.send_by_hand(
        case, channel="letter", template="granted", tags=["decision"], by=officer, at=noon
    )


def lose_the_job(status: str = "failed") -> None:
    """What a killed worker leaves behind."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status", [status])


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def last_line(case: Case) -> str:
    return TimelineEntry.objects.filter(case=case).order_by("-pk")[0].text


def test_an_email_goes_out_plain_and_html_and_its_copy_is_filed(
    case: Case, email: Message, mail_server: MailServer, noon: datetime
) -> None:
    delivery.deliver(email.pk, at=noon)

    email.refresh_from_db()
    (sent,) = mail_server.taken
    assert mail_server.recipients == ["ann@example.org"]
    assert (email.status, email.sent_at, email.problem) == ("sent", noon, "")
    assert sent["Subject"] == "Your permit"
    assert sent["From"] == "Example Council <noreply@example.org>"
    assert sent["Reply-To"] == "Example Council <contact@example.org>"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Content-Language"] == "en"
    assert sent["Date"].datetime == noon
    assert f"<message-{email.pk}." in sent["Message-ID"]
    assert "The permit of Ann <b> O'Applicant is granted." in part(sent, "plain")
    assert f"Our reference: {case.reference}" in part(sent, "plain")
    assert "The permit of Ann &lt;b&gt; O'Applicant is granted" in part(sent, "html").replace("&#39;", "'").replace(
        "&#x27;", "'"
    )
    assert "<b>" not in part(sent, "html")
    assert email.document is not None
    assert email.document.tags == ["correspondence"]
    assert email.document.case_link.case == case
    assert email.document.media_type == "application/pdf"
    assert "sent to" in last_line(case)


def test_a_letter_becomes_a_tagged_pdf_among_the_documents(case: Case, letter: Message, noon: datetime) -> None:
    delivery.deliver(letter.pk, at=noon)

    letter.refresh_from_db()
    document = Document.objects.get(case_link__case=case)
    assert letter.document == document
    assert letter.status == "sent"
    assert document.tags == ["correspondence", "decision"]
    assert document.name == "Letter 2026-03-03 Your permit.pdf"
    assert document.origin == "generated"
    with document.file.open() as file, pikepdf.open(io.BytesIO(file.read())) as pdf:
        assert pdf.docinfo["/Title"] == "Your permit"
    entry = TimelineEntry.objects.filter(case=case).order_by("-pk")[0]
    assert entry.text.endswith("produced, ready to print.")
    assert entry.detail == {"message": letter.pk, "document": document.pk}


def test_a_job_that_runs_twice_sends_once(email: Message, mail_server: MailServer, noon: datetime) -> None:
    delivery.deliver(email.pk, at=noon)
    delivery.deliver(email.pk, at=noon + 60 * MINUTE)

    assert len(mail_server.taken) == 1


def test_a_cancelled_message_is_not_sent(
    email: Message, officer: User, mail_server: MailServer, noon: datetime
) -> None:
    communications.cancel(email, by=officer, at=noon)

    delivery.deliver(email.pk, at=noon)

    assert mail_server.taken == []


def test_a_busy_server_is_tried_again_later_with_the_same_message_number(
    email: Message, mail_server: MailServer, noon: datetime
) -> None:
    mail_server.at_data = "451 Try again later"
    delivery.deliver(email.pk, at=noon)
    email.refresh_from_db()
    assert (email.status, email.attempts) == ("queued", 1)
    assert email.problem == "The mail server refused the message: 451 Try again later"
    assert email.due_at is not None
    assert 0.8 * MINUTE <= email.due_at - noon <= 1.2 * MINUTE

    delivery.deliver(email.pk, at=noon)
    email.refresh_from_db()
    assert email.attempts == 1

    mail_server.at_data = "250 OK"
    delivery.deliver(email.pk, at=noon + 2 * MINUTE)
    email.refresh_from_db()
    assert (email.status, email.problem) == ("sent", "")
    assert len(mail_server.taken) == 1


def test_a_later_try_is_queued_for_its_time(email: Message, mail_server: MailServer, noon: datetime) -> None:
    job = ProcrastinateJob.objects.get(task_name="cases.deliver")
    lose_the_job("doing")
    mail_server.at_rcpt = "450 Mailbox busy"

    delivery.deliver(email.pk, at=noon)

    email.refresh_from_db()
    again = ProcrastinateJob.objects.exclude(pk=job.pk).get(task_name="cases.deliver")
    assert again.scheduled_at == email.due_at
    assert again.args == {"message_id": email.pk}


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"at_rcpt": "550 No such user"}, "The mail server refused the address: 550 No such user"),
        ({"at_data": "554 Looks like spam"}, "The mail server refused the message: 554 Looks like spam"),
    ],
)
def test_a_final_refusal_fails_in_words(
    case: Case, email: Message, mail_server: MailServer, noon: datetime, answers: dict[str, str], sentence: str
) -> None:
    for name, answer in answers.items():
        setattr(mail_server, name, answer)

    delivery.deliver(email.pk, at=noon)

    email.refresh_from_db()
    assert (email.status, email.problem) == ("failed", sentence)
    assert last_line(case) == f"E-mail “Your permit” to {email.to_name} could not be delivered. {sentence}"
    assert not Document.objects.exists()


def test_a_final_refusal_tells_who_wrote_it_or_has_the_work_of_those_who_still_may_see_it(
    case: Case,
    email: Message,
    mail_server: MailServer,
    officer: User,
    second_officer: User,
    manager: User,
    noon: datetime,
) -> None:
    actions.assign_case(case, owner=manager, by=officer, at=noon)
    case.work_items.update(assigned_to=second_officer)
    mail_server.at_rcpt = "550 No such user"
    SecurityGroup.objects.update(services=["permits"], permissions=WORKING)
    Membership.objects.filter(user=manager).delete()

    delivery.deliver(email.pk, at=noon)
    delivery.deliver(email.pk, at=noon)

    told = Notification.objects.order_by("user__full_name")
    assert [one.user for one in told] == [officer, second_officer]
    assert {one.text for one in told} == {f"An e-mail on {case.reference} could not be delivered."}
    assert email.to_name not in told[0].text


def test_a_server_that_does_not_answer_in_time_is_tried_again(
    email: Message, mail_server: MailServer, noon: datetime
) -> None:
    mail_server.sleeps = 1.5

    delivery.deliver(email.pk, at=noon)

    email.refresh_from_db()
    assert email.status == "queued"
    assert "did not answer as it should" in email.problem


def test_no_server_at_all_is_tried_again(email: Message, settings: Any, noon: datetime) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    delivery.deliver(email.pk, at=noon)

    email.refresh_from_db()
    assert email.status == "queued"
    assert "did not answer as it should" in email.problem


def test_after_the_last_try_the_message_fails_in_words(
    case: Case, email: Message, mail_server: MailServer, noon: datetime
) -> None:
    mail_server.at_data = "451 Try again later"
    at = noon
    for _ in range(delivery.MOST_TRIES):
        delivery.deliver(email.pk, at=at)
        at += timedelta(days=2)

    email.refresh_from_db()
    assert email.status == "failed"
    assert email.problem.startswith("Given up after 9 tries. The mail server refused the message: 451")
    assert "could not be delivered" in last_line(case)


def test_a_message_the_server_took_is_not_given_to_it_again_when_its_copy_cannot_be_filed(
    email: Message, mail_server: MailServer, settings: Any, tmp_path: Path, noon: datetime
) -> None:
    (tmp_path / "full").write_text("")
    settings.MEDIA_ROOT = tmp_path / "full"  # a file, so that nothing can be stored
    with pytest.raises(OSError, match="full"):
        delivery.deliver(email.pk, at=noon)
    email.refresh_from_db()
    assert email.status == "sending"

    settings.MEDIA_ROOT = tmp_path
    assert email.due_at is not None
    before, after = email.due_at - SECOND, email.due_at + SECOND  # the lease, renewed for as long as the try took
    delivery.deliver(email.pk, at=before)
    assert len(mail_server.taken) == 1  # the lease still holds
    lose_the_job()
    assert delivery.take_up(at=before) == 0
    assert delivery.take_up(at=after) == 1
    assert ProcrastinateJob.objects.get(status="todo").args == {"message_id": email.pk}
    delivery.deliver(email.pk, at=after)

    email.refresh_from_db()
    assert email.status == "sent"
    assert len(mail_server.taken) == 1
    assert Document.objects.count() == 1


def test_a_message_whose_job_was_lost_is_taken_up_once(email: Message, noon: datetime) -> None:
    assert delivery.take_up(at=noon + 5 * MINUTE) == 1  # its job still waits: no second one
    assert ProcrastinateJob.objects.filter(task_name="cases.deliver").count() == 1

    lose_the_job()
    delivery.take_up(at=noon + 5 * MINUTE)
    delivery.take_up(at=noon + 5 * MINUTE)
    assert ProcrastinateJob.objects.filter(task_name="cases.deliver", status="todo").count() == 1


def test_a_message_whose_worker_was_killed_says_so_and_is_taken_up_as_soon_as_the_worker_is_silent(
    email: Message, noon: datetime
) -> None:
    Message.objects.filter(pk=email.pk).update(status="sending", attempts=1, due_at=noon + 30 * SECOND)
    lose_the_job()

    assert delivery.take_up(at=noon + 29 * SECOND) == 0
    assert delivery.take_up(at=noon + 31 * SECOND) == 1

    email.refresh_from_db()
    assert (email.status, email.problem) == ("sending", "Its delivery was interrupted. It is tried again by itself.")
    assert ProcrastinateJob.objects.get(status="todo").args == {"message_id": email.pk}


def test_a_job_begun_anew_before_the_lease_is_over_looks_again_then(email: Message, noon: datetime) -> None:
    Message.objects.filter(pk=email.pk).update(status="sending", attempts=1, due_at=noon + 30 * SECOND)
    lose_the_job()

    delivery.deliver(email.pk, at=noon + 20 * SECOND)

    job = ProcrastinateJob.objects.get(status="todo")
    assert (job.args, job.scheduled_at) == ({"message_id": email.pk}, noon + 30 * SECOND)


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_lasts_is_left_to_its_worker_as_long_as_that_lives(
    email: Message, mail_server: MailServer, settings: Any, noon: datetime
) -> None:
    settings.WORKER_DEAD_AFTER_SECONDS, settings.EMAIL_TIMEOUT, mail_server.sleeps = 0.6, 10, 1.5

    def work() -> None:
        delivery.deliver(email.pk, at=noon)
        connection.close()

    began = time.monotonic()
    worker = threading.Thread(target=work)
    worker.start()
    found = 0
    while worker.is_alive():
        now = noon + (time.monotonic() - began) * SECOND
        found += delivery.take_up(at=now)
        time.sleep(0.05)
    worker.join()

    email.refresh_from_db()
    assert (email.status, found, len(mail_server.taken)) == ("sent", 0, 1)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_was_taken_for_dead_leaves_the_rest_to_whoever_took_over(
    email: Message, mail_server: MailServer, noon: datetime
) -> None:
    def take_over() -> None:
        Message.objects.filter(pk=email.pk).update(attempts=2, due_at=noon + MINUTE)
        connection.close()

    mail_server.meanwhile = take_over
    delivery.deliver(email.pk, at=noon)
    email.refresh_from_db()
    assert (email.status, email.handed_over_at, Document.objects.count()) == ("sending", noon, 0)

    delivery.deliver(email.pk, at=noon + MINUTE)
    email.refresh_from_db()
    assert (email.status, len(mail_server.taken), Document.objects.count()) == ("sent", 1, 1)


@pytest.mark.parametrize("answer", ["451 Try again later", "554 Looks like spam"])
@pytest.mark.django_db(transaction=True)
def test_a_refusal_heard_by_a_worker_taken_for_dead_changes_nothing(
    email: Message, mail_server: MailServer, noon: datetime, answer: str
) -> None:
    def take_over() -> None:
        Message.objects.filter(pk=email.pk).update(attempts=2, due_at=noon + MINUTE)
        connection.close()

    mail_server.meanwhile, mail_server.at_data = take_over, answer
    delivery.deliver(email.pk, at=noon)

    email.refresh_from_db()
    assert (email.status, email.attempts, email.problem) == ("sending", 2, "")


def test_delivery_that_is_always_interrupted_ends_in_words(email: Message, noon: datetime) -> None:
    Message.objects.filter(pk=email.pk).update(status="sending", attempts=9, due_at=noon)

    delivery.deliver(email.pk, at=noon)

    email.refresh_from_db()
    assert (email.status, email.problem) == ("failed", "Delivery was interrupted every time it was tried.")


def test_a_message_the_server_took_is_sent_though_its_copy_is_never_filed(email: Message, noon: datetime) -> None:
    Message.objects.filter(pk=email.pk).update(status="sending", attempts=9, due_at=noon, handed_over_at=noon)

    delivery.deliver(email.pk, at=noon)

    email.refresh_from_db()
    assert (email.status, email.problem) == ("sent", "Its copy could not be filed.")


def test_no_value_can_add_a_header_or_a_recipient(
    case: Case, officer: User, mail_server: MailServer, noon: datetime
) -> None:
    case.customer.name = "Ann\r\nBcc: all@example.org, <x@example.org>"
    message = communications.send_by_hand(
        case, channel="email", subject="Hi\nBcc: all@example.org", html="<p>x</p>", by=officer, at=noon
    )

    delivery.deliver(message.pk, at=noon)

    (sent,) = mail_server.taken
    assert mail_server.recipients == ["ann@example.org"]
    assert sent["Bcc"] is None
    assert [address.addr_spec for address in sent["To"].addresses] == ["ann@example.org"]


def test_an_address_email_cannot_carry_fails_in_words(
    case: Case, email: Message, mail_server: MailServer, noon: datetime
) -> None:
    Message.objects.filter(pk=email.pk).update(to_email="änn@example.org")

    delivery.deliver(email.pk, at=noon)

    email.refresh_from_db()
    assert email.problem == "The address änn@example.org has letters that e-mail cannot carry."
    assert email.status == "failed"
