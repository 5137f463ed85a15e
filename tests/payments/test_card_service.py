"""The stand-in for the card service holds its published contract, and the connector says in words what it answers."""

import hashlib
import hmac
from collections.abc import Iterator

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from moothall.connectors.govuk_pay import KEY, check, webhooks
from moothall.connectors.govuk_pay import client as connector
from moothall.core.accounts.models import User
from moothall.domain.cases import actions, online, reckoning
from moothall.domain.cases.models import Case
from moothall.domain.exchange.models import Connector
from moothall.domain.payments import providers
from moothall.domain.payments.models import Attempt, Payment, Reckoning, Stray
from moothall.domain.payments.providers import Asked, ProviderError, State
from moothall.kit.calendars import LONDON
from moothall.sandbox.testing import Running

ASKED = Asked(reference="GW-1-1", pence=1000, purpose="Garden <waste>", return_url="https://council.example/back")


@pytest.fixture
def http(sandbox: Running) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {sandbox.pay['api_key']}"}
    with httpx.Client(base_url=sandbox.pay["base_url"], headers=headers) as client:
        yield client


WHOLE = {"amount": 1000, "reference": "1", "description": "Bins", "return_url": "https://council.example/back"}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({}, 201, None),
        ({"amount": None}, 400, "P0101"),
        ({"amount": 10_000_001}, 422, "P0102"),
        ({"amount": "10"}, 422, "P0102"),
        ({"reference": "x" * 256}, 422, "P0102"),
        ({"description": "a < b"}, 400, "P0920"),
        ({"language": "fr"}, 422, "P0102"),
        ({"metadata": {"k": None}}, 422, "P0102"),
        ({"metadata": {"case": "C-1"}, "email": "a@example.org"}, 201, None),
        ({"moto": True}, 422, "P0196"),
    ],
)
def test_a_payment_is_created_or_refused_with_the_published_code(
    http: httpx.Client, change: dict[str, object], status: int, code: str | None
) -> None:
    answer = http.post("/v1/payments", json=WHOLE | change)

    assert (answer.status_code, answer.json().get("code")) == (status, code)


def test_the_signature_is_that_of_the_published_vector() -> None:
    body, secret = "We captured a £10 payment! 💷".encode(), "This is my secret key! 🔑"
    published = "a678c8326237dc08acabed4ec3948ee82f94c4b35cdc44b68f26fa8ef595efff"

    assert webhooks.signature(body, secret) == published == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("card", "state"),
    [
        ("4444333322221111", State.TAKEN),
        ("4000000000000002", State.DECLINED),
        ("4000000000000119", State.ERROR),
        ("", State.CANCELLED),
    ],
)
def test_a_payer_comes_back_from_the_card_page_and_the_provider_says_how_it_stands(
    pay: Running, http: httpx.Client, card: str, state: State
) -> None:
    begun = providers.get(KEY).begin(ASKED)
    page = http.get(begun.next_url, follow_redirects=True)
    assert http.get(begun.next_url).status_code == 400, "the link works once"

    address = str(page.url) if card else f"{page.url}/cancel"
    answer = http.post(address, data={"cardNo": card, "cardholderName": "A Resident"})

    assert (answer.headers.get("location") or answer.text).count("https://council.example/back") == 1
    assert providers.get(KEY).standing(begun.provider_id).state == state
    found = providers.get(KEY).find(ASKED.reference)
    assert found
    assert (found.provider_id, found.pence, found.state) == (begun.provider_id, 1000, state)


@pytest.mark.parametrize(
    ("fault", "retryable", "unknown", "says"),
    [
        ("429", True, False, "busy"),
        ("500", False, True, "out of order"),
        ("drop-after", False, True, "could not be reached"),
        ("timeout", False, True, "in time"),
        ("malformed", False, True, "could not be read"),
        ("401", False, False, "key"),
    ],
)
def test_what_goes_wrong_says_in_words_whether_trying_again_makes_sense(
    pay: Running, fault: str, retryable: bool, unknown: bool, says: str
) -> None:
    pay.set_fault(fault, pattern="POST /govuk_pay/v1/payments$", count=1)

    with pytest.raises(ProviderError, match=says) as problem:
        providers.get(KEY).begin(ASKED)

    assert (problem.value.retryable, problem.value.unknown) == (retryable, unknown)
    if fault != "429":
        assert says in Connector.objects.get(key=KEY).problem


def test_a_check_says_what_an_administrator_should_know(pay: Running, administrator: User) -> None:
    good = check.check(by=administrator, at=timezone.now())
    pay.set_fault("503")
    connector.forget()
    bad = check.check(by=administrator, at=timezone.now())

    assert (good.works, bad.works) == (True, False)
    assert "no real money" in " ".join(good.sentences)


def test_a_message_is_taken_only_with_our_signature_and_never_without_end(pay: Running, client: Client) -> None:
    address, body = "/payments/govuk-pay/messages/", b'{"resource_type": "payment"}'
    signed = {"Pay-Signature": webhooks.signature(body, pay.pay["signing_secret"])}

    def send(content: bytes, **headers: str) -> int:
        more = {"content_type": "application/json", "headers": headers or None, "REMOTE_ADDR": "192.0.2.9"}
        return client.post(address, content, **more).status_code  # type: ignore[arg-type]

    assert send(body, **signed) == 204
    assert send(body + b" ", **signed) == 403
    assert send(b"x" * 70_000, **signed) == 413
    assert [send(body) for _ in range(25)][-1] == 429


def test_money_of_nobody_is_listed_until_it_is_a_cases_and_the_day_then_agrees(
    pay: Running, case: Case, officer: User, http: httpx.Client
) -> None:
    now = timezone.now()
    today = now.astimezone(LONDON).date()
    made = http.post("/v1/payments", json=WHOLE | {"reference": "ELSEWHERE"}).json()["payment_id"]
    pay.control("POST", f"/govuk_pay/payments/{made}/move", {"to": "success"})
    asked = actions.request_payment(case, pence=500, purpose="Badge", by=officer, at=now)
    online.begin(asked.pk, return_url="https://council.example/back", by=officer, at=now)
    ours = Attempt.objects.get()
    pay.control("POST", f"/govuk_pay/payments/{ours.provider_id}/move", {"to": "success"})

    before = reckoning.reckon(providers.get(KEY), today, at=now)
    stray = Stray.objects.get()
    reckoning.belongs_to(stray, case, by=officer, at=now)
    after = reckoning.reckon(providers.get(KEY), today, at=now)

    assert (before.theirs_pence, before.ours_pence, before.differing) == (1500, 500, 1)
    assert before.differences[0]["what"] == "not_here"
    assert (after.theirs_pence, after.ours_pence, after.differing) == (1500, 1500, 0)
    assert Reckoning.objects.count() == 1
    assert Payment.objects.filter(case_link__case=case, status="received").count() == 2
