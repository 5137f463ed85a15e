"""Forms of services that come with the product, filled in by a browser from the first page to the officer's first stage."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.portal.conftest import portal  # noqa: F401
from tests.services.conftest import SERVICES, PublishService

from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.forms import blocks, delivering
from moothall.domain.forms import published as published_forms
from moothall.domain.forms.definition import Question
from moothall.domain.forms.models import Submission
from moothall.domain.messages.models import Message

LATER = (timezone.localdate() + timedelta(days=60)).isoformat()


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def sent_as(question: Question, answer: Any) -> dict[str, Any]:
    """An answer as the page sends it."""
    id = question.id
    if question.type == "upload":
        return {f"{id}__later": "on"} if answer == "later" else {}
    if question.type == "date":
        year, month, day = answer.split("-")
        return {f"{id}_0": day, f"{id}_1": month, f"{id}_2": year}
    if isinstance(answer, Mapping):
        return {f"{id}__{part}": value for part, value in answer.items()}
    return {id: answer}


def walk(service: str, example: str, **changed: Any) -> Submission:
    """Fill a form in as its example does, but for answers that are `changed`, and send it."""
    told, browser = SERVICES[service].form_examples[example], Client()
    form = blocks.put_in(SERVICES[service].forms[told.form], blocks.built_in(), file="x")
    at = str(browser.post(f"/services/{service}/{told.form}/")["Location"])
    for step in told.pages:
        if step.refused:
            continue
        assert at.endswith(f"/page/{step.page}/"), at
        assert browser.get(at).status_code == 200
        given: dict[str, Any] = {}
        for id, answer in {**step.answers, **{k: v for k, v in changed.items() if k in step.answers}}.items():
            given |= sent_as(form.questions[id], answer)
        answered = browser.post(at, given)
        assert answered.status_code == 302, answered.context["form"].errors
        at = answered["Location"]
    assert at.endswith("/check/")
    assert browser.get(at).status_code == 200
    assert browser.post(at).status_code == 302
    for delivery in delivering.undelivered():
        delivering.deliver(delivery.pk, at=timezone.now())
    return Submission.objects.latest("pk")


@pytest.mark.parametrize(
    ("service", "example", "type", "stage", "tags", "letters"),
    [
        ("freedom_pass", "apply_award", "renewal", "initial_checks", ["entitled_at_once"], ["acknowledgement"]),
        ("taxicard", "apply_assessed", "new", "initial_checks", [], ["acknowledgement"]),
        ("taxicard", "renew", "renewal", "initial_checks", [], ["acknowledgement"]),
        ("temporary_event", "notice_standard", "standard", "payment", ["alcohol"], []),
    ],
)
def test_a_form_leads_from_its_first_page_to_the_first_stage_of_an_officer(
    portal: object,  # noqa: F811
    publish_service: PublishService,
    service: str,
    example: str,
    type: str,
    stage: str,
    tags: list[str],
    letters: list[str],
) -> None:
    published_forms.forget()
    publish_service(service)
    sent = walk(service, example, award_ends=LATER, first_day=LATER, last_day=LATER, ends="23:30", expires=LATER)
    case = Case.objects.get(reference=sent.reference)
    assert (case.type, case.source, sorted(case.tags)) == (type, "online", tags)
    assert WorkItem.objects.get(case=case, finished_at=None).stage.key == stage
    written = Message.objects.filter(case_link__case=case).values_list("template_version__template__key", flat=True)
    assert [key.rpartition(".")[2] for key in written] == letters
    assert list(case.payment_links.values_list("payment__pence", flat=True)) == ([2100] if sent.pence else [])
    if example == "apply_award":
        assert case.customer.name == "Cy Sample"
        contact = case.customer.contact_details.get()
        assert contact.holder == "Ann Sample", "whoever applies for him is reached so, and not he himself"
