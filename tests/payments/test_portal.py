"""The Secure Card Portal: signed messages by SOAP, every status in our words, and the same rules for the money."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from pydantic import SecretStr

from moothall.connectors.pay360_scp import KEY, check, client, messages
from moothall.connectors.pay360_scp.messages import Signer, Unreadable
from moothall.connectors.pay360_scp.settings import Pay360
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.domain.cases import actions, online, reckoning, refunding
from moothall.domain.cases.models import Case
from moothall.domain.payments import providers
from moothall.domain.payments.models import Attempt, Payment
from moothall.domain.payments.providers import NoSuchPayment, ProviderError, State
from moothall.domain.payments.settings import Payments
from moothall.kit.calendars import LONDON
from moothall.sandbox.testing import Running

BACK = "https://council.example/back"


@pytest.fixture
def portal(db: None, sandbox: Running) -> Iterator[Running]:
    """The council takes payments through it."""
    there, now = sandbox.pay360, timezone.now()
    given = Pay360(
        **there | {"hmac_secret": SecretStr(there["hmac_secret"])}, fund_codes=["blue_badge=BB"], timeout_seconds=0.4
    )
    council.write(given, by=system_user(), at=now)
    council.write(Payments(provider=KEY), by=system_user(), at=now)
    client.forget()
    yield sandbox
    client.forget()
    council.forget()


def begun(case: Case, officer: User) -> Attempt:
    now = timezone.now()
    asked = actions.request_payment(case, pence=1000, purpose="Badge fee", by=officer, at=now)
    url = online.begin(asked.pk, return_url=BACK, by=officer, at=now)
    attempt = Attempt.objects.get(payment=asked)
    assert attempt.provider_id in url
    return attempt


def test_the_digest_is_that_of_the_published_vector() -> None:
    signer = Signer(scp_id=1234567, site_id=42, key_id=123, secret="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")

    digest = signer.digest(reference="A1B2C3D4E5F6", stamp="20260110093000")

    assert digest == "JlgP2DywTg/a6wJ+sWeRPrZDZI5zY0zIVaAKGjHAIj4="


@pytest.mark.parametrize(
    "content",
    [
        b"nothing",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault/></s:Body></s:Envelope>',
    ],
)
def test_what_is_no_message_of_the_portal_is_refused_and_nothing_in_it_followed(content: bytes) -> None:
    with pytest.raises(Unreadable):
        messages.read(content)


def test_every_status_is_told_in_our_words_and_only_success_is_money(
    portal: Running, case: Case, officer: User
) -> None:
    expected = {
        "": State.WAITING,
        "CARD_DETAILS_REJECTED": State.DECLINED,
        "CANCELLED": State.CANCELLED,
        "LOGGED_OUT": State.EXPIRED,
        "NOT_ATTEMPTED": State.CANCELLED,
        "INVALID_REQUEST": State.ERROR,
        "ERROR": State.ERROR,
        "SUCCESS": State.TAKEN,
    }
    now = timezone.now()
    for status, state in expected.items():
        attempt = begun(case, officer)
        if status:
            portal.control("POST", f"/pay360/payments/{attempt.provider_id}/move", {"to": status})
        assert providers.get(KEY).standing(attempt.provider_id).state == state
        online.look(attempt, at=now)

    taken = Attempt.objects.get(state="taken")
    assert (portal.control("GET", "/pay360")["taken"], taken.settles.pence, len(taken.audit)) == (1000, 1000, 12)  # type: ignore[union-attr]
    assert Payment.objects.filter(status="received").count() == 1
    with pytest.raises(NoSuchPayment):
        providers.get(KEY).standing("zzz")
    refunding.ask(case, taken.settles, pence=400, reason="Paid too much", by=officer, at=now)  # type: ignore[arg-type]
    assert Payment.objects.get(status="received").refunded_pence == 400, "by hand: it gives nothing back itself"
    day = reckoning.reckon(providers.get(KEY), now.astimezone(LONDON).date(), at=now)
    assert (day.theirs_pence, day.ours_pence, day.differing) == (1000, 1000, 0)


def test_faults_say_in_words_what_to_do_and_a_wrong_secret_is_found_by_the_check(
    portal: Running, case: Case, officer: User
) -> None:
    attempt = begun(case, officer)
    for fault, words in (("timeout", "in time"), ("503", "out of order"), ("malformed", "no XML")):
        portal.set_fault(fault, pattern="POST /pay360/scpws", count=1)
        with pytest.raises(ProviderError, match=words):
            online.look(attempt, at=timezone.now())
    assert check.check(by=officer, at=timezone.now()).works

    wrong = Pay360(**portal.pay360 | {"hmac_secret": SecretStr("AAAA")})
    council.write(wrong, by=system_user(), at=timezone.now())
    found = check.check(by=officer, at=timezone.now())
    assert (found.works, "digest" in found.sentences[0]) == (False, True)


def test_the_item_comes_to_the_sale_and_its_words_fit() -> None:
    signer = Signer(scp_id=1234567, site_id=42, key_id=123, secret="AAAA")
    at = datetime(2026, 1, 10, 9, 30, tzinfo=UTC)
    message = messages.invoke(
        signer, reference="BB-1-1", pence=960, purpose="x" * 300, return_url=BACK, fund="GW", at=at
    )

    assert message.count(b"<b:amountInMinorUnits>960</b:amountInMinorUnits>") == 2
    assert b"<b:description>" + b"x" * 100 + b"</b:description>" in message
