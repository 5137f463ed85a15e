"""Who may call the sandboxed national service, and how."""

import base64
import time
from typing import Any

import httpx
import pytest
from tests.sandbox.bodies import application, order
from tests.sandbox.callers import VERSION, Caller, keys_of

from moothall.sandbox.testing import Running

NUMBER = "EEEEEF"
APPLICATION = "11114c39-02d5-4197-b032-1d9ce22c24b5"


def test_every_issuing_authority_and_the_citizens_application_have_credentials(running: Running) -> None:
    dft = running.line["dft"]

    assert len({client["la"] for client in dft["authorities"]}) == 207
    for client in [dft["citizen_app"], *dft["authorities"]]:
        assert len(base64.urlsafe_b64decode(client["client_id"])) == 24
        assert len(base64.urlsafe_b64decode(client["client_secret"])) == 48


@pytest.mark.parametrize("place", ["data", "params"])
def test_a_token_is_given_for_credentials_whether_the_grant_type_is_in_form_or_query(
    place: str, sandbox: Running
) -> None:
    options: dict[str, Any] = {place: {"grant_type": "client_credentials"}}

    given = httpx.post(f"{sandbox.base_url}/oauth/token", auth=sandbox.authority("ABERD"), **options).json()

    assert given["token_type"] == "bearer"
    assert given["expires_in"] == 3600
    headers = {"Accept": VERSION, "Authorization": f"Bearer {given['access_token']}"}
    assert httpx.get(f"{sandbox.base_url}/applications", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("auth", "data", "status"),
    [
        (("nobody", "x"), {"grant_type": "client_credentials"}, 401),
        (None, {"grant_type": "client_credentials"}, 401),
        ("right", {"grant_type": "password"}, 400),
        ("right", {}, 400),
    ],
)
def test_no_token_is_given_for_wrong_credentials_or_another_grant_type(
    auth: Any, data: dict[str, str], status: int, sandbox: Running
) -> None:
    credentials = sandbox.authority("ABERD") if auth == "right" else auth

    response = httpx.post(f"{sandbox.base_url}/oauth/token", auth=credentials, data=data)

    assert response.status_code == status
    assert set(response.json()) == {"error", "error_description"}


def test_no_token_is_given_for_a_wrong_secret(sandbox: Running) -> None:
    client_id, _ = sandbox.authority("ABERD")

    response = httpx.post(f"{sandbox.base_url}/oauth/token?grant_type=client_credentials", auth=(client_id, "wrong"))

    assert response.status_code == 401


def test_an_expired_credential_gets_no_token_but_its_token_still_works(sandbox: Running) -> None:
    credentials = sandbox.authority("YORK")
    caller = Caller(sandbox.base_url, credentials)
    sandbox.control("POST", f"/clients/{credentials[0]}/expire", {})

    refused = caller.call("POST", "/oauth/token", data={"grant_type": "client_credentials"}, auth=credentials)

    assert refused.status_code == 401
    assert refused.json()["error_description"] == "Credentials have expired"
    assert caller.get("/applications").status_code == 200
    caller.http.close()
    sandbox.control("POST", f"/clients/{credentials[0]}/expire", {"at": time.time() + 3600})


def test_a_credential_lasts_a_year(sandbox: Running) -> None:
    clients = sandbox.control("GET", "/clients")

    (found,) = [client for client in clients if client["la"] == "ABERD"]
    assert abs(found["expires"] - time.time() - 365 * 24 * 3600) < 3600


def test_a_token_stops_working_when_its_time_is_over(sandbox: Running) -> None:
    sandbox.control("PUT", "/settings", {"token_seconds": 0})
    caller = Caller(sandbox.base_url, sandbox.authority("ABERD"))
    sandbox.control("PUT", "/settings", {"token_seconds": 3600})

    response = caller.get("/applications")

    assert response.status_code == 401
    assert response.json()["error"]["reason"] == "Access token expired"
    caller.http.close()


def test_revoked_tokens_stop_working(sandbox: Running, callers: dict[str, Caller]) -> None:
    caller = Caller(sandbox.base_url, sandbox.authority("ABERD"))

    sandbox.control("POST", "/tokens/revoke", {})

    assert caller.get("/applications").status_code == 401
    caller.http.close()
    for other in callers.values():
        other.http.headers["Authorization"] = f"Bearer {other.token()}"


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer abc", "Basic abc"])
def test_a_call_without_a_good_token_is_refused_in_the_common_shape(authorization: str, council: Caller) -> None:
    response = council.get("/applications", headers={"Authorization": authorization})

    assert response.status_code == 401
    assert set(response.json()) == {"apiVersion", "context", "id", "method", "error"}


@pytest.mark.parametrize(
    "accept", ["application/json", "*/*", "application/vnd.bluebadge-api.v2+json, application/json"]
)
def test_a_call_without_the_version_is_refused(accept: str, council: Caller) -> None:
    response = council.get("/applications", headers={"Accept": accept})

    assert response.status_code == 406
    assert response.json()["apiVersion"] == "1.1.0"


def test_the_token_is_looked_at_before_the_version(council: Caller) -> None:
    assert council.get("/applications", headers={"Accept": "*/*", "Authorization": ""}).status_code == 401


def test_an_authority_cannot_create_an_application_whatever_it_sends(council: Caller) -> None:
    assert council.post("/applications", application()).status_code == 403
    assert council.call("POST", "/applications", content=b"{").status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/applications"),
        ("GET", f"/applications/{APPLICATION}"),
        ("PUT", f"/applications/{APPLICATION}"),
        ("DELETE", f"/applications/{APPLICATION}"),
        ("POST", f"/applications/{APPLICATION}/transfers"),
        ("GET", "/badges?name=x"),
        ("POST", "/badges"),
        ("GET", f"/badges/{NUMBER}"),
        ("DELETE", f"/badges/{NUMBER}"),
        ("POST", f"/badges/{NUMBER}/cancellations"),
        ("POST", f"/badges/{NUMBER}/replacements"),
    ],
)
def test_the_citizens_application_can_only_create(method: str, path: str, citizen: Caller) -> None:
    assert citizen.call(method, path, json={}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/badges/print-batch", 403),
        ("POST", "/badges/print-batch/1", 403),
        ("POST", "/badges/collect-batches", 403),
        ("GET", "/reports/issued-badges", 403),
        ("PUT", "/reference-data/authorities/ABERD", 403),
        ("PUT", "/reference-data/councils/ABERD", 403),
        ("POST", "/payments", 403),
        ("GET", "/payments/11114c39-02d5-4197-b032-1d9ce22c24b5", 403),
        ("POST", "/payments/localAuthorities/ABERD", 403),
        ("POST", "/messages/localAuthorities/ABERD", 403),
        ("POST", "/messages", 400),
        ("GET", "/users", 403),
        ("POST", "/users", 403),
        ("DELETE", "/users/1", 403),
        ("GET", "/users/me", 400),
        ("GET", "/nothing", 404),
        ("PUT", "/badges", 405),
        ("GET", "/oauth/token", 405),
    ],
)
def test_an_authority_is_refused_what_is_not_for_it(method: str, path: str, status: int, council: Caller) -> None:
    response = council.call(method, path, json={})

    assert response.status_code == status
    assert response.json()["apiVersion"] == "1.1.0"


def test_an_unknown_path_tells_nothing_without_a_token(council: Caller) -> None:
    assert council.get("/nothing", headers={"Authorization": ""}).status_code == 401


def test_payments_are_never_enabled(citizen: Caller) -> None:
    asked = {"laShortCode": "ABERD", "returnUrl": "https://example.org", "paymentMessage": "Blue Badge"}

    assert citizen.post("/payments", asked).status_code == 503
    assert keys_of(citizen.post("/payments", {})) >= {"NotNull.payment.laShortCode"}
    assert citizen.get("/payments/x").status_code == 400
    assert keys_of(citizen.get(f"/payments/{APPLICATION}")) == {"NotFound.Payment"}


def test_an_authority_reads_the_lists_and_finds_the_authority_of_a_postcode(council: Caller) -> None:
    listed = council.get("/reference-data/badge").json()["data"]
    groups = {entry["groupShortCode"] for entry in listed}
    authorities = [entry for entry in listed if entry["groupShortCode"] == "LA"]

    assert groups >= {"ELIGIBILIT", "CANCEL", "REPLACE", "DELIVER", "DELOP", "LA", "LC"}
    assert "WALKDIFF" not in groups
    assert len(authorities) == 207
    assert council.get("/reference-data/postcode/m9 4dd").json()["data"]["shortCode"] == "MANC"
    assert keys_of(council.get("/reference-data/postcode/ZZ9 9ZZ")) == {"NotFound.Postcode"}
    assert council.get("/reference-data/WEATHER").status_code == 400


def test_another_authoritys_badge_can_be_seen_but_not_changed(authority: Any) -> None:
    (number,) = authority("MANC").post("/badges", order(la="MANC")).json()["data"]
    stranger: Caller = authority("ABERD")

    assert stranger.get(f"/badges/{number.lower()}").json()["data"]["localAuthorityShortCode"] == "MANC"
    cancelled = stranger.post(f"/badges/{number}/cancellations", {"badgeNumber": number, "cancelReasonCode": "LOST"})
    assert cancelled.status_code == 403
    assert stranger.call("DELETE", f"/badges/{number}").status_code == 403
