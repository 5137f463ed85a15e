"""Colleagues whom a note is meant for are told; nobody who may not see the notes is."""

from datetime import datetime

import pytest
from tests.conftest import WORKING, MakeUser

from moothall.core.accounts.models import User
from moothall.domain.cases import actions, mentions
from moothall.domain.cases.actions import CannotChange
from moothall.domain.cases.models import Case, Mention
from moothall.domain.notifications.models import Notification

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(case: Case, officer: User, second_officer: User) -> Case:
    """One of a service that the officers' group reaches."""
    officer.groups.update(services=[case.service_key])
    return case


def test_who_is_told_gets_one_notification_that_leads_to_the_note(
    case: Case, officer: User, second_officer: User, noon: datetime
) -> None:
    note = actions.add_note(case, text="Please look.", tell=[second_officer, officer], by=officer, at=noon)

    told = Notification.objects.get()
    assert (told.user, told.reference, told.page, told.anchor) == (
        second_officer,
        case.reference,
        "notes",
        f"note-{note.pk}",
    )
    assert told.text == f"Olive Officer mentioned you in a note on {case.reference}."
    assert {one.user for one in note.mentions.all()} == {officer, second_officer}


@pytest.mark.parametrize("text", ["Over to you, @Oscar Officer.", "@Oscar Officer and others", "(@Oscar Officer)"])
def test_a_full_name_after_an_at_sign_names_the_colleague(
    case: Case, officer: User, second_officer: User, text: str
) -> None:
    assert mentions.named_in(text, case=case, chosen=[]) == [second_officer]


@pytest.mark.parametrize("text", ["write to oscar@Oscar Officer", "at @ Oscar Officer", "@Nobody here", "100 @ £5"])
def test_any_other_at_sign_is_only_text(case: Case, second_officer: User, text: str) -> None:
    assert mentions.named_in(text, case=case, chosen=[]) == []


def test_of_two_names_that_begin_alike_the_longer_is_meant(case: Case, make_user: MakeUser) -> None:
    make_user("Ann Bell", "blue_badge_officers")
    longer = make_user("Ann Bell Carter", "blue_badge_officers")

    assert mentions.named_in("@Ann Bell Carter knows", case=case, chosen=[]) == [longer]


def test_who_may_not_see_the_notes_cannot_be_mentioned(
    case: Case, officer: User, stranger: User, make_user: MakeUser, noon: datetime
) -> None:
    elsewhere = make_user("Elsie Elsewhere", "bins", permissions=WORKING, services=["bins"])
    for text in ("@Stan Stranger, look", "@Elsie Elsewhere, look"):
        with pytest.raises(CannotChange, match="may not see the notes of this case"):
            mentions.named_in(text, case=case, chosen=[])
    with pytest.raises(CannotChange, match="Elsie Elsewhere may not see"):
        actions.add_note(case, text="Look", tell=[elsewhere], by=officer, at=noon)
    assert not Mention.objects.exists()
    assert not case.notes.exists()


def test_of_two_colleagues_of_one_name_the_one_meant_has_to_be_chosen(
    case: Case, second_officer: User, make_user: MakeUser
) -> None:
    namesake = User.objects.create_user("other@council.example.org", full_name="Oscar Officer")
    namesake.groups.add(*second_officer.groups.all())

    with pytest.raises(CannotChange, match="Several colleagues are called Oscar Officer"):
        mentions.named_in("@Oscar Officer", case=case, chosen=[])
    assert mentions.named_in("@Oscar Officer", case=case, chosen=[namesake]) == [namesake]


def test_a_note_an_applicant_or_system_wrote_names_nobody(
    case: Case, officer: User, second_officer: User, noon: datetime
) -> None:
    actions.add_note(case, text="From the form: @Oscar Officer, @Stan Stranger", by=officer, at=noon)

    assert not Notification.objects.exists()
