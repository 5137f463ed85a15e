"""Faults on demand, and the calls that are remembered."""

import json
import time
from typing import Any

import httpx
import pytest
from tests.sandbox.bodies import application, order
from tests.sandbox.callers import Caller, keys_of

from moothall.sandbox.testing import Running


def with_fault(fault: str) -> dict[str, Any]:
    return {"headers": {"X-Sandbox-Fault": fault}}


def orders_kept(sandbox: Running) -> int:
    return sum(badge["la_reference"] == "BB-EXAMPLE" for badge in sandbox.control("GET", "/badges"))


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_a_status_asked_for_is_answered_and_the_work_not_done(status: int, sandbox: Running, council: Caller) -> None:
    response = council.post("/badges", order(), **with_fault(str(status)))

    assert response.status_code == status
    assert response.json()["apiVersion"] == "1.1.0"
    assert orders_kept(sandbox) == 0


def test_a_time_out_comes_before_the_work(sandbox: Running, council: Caller) -> None:
    with pytest.raises(httpx.ReadTimeout):
        council.post("/badges", order(), timeout=0.3, **with_fault("timeout"))

    assert orders_kept(sandbox) == 0


@pytest.mark.parametrize(
    ("fault", "error"), [("drop-after", httpx.RemoteProtocolError), ("hang-after", httpx.ReadTimeout)]
)
def test_an_answer_can_be_lost_after_the_work_is_done(
    fault: str, error: type[Exception], sandbox: Running, council: Caller
) -> None:
    with pytest.raises((error, httpx.ReadError)):
        council.post("/badges", order(), timeout=0.5, **with_fault(fault))

    assert orders_kept(sandbox) == 1
    assert keys_of(council.post("/badges", order())) == {"AlreadyExists.badge"}


def test_a_slow_answer_is_slow_and_right(council: Caller) -> None:
    began = time.monotonic()

    response = council.get("/badges/EEEEEF", **with_fault("slow=0.3"))

    assert response.status_code == 200
    assert time.monotonic() - began >= 0.3


def test_a_malformed_answer_is_no_json_though_the_work_is_done(sandbox: Running, council: Caller) -> None:
    response = council.post("/badges", order(), **with_fault("malformed"))

    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert orders_kept(sandbox) == 1


def test_a_duplicated_write_is_done_twice(sandbox: Running, citizen: Caller) -> None:
    citizen.post("/applications", application(la="YORK"), **with_fault("duplicate"))

    kept = [one for one in sandbox.control("GET", "/applications") if one["record"]["localAuthorityCode"] == "YORK"]
    assert len(kept) == 2


def test_a_duplicated_list_shows_an_application_on_two_pages(sandbox: Running, authority: Any) -> None:
    sandbox.load_applications(4, la="YORK")
    council = authority("YORK")

    first, second = (
        council.get("/applications", params={"pageSize": 2, "pageNum": number}, **with_fault("duplicate")).json()
        for number in (1, 2)
    )

    assert second["data"][0] == first["data"][-1]
    assert len(second["data"]) == 3


def test_a_rule_strikes_the_calls_it_names_as_often_as_it_says(sandbox: Running, council: Caller) -> None:
    sandbox.set_fault("503", pattern="POST /badges$", count=2)

    answers = [council.post("/badges", {}).status_code for _ in range(3)]

    assert answers == [503, 503, 400]
    assert council.get("/badges/EEEEEF").status_code == 200


def test_a_rule_may_strike_by_chance(sandbox: Running, council: Caller) -> None:
    sandbox.set_fault("500", probability=0.5)

    answers = {council.get("/badges/EEEEEF").status_code for _ in range(40)}

    assert answers == {200, 500}
    sandbox.clear_faults()
    assert council.get("/badges/EEEEEF").status_code == 200


@pytest.mark.parametrize("fault", ["storm", "slow", "slow=x", "500=1", ""])
def test_a_fault_that_does_not_exist_is_refused(fault: str, sandbox: Running) -> None:
    with pytest.raises(OSError, match="400"):
        sandbox.set_fault(fault)


def test_calls_are_remembered_without_their_secrets(sandbox: Running, council: Caller) -> None:
    given = council.token()
    council.post("/badges", order() | {"imageFile": "c2VjcmV0cGhvdG8="})

    calls = sandbox.control("GET", "/calls")

    assert [call["path"] for call in calls[:2]] == ["/badges", "/oauth/token"]
    assert (calls[0]["method"], calls[0]["status"]) == ("POST", 400)
    assert "Alex Example" in calls[0]["request"]
    for secret in (given, "c2VjcmV0cGhvdG8=", council.http.headers["Authorization"]):
        assert secret not in str(calls)
