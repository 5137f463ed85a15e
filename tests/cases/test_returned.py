"""Letters that came back, and what follows for the address."""

from datetime import datetime, timedelta

import pytest
from tests.desk.council import ADDRESS, offer_blue_badges, open_case

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.cases import assigning, communications, returned
from moothall.domain.cases.models import Case, CaseMessage, WorkItem
from moothall.domain.messages.models import Message, Returned
from moothall.domain.notifications.models import Notification
from moothall.domain.people import actions as people
from moothall.domain.people import doubts
from moothall.kit.invalid import Invalid

pytestmark = pytest.mark.django_db
Reason = Returned.WhyReturned


@pytest.fixture
def case(officer: User, noon: datetime) -> Case:
    case = open_case(offer_blue_badges(at=noon), at=noon)
    assigning.take(WorkItem.objects.get(case=case), by=officer, at=noon)
    return case


def letter(case: Case, *, by: User, at: datetime) -> Message:
    """A letter to Alma, as it is once produced."""
    words = {"subject": "Your application", "html": "<p>Hello.</p>"}
    message = communications.send_by_hand(case, channel="letter", draft=True, by=by, at=at, **words)  # type: ignore[arg-type]
    Message.objects.filter(pk=message.pk).update(status=Message.Status.SENT, sent_at=at)
    return Message.objects.get(pk=message.pk)


def test_a_letter_that_came_back_makes_the_address_doubtful_and_tells_who_has_the_work(
    case: Case, officer: User, second_officer: User, noon: datetime
) -> None:
    sent, later = letter(case, by=officer, at=noon), noon + timedelta(days=6)
    for _ in range(2):
        returned.came_back(sent, reason=Reason.GONE_AWAY, on=later.date(), by=second_officer, at=later)
    (home,) = doubts.of(case.customer)
    assert home.address.postcode == ADDRESS.postcode
    assert home.doubtful_why == "A letter came back on 9 March 2026: addressee gone away."
    assert case.timeline.get(text__contains="came back").text.endswith("The address is marked as doubtful.")
    assert Notification.objects.get(user=officer).text == f"A letter on {case.reference} came back."
    assert Entry.objects.filter(action="message.returned").count() == 1


def test_a_letter_that_was_refused_says_nothing_of_the_address(case: Case, officer: User, noon: datetime) -> None:
    sent = letter(case, by=officer, at=noon)
    returned.came_back(sent, reason=Reason.REFUSED, on=noon.date(), by=officer, at=noon)
    assert doubts.of(case.customer) == []


def test_an_address_they_moved_to_meanwhile_is_not_doubted(case: Case, officer: User, noon: datetime) -> None:
    sent, later = letter(case, by=officer, at=noon), noon + timedelta(days=6)
    moved = people.AddressLines(line1="9 New Street", town="Exampleton", postcode="EX1 3AB")
    people.set_address(case.customer, moved, from_date=later.date(), by=officer, at=later)
    returned.came_back(sent, reason=Reason.GONE_AWAY, on=later.date(), by=officer, at=later)
    assert doubts.of(case.customer) == []


def test_a_doubtful_address_is_right_again_once_somebody_says_how_they_know(
    case: Case, officer: User, noon: datetime
) -> None:
    returned.came_back(letter(case, by=officer, at=noon), reason=Reason.OTHER, on=noon.date(), by=officer, at=noon)
    (home,) = doubts.of(case.customer)
    for _ in range(2):
        doubts.settle(home, reason="She rang.", by=officer, at=noon)
    assert doubts.of(case.customer) == []
    assert Entry.objects.get(action="residence.trusted").reason == "She rang."


def test_only_a_letter_that_was_sent_comes_back_and_not_before_it_went(
    case: Case, officer: User, noon: datetime
) -> None:
    sent = letter(case, by=officer, at=noon)
    with pytest.raises(Invalid, match="between the day"):
        returned.came_back(sent, reason=Reason.OTHER, on=noon.date() - timedelta(days=1), by=officer, at=noon)
    e_mail = communications.send_by_hand(
        case, channel="email", subject="Hello", html="<p>Hello.</p>", draft=True, by=officer, at=noon
    )
    with pytest.raises(Invalid, match="Only a letter"):
        returned.came_back(e_mail, reason=Reason.OTHER, on=noon.date(), by=officer, at=noon)
    assert CaseMessage.objects.filter(message__returned__isnull=False).count() == 0
