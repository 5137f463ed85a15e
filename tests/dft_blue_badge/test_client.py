"""Calls to the national service, with the faults a network and a service have."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.sandbox.bodies import order, with_change

from moothall.connectors.dft_blue_badge import client
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.sandbox.testing import Running

pytestmark = [pytest.mark.usefixtures("national"), pytest.mark.django_db]
Connect = Callable[..., NationalService]


def failing_order(**changes: Any) -> NationalError:
    body = order()
    for path, value in changes.items():
        body = with_change(body, path.replace("__", "."), value)
    with pytest.raises(NationalError) as caught:
        client.current().order(body)
    return caught.value


def token_calls(sandbox: Running) -> int:
    return sum("/oauth/token" in str(call) for call in sandbox.control("GET", "/calls"))


def test_a_token_is_asked_for_once_and_kept(sandbox: Running) -> None:
    sandbox.control("DELETE", "/calls")

    for _ in range(3):
        client.current().application_page(1)

    assert token_calls(sandbox) == 1


def test_a_token_the_service_no_longer_takes_is_renewed_without_anybody_noticing(sandbox: Running) -> None:
    client.current().application_page(1)
    sandbox.control("POST", "/tokens/revoke", {})

    assert client.current().order(order())[0]


def test_credentials_that_ended_are_told_to_a_person_in_words(sandbox: Running, national: NationalService) -> None:
    sandbox.control("POST", f"/clients/{national.client_id}/expire", {})
    try:
        error = failing_order()
    finally:
        sandbox.control("POST", f"/clients/{national.client_id}/expire", {"at": 4_000_000_000})

    assert "does not accept our credentials" in str(error)
    assert not error.retryable
    assert not error.unknown


@pytest.mark.parametrize("fault", ["timeout", "drop-after", "hang-after", "500", "503", "malformed"])
def test_an_order_whose_answer_was_lost_is_unknown_and_not_simply_sent_again(sandbox: Running, fault: str) -> None:
    sandbox.set_fault(fault, pattern="POST /badges", count=1)

    error = failing_order()

    assert error.unknown
    assert not error.retryable


def test_a_busy_service_says_how_long_to_wait(sandbox: Running) -> None:
    sandbox.set_fault("429", pattern="POST /badges", count=1)

    error = failing_order()

    assert error.retryable
    assert error.retry_after is not None
    assert error.retry_after.total_seconds() == 1


@pytest.mark.parametrize("fault", ["drop-after", "500", "malformed", "401"])
def test_reading_is_tried_again_by_itself(sandbox: Running, fault: str) -> None:
    client.current().application_page(1)
    sandbox.set_fault(fault, pattern="GET /applications", count=1)

    assert client.current().application_page(1).rows == []


def test_a_service_nobody_reaches_is_tried_again_later(connect: Connect) -> None:
    connect(base_url="http://127.0.0.1:9")

    error = failing_order()

    assert error.retryable
    assert "could not be reached" in str(error)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("party.contact.townCity", "x" * 41, "The town is too long: use 40 characters at most."),
        ("party.contact.primaryPhoneNumber", None, "Enter the telephone number."),
        ("deliveryOptionCode", "SLOW", "Choose standard delivery, or fast track, which goes to the home address only."),
        ("party.person.dob", "2999-01-01", "The date of birth cannot be in the future: correct it on the person."),
        ("startDate", "2019-01-01", "The start date has passed: choose today or later."),
        ("eligibilityCode", "COGNITIVE", "This eligibility does not apply in our nation"),
    ],
)
def test_a_refusal_by_key_becomes_a_sentence_an_officer_can_act_on(path: str, value: Any, sentence: str) -> None:
    error = failing_order(**{path.replace(".", "__"): value})

    assert sentence in str(error)
    assert error.status == 400
    assert error.transcript.request is not None
    assert error.transcript.response is not None


def test_another_version_of_the_interface_is_said_in_words() -> None:
    with pytest.raises(NationalError, match="no longer speaks the version") as caught:
        client.current()._transport.read("/applications", accept="application/json")

    assert caught.value.status == 406


def test_a_council_that_is_not_connected_is_told_where_to_do_it(connect: Connect) -> None:
    connect(la="")

    with pytest.raises(NationalError, match="Enter it in the settings"):
        client.current()
