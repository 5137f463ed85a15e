"""The form for a missed bin, filled in as the citizens of the portal's measurement do."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.services.conftest import PublishService

from moothall.config.bench.portal_answers import START, answers
from moothall.core.accounts.actions import system_user
from moothall.core.council import settings as council
from moothall.domain.citizens.rules import Portal
from moothall.domain.forms import published
from moothall.domain.forms.models import Submission

pytestmark = pytest.mark.django_db


def test_what_a_simulated_citizen_answers_is_a_whole_form_which_is_sent(
    publish_service: PublishService, client: Client
) -> None:
    published.forget()
    publish_service("missed_bin")
    council.write(Portal(open=True), by=system_user(), at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    try:
        at = client.post(START)["Location"]
        for page, given in answers(7).items():
            assert f"/page/{page}/" in at
            at = client.post(at, given)["Location"]
        done = client.get(client.post(at)["Location"])
    finally:
        council.forget()
    assert Submission.objects.get().reference in done.content.decode()
