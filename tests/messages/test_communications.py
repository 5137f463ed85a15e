"""Messages about a case: by an outcome, by hand, edited, drafted, sent again, cancelled."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.messages.conftest import FILES

from moothall.core.accounts.models import User
from moothall.core.lists.models import Value
from moothall.domain.cases import communications, progress, requests
from moothall.domain.cases.communications import MessageRefused
from moothall.domain.cases.models import Case, TimelineEntry, WorkItem
from moothall.domain.cases.placeholders import CaseValues
from moothall.domain.cases.recipients import NoAlternativeContact, Recipient
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import bundle, by_hand
from moothall.domain.messages.models import Message, TemplateVersion
from moothall.domain.messages.vocabulary import CASES
from moothall.domain.people.models import ContactDetail, Customer, ExternalReference, Person

Choose = Callable[..., list[Message]]


@pytest.fixture
def choose(item: WorkItem, officer: User, noon: datetime) -> Choose:
    """Choose an outcome and return the messages there are then."""

    def choosing(outcome: str, **more: Any) -> list[Message]:
        progress.choose(item, outcome, by=officer, at=noon, **more)
        return list(Message.objects.order_by("pk"))

    return choosing


def lines(case: Case) -> list[str]:
    return [entry.text for entry in TimelineEntry.objects.filter(case=case, kind="message")]


def test_an_outcome_queues_a_message_by_each_channel_with_the_chosen_paragraphs(case: Case, choose: Choose) -> None:
    email, letter = choose("incomplete", answers={"gaps": ["form", "bill", "photo"]})

    assert (email.channel, email.to_email, email.to_lines) == ("email", "ann@example.org", [])
    assert (letter.channel, letter.to_lines) == ("letter", ["1 Example Road", "Exampleton", "EX1 1AA"])
    assert email.subject == f"{case.reference}: we need more from you"
    paragraphs = [
        "<p><strong>A photograph</strong> of Ann &lt;b&gt; O'Applicant.</p>",
        "<p>A bill &amp; nothing else</p>",
        "<p>The form we sent you.</p>",
    ]
    positions = [email.html.replace("&#x27;", "'").replace("&#39;", "'").find(paragraph) for paragraph in paragraphs]
    assert -1 < positions[0] < positions[1] < positions[2]
    assert {job.args["message_id"] for job in ProcrastinateJob.objects.filter(task_name="cases.deliver")} == {
        email.pk,
        letter.pk,
    }
    assert lines(case)[0].endswith("queued.")


def test_nothing_is_queued_when_the_outcome_is_undone(choose: Choose) -> None:
    with transaction.atomic():
        choose("incomplete", answers={"gaps": ["bill"]})
        transaction.set_rollback(True)

    assert not Message.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="cases.deliver").exists()


def test_by_email_only_goes_by_email_only(choose: Choose) -> None:
    assert [message.channel for message in choose("incomplete_by_email", answers={"gaps": ["bill"]})] == ["email"]


@pytest.mark.usefixtures("without_email")
def test_by_email_becomes_a_letter_when_no_email_is_known(choose: Choose) -> None:
    assert [message.channel for message in choose("incomplete_by_email", answers={"gaps": ["bill"]})] == ["letter"]


@pytest.mark.usefixtures("without_email")
def test_somebody_nobody_can_reach_does_not_stop_the_outcome_and_is_told_to_the_officer(
    case: Case, applicant: Customer, choose: Choose
) -> None:
    applicant.residences.all().delete()

    (message,) = choose("incomplete", answers={"gaps": ["bill"]})

    assert message.status == "failed"
    assert "No e-mail or postal address is recorded for" in message.problem
    assert "could not be delivered" in lines(case)[-1]
    assert not ProcrastinateJob.objects.filter(task_name="cases.deliver").exists()


@pytest.mark.usefixtures("without_email")
def test_a_text_that_goes_by_email_alone_says_so_where_no_email_is_known(
    case: Case, officer: User, administrator: User, noon: datetime
) -> None:
    text = FILES["letters/granted.html"].replace("name: Granted", "name: Granted\nchannels: [email]")
    catalogue_actions.publish(bundle.parse({**FILES, "letters/granted.html": text}), by=administrator, at=noon)

    communications.send_by_rule(case, "granted", channels=["email"], by=officer, at=noon)

    message = Message.objects.get(status="failed")
    assert message.channel == "email"
    assert message.problem.startswith("No e-mail address is recorded for ")
    assert message.problem.endswith(", and this text is written to go by e-mail alone.")


@pytest.mark.usefixtures("with_carer")
def test_the_alternative_contact_is_written_to_when_chosen(choose: Choose) -> None:
    (message,) = choose("granted")

    assert (message.to_name, message.to_email) == ("Carl Carer", "carl@example.org")
    assert "<p>Dear Carl Carer,</p>" in message.html


def test_the_applicant_is_written_to_when_there_is_no_alternative_contact(choose: Choose) -> None:
    (message,) = choose("granted")

    assert message.to_email == "ann@example.org"


@pytest.mark.usefixtures("with_carer")
def test_the_applicants_own_message_never_goes_to_the_alternative_contact(choose: Choose) -> None:
    email, _ = choose("incomplete", answers={"gaps": ["bill"]})

    assert email.to_email == "ann@example.org"


@pytest.mark.parametrize("key", ["0", "missing"])
def test_an_officers_changes_are_sanitised_and_are_of_this_copy_only(choose: Choose, key: str) -> None:
    before = list(TemplateVersion.objects.values_list("pk", "body"))
    edits = {key: {"html": "<p onclick=x>My words</p><script>x</script>", "subject": "Mine\r\nBcc: x@example.org"}}

    email, letter = choose("incomplete", answers={"gaps": ["bill"]}, edits=edits)

    assert (email.html, email.subject, email.edited) == ("<p>My words</p>", "Mine Bcc: x@example.org", True)
    assert letter.html == email.html
    assert list(TemplateVersion.objects.values_list("pk", "body")) == before


def test_the_officer_chooses_the_channel_of_this_message(choose: Choose) -> None:
    (letter,) = choose("incomplete", answers={"gaps": ["bill"]}, edits={"0": {"channels": ["letter"]}})

    assert (letter.channel, letter.edited) == ("letter", False)


def test_a_letter_is_sent_where_the_officer_chooses_one_and_the_outcome_says_an_email(choose: Choose) -> None:
    (letter,) = choose("incomplete_by_email", answers={"gaps": ["bill"]}, edits={"0": {"channels": ["letter"]}})

    assert letter.channel == "letter"
    assert letter.to_lines


@pytest.mark.usefixtures("with_carer")
def test_the_officer_writes_to_the_applicant_where_the_outcome_says_their_alternative_contact(choose: Choose) -> None:
    (message,) = choose("granted", edits={"0": {"to": "customer"}})
    assert (message.to_email, message.edited) == ("ann@example.org", False)


@pytest.mark.usefixtures("with_carer")
def test_the_officer_writes_to_the_alternative_contact_in_their_name(choose: Choose) -> None:
    to_carer = {"to": "alternative_contact", "channels": ["email"]}
    (message,) = choose("incomplete", answers={"gaps": ["bill"]}, edits={"0": to_carer})

    assert (message.to_name, message.to_email) == ("Carl Carer", "carl@example.org")
    assert "Dear Carl Carer" in message.html


def test_a_message_to_an_alternative_contact_nobody_named_undoes_the_outcome(choose: Choose) -> None:
    with pytest.raises(MessageRefused, match="No alternative contact is recorded"):
        choose("incomplete", answers={"gaps": ["bill"]}, edits={"0": {"to": "alternative_contact"}})
    assert WorkItem.objects.open().exists()


@pytest.mark.parametrize(
    "edit", [{"channels": []}, {"html": "<script>x</script>"}, {"html": 1}, {"to": "x"}, {"subject": " "}, "text"]
)
def test_changes_that_cannot_be_used_undo_the_outcome_with_a_sentence(choose: Choose, edit: object) -> None:
    with pytest.raises(MessageRefused, match=r"\.$"):
        choose("incomplete", answers={"gaps": ["bill"]}, edits={"0": edit})

    assert not Message.objects.exists()
    assert WorkItem.objects.open().exists()


def test_a_draft_waits_to_be_changed_and_sent(choose: Choose, officer: User, noon: datetime) -> None:
    (draft,) = choose("unsure")
    assert not ProcrastinateJob.objects.filter(task_name="cases.deliver").exists()

    communications.edit_draft(draft, html="<p>Changed<img src=x></p>", by=officer, at=noon)
    sent = communications.send_draft(draft, by=officer, at=noon)

    assert (sent.status, sent.html, sent.edited) == ("queued", "<p>Changed</p>", True)
    assert ProcrastinateJob.objects.get(task_name="cases.deliver").args == {"message_id": draft.pk}
    with pytest.raises(MessageRefused, match="no draft any more"):
        communications.send_draft(draft, by=officer, at=noon)
    with pytest.raises(MessageRefused, match="Only a draft"):
        communications.edit_draft(draft, html="<p>x</p>", by=officer, at=noon)


def test_a_preview_writes_nothing(case: Case, noon: datetime) -> None:
    shown = communications.preview(case, "missing", at=noon, from_list="missing", chosen=["bill"])

    assert "A bill &amp; nothing else" in shown.composed.html
    assert shown.recipient.email == "ann@example.org"
    assert not Message.objects.exists()


def test_the_chosen_paragraphs_of_a_welsh_letter_are_in_welsh_and_in_english_where_there_are_none(
    case: Case, choose: Choose
) -> None:
    Person.objects.filter(customer=case.customer).update(language="cy")
    Value.objects.filter(key="form").update(welsh="")

    email, _ = choose("incomplete", answers={"gaps": ["form", "bill", "photo"]})

    assert email.language == "cy"
    assert "<strong>Llun</strong> o Ann" in email.html
    assert "<p>Bil a dim byd arall.</p>" in email.html
    assert "<p>The form we sent you.</p>" in email.html
    assert "A photograph" not in email.html


def test_a_welsh_speaker_is_written_to_in_welsh(case: Case, noon: datetime) -> None:
    case.customer.person.language = "cy"

    composed = communications.preview(case, "missing", at=noon, from_list="missing", chosen=["bill"]).composed

    assert composed.language == "cy"
    assert "Annwyl Mrs O" in composed.html
    assert "3 Mawrth 2026" in composed.html
    assert communications.preview(case, "granted", at=noon).composed.html.startswith("<p>Dear")


def test_a_free_text_by_hand_is_sanitised_and_queued(case: Case, officer: User, noon: datetime) -> None:
    message = communications.send_by_hand(
        case, channel="email", subject="Hello", html="<p>Hi <script>x</script></p>", by=officer, at=noon
    )

    assert (message.status, message.html, message.template_version) == ("queued", "<p>Hi </p>", None)
    assert message.case_link.case == case


def test_a_message_by_hand_can_go_elsewhere(case: Case, officer: User, noon: datetime) -> None:
    to = Recipient(name="Dr Doe", lines=("2 Example Road", "EX1 1AB"), alternative=True)

    message = communications.send_by_hand(case, channel="letter", template="granted", to=to, by=officer, at=noon)

    assert (message.to_name, message.to_lines) == ("Dr Doe", ["2 Example Road", "EX1 1AB"])
    assert "<p>Dear Dr Doe,</p>" in message.html


def test_what_cannot_be_sent_by_hand_is_refused_in_words(case: Case, officer: User, noon: datetime) -> None:
    def send(**given: Any) -> None:
        how: dict[str, Any] = {"channel": "email", "by": officer, "at": noon} | given
        communications.send_by_hand(case, **how)

    with pytest.raises(MessageRefused, match="not by “fax”"):
        send(channel="fax", template="granted")
    with pytest.raises(MessageRefused, match="Give the message a subject"):
        send(html="<p>x</p>")
    with pytest.raises(MessageRefused, match="Write the message"):
        send(subject="x", html="<p> </p>")
    with pytest.raises(MessageRefused, match="No e-mail address is recorded for Dr Doe"):
        send(template="granted", to=Recipient(name="Dr Doe"))
    with pytest.raises(NoAlternativeContact, match="No alternative contact is recorded"):
        send(template="granted", to="alternative_contact")


def test_what_says_a_decision_or_would_have_gaps_is_not_sent_by_hand(case: Case, officer: User, noon: datetime) -> None:
    def send(**given: Any) -> Message:
        return communications.send_by_hand(case, channel="email", by=officer, at=noon, **given)

    with pytest.raises(MessageRefused, match="gaps: .*“paragraphs” .the paragraphs of the chosen.*“selfserve_link”"):
        send(template="missing")
    with pytest.raises(MessageRefused, match="nothing is known of “selfserve_link”"):
        send(template="missing", from_list="missing", chosen=["bill"], draft=True)
    files = FILES | {"service.yaml": FILES["service.yaml"].replace("by_hand: [granted, missing]", "by_hand: [missing]")}
    catalogue_actions.publish(bundle.parse(files), by=officer, at=noon)
    case.service.refresh_from_db()
    with pytest.raises(MessageRefused, match="“Granted” is not sent by hand"):
        send(template="granted", subject="My own words", html="<p>My own words</p>")
    assert [one.name for one in by_hand.offered(case.service)] == ["Mae rhywbeth ar goll", "Something is missing"]
    assert not Message.objects.exists()


def test_cancelling_stops_what_waits_and_nothing_else(choose: Choose, officer: User, noon: datetime) -> None:
    email, letter = choose("incomplete", answers={"gaps": ["bill"]})

    assert communications.cancel(email, by=officer, at=noon).status == "cancelled"
    with pytest.raises(MessageRefused, match="is cancelled already"):
        communications.cancel(email, by=officer, at=noon)
    Message.objects.filter(pk=letter.pk).update(status="sending")
    with pytest.raises(MessageRefused, match="is being sent at this moment"):
        communications.cancel(letter, by=officer, at=noon)


def test_sending_again_makes_a_new_message(choose: Choose, officer: User, noon: datetime) -> None:
    email, _ = choose("incomplete", answers={"gaps": ["bill"]})
    with pytest.raises(MessageRefused, match="not sent yet"):
        communications.resend(email, by=officer, at=noon)
    Message.objects.filter(pk=email.pk).update(status="failed", problem="No such address.")

    to = Recipient(name="Ann", email="new@example.org")
    again = communications.resend(email, to=to, by=officer, at=noon)

    assert (again.html, again.to_email, again.status) == (email.html, "new@example.org", "queued")
    assert Message.objects.get(pk=email.pk).status == "failed"


def test_a_sent_message_never_changes(choose: Choose, noon: datetime) -> None:
    email, _ = choose("incomplete", answers={"gaps": ["bill"]})
    Message.objects.filter(pk=email.pk).update(status="sent", sent_at=noon)

    for change in (
        {"html": "x"},
        {"subject": "x"},
        {"to_email": "x@example.org"},
        {"status": "queued", "sent_at": None},
    ):
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Message.objects.filter(pk=email.pk).update(**change)


def test_every_declared_placeholder_has_a_value_and_no_other(case: Case, noon: datetime, item: WorkItem) -> None:
    requests.ask(
        item,
        kind="document",
        items=[{"key": "bill", "label": "A bill"}],
        answer_by=noon.date(),
        by=case.opened_by,
        at=noon,
    )
    ExternalReference.objects.create(customer=case.customer, type="badge_number", number="EX1234")

    values = CaseValues(case, recipient=Recipient(name="x"), language="en", on=noon.date())

    assert set(values) == {*CASES.lines, *CASES.lists}
    assert values["badge_number"] == "EX1234"
    assert values["answer_by"] == "3 March 2026"
    assert values["request_items"] == ["A bill"]
    assert values["postcode"] == "EX1 1AA"
    assert values["organisation"] == ""
    assert values["selfserve_link"] == ""  # the council has no address for the public
    for name in CASES.lists:
        assert isinstance(values[name], list)
    for name in CASES.lines:
        assert isinstance(values[name], str)


def test_post_goes_to_the_address_for_letters_and_old_details_are_not_used(
    case: Case, applicant: Customer, noon: datetime
) -> None:
    home = applicant.residences.get()
    home.pk, home.purpose = None, "correspondence"
    home.address.pk, home.address.line1 = None, "PO Box 1"
    home.address.save()
    home.address_id = home.address.pk
    home.save()
    ContactDetail.objects.update(to_date=noon.date().replace(day=1), from_date=noon.date().replace(day=1))

    recipient = communications.preview(case, "granted", at=noon).recipient

    assert recipient.lines[0] == "PO Box 1"
    assert recipient.email == ""


def test_queueing_a_message_takes_few_statements(
    case: Case, officer: User, noon: datetime, django_assert_max_num_queries: Any
) -> None:
    case.service, case.customer, case.customer.person  # noqa: B018  # as an outcome has them

    with django_assert_max_num_queries(10):  # of which 3 are the transaction's own and 1 the audit's
        communications.send_by_hand(case, channel="email", template="granted", by=officer, at=noon)
