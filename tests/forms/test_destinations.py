"""Submissions on their way: an e-mail, a signed call and a file, each known by the same key at every try."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.core import mail
from tests.forms.conftest import NOON, Publish
from tests.forms.test_drafts import fill

from moothall.core.accounts.actions import system_user
from moothall.core.council import settings as council
from moothall.domain.forms import actions, delivering
from moothall.domain.forms.destinations import NotDelivered
from moothall.domain.forms.models import Delivery
from moothall.domain.forms.parcels import FormDestinations
from moothall.sandbox import testing

SECRET = "not a secret of anybody"
ALL_WAYS = """destinations:
  - {to: email, name: waste}
  - {to: webhook, name: depot}
  - {to: file, name: depot}
  - to: case"""


@pytest.fixture(scope="module")
def running() -> Iterator[testing.Running]:
    with testing.start("--no-presets") as one:
        yield one


def tried(kind: str) -> Delivery:
    delivery = Delivery.objects.get(kind=kind)
    with suppress(NotDelivered):
        delivering.deliver(delivery.pk, at=NOON)
    return Delivery.objects.get(pk=delivery.pk)


def test_a_form_goes_to_each_of_its_destinations_signed_and_says_why_when_it_cannot(
    publish: Publish, example_council: council.Council, running: testing.Running, tmp_path: Path
) -> None:
    publish(("destinations:\n  - to: case", ALL_WAYS))
    held = fill()
    sent = actions.submit(held.draft.key, token=held.token, by=None, at=NOON)
    assert {tried(kind).state for kind in ("email", "webhook", "file")} == {"waiting"}
    assert tried("file").attempts == 2
    assert tried("file").problem == "Nobody has said where “depot” is: set form_destinations.folders."

    running.control("POST", "/reset", {"presets": False})
    settings = {
        "mailboxes": ["waste waste@council.example.org"],
        "webhooks": [f"depot {running.base_url}/receiver/forms"],
        "folders": [f"depot {tmp_path}"],
        "secret": SECRET,
    }
    council.write(FormDestinations.model_validate(settings), by=system_user(), at=NOON)
    assert "private network" in tried("webhook").problem
    settings["internal_hosts"] = ["127.0.0.1"]
    council.write(FormDestinations.model_validate(settings), by=system_user(), at=NOON)

    assert {tried(kind).state for kind in ("email", "webhook", "file", "case")} == {"done"}
    written = json.loads((tmp_path / f"{sent.reference}.2.json").read_text())
    assert written["answers"]["last_name"] == "Example"
    assert {"question": "due", "label": "Day the bin was due to be emptied", "answer": "2 March 2026"} in written[
        "words"
    ]
    (email,) = mail.outbox
    assert email.to == ["waste@council.example.org"]
    assert email.extra_headers["Message-ID"].startswith(f"<form-{sent.key}.0@")
    _, body, _ = email.attachments[0]
    content = body.encode() if isinstance(body, str) else body
    timestamp = email.extra_headers["Moothall-Timestamp"]
    wanted = hmac.new(SECRET.encode(), timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()
    assert email.extra_headers["Moothall-Signature"] == f"v1={wanted}"
    (call,) = running.control("GET", "/receiver")
    assert json.loads(call["body"])["delivery"] == f"{sent.key}.1"
    assert call["headers"]["moothall-signature"].startswith("v1=")
