"""Proposals and checks of quality through the API (BEST-5, BEST-8)."""

from datetime import datetime

import pytest
from tests.api.world import sign_in
from tests.progress.conftest import FILES, only_item, publish
from tests.progress.test_second_officer import LETTER, WORKFLOW

from moothall.core.accounts.models import User
from moothall.domain.cases import actions
from moothall.domain.cases.models import Case, QualityCheck
from moothall.domain.catalogue import catalogue
from moothall.domain.people import actions as people
from moothall.domain.people.actions import PersonDetails
from moothall.domain.workflow import published


@pytest.fixture
def case(administrator: User, officer: User, manager: User, viewer: User, noon: datetime) -> Case:
    catalogue.forget()
    published.forget()
    files = {**FILES, "workflows/permit.yaml": WORKFLOW, "letters/refused.html": LETTER}
    service = publish(files, by=administrator, at=noon)
    ann = people.create_person(PersonDetails(first_names="Ann", last_name="Applicant"), by=officer, at=noon)
    return actions.open_case(service=service, type="new", source="online", customer=ann, by=officer, at=noon)


def test_an_outcome_is_proposed_confirmed_and_its_quality_checked(case: Case, officer: User, manager: User) -> None:
    first, second = sign_in(officer), sign_in(manager)
    item = only_item(case)
    path = f"/work-items/{item.pk}"
    refused = first.post(f"{path}/progress", {"outcome": "complete", "version": item.version})
    assert refused.status_code == 422
    assert "Identity was checked" in refused.json()["detail"]
    assert first.post(f"{path}/checklist", {"done": ["shoes"]}).status_code == 409
    ticked = first.post(f"{path}/checklist", {"done": ["identity"]}).json()
    assert ticked["checklist"][0]["done_by"]["name"] == "Olive Officer"
    assert first.post(f"{path}/progress", {"outcome": "complete", "version": item.version}).status_code == 200
    item = only_item(case)
    chosen = {"outcome": "refuse", "version": item.version, "note": "Elsewhere", "answers": {"fee": "7.50"}}

    proposed = first.post(f"/work-items/{item.pk}/progress", chosen).json()

    proposal = f"/proposals/{proposed['proposal']}"
    assert proposed["finished"] is None
    assert first.get(f"/work-items/{item.pk}").json()["proposal"] == proposed["proposal"]
    assert first.post(f"/work-items/{item.pk}/progress", {**chosen, "version": item.version + 1}).status_code == 409
    assert first.get("/proposals").status_code == 403
    assert first.post(f"{proposal}/confirm").status_code == 403
    assert [one["outcome_name"] for one in second.get("/proposals").json()["items"]] == ["Refuse"]
    detail = second.get(proposal).json()
    assert (detail["note"], detail["drafts"][0]["subject"], detail["hindrance"]) == ("Elsewhere", "Your permit", "")
    assert second.post(f"{proposal}/withdraw").status_code == 409
    assert second.post(f"{proposal}/confirm").json()["ended"] is True
    assert second.post(f"{proposal}/confirm").status_code == 409
    check = QualityCheck.objects.get()
    assert second.get("/quality-checks").json()["items"] == []
    assert second.post(f"/quality-checks/{check.pk}/result", {"result": "passed"}).status_code == 409


def test_a_proposal_is_sent_back_with_a_reason(case: Case, officer: User, manager: User) -> None:
    first, second = sign_in(officer), sign_in(manager)
    first.post(f"/work-items/{only_item(case).pk}/checklist", {"done": ["identity"]})
    item = only_item(case)
    first.post(f"/work-items/{item.pk}/progress", {"outcome": "complete", "version": item.version})
    item = only_item(case)
    chosen = {"outcome": "refuse", "version": item.version, "note": "Elsewhere", "answers": {"fee": "7.50"}}
    number = first.post(f"/work-items/{item.pk}/progress", chosen).json()["proposal"]
    assert second.post(f"/proposals/{number}/send-back", {"reason": ""}).status_code == 422

    back = second.post(f"/proposals/{number}/send-back", {"reason": "Read page two"}).json()

    assert back["state"] == "sent_back"
    assert first.get(f"/proposals/{number}").json()["reason"] == "Read page two"
