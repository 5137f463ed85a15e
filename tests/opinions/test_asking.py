"""Opinions asked for, sent by e-mail, asked anew, withdrawn, reminded of, out of time."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
from tests.conftest import MakeUser
from tests.messages.conftest import MailServer
from tests.opinions.conftest import THERAPIST, Ask

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.cases import communications, delivery
from moothall.domain.cases.models import Case, Pause, TimelineEntry, WorkItem
from moothall.domain.documents.models import Document
from moothall.domain.messages.models import Message
from moothall.domain.notifications.models import Notification
from moothall.domain.opinions import answering, asking, links
from moothall.domain.opinions.models import Opinion
from moothall.domain.opinions.rules import NotOpen, OpinionRefused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def text_of(email: EmailMessage) -> str:
    part = email.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def last_line(case: Case) -> str:
    return TimelineEntry.objects.filter(case=case, kind="opinion").order_by("-id")[0].text


def test_the_link_stands_in_the_email_alone(ask: Ask, case: Case, mail_server: MailServer, noon: datetime) -> None:
    opinion = ask()
    message = Message.objects.get()
    token = links.token(opinion.seed)

    delivery.deliver(message.pk, at=noon)

    sent = mail_server.taken[0]
    assert f"https://cases.council.example.org/opinion/{token}/" in text_of(sent)
    assert "Madeup" not in sent.as_string(), "nothing of the applicant"
    message.refresh_from_db()
    assert message.status == Message.Status.SENT
    kept = [message.html, *TimelineEntry.objects.values_list("text", flat=True), str(list(Entry.objects.values()))]
    assert not any(token in text for text in [*kept, str(Opinion.objects.values())])


def test_a_job_that_runs_twice_sends_the_link_once(ask: Ask, mail_server: MailServer, noon: datetime) -> None:
    ask()
    for _ in range(2):
        delivery.deliver(Message.objects.get().pk, at=noon)

    assert len(mail_server.taken) == 1


def test_a_killed_worker_leaves_an_email_that_is_sent_with_the_same_link(
    ask: Ask, mail_server: MailServer, noon: datetime
) -> None:
    opinion = ask()
    Message.objects.update(status=Message.Status.SENDING, due_at=noon, attempts=1)

    delivery.deliver(Message.objects.get().pk, at=noon + timedelta(minutes=5))

    assert links.token(opinion.seed) in text_of(mail_server.taken[0])


def test_asking_twice_from_one_page_asks_once(ask: Ask, case: Case) -> None:
    once = uuid4()

    assert ask(once=once) == ask(once=once)
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("of", "question", "field"),
    [
        (THERAPIST, {"text": " "}, "text"),
        (THERAPIST, {"days": 91}, "days"),
        (THERAPIST, {"documents": [999_999]}, "documents"),
        (THERAPIST, {"kind": "no_such"}, "kind"),
        (asking.Asked(name="Tara", email="nobody"), {}, "email"),
        (asking.Asked(email="tara@therapy.example.org"), {}, "name"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(
    ask: Ask, of: asking.Asked, question: dict[str, object], field: str
) -> None:
    with pytest.raises(OpinionRefused) as refused:
        ask(of, **question)

    assert refused.value.field == field
    assert not Opinion.objects.exists()


def test_a_document_of_another_case_cannot_be_shown(ask: Ask, second_officer: User, noon: datetime) -> None:
    other = Document.objects.get()
    other.case_link.delete()

    with pytest.raises(OpinionRefused, match="no longer on the case"):
        ask(documents=[other.pk])


def test_asked_anew_the_old_link_is_dead_and_its_waiting_email_never_goes(
    ask: Ask, officer: User, mail_server: MailServer, noon: datetime
) -> None:
    opinion = ask()
    old, first = links.token(opinion.seed), Message.objects.get()
    first.status = Message.Status.SENDING  # a worker has it at this moment
    first.save(update_fields=["status"])

    again = asking.ask_anew(opinion, days=3, by=officer, at=noon)

    assert answering.by_token(old, at=noon) is None
    assert answering.by_token(links.token(again.seed), at=noon) == opinion
    Message.objects.filter(pk=first.pk).update(due_at=noon)
    delivery.deliver(first.pk, at=noon + DAY)
    first.refresh_from_db()
    assert first.status == Message.Status.FAILED
    assert mail_server.taken == []


def test_withdrawn_the_link_leads_nowhere_and_the_email_that_waits_is_cancelled(
    ask: Ask, officer: User, case: Case, noon: datetime
) -> None:
    opinion = ask()

    asking.withdraw(opinion, reason="Not needed.", by=officer, at=noon)

    assert answering.by_token(links.token(opinion.seed), at=noon) is None
    assert Message.objects.get().status == Message.Status.CANCELLED
    assert last_line(case).endswith("is no longer asked for. Not needed.")
    with pytest.raises(NotOpen):
        asking.withdraw(opinion, reason="Again.", by=officer, at=noon)
    with pytest.raises(NotOpen):
        asking.ask_anew(opinion, days=3, by=officer, at=noon)


def test_the_clock_stands_still_until_the_opinion_ends(ask: Ask, officer: User, noon: datetime) -> None:
    opinion = ask(item=WorkItem.objects.get())
    assert Pause.objects.get().ended_at is None

    asking.withdraw(opinion, reason="Not needed.", by=officer, at=noon + DAY)

    assert Pause.objects.get().ended_at == noon + DAY


def test_out_of_time_it_ends_by_itself_once_and_who_asked_is_told(ask: Ask, officer: User, noon: datetime) -> None:
    opinion = ask(days=2)
    assert asking.expire_due(at=opinion.expires_at - timedelta(seconds=1)) == 0

    assert [asking.expire_due(at=opinion.expires_at) for _ in range(2)] == [1, 0]
    assert answering.by_token(links.token(opinion.seed), at=opinion.expires_at) is None
    assert "did not come in time" in Notification.objects.get(user=officer).text
    again = asking.ask_anew(opinion, days=2, by=officer, at=noon + 5 * DAY)
    assert again.state == Opinion.State.OPEN


def test_a_reminder_goes_once_three_days_before_the_end_with_the_same_link(
    ask: Ask, mail_server: MailServer, noon: datetime
) -> None:
    opinion = ask(days=14)
    assert asking.remind_due(at=noon + 10 * DAY) == 0

    assert [asking.remind_due(at=noon + 11 * DAY) for _ in range(2)] == [1, 0]
    delivery.deliver(Message.objects.latest("pk").pk, at=noon + 11 * DAY)
    assert links.token(opinion.seed) in text_of(mail_server.taken[0])


def test_the_email_is_not_sent_again_by_hand_without_its_link(
    ask: Ask, officer: User, mail_server: MailServer, noon: datetime
) -> None:
    ask()
    delivery.deliver(Message.objects.get().pk, at=noon)

    with pytest.raises(communications.MessageRefused, match="link of its own"):
        communications.resend(Message.objects.get(), by=officer, at=noon)


def test_a_colleague_is_told_at_the_desk_and_gets_no_link(ask: Ask, make_user: MakeUser) -> None:
    adviser = make_user("Ada Adviser", "advisers", permissions=["application.sign_in"], services=[])

    opinion = ask(asking.Asked(colleague=adviser))

    assert (opinion.seed, opinion.digest) == ("", None)
    assert not Message.objects.exists()
    assert Notification.objects.get(user=adviser).page == "opinions"


def test_colleagues_of_other_services_are_neither_offered_nor_asked(
    ask: Ask, case: Case, make_user: MakeUser, officer: User
) -> None:
    may = {"permissions": ["application.sign_in"]}
    taxis = make_user("Tara Taxicard", "taxicard_officers", services=["taxicard"], **may)
    adviser = make_user("Ada Adviser", "advisers", services=[], **may)
    both = make_user("Bo Both", "taxicard_officers", "blue_badge_helpers", services=[case.service.key], **may)

    found = set(asking.colleagues(case, but=officer))

    assert {adviser, both} <= found
    assert found.isdisjoint({taxis, officer})
    with pytest.raises(OpinionRefused, match="for other services alone"):
        ask(asking.Asked(colleague=taxis))


def test_who_asks_cannot_ask_themselves(ask: Ask, officer: User) -> None:
    with pytest.raises(OpinionRefused, match="not yourself"):
        ask(asking.Asked(colleague=officer))
