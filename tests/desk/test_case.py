"""The case page: its header and tabs, what each tells and lets one do, and to whom."""

import re
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.dft_blue_badge.conftest import national, now, running, sandbox  # noqa: F401
from tests.documents.conftest import document_folder, picture  # noqa: F401

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.domain.cases import actions, timeline
from moothall.domain.cases.models import Case, CaseMessage, Run
from moothall.domain.catalogue.models import Service, ServiceVersion
from moothall.domain.exchange.models import Lookup
from moothall.domain.messages.models import Message
from moothall.domain.people import actions as people
from moothall.domain.people.models import Person
from moothall.web.desk import case_page, case_summary

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 25
TABS = ["", "application/", "workflow/", "timeline/", "documents/", "notes/", "payments/", "issued/"]


def at(case: Case, tab: str = "") -> str:
    return f"/desk/cases/{case.reference}/{tab}"


def test_the_header_says_what_the_case_is_where_it_is_and_when_it_is_due(at_desk: Client, make_case: OpenCase) -> None:
    page = Page.of(at_desk.get(at(make_case())))

    assert "Alma Madeup" in page.text("h1")
    assert "Blue Badge · New application" in page.text("span", class_="govuk-caption-l")
    facts = page.text("ul", class_="app-case__facts")
    assert "Initial Checks" in facts
    assert "due 10 March 2026" in facts
    assert "The applicant is told We have your application and are checking it" in page.text("dl")


def test_a_tab_is_there_for_who_has_its_permission_alone(
    sign_in_as: SignInAs, make_user: MakeUser, make_case: OpenCase
) -> None:
    case = make_case()
    granted = [Permission.SIGN_IN, Permission.VIEW_CASES, Permission.VIEW_NOTES]
    clerk = sign_in_as(make_user("Cleo Clerk", "clerks", permissions=granted))

    assert Page.of(clerk.get(at(case))).text("nav", class_="moj-sub-navigation") == "Summary Notes"
    refused = {tab for tab in TABS if clerk.get(at(case, tab)).status_code == 403}
    assert refused == set(TABS) - {"", "notes/"}


@pytest.mark.parametrize("tab", [tab for tab in case_page.TABS if tab != case_page.SUMMARY])
def test_each_tab_has_a_permission_of_its_own(
    tab: str, sign_in_as: SignInAs, make_user: MakeUser, make_case: OpenCase
) -> None:
    case, (name, permission) = make_case(), case_page.TABS[tab]
    name = "Badge details" if tab == case_page.ISSUED else name  # as the service calls it
    without = sign_in_as(make_user("Wanda Without", "most", permissions=[*(set(Permission) - {permission})]))
    alone = sign_in_as(
        make_user("Ollie Only", "one", permissions=[Permission.SIGN_IN, Permission.VIEW_CASES, permission])
    )

    assert without.get(at(case, f"{tab}/")).status_code == 403
    assert str(name) not in Page.of(without.get(at(case))).text("nav", class_="moj-sub-navigation")
    assert Page.of(alone.get(at(case))).text("nav", class_="moj-sub-navigation") == f"Summary {name}"


def test_who_saw_badge_details_by_seeing_work_goes_on_seeing_them(make_user: MakeUser) -> None:
    make_user("Cleo Clerk", "clerks", permissions=[Permission.VIEW_CASES, Permission.VIEW_WORK])
    make_user("Nora Notes", "note_takers", permissions=[Permission.VIEW_NOTES])
    step = import_module("moothall.core.accounts.migrations.0007_permission_to_see_badges")
    for _ in range(2):
        step.give(apps, None)

    given = dict(SecurityGroup.objects.values_list("key", "permissions"))
    assert given == {"clerks": ["case.badge.view", "case.view", "workflow.view"], "note_takers": ["case.notes.view"]}


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab != "workflow/"])
def test_opening_a_tab_is_on_record_and_a_stranger_finds_nothing(
    tab: str, at_desk: Client, sign_in_as: SignInAs, make_user: MakeUser, make_case: OpenCase
) -> None:
    case = make_case()
    elsewhere = make_user("Elsie Elsewhere", "bins", permissions=list(Permission), services=["bins"])

    assert at_desk.get(at(case, tab)).status_code == 200
    assert Access.objects.filter(subject_type="case", subject_id=case.pk).exists()
    assert sign_in_as(elsewhere).get(at(case, tab)).status_code == 404


def test_important_notes_are_counted_in_red_and_shown_to_whoever_opens_the_case(
    at_desk: Client, officer: User, make_case: OpenCase, noon: datetime
) -> None:
    case = make_case()
    actions.add_note(case, text="Beware of the dog.", important=True, by=officer, at=noon)
    actions.add_note(case, text="Likes tea.", by=officer, at=noon)

    page = Page.of(at_desk.get(at(case)))
    assert "Notes 1 important note" in page.text("nav", class_="moj-sub-navigation")
    assert not any("app-count" in tag["class"] for tag in page.all("span", class_="moj-notification-badge"))
    assert "Beware of the dog." in page.text("main")
    assert "Likes tea." not in page.text("main")


def test_the_summary_takes_a_bounded_number_of_statements_however_much_there_is(
    at_desk: Client, manager: User, sign_in_as: SignInAs, make_case: OpenCase, noon: datetime
) -> None:
    case, other = make_case(), make_case(last_name="Notreal")
    _fill(case, other, manager, noon, times=2)
    desk = sign_in_as(manager)
    for tab in TABS:  # what a process reads once is read
        desk.get(at(case, tab))
    few = _statements(desk, case)
    _fill(case, make_case(last_name="Third"), manager, noon, times=8)

    assert few <= MOST_STATEMENTS
    assert [tab for tab in TABS if _statements(desk, case, tab) > MOST_STATEMENTS] == []
    assert _statements(desk, case) <= few


def _fill(case: Case, other: Case, by: User, noon: datetime, *, times: int) -> None:
    actions.link_cases(case, other, why="Same household", by=by, at=noon)
    for number in range(times):
        when = noon + timedelta(minutes=number)
        actions.add_note(case, text=f"Note {number}", important=True, by=by, at=when)
        actions.add_document(case, name=f"{number}.png", content=picture("PNG"), origin="officer", by=by, at=when)
        actions.record_payment(case, pence=100 + number, method="cash", purpose="Badge", by=by, at=when)


def _statements(desk: Client, case: Case, tab: str = "") -> int:
    desk.get(at(case, tab))  # what a process keeps for some seconds is fresh
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(at(case, tab)).status_code == 200
    return len(asked)


def test_similar_cases_are_shown_with_their_reasons(at_desk: Client, make_case: OpenCase) -> None:
    case, other = make_case(), make_case()
    similar = Page.of(at_desk.get(at(case))).text("table")
    assert other.reference in similar
    assert "same date of birth, same last name" in similar


def test_cases_that_share_only_the_last_name_stand_apart_and_are_counted(
    at_desk: Client, make_case: OpenCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, twin, one, two = (make_case() for _ in range(4))
    for namesake, born in ((one, date(1950, 5, 5)), (two, date(1961, 6, 6))):
        Person.objects.filter(pk=namesake.customer_id).update(date_of_birth=born, nino=None)

    page = Page.of(at_desk.get(at(case)))
    apart = page.text("details")
    assert "2 cases share only the last name" in apart
    assert one.reference in apart
    assert two.reference in apart
    assert twin.reference not in apart
    Person.objects.filter(pk=twin.customer_id).update(date_of_birth=date(1972, 7, 7), nino=None)
    monkeypatch.setattr(case_summary, "MOST_SIMILAR", 3)
    page = Page.of(at_desk.get(at(case)))
    assert "There is none that shares more than the last name." in page.text("main")
    assert "3 of the cases that share only the last name" in page.text("details")


def test_tags_are_put_on_and_taken_off_and_those_of_the_system_are_not_offered(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    actions.tag_case(case, set=["existing_badge"], by=officer, at=noon)
    page = Page.of(at_desk.get(at(case)))
    assert {tag["value"] for tag in page.all("input", name="tags")} == {"existing_badge", "terminal_illness"}

    given = {"before": "existing_badge", "tags": ["terminal_illness"]}
    answer = at_desk.post(at(case, "tags/"), given, follow=True)
    assert "The tags were changed." in Page.of(answer).text("main")
    case.refresh_from_db()
    assert case.tags == ["terminal_illness"]


def test_a_tag_put_on_by_a_colleague_meanwhile_is_left_alone(
    at_desk: Client, make_case: OpenCase, second_officer: User, noon: datetime
) -> None:
    case = make_case()
    actions.tag_case(case, set=["existing_badge"], by=second_officer, at=noon)
    at_desk.post(at(case, "tags/"), {"before": "", "tags": ["terminal_illness"]})
    case.refresh_from_db()
    assert case.tags == ["existing_badge", "terminal_illness"]


def test_who_may_not_edit_is_offered_no_tags_and_may_not_send_any(
    sign_in_as: SignInAs, viewer: User, make_case: OpenCase
) -> None:
    case, desk = make_case(), sign_in_as(viewer)
    assert not Page.of(desk.get(at(case))).all("input", name="tags")
    assert desk.post(at(case, "tags/"), {"tags": ["terminal_illness"]}).status_code == 403


def test_a_case_is_linked_to_another_and_both_show_it(at_desk: Client, make_case: OpenCase) -> None:
    case, other = make_case(), make_case(last_name="Notreal")

    wrong = at_desk.post(at(case, "link/"), {"kind": "related", "other": "BB-2222-2222", "why": "Same household"})
    assert wrong.status_code == 422
    assert "There is no such case" in Page.of(wrong).text("main")
    at_desk.post(at(case, "link/"), {"kind": "related", "other": other.reference.lower(), "why": "Same household"})
    for one, another in ((case, other), (other, case)):
        assert f"{another.reference}" in Page.of(at_desk.get(at(one))).text("table")
        assert "Same household" in Page.of(at_desk.get(at(one))).text("table")


def test_a_workflow_is_started_from_the_summary(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    links = Page.of(at_desk.get(at(case))).links()
    assert "Start Blue Badge application" not in links  # it goes on already

    asked = Page.of(at_desk.get(links["Start Blue Badge appeal"]))
    assert "Start Blue Badge appeal?" in asked.text("h2")
    assert case.runs.count() == 1
    sent = {name: asked.all("input", name=name)[0]["value"] for name in ("workflow", "key")}
    for _ in range(2):
        answer = at_desk.post(links["Start Blue Badge appeal"], sent, follow=True)
    assert "it was sent twice, and counts once" in Page.of(answer).text("main")
    assert list(case.runs.values_list("version__workflow__key", flat=True)).count("blue_badge.appeal") == 1


def test_who_looked_at_the_case_is_shown_to_who_may_see_the_record(
    at_desk: Client, sign_in_as: SignInAs, manager: User, make_case: OpenCase
) -> None:
    case = make_case()
    at_desk.get(at(case))
    assert "Who looked at this case" not in Page.of(at_desk.get(at(case))).text("main")
    at_desk.get(at(case, "payments/"))
    Access.objects.create(
        user=manager, subject_type="case", subject_id=case.pk, via="api cases.detail", at=case.opened_at
    )
    shown = Page.of(sign_in_as(manager).get(at(case))).text("details")
    assert re.search(r"Olive Officer [^,]+\d[ap]m Payments Olive Officer", shown)
    assert "Through the API" in shown


def test_readers_and_letters_that_do_not_fit_are_on_pages_of_their_own(
    at_desk: Client, sign_in_as: SignInAs, manager: User, officer: User, make_case: OpenCase
) -> None:
    case, desk = make_case(), sign_in_as(manager)
    assert "See everybody who looked at it" not in Page.of(desk.get(at(case))).links()
    looked = {
        "user": officer,
        "subject_type": "case",
        "subject_id": case.pk,
        "via": "desk case.notes",
        "at": case.opened_at,
    }
    Access.objects.bulk_create(Access(**looked) for _ in range(60))
    said = {"channel": "letter", "to_name": "Alma Madeup", "html": "<p>Hello.</p>", "created_by": officer}
    for number in range(12):
        message = Message.objects.create(subject=f"Letter {number}.", created_at=case.opened_at, **said)
        CaseMessage.objects.create(case=case, message=message)

    everybody = Page.of(desk.get(at(case))).links()["See everybody who looked at it"]
    assert Page.of(desk.get(f"{everybody}?page=2")).text("table").count("Notes") > 10
    assert desk.get(f"{everybody}?page=3").status_code == 404
    assert at_desk.get(everybody).status_code == 403
    tab = Page.of(at_desk.get(at(case, "workflow/")))
    assert "Letter 1." not in tab.links()
    assert {f"Letter {number}." for number in range(12)} < set(
        Page.of(at_desk.get(tab.links()["See all letters and e-mails"])).links()
    )


def test_the_badge_held_nationally_is_asked_for_on_demand_and_kept_with_its_time(
    running: Any,  # noqa: F811
    national: Any,  # noqa: F811
    at_desk: Client,
    make_case: OpenCase,
) -> None:
    case = make_case()
    before = Page.of(at_desk.get(at(case))).text("main")
    assert "The national service was not asked yet." in before
    assert not Lookup.objects.exists()

    after = Page.of(at_desk.post(at(case, "national/"), follow=True)).text("main")
    assert "None Last refreshed" in after
    assert Lookup.objects.get().case == case


def test_when_the_national_service_cannot_be_asked_it_is_said_and_nothing_is_lost(
    at_desk: Client, make_case: OpenCase
) -> None:
    answer = at_desk.post(at(make_case(), "national/"), follow=True)
    assert answer.status_code == 200
    assert "The connection to the national Blue Badge service is not set up." in Page.of(answer).text("main")
    assert not Lookup.objects.exists()


def test_the_application_shows_every_answer_in_words(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    submitted = {
        "contact": {"name": "Alma Madeup", "email": "alma@example.org"},
        "payment": {"taken": False},
        "documents": ["proof_of_address", "photograph", "later_kind"],
        "eligibility": {
            "type": {"code": "walkd", "label": "Walking ability"},
            "aids": [{"used": "Every day", "provided": {"code": "prescribe", "label": "Prescribed"}}],
            "ends_on": "2027-03-02",
        },
        "other": {"party.colour": "green", "zero": 0},
    }
    Case.objects.filter(pk=case.pk).update(submitted=submitted)

    told = Page.of(at_desk.get(at(case, "application/"))).text("main")
    for said in (
        "Contact Name Alma Madeup E-mail alma@example.org",
        "Payment made Paid with the application No",
        "Documents sent Documents Proof of address, Photograph, Later kind",
        "Type Walking ability",
        "Aids 1 – When it is used Every day",
        "Aids 1 – How they got it Prescribed",
        "Ends on 2 March 2027",
        "party.colour green",
        "Zero 0",
    ):
        assert said in told


def test_answers_are_read_in_the_order_people_give_them_whatever_the_database_makes_of_it(
    at_desk: Client, make_case: OpenCase
) -> None:
    case = make_case()
    contact = {
        "name": "Al",
        "line1": "1 Example Row",
        "town": "Exampleton",
        "postcode": "M4 1FS",
        "phone": "01632960001",
    }
    Case.objects.filter(pk=case.pk).update(submitted={"contact": contact})
    told = Page.of(at_desk.get(at(case, "application/"))).text("dl")
    assert told == "Name Al Address 1 Example Row Town Exampleton Postcode M4 1FS Phone 01632960001"


def test_a_case_opened_by_hand_says_that_nothing_was_sent_in(at_desk: Client, make_case: OpenCase) -> None:
    assert "Nothing was sent in online" in Page.of(at_desk.get(at(make_case(), "application/"))).text("main")


def test_the_timeline_is_the_last_first_and_filtered_by_kind(
    at_desk: Client, officer: User, make_case: OpenCase, noon: datetime
) -> None:
    case = make_case()
    actions.add_note(case, text="Secret words", by=officer, at=noon + timedelta(hours=1))
    document = actions.add_document(case, name="a.png", content=picture("PNG"), origin="officer", by=officer, at=noon)

    whole = Page.of(at_desk.get(at(case, "timeline/")))
    assert whole.text("h3").startswith("Note added.")
    assert whole.links()["a.png"] == at(case, f"documents/{document.pk}/")
    notes = Page.of(at_desk.get(at(case, "timeline/?kind=note")))
    assert notes.text("h3") == "Note added."
    assert "Nothing of this kind" in Page.of(at_desk.get(at(case, "timeline/?kind=payment"))).text("main")
    for nonsense in ("?kind=nonsense", "?page=0", "?page=9", "?page=x"):
        assert at_desk.get(at(case, f"timeline/{nonsense}")).status_code == 404


def test_the_badge_tab_shows_the_badges_of_the_customer_and_says_when_nothing_is_decided(
    at_desk: Client, make_case: OpenCase, noon: datetime
) -> None:
    case = make_case()
    badge = {"type": "badge_number", "number": "A1B2C3", "status": "issued", "from_date": noon.date()}
    kept = people.set_reference(case.customer, **badge, to_date=None, by=system_user(), at=noon)

    page = Page.of(at_desk.get(at(case, "issued/")))
    assert "Nothing was decided yet." in page.text("main")
    assert "A1B2C3 Issued 3 March 2026" in page.text("main")
    assert page.links()["A1B2C3"] == f"/desk/customers/{case.customer_id}/badges/{kept.pk}/"


def test_the_badge_tab_shows_what_was_decided_in_words(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    answers = {"eligibility": "walkd", "deliver_to": "home", "delivery_option": "standard", "start_date": "2026-03-04"}
    Run.objects.filter(case=case).update(answers=answers)

    told = Page.of(at_desk.get(at(case, "issued/"))).text("dl")
    assert "Deliver to" in told
    assert "Badge start date 4 March 2026" in told
    assert "walkd" not in told


def test_a_service_says_what_the_tab_of_what_it_issues_is_called_and_has_none_where_it_issues_nothing(
    at_desk: Client, make_case: OpenCase, service: Service, noon: datetime
) -> None:
    case, first = make_case(), ServiceVersion.objects.get(service=service)
    declared = re.search(r"issued:\n(?:  .*\n)+", first.files["service.yaml"])
    assert declared

    def tabs(instead: str) -> list[str]:
        files = first.files | {"service.yaml": first.files["service.yaml"].replace(declared[0], instead)}
        made = {"files": files, "fingerprint": str(len(instead)), "published_at": noon, "published_by": system_user()}
        service.current = ServiceVersion.objects.create(service=service, number=2 + len(instead), **made)
        service.save()
        return list(Page.of(at_desk.get(at(case, ""))).links())

    assert "Badge details" not in tabs("")
    assert at_desk.get(at(case, "issued/")).status_code == 404
    assert "Permit" in tabs("issued: {tab: Permit, heading: Permits, numbers: permit, questions: [deliver_to]}\n")
    assert "Permits None is recorded." in Page.of(at_desk.get(at(case, "issued/"))).text("main")


@pytest.mark.parametrize("tab", ["", "notes/", "timeline/"])
def test_what_people_wrote_and_are_called_is_text_and_never_a_part_of_the_page(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime, tab: str
) -> None:
    case = make_case(by=officer)
    officer.full_name = "Olive <b>Officer</b>"
    officer.save()
    actions.add_note(case, text="<script>take()</script>", important=True, by=officer, at=noon)
    timeline.write(case, kind="note", text="<script>take()</script>", by=officer, at=noon)

    shown = at_desk.get(f"/desk/cases/{case.reference}/{tab}").content.decode()
    assert "&lt;script&gt;take()" in shown
    assert "Olive &lt;b&gt;" in shown
    assert "<script>take" not in shown
    assert "<b>Officer" not in shown
