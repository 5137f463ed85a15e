"""Answers in letters: those of the workflow that sends the letter, in words; what is never asked is a fault."""

from datetime import datetime
from typing import Any

import pytest
from tests.messages.conftest import FILES

from moothall.core.accounts.models import User
from moothall.domain.cases import actions, communications, progress
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import bundle, checks
from moothall.domain.messages import language
from moothall.domain.messages.language import TemplateFault
from moothall.domain.messages.models import Message
from moothall.domain.people.models import Customer, Person

WORKFLOW = """
key: permit
name: Parking permit
start: check
stages:
  - id: check
    name: Check
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    outcomes:
      - id: invite
        name: Invite
        questions:
          - {id: appointment_on, label: Appointment on, type: date, required: true}
          - {id: fee, label: Fee, type: money}
          - {id: place, label: Place, type: text}
          - {id: parking, label: Parking, type: yes_no}
          - {id: bring, label: What to bring, type: choices, list: missing}
          - {id: first, label: What first, type: choice, list: missing}
          - {id: plan, label: Plan, type: document}
        do: [{effect: message, template: invitation, channels: [email]}]
        to: later
  - id: later
    name: Later
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    outcomes:
      - id: again
        name: Again
        do: [{effect: message, template: invitation, channels: [email]}]
        end: {state: complete}
"""
INVITATION = """---
name: Invitation
subject: "Come on {{ answers.appointment_on }}"
---
<p>At {{ answers.place }}, for {{ answers.fee }}.{% if answers.parking %} You can park.{% endif %}</p>
<ul>{% for thing in answers.bring %}<li>{{ thing }}</li>{% endfor %}</ul><p>First: {{ answers.first }}.</p>
"""
WELSH = """---
name: Gwahoddiad
subject: "Dewch ar {{ answers.appointment_on }}"
language: cy
---
<p>Dewch.</p>
"""
SERVICE = {
    "service.yaml": FILES["service.yaml"].replace("by_hand: [granted, missing]\n", ""),
    "lists/missing.yaml": FILES["lists/missing.yaml"],
    "workflows/permit.yaml": WORKFLOW,
    "letters/invitation.html": INVITATION,
    "letters/invitation.cy.html": WELSH,
}
ANSWERS = {
    "appointment_on": "2026-03-09",
    "fee": "12.50",
    "place": "<Town Hall>",
    "parking": True,
    "bring": ["form", "photo"],
    "first": "photo",
}


@pytest.fixture
def case(applicant: Customer, administrator: User, officer: User, noon: datetime) -> Case:
    service = catalogue_actions.publish(bundle.parse(SERVICE), by=administrator, at=noon).service
    return actions.open_case(service=service, type="new", source="online", customer=applicant, by=officer, at=noon)


def choose(case: Case, outcome: str, *, by: User, at: datetime, **answers: Any) -> Message:
    """Choose an outcome and return the message it saved."""
    progress.choose(WorkItem.objects.open().get(case=case), outcome, by=by, at=at, answers=answers)
    return Message.objects.latest("pk")


def faults(**letters: str) -> list[str]:
    files = SERVICE | {f"letters/{name}.html": text for name, text in letters.items()}
    return [str(fault) for fault in checks.check(bundle.parse(files))]


def test_the_answers_of_the_outcome_stand_in_its_letter_in_words(case: Case, officer: User, noon: datetime) -> None:
    message = choose(case, "invite", by=officer, at=noon, **ANSWERS)

    assert message.subject == "Come on 9 March 2026"
    assert "<p>At &lt;Town Hall&gt;, for £12.50. You can park.</p>" in message.html
    assert "<li>A photograph</li><li>The form</li>" in message.html
    assert "<p>First: A photograph.</p>" in message.html


def test_what_was_not_answered_is_empty_and_no_is_not_a_yes(case: Case, officer: User, noon: datetime) -> None:
    message = choose(case, "invite", by=officer, at=noon, appointment_on="2026-03-09", parking=False)

    assert message.html.startswith("<p>At , for .</p>")


def test_an_answer_of_nothing_to_pay_is_an_answer(case: Case, officer: User, noon: datetime) -> None:
    message = choose(case, "invite", by=officer, at=noon, appointment_on="2026-03-09", fee="0")

    assert message.html.startswith("<p>At , for £0.00.</p>")


def test_answers_of_earlier_stages_stand_in_later_letters_and_in_those_sent_by_hand(
    case: Case, officer: User, noon: datetime
) -> None:
    choose(case, "invite", by=officer, at=noon, **ANSWERS)

    assert choose(case, "again", by=officer, at=noon).subject == "Come on 9 March 2026"
    assert communications.preview(case, "invitation", at=noon).composed.subject == "Come on 9 March 2026"


def test_a_day_answered_stands_in_a_welsh_letter_in_welsh(case: Case, officer: User, noon: datetime) -> None:
    Person.objects.filter(customer=case.customer).update(language="cy")

    assert choose(case, "invite", by=officer, at=noon, **ANSWERS).subject == "Dewch ar 9 Mawrth 2026"


def test_a_letter_of_answers_that_are_asked_has_no_faults() -> None:
    assert faults() == []


def test_an_answer_nobody_asks_for_is_a_fault() -> None:
    (fault,) = faults(invitation=INVITATION.replace("answers.place", "answers.plaice"))

    assert fault.startswith("letters/invitation.html: ")
    assert "“answers.plaice” is not a placeholder. Did you mean “answers.place”?" in fault


def test_a_document_cannot_stand_in_a_letter_and_a_list_of_answers_not_on_one_line() -> None:
    assert (
        "“answers.plan” is not a placeholder"
        in faults(invitation=INVITATION.replace("answers.place", "answers.plan"))[0]
    )
    (fault,) = faults(invitation=INVITATION.replace("{{ answers.place }}", "{{ answers.bring }}"))
    assert "“answers.bring” is a list" in fault


def test_an_answer_that_one_of_the_workflows_which_send_the_letter_never_asks_is_a_fault() -> None:
    other = WORKFLOW.replace("key: permit", "key: other").replace("appointment_on, label", "meeting_on, label")
    files = SERVICE | {"workflows/other.yaml": other}

    found = [str(fault) for fault in checks.check(bundle.parse(files))]

    sentence = "“answers.appointment_on” is never asked in the workflow “other”, which sends this letter."
    assert [fault.partition(": ")[2] for fault in found if "never asked" in fault] == [sentence, sentence]


@pytest.mark.parametrize(
    "source",
    [
        "{{ answers }}",
        "{{ answers.place.upper }}",
        "{{ answers.__class__ }}",
        "{% for answers in address_lines %}{{ answers.upper }}{% endfor %}",
        "{{ case.place }}",
    ],
)
def test_nothing_but_an_answer_can_be_reached_through_a_dot(source: str) -> None:
    with pytest.raises(TemplateFault):
        language.read(source).render({}, blocks={})
