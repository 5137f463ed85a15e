"""Taking over a colleague's work, letters that came back, words in the timeline, customers by tag."""

from datetime import datetime

import pytest
from django.test import Client
from tests.cases.test_returned import letter
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.desk.test_workflow import at_stage, hidden

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.domain.cases import actions, communications, returned
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.messages.models import Returned
from moothall.domain.notifications.models import Notification
from moothall.domain.people import doubts
from moothall.web.desk import looking

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs(make_case: OpenCase, second_officer: User, at: datetime) -> WorkItem:
    return WorkItem.objects.select_related("case", "stage").get(case=make_case(by=second_officer, at=at))


def test_a_colleagues_work_is_taken_over_after_being_asked_and_they_are_told(
    at_desk: Client, officer: User, second_officer: User, theirs: WorkItem
) -> None:
    ask = Page.of(at_desk.get("/desk/work/?tab=all")).links()["Take over"]
    assert ask in Page.of(at_desk.get(f"/desk/cases/{theirs.case.reference}/workflow/")).links().values()
    page = Page.of(at_desk.get(ask))
    assert f"It is {second_officer.full_name}’s." in page.text("main")
    version = page.all("input", name="version")[0]["value"]
    for _ in range(2):
        assert at_desk.post(ask, {"version": version}).status_code == 302
    theirs.refresh_from_db()
    assert theirs.assigned_to == officer
    told = Notification.objects.get(user=second_officer)
    assert told.text == f"{officer.full_name} took Initial Checks on {theirs.case.reference} over from you."


def test_what_changed_meanwhile_is_not_taken_over(at_desk: Client, second_officer: User, theirs: WorkItem) -> None:
    address = f"/desk/work/{theirs.pk}/take-over/"
    WorkItem.objects.filter(pk=theirs.pk).update(version=theirs.version + 1)
    for version in ({"version": theirs.version}, {"version": "1e9"}, {}):
        answer = at_desk.post(address, version, follow=True)
        assert "was changed while you had it open" in Page.of(answer).text("main")
    theirs.refresh_from_db()
    assert theirs.assigned_to == second_officer


def test_who_does_not_progress_the_stage_takes_nothing_over(
    sign_in_as: SignInAs, viewer: User, theirs: WorkItem
) -> None:
    assert sign_in_as(viewer).post(f"/desk/work/{theirs.pk}/take-over/").status_code == 403


def test_work_is_taken_and_released_from_the_case(at_desk: Client, officer: User, make_case: OpenCase) -> None:
    item = WorkItem.objects.get(case=make_case())
    for act, holder in (("take", officer), ("release", None)):
        answer = at_desk.post(f"/desk/work/{item.pk}/{act}/", {"case": "yes"})
        assert answer["Location"] == f"/desk/cases/{item.case.reference}/workflow/"
        item.refresh_from_db()
        assert item.assigned_to == holder


def test_a_letter_that_came_back_is_recorded_and_the_address_is_doubtful_until_it_is_right(
    at_desk: Client, officer: User, make_case: OpenCase, noon: datetime
) -> None:
    case = make_case()
    sent = letter(case, by=officer, at=noon)
    message = f"/desk/cases/{case.reference}/messages/{sent.pk}/"
    form = Page.of(at_desk.get(message)).links()["This letter came back"]
    unsaid = at_desk.post(form, {"on_0": "4", "on_1": "3", "on_2": "2026"})
    assert unsaid.status_code == 422
    given = {"on_0": "4", "on_1": "3", "on_2": "2026", "reason": "gone_away"}
    for _ in range(2):
        assert at_desk.post(form, given)["Location"] == message
    assert "addressee gone away" in Page.of(at_desk.get(message)).text("main")
    assert "A letter came back" in Page.of(at_desk.get(f"/desk/cases/{case.reference}/")).text("main")

    customer = f"/desk/customers/{case.customer_id}/"
    right = Page.of(at_desk.get(customer)).links()["It is right after all"]
    for _ in range(2):
        assert at_desk.post(right, {"reason": "She rang."})["Location"] == customer
    assert doubts.of(case.customer) == []


def test_who_is_about_to_send_a_letter_is_warned_where_post_came_back_from_and_can_put_it_right(
    at_desk: Client, officer: User, make_case: OpenCase, noon: datetime
) -> None:
    case = make_case(by=officer)
    item = at_stage(case, "missing_information", by=officer, at=noon)
    address = f"/desk/work/{item.pk}/outcomes/ask/"
    given = hidden(Page.of(at_desk.get(address))) | {"answer_missing": "photograph"}
    written = f"/desk/cases/{case.reference}/messages/new/?channel=letter&to=customer&template="
    draft = communications.send_by_hand(
        case, channel="letter", draft=True, by=officer, at=noon, subject="Hello", html="<p>Hello.</p>"
    )
    kept = f"/desk/cases/{case.reference}/messages/{draft.pk}/"

    def shown() -> list[Page]:
        return [Page.of(at_desk.post(address, given)), Page.of(at_desk.get(written)), Page.of(at_desk.get(kept))]

    assert not any("may be wrong" in page.text("main") for page in shown())
    sent = letter(case, by=officer, at=noon)
    returned.came_back(sent, reason=Returned.WhyReturned.GONE_AWAY, on=noon.date(), by=officer, at=noon)
    [home] = doubts.of(case.customer)
    for page in shown():
        assert "This address may be wrong: 4 Sample Street, Exampleton, EX1 2AB. A letter came back" in page.text(
            "main"
        )
        assert f"/desk/customers/{case.customer_id}/addresses/{home.pk}/right/" in page.links().values()
        assert f"/desk/customers/{case.customer_id}/address/" in page.links().values()
    doubts.settle(home, reason="She rang.", by=officer, at=noon)
    assert not any("may be wrong" in page.text("main") for page in shown())


def test_lines_of_the_timeline_are_found_by_their_words_which_are_in_no_address(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    actions.tag_case(case, set=["terminal_illness"], by=officer, at=noon)
    answer = at_desk.post(f"/desk/cases/{case.reference}/timeline/find/", {"text": "CASE opened"})
    assert "opened" not in answer["Location"]
    lines = Page.of(at_desk.get(answer["Location"])).text("main")
    assert "Case opened" in lines
    assert "Terminal" not in lines
    assert at_desk.get(f"/desk/cases/{case.reference}/timeline/?find=nonsense").status_code == 200


def test_customers_are_found_by_their_tag_alone_and_with_a_name(
    at_desk: Client, make_case: OpenCase, noon: datetime
) -> None:
    holder, other = make_case(last_name="Holder").customer, make_case(last_name="Holdernot").customer
    actions.tag_customer(
        Case.objects.get(customer=holder), set=["badge_holder"], by=system_user(), at=noon, system=True
    )
    for asked in ({"tag": "badge_holder"}, {"q": "Holder", "tag": "badge_holder"}):
        found = Page.of(at_desk.post("/desk/search/", asked, follow=True)).text("main")
        assert holder.name in found
        assert other.name not in found
    assert at_desk.post("/desk/search/", {"q": "", "tag": ""}).status_code == 422


def test_a_tag_is_looked_for_among_all_of_a_name_and_not_among_the_first_shown(
    make_case: OpenCase, officer: User, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "MOST", 1)
    make_case(last_name="Samename")
    last = make_case(last_name="Samename")
    actions.tag_customer(last, set=["badge_holder"], by=system_user(), at=noon, system=True)

    found = looking.look("Samename", officer, tag="badge_holder")
    assert ([one.pk for one in found.people], [one.pk for one in found.cases]) == ([last.customer_id], [last.pk])
