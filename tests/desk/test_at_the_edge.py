"""What nobody types by accident is answered in a sentence, and what is sent twice counts once."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django import forms
from django.test import Client
from django.utils import timezone
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.council import open_case

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case, Pause, Request, WorkItem
from moothall.domain.catalogue.models import Service
from moothall.domain.messages.models import Message
from moothall.web.components.forms import Form
from moothall.web.desk.models import Typed

pytestmark = pytest.mark.django_db
FAR = ("9999-12-31", "0001-01-01")


def test_a_day_nobody_lives_to_see_is_refused_wherever_one_may_be_asked_for(
    sign_in_as: SignInAs, administrator: User, make_case: OpenCase
) -> None:
    browser, reference = sign_in_as(administrator), make_case().reference
    for day in FAR:
        for address in (
            f"/desk/work/?tab=all&due_from={day}",
            f"/desk/work/?tab=all&due_from=2026-01-01&due_to={day}",
            f"/desk/work/?tab=all&state=completed&updated_to={day}",
            f"/desk/queue/?created_to={day}",
            f"/desk/payments/?until={day}",
        ):
            assert browser.get(address).status_code in {200, 404, 422}, address
    boxes = {"until_0": "31", "until_1": "12", "until_2": "9999"}
    assert browser.get(f"/desk/cases/{reference}/timeline/", boxes).status_code in {200, 422}
    assert browser.get("/desk/queue/?sort=processed&after=999999999999999999-1").status_code == 404
    assert browser.get("/desk/work/?tab=all&due_from=2026-01-01&due_to=2199-12-31").status_code == 200


def test_a_clock_is_paused_and_a_target_extended_once_by_a_form_that_is_sent_twice(
    sign_in_as: SignInAs, manager: User, make_case: OpenCase
) -> None:
    case, browser = make_case(at=timezone.now() - timedelta(days=1)), sign_in_as(manager)
    item = WorkItem.objects.get(case=case)
    asked = {"category": "awaiting_others", "policy": "continue", "reason": "Waiting.", "key": str(uuid4())}
    page = browser.get(f"/desk/work/{item.pk}/pause/").content.decode()
    assert 'name="key"' in page
    first, again = (browser.post(f"/desk/work/{item.pk}/pause/", asked, follow=True) for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert "it was sent twice, and counts once" in again.content.decode()
    assert Pause.objects.filter(item=item).count() == 1
    browser.post(f"/desk/work/{item.pk}/pause/", asked | {"key": str(uuid4())})
    assert Pause.objects.filter(item=item).count() == 2


def test_a_message_sent_twice_goes_once_and_one_too_long_to_be_seen_is_refused(
    at_desk: Client, make_case: OpenCase, officer: User
) -> None:
    case = make_case(by=officer)
    address = f"/desk/cases/{case.reference}/messages/new/?channel=email&to=customer&template="
    words = {"subject": "About your case", "html": "<p>Hello.</p>", "key": str(uuid4())}
    assert at_desk.post(address, words | {"step": "see", "html": "x" * 200_000}).status_code == 422
    for _ in range(2):
        assert at_desk.post(address, words | {"step": "send"}).status_code == 302
    sent = Message.objects.get(case_link__case=case)
    draft = {
        "subject": sent.subject,
        "html": sent.html,
        "step": "send",
    }  # as from the page of a draft that went meanwhile
    again = at_desk.post(f"/desk/cases/{case.reference}/messages/{sent.pk}/", draft, follow=True)
    assert "it was sent twice, and counts once" in again.content.decode()
    Message.objects.filter(pk=sent.pk).update(status="failed", problem="No such address.")
    resend, key = f"/desk/cases/{case.reference}/messages/{sent.pk}/resend/", str(uuid4())
    for _ in range(2):
        assert at_desk.post(resend, {"key": key}).status_code == 302
    assert Message.objects.filter(case_link__case=case).count() == 2


def test_a_flag_is_set_once_by_a_form_that_is_sent_twice(at_desk: Client, make_case: OpenCase) -> None:
    customer = make_case().customer
    address, asked = (
        f"/desk/customers/{customer.pk}/flags/",
        {"type": "not_alone", "said": "Two go.", "key": str(uuid4())},
    )
    assert 'name="key"' in at_desk.get(address).content.decode()
    for _ in range(2):
        assert at_desk.post(address, asked).status_code == 302
    assert customer.flags.count() == 1


def test_the_applicant_is_asked_once_by_a_form_that_is_sent_twice(
    at_desk: Client, make_case: OpenCase, officer: User
) -> None:
    case = make_case(at=timezone.now() - timedelta(days=1), by=officer)
    item = WorkItem.objects.get(case=case)
    asked = {"kind": "document", "items": "A photograph", "key": str(uuid4())}
    asked |= {f"answer_by_{place}": part for place, part in enumerate(["1", "12", str(timezone.now().year + 1)])}
    for _ in range(2):
        assert at_desk.post(f"/desk/work/{item.pk}/ask/", asked).status_code == 302
    assert Request.objects.filter(case=case).count() == 1


def test_answers_of_a_case_of_somebody_else_are_not_there_to_be_taken_over(
    at_desk: Client, service: Service, noon: datetime
) -> None:
    one, other = (open_case(service, at=noon, last_name=name) for name in ("Madeup", "Notreal"))
    Case.objects.filter(pk__in=[one.pk, other.pk]).update(submitted={"contact": {"name": "Alma"}})
    address = f"/desk/cases/{one.reference}/earlier/{other.reference}/"
    assert at_desk.get(address).status_code == 404
    assert at_desk.post(address).status_code == 404


def test_what_is_kept_of_a_form_has_no_character_the_database_refuses(at_desk: Client) -> None:
    answer = at_desk.post(
        "/desk/typed/keep/?path=/desk/create/organisation/%00&page=/desk/create/organisation/", {"na\0me": "a\0b"}
    )
    assert answer.status_code == 200
    assert not Typed.objects.filter(fields__icontains="\\u0000").exists()


def test_going_on_without_an_outcome_is_answered_by_what_to_choose(
    at_desk: Client, make_case: OpenCase, officer: User
) -> None:
    item = WorkItem.objects.get(case=make_case(at=timezone.now() - timedelta(days=1), by=officer))
    answer = at_desk.get(f"/desk/work/{item.pk}/outcomes/?asked=1")
    assert answer.status_code == 422
    assert "Choose what happens next." in answer.content.decode()


def test_a_text_that_is_too_long_and_a_choice_nobody_offered_are_told_by_the_name_of_the_question() -> None:
    class Question(Form):
        share = forms.CharField(label="What 50 % are", max_length=3)
        colour = forms.ChoiceField(label="Colour", choices=[("red", "Red")])
        several = forms.MultipleChoiceField(label="Several", choices=[("red", "Red")])

    form = Question({"share": "abcdef", "colour": "blue", "several": ["green"]})
    assert {name: list(said) for name, said in form.errors.items()} == {
        "share": ["“What 50 % are” may have at most 3 characters, and has 6."],
        "colour": ["Choose one of the answers that are offered."],
        "several": ["Choose one of the answers that are offered."],
    }
