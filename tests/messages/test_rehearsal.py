"""What an outcome would send, told apart by effect."""

from datetime import datetime

import pytest
from tests.messages.conftest import FILES

from moothall.core.accounts.models import User
from moothall.domain.cases import actions, progress, rehearsal
from moothall.domain.cases.models import Case, CaseMessage, TimelineEntry, WorkItem
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import bundle
from moothall.domain.people.models import Customer

TWICE = """      - id: granted
        name: Granted
        do:
          - {effect: message, template: granted, channels: [email, letter]}
          - {effect: message, template: granted, channels: [email], recipient: alternative_contact}
"""


@pytest.fixture
def item(applicant: Customer, administrator: User, officer: User, noon: datetime) -> WorkItem:
    """A permit whose grant is written to the applicant and to the alternative contact by the same template."""
    workflow = FILES["workflows/permit.yaml"]
    old = workflow[workflow.index("      - id: granted\n") : workflow.index("        end: {state: complete}")]
    files = FILES | {"workflows/permit.yaml": workflow.replace(old, TWICE)}
    service = catalogue_actions.publish(bundle.parse(files), by=administrator, at=noon).service
    case = actions.open_case(service=service, type="new", source="online", customer=applicant, by=officer, at=noon)
    return WorkItem.objects.open().get(case=case)


@pytest.mark.usefixtures("without_email", "with_carer")
def test_two_messages_of_one_template_are_told_apart_by_their_effect(
    item: WorkItem, officer: User, noon: datetime
) -> None:
    shown = rehearsal.by_position(item, "granted", by=officer, at=noon)

    told = [(one.position, one.recipient.name, [(m.channel, m.to_name) for m in one.messages]) for one in shown]
    applicant = "Ann <b> O'Applicant"
    assert told == [(0, applicant, [("letter", applicant)]), (1, "Carl Carer", [("email", "Carl Carer")])]
    assert not CaseMessage.objects.exists()


@pytest.mark.usefixtures("with_carer")
def test_whom_each_message_goes_to_can_be_chosen_and_who_else_there_is_is_told(
    item: WorkItem, officer: User, noon: datetime
) -> None:
    shown = rehearsal.by_position(item, "granted", by=officer, at=noon, to={0: "alternative_contact"})

    assert [(one.to, one.recipient.name, one.otherwise) for one in shown] == [
        ("alternative_contact", "Carl Carer", True),
        ("alternative_contact", "Carl Carer", False),
    ]
    assert [list(one.others) for one in shown] == [["customer"], ["customer"]]
    assert all("Dear Carl Carer" in one.messages[0].html for one in shown)
    assert not CaseMessage.objects.exists()


def test_the_timeline_of_a_message_names_the_effect_that_made_it(case: Case, officer: User, noon: datetime) -> None:
    item = WorkItem.objects.open().get(case=case)
    progress.choose(item, "unsure", by=officer, at=noon)

    detail = TimelineEntry.objects.get(case=case, kind="message").detail
    assert detail == {"message": CaseMessage.objects.get(case=case).message_id, "work_item": item.pk, "effect": 0}
