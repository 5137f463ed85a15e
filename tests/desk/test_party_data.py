"""Who somebody is, changed by a small workflow: on what showed it, with a reason, confirmed where it matters (CT-8)."""

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from tests.api.world import sign_in
from tests.conftest import VIEWING, MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Entry
from moothall.domain.cases import confirming, numbers, progress, sight
from moothall.domain.cases.models import Case, Proposal, WorkItem
from moothall.domain.cases.numbers import Hidden
from moothall.domain.cases.refusal import CannotChange
from moothall.domain.catalogue.models import Service
from moothall.domain.people import actions as people

pytestmark = pytest.mark.django_db
SHOWN = {"evidence": "Birth certificate", "reason": "The paper form was read wrongly."}


@pytest.fixture
def asked(make_case: OpenCase, officer: User, noon: datetime) -> WorkItem:
    """Where the change is decided, on a case whose application goes on."""
    case = make_case()
    progress.start(case, "change_party_data", by=officer, at=noon, by_hand=True)
    return WorkItem.objects.select_related("stage", "run", "case").get(case=case, stage__key="change")


def chosen(item: WorkItem, outcome: str, by: User, at: datetime, **answers: Any) -> Any:
    return progress.choose(item, outcome, by=by, at=at, version=item.version, answers={**SHOWN, **answers})


def test_a_name_is_changed_at_the_desk_and_the_timeline_says_what_was_and_what_is(
    sign_in_as: SignInAs, officer: User, asked: WorkItem
) -> None:
    client, case = sign_in_as(officer), asked.case
    form = f"/desk/work/{asked.pk}/outcomes/names/"
    hidden = {one["name"]: one.get("value", "") for one in Page.of(client.get(form)).all("input", type="hidden")}
    said = {"answer_last_name": "Invented", "answer_evidence": "Deed poll", "answer_reason": "So she wished."}
    answer = client.post(form, {**hidden, **said, "step": "choose"})
    assert answer.status_code == 302
    case.customer.person.refresh_from_db()
    assert case.customer.person.last_name == "Invented"
    line = case.timeline.get(text__startswith="The customer's record was changed").text
    assert line.endswith("last name from “Madeup” to “Invented”. Reason: So she wished. Shown by: Deed poll")
    record = Page.of(client.get(f"/desk/customers/{case.customer_id}/")).text("details")
    assert "So she wished." in record


def test_a_number_is_changed_when_a_manager_has_confirmed_it_and_the_timeline_tells_its_end_alone(
    officer: User, manager: User, asked: WorkItem, noon: datetime
) -> None:
    chosen(asked, "identity", officer, noon, nino="AB123456C", date_of_birth="1958-05-18")
    person = asked.case.customer.person
    person.refresh_from_db()
    assert person.nino is None

    confirming.confirm(Proposal.objects.get(), by=manager, at=noon)
    person.refresh_from_db()
    assert (person.nino, person.date_of_birth) == ("AB123456C", date(1958, 5, 18))
    line = asked.case.timeline.get(text__startswith="The customer's record was changed").text
    assert "National Insurance number from none to one ending 456C" in line
    assert "date of birth from 17 May 1958 to 18 May 1958" in line
    assert "AB123456C" not in line
    entry = Entry.objects.get(action="person.changed")
    assert (entry.reason, entry.detail["evidence"]) == (SHOWN["reason"], "Birth certificate")


def test_a_number_of_somebody_one_may_not_see_is_refused_without_telling_whose(
    officer: User, asked: WorkItem, noon: datetime, make_case: OpenCase
) -> None:
    holder = people.create_person(people.PersonDetails(last_name="Held", nino="AB123456C"), by=officer, at=noon)
    with pytest.raises(people.NinoTaken):
        chosen(asked, "identity", officer, noon, nino="AB123456C")

    elsewhere = make_case()
    other = Service.objects.create(key="other", name="Another service", prefix="OT")
    Case.objects.filter(pk=elsewhere.pk).update(customer=holder, service=other)
    with pytest.raises(Hidden):
        chosen(asked, "identity", officer, noon, nino="AB123456C")
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("way", ["desk", "api"])
def test_a_hidden_number_counts_against_who_typed_it_and_not_against_who_confirms_it(
    sign_in_as: SignInAs, officer: User, manager: User, asked: WorkItem, noon: datetime, make_case: OpenCase, way: str
) -> None:
    chosen(asked, "identity", officer, noon, nino="AB123456C")
    proposed = Proposal.objects.get()
    holder = people.create_person(people.PersonDetails(last_name="Held", nino="AB123456C"), by=officer, at=noon)
    other = Service.objects.create(key="other", name="Another service", prefix="OT")
    Case.objects.filter(pk=make_case().pk).update(customer=holder, service=other)
    if way == "desk":
        page = sign_in_as(manager).post(f"/desk/checks/proposals/{proposed.pk}/", {"step": "confirm"}, follow=True)
        assert "This could not be recorded." in Page.of(page).text("main")
    else:
        group = manager.groups.get()
        group.permissions = [*group.permissions, Permission.API]
        group.save()
        answer = sign_in(User.objects.get(pk=manager.pk)).post(f"/proposals/{proposed.pk}/confirm")
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "not-recorded")
    assert list(Entry.objects.filter(action=numbers.REFUSED).values_list("by", "subject_id")) == [(officer.pk,) * 2]


def test_what_was_changed_of_somebody_is_told_in_a_timeline_only_to_who_may_see_people(
    officer: User, asked: WorkItem, noon: datetime, make_user: MakeUser
) -> None:
    chosen(asked, "names", officer, noon, last_name="Invented")
    without = [one for one in VIEWING if one is not Permission.VIEW_PEOPLE]
    limited = make_user("Lou Limited", "limited", permissions=without, services=["blue_badge"])
    told = [
        sight.visible_timeline(user).filter(case=asked.case, text__contains="Invented") for user in (officer, limited)
    ]
    assert [lines.exists() for lines in told] == [True, False]
    assert sight.visible_timeline(limited).filter(case=asked.case).exists()


def test_nothing_is_refused_for_want_of_anything_to_change(officer: User, asked: WorkItem, noon: datetime) -> None:
    with pytest.raises(CannotChange, match="Say what is to be changed"):
        chosen(asked, "names", officer, noon)


@pytest.mark.parametrize(
    ("outcome", "field", "given", "said"),
    [
        ("names", "title", {"title": "x" * 31}, "The title can have 30 characters at most"),
        ("names", "first_names", {"first_names": "x" * 151}, "The first names can have 150 characters at most"),
        ("names", "last_name", {"last_name": "x" * 101}, "The last name can have 100 characters at most"),
        ("identity", "nino", {"nino": "nonsense"}, "Enter a National Insurance number of two letters"),
        ("identity", "date_of_birth", {"date_of_birth": (1, 1, 1850)}, "cannot be more than 130 years ago"),
        ("identity", "date_of_birth", {"date_of_birth": (1, 1, 2150)}, "cannot be after today"),
        ("identity", "date_of_birth", {"date_of_birth": (31, 2, 1950)}, "Enter a real date"),
    ],
)
def test_what_an_answer_cannot_be_is_said_beside_its_question_and_everything_typed_stays(
    outcome: str, field: str, given: dict[str, Any], said: str, at_desk: Client, asked: WorkItem
) -> None:
    form = f"/desk/work/{asked.pk}/outcomes/{outcome}/"
    first = Page.of(at_desk.get(form))
    hidden = {one["name"]: one.get("value", "") for one in first.all("input", type="hidden")}
    typed = {f"answer_{name}": value for name, value in {**SHOWN, **given}.items() if isinstance(value, str)}
    parts = next((value for value in given.values() if isinstance(value, tuple)), ())
    typed |= {f"answer_{field}_{place}": str(part) for place, part in enumerate(parts)}

    answer = at_desk.post(form, {**hidden, **typed, "step": "choose"})
    assert answer.status_code == 422
    page = Page.of(answer)
    assert said in page.text("p", id=f"id_answer_{field}-error")
    assert page.all("input", name="answer_evidence")[0]["value"] == SHOWN["evidence"]
    assert not Proposal.objects.exists()


def test_what_is_recorded_now_stands_beside_the_change_for_who_may_see_people(
    sign_in_as: SignInAs, officer: User, manager: User, asked: WorkItem, noon: datetime
) -> None:
    form = f"/desk/work/{asked.pk}/outcomes/identity/"
    page = Page.of(sign_in_as(officer).get(form))
    assert "Date of birth 17 May 1958 National Insurance number Not recorded" in page.text("dl")
    assert "Changes what is recorded of the customer." in page.text("main")
    chosen(asked, "identity", officer, noon, nino="AB123456C")
    proposal = sign_in_as(manager).get(f"/desk/checks/proposals/{Proposal.objects.get().pk}/")
    assert "As recorded now" in Page.of(proposal).text("main")

    group = officer.groups.get()
    group.permissions.remove(Permission.VIEW_PEOPLE)
    group.save()
    assert "As recorded now" not in Page.of(sign_in_as(officer).get(form)).text("main")


def test_a_change_to_what_is_recorded_already_is_refused(officer: User, asked: WorkItem, noon: datetime) -> None:
    with pytest.raises(CannotChange, match="nothing would be changed"):
        chosen(asked, "names", officer, noon, last_name=" Madeup ")
