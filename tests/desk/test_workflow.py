"""The Workflow tab: where a case is, outcomes chosen with their questions and letters, what is asked, steps outside."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import actions, clock, progress, requests
from moothall.domain.cases.models import Case, Pause, Request, WorkItem
from moothall.domain.documents.models import Document
from moothall.domain.messages.models import Message
from moothall.domain.people import actions as people
from moothall.domain.people.models import ContactDetail


def here(case: Case) -> WorkItem:
    return WorkItem.objects.open().select_related("stage", "case", "run").get(case=case)


def at_stage(case: Case, stage: str, *, by: User, at: datetime) -> WorkItem:
    """The case, brought by outcomes to a stage of the application."""
    ways: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "missing_information": [("incomplete", {})],
        "badge_details": [("desktop_screening", {}), ("eligible", {})],
        "refusal": [("desktop_screening", {}), ("refuse", {})],
    }
    for outcome, answers in ways[stage]:
        progress.choose(here(case), outcome, by=by, at=at, answers=answers)
    return here(case)


def page_of(item: WorkItem, outcome: str) -> str:
    return f"/desk/work/{item.pk}/outcomes/{outcome}/"


def hidden(page: Page) -> dict[str, str]:
    return {one["name"]: one.get("value", "") for one in page.all("input", type="hidden") if "name" in one}


def test_the_tab_says_where_the_case_is_until_when_and_what_may_be_chosen(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()

    page = Page.of(at_desk.get(f"/desk/cases/{case.reference}/workflow/"))

    body = page.text("main")
    assert "Initial Checks" in body
    assert "How the due time was reached" in body
    for outcome in ("Out of area, reject", "In area, incomplete application", "In area, complete application"):
        assert outcome in page.text("label")


def test_who_may_only_look_is_offered_nothing_to_choose(
    make_case: OpenCase, sign_in_as: SignInAs, viewer: User
) -> None:
    case = make_case()

    page = Page.of(sign_in_as(viewer).get(f"/desk/cases/{case.reference}/workflow/"))

    assert page.all("input", name="outcome") == []
    assert "Others progress it" in page.text("main")
    assert sign_in_as(viewer).get(page_of(here(case), "incomplete")).status_code == 403


def test_a_stranger_finds_no_workflow_page(make_case: OpenCase, sign_in_as: SignInAs, stranger: User) -> None:
    case, client = make_case(), sign_in_as(stranger)

    assert client.get(f"/desk/cases/{case.reference}/workflow/").status_code in (403, 404)
    assert client.get(page_of(here(case), "incomplete")).status_code in (403, 404)


def test_an_outcome_that_sends_nothing_is_chosen_on_its_page(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    item = here(case)

    picked = at_desk.get(f"/desk/work/{item.pk}/outcomes/?outcome=incomplete")
    assert picked["Location"] == page_of(item, "incomplete")
    form = hidden(Page.of(at_desk.get(picked["Location"])))
    done = at_desk.post(page_of(item, "incomplete"), form, follow=True)

    assert here(case).stage.key == "missing_information"
    assert "Now at Missing Information" in done.content.decode()


def test_continuing_without_a_choice_asks_for_one(at_desk: Client, make_case: OpenCase) -> None:
    answer = at_desk.get(f"/desk/work/{here(make_case()).pk}/outcomes/?outcome=")

    assert answer.status_code == 422
    assert "Choose what happens next" in answer.content.decode()


def test_everything_in_the_way_is_said_at_once_beside_its_question(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    item = at_stage(make_case(), "refusal", by=officer, at=noon)

    answer = at_desk.post(page_of(item, "refuse"), hidden(Page.of(at_desk.get(page_of(item, "refuse")))))

    body = answer.content.decode()
    assert answer.status_code == 422
    assert "needs a note" in body
    assert "“Reasons for refusal” needs an answer" in body
    assert 'id="id_note-error"' in body
    assert 'id="id_answer_refusal_reasons-error"' in body


def test_what_is_sent_is_looked_at_and_changed_before_the_outcome_is_chosen(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    item = at_stage(case, "missing_information", by=officer, at=noon)
    form = hidden(Page.of(at_desk.get(page_of(item, "ask")))) | {"answer_missing": "photograph"}

    review = at_desk.post(page_of(item, "ask"), form)

    assert review.status_code == 200
    assert not Message.objects.exists()
    assert here(case).pk == item.pk
    page = Page.of(review)
    assert "E-mail to alma@example.org" in page.text("main")
    given = hidden(page)
    number = next(name.split("-")[0] for name in given if name.endswith("-made"))
    given |= {
        f"{number}-subject": "A photograph, please",
        f"{number}-html": "<p>Please send one.</p>",
        "step": "choose",
    }
    given |= {f"{number}-channels": "email", "answer_missing": "photograph"}
    done = at_desk.post(page_of(item, "ask"), given)

    assert done.status_code == 302
    sent = Message.objects.get()
    assert (sent.subject, sent.html, sent.edited) == ("A photograph, please", "<p>Please send one.</p>", True)
    assert here(case).stage.key == "missing_information_result"


def test_a_copy_nobody_changed_goes_out_as_the_template_says(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    item = at_stage(make_case(), "missing_information", by=officer, at=noon)
    form = hidden(Page.of(at_desk.get(page_of(item, "ask")))) | {"answer_missing": "photograph"}
    review = at_desk.post(page_of(item, "ask"), form)
    copy = review.context["copies"][0].form
    given = hidden(Page.of(review)) | {"step": "choose", "answer_missing": "photograph"}
    given |= {f"{copy.prefix}-subject": copy.initial["subject"], f"{copy.prefix}-channels": copy.initial["channels"]}
    given |= {f"{copy.prefix}-html": copy.initial["html"].replace("\n", "\r\n")}

    assert at_desk.post(page_of(item, "ask"), given).status_code == 302

    assert Message.objects.count() == len(copy.initial["channels"])
    assert not Message.objects.filter(edited=True).exists()


def test_a_message_is_written_to_the_other_contact_where_the_officer_chooses_them(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    item = at_stage(case, "missing_information", by=officer, at=noon)
    asked = {"answer_missing": "photograph"}
    form = hidden(Page.of(at_desk.get(page_of(item, "ask")))) | asked
    alone = Page.of(at_desk.post(page_of(item, "ask"), form))
    assert not alone.all("input", type="radio")
    carer = {"type": "email", "value": "carl@example.org", "normalised": "carl@example.org", "holder": "Carl Carer"}
    ContactDetail.objects.create(customer=case.customer, from_date=noon.date(), **carer)

    review = at_desk.post(page_of(item, "ask"), form)
    copy = review.context["copies"][0].form
    given = hidden(Page.of(review)) | asked | {f"{copy.prefix}-{name}": text for name, text in copy.initial.items()}
    assert "Their other contact: Carl Carer" in Page.of(review).text("main")
    given |= {f"{copy.prefix}-to": "alternative_contact", "step": "choose"}
    anew = at_desk.post(page_of(item, "ask"), given)

    page = Page.of(anew)
    assert "This message to Carl Carer was written anew." in page.text("main")
    assert "what you had typed" not in page.text("main")
    assert "E-mail to carl@example.org" in page.text("main")
    assert not Message.objects.exists()
    copy = anew.context["copies"][0].form
    assert "Dear Carl Carer" in copy.initial["html"]
    given = hidden(page) | asked | {f"{copy.prefix}-{name}": text for name, text in copy.initial.items()}
    assert at_desk.post(page_of(item, "ask"), given | {"step": "choose"}).status_code == 302
    assert {(one.to_name, one.to_email) for one in Message.objects.filter(channel="email")} == {
        ("Carl Carer", "carl@example.org")
    }
    assert not Message.objects.filter(edited=True).exists()


@pytest.mark.usefixtures("example_council")
def test_an_officer_sees_the_letter_as_it_will_be_printed(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    item = at_stage(make_case(), "missing_information", by=officer, at=noon)
    form = hidden(Page.of(at_desk.get(page_of(item, "ask")))) | {"answer_missing": "photograph"}
    review = at_desk.post(page_of(item, "ask"), form)
    position = review.context["copies"][0].form.rehearsed.position

    letter = at_desk.post(f"{page_of(item, 'ask')}{position}/", hidden(Page.of(review)) | form | {"as": "letter"})
    email = at_desk.post(f"{page_of(item, 'ask')}{position}/", hidden(Page.of(review)) | form | {"as": "email"})

    assert letter.content.startswith(b"%PDF")
    assert b"<html" in email.content
    assert "sandbox" in email["Content-Security-Policy"]
    assert not Message.objects.exists()


def test_questions_that_follow_from_an_answer_are_asked_next(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    item = at_stage(make_case(), "badge_details", by=officer, at=noon)
    first = at_desk.get(page_of(item, "confirm"))
    assert "No reassessment needed" not in first.content.decode()
    given = hidden(Page.of(first)) | {"answer_eligibility": "walkd", "answer_deliver_to": "home"}

    again = at_desk.post(page_of(item, "confirm"), given)

    assert "No reassessment needed" in again.content.decode()
    assert "There is more to answer" in again.content.decode()
    assert 'value="walkd" checked' in again.content.decode()


def test_an_expiry_left_as_it_was_follows_a_later_start_and_is_looked_at_before_anything_is_chosen(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime, photograph: bytes
) -> None:
    item = at_stage(make_case(), "badge_details", by=officer, at=noon)
    phone = people.Contact(type="phone", value="01632 960001")
    people.set_contact(item.case.customer, phone, by=officer, at=noon)
    put = {"name": "face.jpg", "content": photograph, "origin": Document.Origin.OFFICER, "tags": ["photograph"]}
    picture = actions.add_document(item.case, **put, by=officer, at=noon)
    form = page_of(item, "confirm")
    first = Page.of(at_desk.get(form))
    boxes = {one["name"]: one["value"] for one in first.all("input", inputmode="numeric")}
    start, later = boxes["answer_start_date_2"], str(int(boxes["answer_start_date_2"]) + 1)
    given = {**boxes, "answer_eligibility": "pip", "answer_deliver_to": "home", "answer_delivery_option": "standard"}
    given |= {"answer_number_of_badges": "1", "answer_photograph": str(picture.pk)}
    given |= {"answer_start_date_0": "1", "answer_start_date_1": "1", "answer_start_date_2": later}

    answer = at_desk.post(form, {**hidden(first), **given})
    again = Page.of(answer)
    assert "“Badge expiry date” was worked out anew from your other answers." in again.text("main")
    assert again.all("input", name="answer_expiry_date_2")[0]["value"] == str(int(start) + 4)
    assert here(item.case).stage.key == "badge_details"

    kept = {**hidden(again), **given, "answer_expiry_date_2": str(int(start) + 3)}  # as it was, on purpose
    assert at_desk.post(form, kept).status_code == 302
    item.run.refresh_from_db()
    assert (item.run.answers["start_date"][:4], item.run.answers["expiry_date"][:4]) == (later, str(int(start) + 3))


def test_the_photograph_is_picked_among_the_documents_tagged_so(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime, photograph: bytes
) -> None:
    case = make_case()
    item = at_stage(case, "badge_details", by=officer, at=noon)
    tagged, other = [
        actions.add_document(
            case, name=name, content=photograph, origin=Document.Origin.OFFICER, tags=tags, by=officer, at=noon
        )
        for name, tags in (("face.jpg", ["photograph"]), ("bill.jpg", []))
    ]

    page = Page.of(at_desk.get(page_of(item, "confirm")))

    assert [one["value"] for one in page.all("input", name="answer_photograph")] == [str(tagged.pk)]
    picture = at_desk.get(f"/desk/documents/{tagged.pk}/thumbnail/")
    assert picture["Content-Type"] == "image/jpeg"
    assert picture.content.startswith(b"\xff\xd8")
    assert other.pk != tagged.pk


def test_the_second_of_two_officers_is_told_and_keeps_what_they_typed(
    at_desk: Client, make_case: OpenCase, second_officer: User, officer: User, noon: datetime
) -> None:
    item = at_stage(make_case(), "refusal", by=officer, at=noon)
    form = hidden(Page.of(at_desk.get(page_of(item, "reconsider")))) | {"note": "Look again at page two"}
    progress.choose(item, "reconsider", by=second_officer, at=noon + timedelta(minutes=1), note="Mine")

    answer = at_desk.post(page_of(item, "reconsider"), form)

    body = answer.content.decode()
    assert answer.status_code == 409
    assert "was already progressed by Oscar Officer" in body
    assert "Look again at page two" in body


def test_sending_the_same_choice_twice_does_no_harm(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    item = here(case)
    form = hidden(Page.of(at_desk.get(page_of(item, "incomplete"))))

    for version in ("", "x"):  # a page that does not say what it showed is out of date
        assert at_desk.post(page_of(item, "incomplete"), form | {"version": version}).status_code == 409
    answers = [at_desk.post(page_of(item, "incomplete"), form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert here(case).stage.key == "missing_information"


def test_who_has_the_item_as_it_was_before_a_change_looks_again(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    item = here(case)
    form = hidden(Page.of(at_desk.get(page_of(item, "out_of_area")))) | {"note": "Lives in another county"}
    clock.extend(item, amount=2, reason="Busy", by=officer, at=noon)
    review = at_desk.post(page_of(item, "out_of_area"), form)
    given = hidden(Page.of(review)) | {"note": "Lives in another county", "step": "choose"}
    copy = review.context["copies"][0].form
    given |= {f"{copy.prefix}-{name}": value for name, value in copy.initial.items()}

    answer = at_desk.post(page_of(item, "out_of_area"), given)

    assert answer.status_code == 409
    assert here(case).pk == item.pk
    assert "was changed while you had it open" in answer.content.decode()
    assert hidden(Page.of(answer))["version"] == str(here(case).version)


@pytest.fixture
def photograph() -> bytes:
    content = BytesIO()
    Image.new("RGB", (600, 750), "white").save(content, "JPEG")
    return content.getvalue()


@pytest.fixture
def extending(officer: User) -> Iterator[User]:
    group = SecurityGroup.objects.get(key="blue_badge_officers")
    group.permissions = [*group.permissions, Permission.EXTEND_TARGETS, Permission.STEP_OUTSIDE]
    group.save()
    return officer


def test_the_clock_is_paused_goes_on_and_is_extended_with_reasons(
    make_case: OpenCase, extending: User, at_desk: Client
) -> None:
    case = make_case()
    item = here(case)
    assert at_desk.post(f"/desk/work/{item.pk}/extend/", {"amount": "3"}).status_code == 422

    at_desk.post(f"/desk/work/{item.pk}/extend/", {"amount": "3", "reason": "A flood"})
    asked = {"category": "awaiting_others", "policy": "continue", "reason": "The surgery"}
    at_desk.post(f"/desk/work/{item.pk}/pause/", asked)
    row = Pause.objects.get(item=item)
    at_desk.post(f"/desk/work/{item.pk}/pauses/{row.pk}/end/")

    row.refresh_from_db()
    assert row.ended_at
    assert item.extensions.get().amount == 3
    tab = at_desk.get(f"/desk/cases/{case.reference}/workflow/").content.decode()
    assert "A flood" in tab
    assert "The surgery" in tab


def test_the_clock_is_not_touched_without_the_permission(
    make_case: OpenCase, sign_in_as: SignInAs, viewer: User
) -> None:
    item, client = here(make_case()), sign_in_as(viewer)

    for act in ("pause", "extend", "step-outside"):
        assert client.get(f"/desk/work/{item.pk}/{act}/").status_code == 403, act


def test_a_request_is_recorded_as_answered_or_cancelled_with_a_reason(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    later = datetime.now(UTC).date() + timedelta(days=10)
    given = {"kind": "document", "items": "A bill\nA letter", "pauses": "on"}
    given |= {"answer_by_0": str(later.day), "answer_by_1": str(later.month), "answer_by_2": str(later.year)}
    for _ in range(2):
        assert at_desk.post(f"/desk/work/{here(case).pk}/ask/", given).status_code == 302
    shown = Page.of(at_desk.get(f"/desk/cases/{case.reference}/workflow/")).text("main")
    assert "Request 1" in shown
    assert "A letter" in shown
    start = f"/desk/cases/{case.reference}/requests"

    assert at_desk.post(f"{start}/1/received/", {"text": "By post"}).status_code == 302
    assert at_desk.post(f"{start}/2/cancel/", {"reason": ""}).status_code == 422
    assert at_desk.post(f"{start}/2/cancel/", {"reason": "Not needed"}).status_code == 302

    states = dict(Request.objects.filter(case=case).values_list("number", "state"))
    assert states == {1: "answered", 2: "cancelled"}
    again = at_desk.post(f"{start}/2/cancel/", {"reason": "Not needed"})
    assert again.status_code == 422
    assert "already cancelled" in again.content.decode()


def test_a_workflow_is_started_by_hand_by_who_may(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    page = Page.of(at_desk.get(f"/desk/cases/{case.reference}/workflow/start/"))
    offered = {one["value"] for one in page.all("input", name="workflow")}
    assert "application" not in offered
    assert "appeal" in offered

    assert at_desk.post(f"/desk/cases/{case.reference}/workflow/start/", {"workflow": "appeal"}).status_code == 302

    assert case.runs.count() == 2
    twice = at_desk.post(f"/desk/cases/{case.reference}/workflow/start/", {"workflow": "appeal"})
    assert twice.status_code == 422
    assert case.runs.count() == 2


def test_the_flow_is_drawn_with_the_stage_lit_and_told_in_words(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    run = case.runs.get()

    page = Page.of(at_desk.get(f"/desk/cases/{case.reference}/workflow/{run.pk}/"))
    picture = at_desk.get(f"/desk/cases/{case.reference}/workflow/{run.pk}/diagram.svg")

    assert "Initial Checks The case is here" in page.text("h3")
    assert "In area, incomplete application leads to Missing Information" in page.text("main")
    assert picture["Content-Type"] == "image/svg+xml"
    assert "current stage" in picture.content.decode()


def test_stepping_outside_needs_a_reason_and_the_history_says_so(
    at_desk: Client, make_case: OpenCase, extending: User
) -> None:
    case = make_case()
    item = here(case)
    assert at_desk.post(f"/desk/work/{item.pk}/step-outside/", {"stage": "badge_details"}).status_code == 422

    given = {"stage": "badge_details", "reason": "Agreed by the head of service"}
    for version in ({}, {"version": "x"}, {"version": item.version + 1}):
        stale = at_desk.post(f"/desk/work/{item.pk}/step-outside/", given | version)
        assert "was changed while you had it open" in Page.of(stale).text("main")
    given |= {"version": str(item.version), "key": str(uuid4())}
    for _pressed in range(2):
        assert at_desk.post(f"/desk/work/{item.pk}/step-outside/", given).status_code == 302
    assert at_desk.post(f"/desk/work/{item.pk}/step-outside/", given | {"key": str(uuid4())}).status_code == 403

    tab = Page.of(at_desk.get(f"/desk/cases/{case.reference}/workflow/")).text("main")
    assert here(case).stage.key == "badge_details"
    assert "Stepped outside the flow" in tab
    assert "Agreed by the head of service" in tab


def test_a_workflow_that_ended_is_reopened_with_a_reason(
    at_desk: Client, make_case: OpenCase, extending: User, noon: datetime
) -> None:
    case = make_case()
    progress.choose(here(case), "out_of_area", by=extending, at=noon, note="Far away")
    run = case.runs.get()

    given = {"stage": "initial_checks", "reason": "They moved here"}
    assert at_desk.post(f"/desk/cases/{case.reference}/workflow/{run.pk}/reopen/", given).status_code == 302

    case.refresh_from_db()
    assert case.closed_at is None
    assert here(case).stage.key == "initial_checks"


def test_the_tab_costs_the_same_however_long_the_history_is(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    address = f"/desk/cases/{case.reference}/workflow/"
    at_desk.get(address)
    with CaptureQueriesContext(connection) as few:
        at_desk.get(address)
    at_stage(case, "missing_information", by=officer, at=noon)
    for turn in range(1, 6):
        at = noon + timedelta(hours=turn)
        progress.choose(here(case), "ask", by=officer, at=at, answers={"missing": ["photograph"]})
        requests.cancel(case.requests.get(number=turn), reason="Found", by=officer, at=at)
        progress.choose(here(case), "still_incomplete", by=officer, at=at)
    with CaptureQueriesContext(connection) as many:
        at_desk.get(address)

    assert len(many) <= min(25, len(few) + 1), [one["sql"][:120] for one in many]
