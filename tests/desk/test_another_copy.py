"""A document of an application that is not here: the way to another copy of it, as far as the workflow has one."""

from datetime import datetime

import pytest
from django.test import Client
from tests.conftest import WORKING, MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.domain.cases import progress, timeline
from moothall.domain.cases.models import Case, TimelineEntry, WorkItem
from moothall.domain.exchange import dealing

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(make_case: OpenCase, noon: datetime, officer: User) -> Case:
    """At Initial Checks, without the proof of identity that was given."""
    case = make_case()
    text = "The proof of identity “proof.png” given with the application is not here."
    about = {"missing": "proof.png", "artifact": 0, "type": "PROOF_ID"}
    timeline.write(case, kind=TimelineEntry.Kind.DOCUMENT, text=text, by=officer, at=noon, **about)
    return case


@pytest.fixture
def address(case: Case) -> str:
    """Where another copy is asked for."""
    line = dealing.missing_files(TimelineEntry.objects.all()).get()
    return f"/desk/cases/{case.reference}/documents/missing/{line.pk}/ask/"


def item(case: Case) -> WorkItem:
    return WorkItem.objects.open().get(case=case)


def test_where_the_stage_leads_to_one_that_asks_the_page_says_both_steps(
    at_desk: Client, case: Case, address: str
) -> None:
    assert Page.of(at_desk.get(f"/desk/cases/{case.reference}/documents/")).all("a", href=address)

    page = Page.of(at_desk.get(address))
    assert "The case is at Initial Checks." in page.text("main")
    assert "Then it is at Missing Information." in page.text("main")
    assert page.links()["In area, incomplete application"] == f"/desk/work/{item(case).pk}/outcomes/incomplete/"


def test_where_an_outcome_asks_it_opens_with_the_missing_item_chosen_and_no_other(
    at_desk: Client, case: Case, address: str, officer: User, noon: datetime
) -> None:
    progress.choose(item(case), "incomplete", by=officer, at=noon)

    led = at_desk.get(address, follow=True)
    assert led.redirect_chain[0][0].startswith(f"/desk/work/{item(case).pk}/outcomes/ask/?")
    ticked = [box["value"] for box in Page.of(led).all("input", type="checkbox") if "checked" in box]
    assert ticked == ["proof_of_identity"]

    unknown = at_desk.get(f"/desk/work/{item(case).pk}/outcomes/ask/?answer_missing=a_pony")
    assert not [box for box in Page.of(unknown).all("input", type="checkbox") if "checked" in box]


def test_a_request_by_hand_begins_with_the_name_of_the_document(at_desk: Client, case: Case, address: str) -> None:
    link = Page.of(at_desk.get(address)).links()["Keep a request for it on the case"]
    assert "Another copy of “proof.png”" in Page.of(at_desk.get(link)).text("textarea")
    for nonsense in ("x", "9" * 30, "-1"):
        elsewhere = at_desk.get(f"/desk/work/{item(case).pk}/ask/?missing={nonsense}")
        assert (elsewhere.status_code, Page.of(elsewhere).text("textarea")) == (200, "")


def test_where_nothing_asks_the_page_says_so_and_what_else_can_be_done(
    at_desk: Client, case: Case, address: str, officer: User, noon: datetime
) -> None:
    progress.choose(item(case), "out_of_area", note="Lives elsewhere.", by=officer, at=noon)

    page = Page.of(at_desk.get(address))
    assert "no outcome that asks the applicant for a document" in page.text("main")
    assert page.links()["Write a letter or e-mail"] == f"/desk/cases/{case.reference}/messages/new/"


def test_it_is_for_whoever_may_work_on_the_case_and_could_see_the_document(
    case: Case, address: str, viewer: User, make_user: MakeUser, sign_in_as: SignInAs, make_case: OpenCase
) -> None:
    assert sign_in_as(viewer).get(address).status_code == 403
    expert = make_user("Asa Expert", "experts", permissions=WORKING, document_tags=["photograph"])
    assert sign_in_as(expert).get(address).status_code == 404
    other = make_case(last_name="Other")
    worker = make_user("Wanda Worker", "workers", permissions=WORKING)
    assert sign_in_as(worker).get(address.replace(case.reference, other.reference)).status_code == 404


def test_what_was_dealt_with_is_not_asked_for(
    at_desk: Client, case: Case, address: str, officer: User, noon: datetime
) -> None:
    line = dealing.missing_files(TimelineEntry.objects.all()).get()
    dealing.dealt_with(line, note="It came by post.", case=case, by=officer, at=noon)

    assert "was dealt with already" in Page.of(at_desk.get(address, follow=True)).text("main")
