"""A second pair of eyes at the desk: proposals confirmed or sent back, checks of quality, checklists (BEST-5, BEST-8)."""

from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.domain.cases import actions, checklists, progress
from moothall.domain.cases.models import Case, Proposal, QualityCheck, WorkItem
from moothall.domain.messages.models import Message
from moothall.domain.notifications.models import Notification


def here(case: Case) -> WorkItem:
    return WorkItem.objects.open().select_related("stage", "case", "run").get(case=case)


@pytest.fixture
def refusing(make_case: OpenCase, officer: User, noon: datetime) -> Case:
    """The case of somebody terminally ill, at Refusal, which a manager confirms."""
    case = make_case()
    actions.tag_case(case, set=["terminal_illness"], by=officer, at=noon)
    for outcome in ("desktop_screening", "refuse"):
        progress.choose(here(case), outcome, by=officer, at=noon)
    return case


@pytest.fixture
def proposal(refusing: Case, officer: User, noon: datetime) -> Proposal:
    reasons = {"refusal_reasons": [reason_key()]}
    found = progress.choose(here(refusing), "refuse", by=officer, at=noon, answers=reasons, note="No evidence").proposal
    assert found is not None
    return found


def reason_key() -> str:
    from moothall.core.lists.models import Value

    return Value.objects.filter(list__key="blue_badge.refusal_reasons").values_list("key", flat=True)[0]


def page_of(proposal: Proposal) -> str:
    return f"/desk/checks/proposals/{proposal.pk}/"


def tab(case: Case) -> str:
    return f"/desk/cases/{case.reference}/workflow/"


def test_the_officer_is_told_that_it_waits_and_may_only_withdraw_it(
    at_desk: Client, proposal: Proposal, refusing: Case
) -> None:
    page = Page.of(at_desk.get(tab(refusing)))
    assert "Olive Officer proposes “Send the refusal”" in page.text("main")
    assert page.all("input", name="outcome") == []
    own = at_desk.get(page_of(proposal)).content.decode()
    assert "Withdraw it" in own
    assert "Send back to" not in own
    assert at_desk.post(page_of(proposal), {"step": "confirm"}, follow=True).status_code == 200
    assert not Message.objects.filter(template_version__template__key="blue_badge.refusal").exists()

    answers = [at_desk.post(page_of(proposal), {"step": "withdraw"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Proposal.objects.get().state == "withdrawn"
    assert Page.of(at_desk.get(tab(refusing))).all("input", name="outcome")


def test_the_page_of_an_outcome_says_beforehand_that_a_second_officer_is_asked(at_desk: Client, refusing: Case) -> None:
    body = at_desk.get(f"/desk/work/{here(refusing).pk}/outcomes/refuse/").content.decode()

    assert "A second officer may have to confirm it before it happens" in body


def test_a_manager_reads_what_was_proposed_confirms_it_and_a_second_click_does_no_harm(
    sign_in_as: SignInAs, manager: User, officer: User, proposal: Proposal, refusing: Case
) -> None:
    client = sign_in_as(manager)
    listed = Page.of(client.get("/desk/checks/"))
    assert "Send the refusal" in listed.text("table")
    assert refusing.reference in listed.text("table")
    shown = client.get(page_of(proposal)).content.decode()
    for words in ("Olive Officer", "No evidence", "Reasons for refusal", "Message to Alma Madeup"):
        assert words in shown, words

    answers = [client.post(page_of(proposal), {"step": "confirm"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert here(refusing).stage.key == "refused_holding"
    assert "confirmed by Mandla Manager" in client.get(tab(refusing)).content.decode()
    assert Notification.objects.get(user=officer, kind="approval").text.startswith("Mandla Manager confirmed")


def test_sending_back_needs_a_reason_and_tells_who_proposed(
    sign_in_as: SignInAs, manager: User, officer: User, proposal: Proposal, refusing: Case
) -> None:
    client = sign_in_as(manager)
    refused = client.post(page_of(proposal), {"step": "send_back", "reason": ""})
    assert refused.status_code == 422
    assert "Say why you send it back" in refused.content.decode()

    client.post(page_of(proposal), {"step": "send_back", "reason": "Read page two"})

    assert Proposal.objects.get().reason == "Read page two"
    assert "sent back" in Notification.objects.get(user=officer, kind="approval").text
    assert here(refusing).stage.key == "refusal"


def test_who_is_neither_proposer_nor_confirmer_is_refused(
    sign_in_as: SignInAs, second_officer: User, viewer: User, stranger: User, proposal: Proposal
) -> None:
    for user, statuses in ((second_officer, {403}), (viewer, {403}), (stranger, {403, 404})):
        client = sign_in_as(user)
        assert client.get(page_of(proposal)).status_code in statuses, user
        assert client.post(page_of(proposal), {"step": "confirm"}).status_code in statuses, user
    assert Proposal.objects.get().state == "waiting"
    assert sign_in_as(second_officer).get("/desk/checks/").status_code == 403


def test_the_menu_counts_what_waits_for_a_manager(sign_in_as: SignInAs, manager: User, proposal: Proposal) -> None:
    client = sign_in_as(manager)
    assert Proposal.objects.get().pk == proposal.pk

    assert "Checks 1 waiting" in " ".join(Page.of(client.get("/desk/checks/")).text("nav").split())


def test_the_list_takes_as_many_statements_for_one_as_for_several(
    sign_in_as: SignInAs, manager: User, officer: User, make_case: OpenCase, proposal: Proposal, noon: datetime
) -> None:
    client = sign_in_as(manager)
    client.get("/desk/checks/")
    with CaptureQueriesContext(connection) as one:
        client.get("/desk/checks/")
    case = make_case(last_name="Another")
    actions.tag_case(case, set=["terminal_illness"], by=officer, at=noon)
    for outcome in ("desktop_screening", "refuse"):
        progress.choose(here(case), outcome, by=officer, at=noon)
    given = {"answers": {"refusal_reasons": [reason_key()]}, "note": "No"}
    progress.choose(here(case), "refuse", by=officer, at=noon, **given)  # type: ignore[arg-type]

    with CaptureQueriesContext(connection) as two:
        client.get("/desk/checks/")

    assert len(two) == len(one) <= 12


def drawn(case: Case, *, by: User, at: datetime) -> QualityCheck:
    """The refusal of a case, decided by an officer and drawn for a check."""
    for outcome in ("desktop_screening", "refuse"):
        progress.choose(here(case), outcome, by=by, at=at)
    item = here(case)
    progress.choose(item, "refuse", by=by, at=at, answers={"refusal_reasons": [reason_key()]}, note="No")
    QualityCheck.objects.filter(item=item).delete()
    return QualityCheck.objects.create(
        item=item, decided_by=by, groups=["blue_badge_managers"], drawn_at=datetime.now(at.tzinfo)
    )


def test_a_check_of_quality_is_done_once_and_counted(
    sign_in_as: SignInAs, manager: User, officer: User, make_case: OpenCase, noon: datetime
) -> None:
    row = drawn(make_case(), by=officer, at=noon)
    client = sign_in_as(manager)
    address = f"/desk/checks/quality/{row.pk}/"
    asked = {"answer_evidence": "no", "answer_reasons": "yes", "answer_appeal": "yes", "result": "failed"}
    assert client.get(address).status_code == 200
    missing = client.post(address, asked)
    assert missing.status_code == 422
    assert "Say what was not right" in missing.content.decode()

    answers = [client.post(address, {**asked, "note": "Page two"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    row.refresh_from_db()
    assert (row.result, row.answers["evidence"], row.by) == ("failed", False, manager)
    tables = Page.of(client.get("/desk/checks/results/")).text("main")
    assert "Refusal: Send the refusal" in tables
    assert "Olive Officer" in tables
    assert sign_in_as(officer).get(address).status_code == 403


def test_a_checklist_is_ticked_in_place_or_with_a_button_and_a_stale_page_takes_nothing_away(
    at_desk: Client, make_case: OpenCase, second_officer: User, noon: datetime
) -> None:
    case = make_case()
    item = here(case)
    address = f"/desk/work/{item.pk}/checklist/"
    assert "Identity is proved" in at_desk.get(tab(case)).content.decode()
    checklists.tick(item, done=["residence"], by=second_officer, at=noon)

    part = at_desk.post(address, {"done": ["identity"]}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "Done by Oscar Officer" in part.content.decode()
    saved = at_desk.post(address, {"was": ["identity"], "done": ["identity", "photograph"]})
    assert saved["Location"] == tab(case)
    at_desk.post(address, {"was": ["photograph"], "done": []})

    assert set(item.ticks.values_list("key", flat=True)) == {"identity", "residence"}
    progress.choose(here(case), "desktop_screening", by=second_officer, at=noon)
    past = Page.of(at_desk.get(tab(case))).text("main")
    assert "Not done The photograph can be printed" in " ".join(past.split())


def test_who_may_only_look_sees_the_checklist_and_ticks_nothing(
    make_case: OpenCase, sign_in_as: SignInAs, viewer: User
) -> None:
    case = make_case()
    client = sign_in_as(viewer)

    boxes = Page.of(client.get(tab(case))).all("input", name="done")

    assert boxes
    assert all("disabled" in box for box in boxes)
    assert client.post(f"/desk/work/{here(case).pk}/checklist/", {"done": ["identity"]}).status_code == 403
