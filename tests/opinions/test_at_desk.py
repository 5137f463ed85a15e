"""Opinions at the desk: asked for on a case, and given by a colleague who sees nothing else of it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.conftest import MakeUser
from tests.desk.conftest import SignInAs
from tests.desk.pages import Page
from tests.opinions.conftest import THERAPIST, Ask

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case, Pause, WorkItem
from moothall.domain.documents.models import Document
from moothall.domain.opinions import answering, asking
from moothall.domain.opinions.models import Opinion

pytestmark = pytest.mark.django_db


@pytest.fixture
def adviser(make_user: MakeUser) -> User:
    """Signs in and sees no case."""
    return make_user("Ada Adviser", "advisers", permissions=[Permission.SIGN_IN], services=[])


def start(case: Case, rest: str = "") -> str:
    return f"/desk/cases/{case.reference}/opinions/{rest}"


def given(**more: Any) -> dict[str, Any]:
    return {
        "of": "outsider",
        "name": "Tara Therapist",
        "email": "tara@therapy.example.org",
        "text": "How does she walk?",
        "days": "14",
        "once": str(uuid4()),
        **more,
    }


def test_the_page_that_asks_begins_with_what_the_service_asks_for(
    at_desk: Client,
    case: Case,
    report: Document,
    private_letter: Document,
) -> None:
    assert at_desk.get(start(case, "ask/"), {"kind": "mobility"})["Location"] == start(case, "ask/mobility/")
    page = Page.of(at_desk.get(start(case, "ask/mobility/")))

    ticked = [box["value"] for box in page.all("input", name="documents") if "checked" in box]
    assert ticked == [str(report.pk)], "those with a tag of the opinion alone"
    item = WorkItem.objects.get()
    assert [one["value"] for one in page.all("input", name="item") if "checked" in one] == [str(item.pk)]
    assert "conditions for a Blue Badge" in page.text("textarea")


def test_an_outsider_is_asked_once_however_often_the_button_is_pressed(
    at_desk: Client,
    case: Case,
    report: Document,
) -> None:
    item = WorkItem.objects.get()
    sent = given(documents=[report.pk], item=str(item.pk))

    for _ in range(2):
        assert at_desk.post(start(case, "ask/mobility/"), sent)["Location"] == start(case, "1/")

    opinion = Opinion.objects.get()
    assert (opinion.kind, opinion.tag, opinion.name) == ("mobility", "opinion", "Tara Therapist")
    assert [one.pk for one in answering.shown(opinion)] == [report.pk]
    assert Pause.objects.get().item == item
    workflow = at_desk.get(f"/desk/cases/{case.reference}/workflow/").content.decode()
    assert "Independent mobility assessor’s opinion" in workflow


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Enter their name."),
        ({"email": "nobody"}, "Enter an e-mail address"),
        ({"of": "colleague"}, "Choose a colleague."),
        ({"days": "0"}, "Give at least 1 day."),
        ({"text": ""}, "Say what you would like to know."),
        ({"documents": ["999999"]}, "no longer on the case"),
    ],
)
def test_what_is_missing_is_said_beside_it_and_what_was_typed_is_kept(
    at_desk: Client,
    case: Case,
    report: Document,
    change: dict[str, Any],
    said: str,
) -> None:
    answer = at_desk.post(start(case, "ask/own/"), given(**{"organisation": "Example Therapy", **change}))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "Example Therapy" in answer.content.decode()
    assert not Opinion.objects.exists()


def test_an_opinion_is_asked_anew_and_withdrawn(at_desk: Client, ask: Ask, case: Case) -> None:
    opinion = ask(at=timezone.now())

    at_desk.post(start(case, "1/anew/"), {"days": "5"})
    opinion.refresh_from_db()
    assert opinion.round == 2
    assert at_desk.post(start(case, "1/withdraw/"), {"reason": ""}).status_code == 422
    at_desk.post(start(case, "1/withdraw/"), {"reason": "Not needed."})

    page = Page.of(at_desk.get(start(case, "1/")))
    assert "Withdrawn" in page.text("main")
    assert "Not needed." in page.text("main")
    assert not {"Ask anew", "Withdraw"} & page.links().keys()


def test_who_may_not_see_opinions_sees_none_and_who_may_see_them_asks_none(
    sign_in_as: SignInAs,
    ask: Ask,
    case: Case,
    viewer: User,
) -> None:
    ask(at=timezone.now())
    group = SecurityGroup.objects.get(key="blue_badge_viewers")
    stranger = sign_in_as(viewer)
    assert stranger.get(start(case, "1/")).status_code == 403
    assert "Tara" not in stranger.get(f"/desk/cases/{case.reference}/workflow/").content.decode()
    assert "Tara" not in stranger.get(f"/desk/cases/{case.reference}/timeline/").content.decode()

    group.permissions = [*group.permissions, Permission.VIEW_OPINIONS]
    group.save()

    assert "Tara" in stranger.get(start(case, "1/")).content.decode()
    for rest in ("ask/own/", "1/anew/", "1/withdraw/"):
        assert stranger.get(start(case, rest)).status_code == 403


def test_a_colleague_answers_at_the_desk_and_sees_nothing_else_of_the_case(
    sign_in_as: SignInAs,
    ask: Ask,
    case: Case,
    report: Document,
    private_letter: Document,
    adviser: User,
) -> None:
    opinion = ask(asking.Asked(colleague=adviser), at=timezone.now())
    theirs, mine = sign_in_as(adviser), f"/desk/opinions/{opinion.pk}/"
    assert case.reference in theirs.get("/desk/opinions/").content.decode()
    assert "How does the applicant walk?" in theirs.get(mine).content.decode()
    assert b"".join(theirs.get(f"{mine}documents/{report.pk}/").streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    assert theirs.get(f"{mine}documents/{private_letter.pk}/").status_code == 404
    assert theirs.get(f"/desk/cases/{case.reference}/").status_code == 403

    theirs.post(mine, {"answer": "With a stick."})
    theirs.post(f"{mine}review/")

    opinion.refresh_from_db()
    assert (opinion.state, opinion.ended_by) == ("answered", adviser)
    assert theirs.get(f"{mine}documents/{report.pk}/").status_code == 404
    assert "With a stick" not in theirs.get(mine).content.decode()


def test_the_menu_leads_to_opinions_only_for_whoever_was_asked_one(
    sign_in_as: SignInAs, ask: Ask, adviser: User, officer: User
) -> None:
    opinion = ask(asking.Asked(colleague=adviser), at=timezone.now())
    theirs, officers = sign_in_as(adviser), sign_in_as(officer)

    def menu(client: Client) -> str:
        return Page.of(client.get("/desk/notifications/")).text("ul", id="navigation")

    assert "Opinions 1 waiting" in menu(theirs)
    assert "Opinions" not in menu(officers)
    answering.decline(opinion, reason="I know them.", by=adviser, at=timezone.now())
    assert "Opinions" in menu(theirs)
    assert "waiting" not in menu(theirs)


def test_nobody_but_the_colleague_who_was_asked_answers(
    sign_in_as: SignInAs,
    at_desk: Client,
    ask: Ask,
    adviser: User,
    manager: User,
) -> None:
    asked = ask(asking.Asked(colleague=adviser), at=timezone.now())
    outside = ask(at=timezone.now())
    late = ask(asking.Asked(colleague=adviser), at=timezone.now() - timedelta(days=9), days=2)

    assert sign_in_as(manager).get(f"/desk/opinions/{asked.pk}/").status_code == 404
    assert at_desk.get(f"/desk/opinions/{outside.pk}/").status_code == 404
    assert sign_in_as(adviser).get(f"/desk/opinions/{late.pk}/").status_code == 404


def test_the_workflow_tab_costs_the_same_however_many_opinions_there_are(
    at_desk: Client,
    ask: Ask,
    case: Case,
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert at_desk.get(f"/desk/cases/{case.reference}/workflow/").status_code == 200
        return len(captured)

    ask(at=timezone.now())
    statements()
    one = statements()
    for _ in range(6):
        ask(at=timezone.now(), of=THERAPIST)

    assert statements() <= one
    assert one <= 25
