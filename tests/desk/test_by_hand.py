"""Letters and e-mails written by hand on a case: which may be, kept as a draft, changed, sent."""

import pytest
from django.test import Client
from tests.desk.conftest import OpenCase
from tests.desk.pages import Page

from moothall.domain.messages.models import Message


@pytest.mark.usefixtures("example_council")
def test_a_letter_is_written_kept_as_a_draft_changed_and_sent(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    new = f"/desk/cases/{case.reference}/messages/new/"
    begun = at_desk.get(new, {"template": "acknowledgement", "channel": "email", "to": "customer"})
    assert "alma@example.org" in begun.content.decode()

    words = {"subject": "Your call", "html": "<p>Thank you.</p>"}
    kept = at_desk.post(f"{new}?template=&channel=email&to=customer", words | {"step": "draft"})
    draft = Message.objects.get()
    assert draft.status == "draft"
    assert str(draft.pk) in kept["Location"]
    assert "Your call" in Page.of(at_desk.get(f"/desk/cases/{case.reference}/workflow/")).links()
    at_desk.post(kept["Location"], {"subject": "Your call today", "html": "<p>Thank you.</p>", "step": "send"})

    draft.refresh_from_db()
    assert (draft.subject, draft.status) == ("Your call today", "queued")


def test_a_letter_that_goes_with_an_outcome_or_would_have_gaps_is_not_begun_by_hand(
    at_desk: Client, make_case: OpenCase
) -> None:
    new = f"/desk/cases/{make_case().reference}/messages/new/"
    offered = {one["value"] for one in Page.of(at_desk.get(new)).all("option")}
    assert {"acknowledgement", "assessment_invitation", "missing_information_reminder"} <= offered
    assert not offered & {"refusal", "missing_information", "appeal_upheld", "payment_request"}
    for template in ("refusal", "missing_information_reminder"):
        begun = at_desk.get(new, {"template": template, "channel": "letter", "to": "customer"})
        assert begun.status_code == 422
    assert "what the open request asks for" in begun.content.decode()


def test_a_letter_nobody_can_receive_is_refused_beside_the_choice(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()

    asked = {"template": "", "channel": "letter", "to": "alternative_contact"}
    answer = at_desk.get(f"/desk/cases/{case.reference}/messages/new/", asked)

    assert answer.status_code == 422
    assert "No alternative contact" in answer.content.decode()
