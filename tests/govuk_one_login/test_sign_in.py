"""Citizens sign in with a real provider process that keeps the published rules, and nothing forged is believed."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from tests.desk.council import ADDRESS
from tests.portal.conftest import own_files, passwords_cost_little, portal, register  # noqa: F401 - fixtures

from moothall.connectors.govuk_one_login import client
from moothall.connectors.govuk_one_login.settings import OneLogin
from moothall.core.accounts.actions import system_user
from moothall.core.council import settings as council_settings
from moothall.domain.citizens.models import Account, Session
from moothall.domain.people import actions as people
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.models import Customer
from moothall.sandbox import testing
from moothall.sandbox.testing import Running

BACK = "https://my.council.example.org/account/one-login/back/"
KEY = RSAKey.generate_key(2048)
Configure = Callable[..., OneLogin]


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    with testing.start("--no-presets") as running:
        yield running


@pytest.fixture
def configure(provider: Running, portal: object, noon: datetime) -> Configure:  # noqa: F811
    """`configure("NONCE_NOT_MATCHING", identity=True, person={…})`: the council is a client of the provider."""
    client._kept.clear()

    def configured(*faults: str, identity: bool = False, person: dict[str, Any] | None = None) -> OneLogin:
        known = {
            "client_id": "example-council",
            "public_key": KEY.as_pem(private=False).decode(),
            "redirect_urls": [BACK],
            "identity": True,
        }
        given = {"client": known, "faults": list(faults), **({"person": person} if person else {})}
        told = provider.control("POST", "/one-login", given)
        made = OneLogin(
            issuer=told["issuer"],
            identity_issuer=told["identity_issuer"],
            client_id="example-council",
            private_key=SecretStr(KEY.as_pem(private=True).decode()),
            identity=identity,
        )
        council_settings.write(made, by=system_user(), at=noon)
        return made

    yield configured
    provider.reset()


@pytest.fixture
def ann(noon: datetime, db: None) -> Customer:
    """Ann Resident is known to the council."""
    details = PersonDetails(first_names="Ann", last_name="Resident", date_of_birth=date(1955, 4, 19))
    return people.create_person(details, by=system_user(), at=noon, address=ADDRESS)


def walk(browser: Client) -> Any:
    """Out to the provider and back, as a browser goes."""
    out = browser.get("/account/one-login/?next=/details/")
    assert out.status_code == 302, out.content.decode()
    came = httpx.get(out["Location"], follow_redirects=False, timeout=10)
    back = urlsplit(came.headers["location"])
    return browser.get(f"{back.path}?{back.query}")


def test_somebody_signs_in_and_out_again_and_is_the_same_the_next_time(configure: Configure) -> None:
    configure()
    assert "GOV.UK One Login" in Client().get("/account/sign-in/").content.decode()
    first = Client()
    answer = walk(first)
    assert (answer.status_code, answer["Location"]) == (302, "/details/")
    assert first.get("/account/").status_code == 200
    account = Account.objects.get()
    assert (account.email, account.password, account.customer) == ("ann.resident@example.org", "", None)
    assert walk(Client())["Location"] == "/details/"
    assert Account.objects.count() == 1
    assert Client().post("/account/sign-in/", {"email": account.email, "password": ""}).status_code == 422


def test_who_proves_who_they_are_is_tied_to_their_record(configure: Configure, ann: Customer) -> None:
    configure(identity=True)
    browser = Client()
    walk(browser)
    account = Account.objects.get()
    assert (account.customer, account.tied_how) == (ann, "identity")
    assert "19 April 1955" in browser.get("/details/").content.decode()


def test_who_cannot_prove_it_or_fits_no_record_is_tied_to_none(configure: Configure, ann: Customer) -> None:
    configure(identity=True, person={"proves": False})
    walk(Client())
    configure(identity=True, person={"subject": "urn:other", "email": "other@example.org", "born": "1955-04-20"})
    walk(Client())
    assert list(Account.objects.values_list("customer", flat=True)) == [None, None]


def test_an_address_in_use_opens_no_account_until_its_owner_joins_the_two(
    configure: Configure,
    register: Callable[..., Client],  # noqa: F811
) -> None:
    owner = register("ann.resident@example.org")
    configure()
    stranger = Client()
    refused = walk(stranger)
    assert refused.status_code == 400
    assert "Sign in with its password" in refused.content.decode()
    assert stranger.get("/account/").status_code == 302
    assert walk(owner)["Location"] == "/account/"
    assert Account.objects.get().subject
    assert walk(stranger)["Location"] == "/details/"


@pytest.mark.parametrize(
    "fault",
    [
        "INVALID_ISS",
        "INVALID_AUD",
        "INVALID_ALG_HEADER",
        "INVALID_SIGNATURE",
        "TOKEN_EXPIRED",
        "TOKEN_NOT_VALID_YET",
        "NONCE_NOT_MATCHING",
        "INCORRECT_VOT",
        "ACCESS_DENIED",
        "TEMPORARILY_UNAVAILABLE",
        "IDENTITY_INVALID_ALG_HEADER",
        "IDENTITY_INVALID_SIGNATURE",
        "IDENTITY_INVALID_ISS",
        "IDENTITY_INVALID_AUD",
        "IDENTITY_INCORRECT_SUB",
        "IDENTITY_TOKEN_EXPIRED",
    ],
)
def test_nothing_that_breaks_a_rule_signs_anybody_in(configure: Configure, fault: str) -> None:
    configure(fault, identity=True)
    assert walk(Client()).status_code == 400
    assert not Account.objects.exists()
    assert not Session.objects.exists()


def test_what_was_begun_in_another_browser_or_before_is_refused(configure: Configure) -> None:
    configure()
    mine, other = Client(), Client()
    came = urlsplit(httpx.get(mine.get("/account/one-login/")["Location"], timeout=10).headers["location"])
    other.get("/account/one-login/")
    path = f"{came.path}?{came.query}"
    assert other.get(path).status_code == 400
    assert Client().get(path).status_code == 400
    assert mine.get(path).status_code == 302
    assert mine.get(path).status_code == 400
    assert Session.objects.count() == 1


def test_the_provider_refuses_what_breaks_its_rules(configure: Configure) -> None:
    here = configure()
    asked = client.begin(here, redirect_uri=BACK, language="cy", identity=False).address
    query = {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}
    assert query["ui_locales"] == "cy"
    start = asked.partition("?")[0]
    for change in (
        {"nonce": ""},
        {"state": ""},
        {"vtr": '["P9"]'},
        {"code_challenge_method": "plain"},
        {"scope": "email"},
        {"response_type": "token"},
        {"claims": '{"userinfo": {"https://vocab.account.gov.uk/v1/address": null}}'},
    ):
        came = httpx.get(start, params={**query, **change}, timeout=10)
        assert "error=" in came.headers["location"], change
        assert "code=" not in came.headers["location"]
    elsewhere = httpx.get(start, params={**query, "redirect_uri": "https://evil.example.org/"}, timeout=10)
    assert elsewhere.status_code == 400
    token = {"grant_type": "authorization_code", "code": "x", "client_assertion": "a.b.c"}
    assert httpx.post(f"{here.issuer}token", data=token, timeout=10).json()["error"] == "invalid_client"


def test_a_provider_that_does_not_answer_is_said_so(configure: Configure, noon: datetime) -> None:
    here = configure()
    client._kept.clear()
    gone = here.model_copy(update={"issuer": "http://127.0.0.1:9/"})
    council_settings.write(gone, by=system_user(), at=noon)
    answer = Client().get("/account/one-login/")
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()
