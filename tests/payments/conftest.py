"""The sandboxed card service over real HTTP, a council connected to it, and a case somebody is to pay on."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from tests.cases.conftest import ann, blue_badge, case, make_person, make_service, nothing_remembered, open_case

from moothall.connectors.govuk_pay import KEY, client
from moothall.connectors.govuk_pay.settings import GovukPay
from moothall.core.accounts.actions import system_user
from moothall.core.council import settings as council
from moothall.domain.exchange.actions import ensure_connector
from moothall.domain.payments.settings import Payments
from moothall.sandbox import testing
from moothall.sandbox.testing import Running

__all__ = ["ann", "blue_badge", "case", "make_person", "make_service", "nothing_remembered", "open_case"]


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    with testing.start("--credentials-seed", "payments", "--no-presets") as one:
        yield one


@pytest.fixture
def sandbox(running: Running) -> Running:
    running.control("POST", "/reset", {"presets": False})
    running.control("PUT", "/govuk_pay/settings", {"rate_limited": False})
    return running


@pytest.fixture
def pay(db: None, sandbox: Running) -> Iterator[Running]:
    """The council takes payments through it."""
    from django.utils import timezone

    now, there = timezone.now(), sandbox.pay
    given = GovukPay(
        base_url=there["base_url"],
        api_key=SecretStr(there["api_key"]),
        signing_secret=SecretStr(there["signing_secret"]),
        timeout_seconds=0.4,
    )
    council.write(given, by=system_user(), at=now)
    council.write(Payments(provider=KEY, second_officer_over_pence=0), by=system_user(), at=now)
    ensure_connector(KEY, per_minute=60_000)
    client.forget()
    yield sandbox
    client.forget()
    council.forget()
