"""Whoever applied through the national service is told so as the service's own definition says."""

from datetime import datetime
from typing import Any

import pytest
from tests.dft_blue_badge.service import FILES
from tests.sandbox.bodies import application, with_change

from moothall.connectors.dft_blue_badge import intake
from moothall.domain.catalogue import bundle, checks
from moothall.domain.messages.models import Message


def arrived(type: str, *, at: datetime, **contact: Any) -> list[tuple[str, str, str]]:
    """Channel, subject and address of what an application of this type is answered with."""
    raw = application() | {"applicationId": "11111111-2222-4333-8444-555555555555", "applicationTypeCode": type}
    for field, value in contact.items():
        raw = with_change(raw, f"party.contact.{field}", value)
    raw["artifacts"] = []
    assert intake.take(raw, at=at)
    return [(one.channel, one.subject, one.to_email) for one in Message.objects.all()]


@pytest.mark.usefixtures("service", "sandbox")
@pytest.mark.parametrize(
    ("type", "subject"),
    [
        ("NEW", "We have your Blue Badge application"),
        ("RENEW", "We have your Blue Badge application"),
        ("REPLACE", "We have your request for a new badge"),
    ],
)
def test_the_letter_is_the_one_the_service_names_for_the_type_of_case(type: str, subject: str, now: datetime) -> None:
    assert arrived(type, at=now, emailAddress="sam@example.org") == [("email", subject, "sam@example.org")]


@pytest.mark.usefixtures("service", "sandbox")
def test_a_type_for_which_the_service_names_none_is_not_acknowledged(now: datetime) -> None:
    assert arrived("CANCEL", at=now, emailAddress="sam@example.org") == []


@pytest.mark.usefixtures("service", "sandbox")
@pytest.mark.parametrize(("type", "channels"), [("NEW", ["letter"]), ("REPLACE", [])])
def test_without_an_e_mail_address_the_next_channel_named_is_used(
    type: str, channels: list[str], now: datetime
) -> None:
    assert [channel for channel, *_ in arrived(type, at=now, emailAddress=None)] == channels


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("was", "wrong", "sentence"),
    [
        ("types: [replacement], template", "types: [replaced], template", "There is no case type “replaced”"),
        ("sources: [online], template", "sources: [fax], template", "There is no source “fax”"),
        ("template: request_received", "template: received", "There is no letter “received”"),
        ("request_received, channels: [email]", "request_received, channels: [letter]", "is not written for letter"),
    ],
)
def test_an_acknowledgement_that_could_not_be_sent_is_a_fault_of_the_definition(
    was: str, wrong: str, sentence: str
) -> None:
    assert was in FILES["service.yaml"]
    faults = checks.check(bundle.parse({**FILES, "service.yaml": FILES["service.yaml"].replace(was, wrong)}))

    assert [fault.field for fault in faults] == ["acknowledgements"]
    assert sentence in faults[0].sentence
