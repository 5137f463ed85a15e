"""The Blue Badge form on the council's own site, from its first page to the case."""

from datetime import UTC, datetime

import pytest
from tests.services.conftest import SERVICES, PublishService

from moothall.domain.cases.models import Case
from moothall.domain.forms import actions, delivering, published, runner
from moothall.domain.forms.actions import Citizen

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_an_application_that_was_sent_is_a_case_of_whom_the_badge_is_for(publish_service: PublishService) -> None:
    published.forget()
    publish_service("blue_badge")
    ann = Citizen("ann", customer_id=1)  # signed in, and applies for somebody else
    held = actions.start("blue_badge.apply", by=ann, at=NOON, facts={"person.last_name": "Example"})

    for page in SERVICES["blue_badge"].form_examples["apply_child"].pages:
        if not page.refused:
            saved = actions.save_page(held.draft.key, page.page, page.answers, by=ann, at=NOON)
            assert saved.problems == ()
    assert runner.next_page(saved.held.journey) == "equality"
    for last, given in (("equality", {}), ("declare", {"declaration": "yes"})):
        actions.save_page(held.draft.key, last, given, by=ann, at=NOON)
    sent = actions.submit(held.draft.key, by=ann, at=NOON)
    for delivery in delivering.undelivered():
        delivering.deliver(delivery.pk, at=NOON)

    case = Case.objects.get(reference=sent.reference)
    assert (case.type, case.source) == ("new", "online")
    assert case.customer.name == "Cy Sample"
    assert case.customer.person.gender == "male"
    assert case.customer.residences.get().address.postcode == "EX1 2AB"
    assert case.demands.get().words == "Needs a ventilator"
    assert case.submitted["equipment"] == {"equipment": ["Ventilator"]}
    assert case.runs.count() == 1
