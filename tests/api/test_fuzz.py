"""Nothing anybody sends makes the API fail: whatever comes, the answer is a success or a problem that says why."""

import json
import re
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.client import ApiClient
from tests.api.test_permissions import address
from tests.api.world import World

from moothall.web.api.api import every_operation
from moothall.web.api.operations import Declared

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.sampled_from([
        "\x00", "\ud800", "%", "'", "=1", "../..", "9" * 30, "1e999", "-0", "0001-01-01", "9999-12-31", "2026-02-30",
        10**400, 2**63, -(2**63) - 1, float("nan"), float("inf"), "PP-XXXX-XXXX", "permits", "pause", "edit",
    ]),
)  # fmt: skip
ANY_JSON = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
TEXT = ODD.map(lambda odd: sendable(str(odd)))
ODD_PARTS = st.sampled_from(["0", "999999999999999999999", "%00", "%ff", "..", "PP-0000-0000", "é"])
OPERATIONS = [operation for operation in every_operation() if operation.path != "/tokens"]


def sendable(text: str) -> str:
    """What of a text can be sent: half a surrogate pair cannot, but as an escape in JSON."""
    return text.encode("utf-8", "replace").decode()


def check(answer: Any) -> None:
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


def send(client: ApiClient, operation: Declared, path: str, body: Any, query: dict[str, str]) -> Any:
    if operation.method == "GET":
        return client.get(path, **query)
    return client.send(
        operation.method, path, sendable(body) if isinstance(body, str) else json.dumps(body, default=str)
    )


@cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = ApiClient().get("/openapi.json").json()
    return found


def described(operation: Declared) -> tuple[list[str], list[str]]:
    """The fields an operation's body and its query may have, so that what is odd is their values."""
    path = re.sub(r"\{int:", "{", operation.path)
    found = description()["paths"][f"/api/v1{path}"][operation.method.lower()]
    content = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    body = list(description()["components"]["schemas"][name]["properties"]) if name else []
    return body, [one["name"] for one in found.get("parameters", []) if one["in"] == "query"]


def withstands(client: ApiClient, world: World, operation: Declared) -> None:
    there = address(operation, world)
    nowhere = "/".join("{}" if part.startswith("{") else part for part in operation.path.split("/"))
    keys, names = described(operation)
    bodies = st.dictionaries(st.sampled_from(keys), ANY_JSON, max_size=8) if keys else st.just({})
    queries = st.dictionaries(st.sampled_from(names), TEXT, max_size=4) if names else st.just({})

    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(body=bodies | ANY_JSON | st.text(max_size=20), query=queries, odd=ODD_PARTS)
    def sent(body: Any, query: dict[str, str], odd: str) -> None:
        with transaction.atomic():
            check(send(client, operation, there, body, query))
            check(send(client, operation, nowhere.replace("{}", odd), body, query))
            transaction.set_rollback(True)

    sent()


def test_every_operation_withstands_odd_bodies_queries_and_addresses(world: World, subtests: pytest.Subtests) -> None:
    for operation in OPERATIONS:
        with subtests.test(f"{operation.method} {operation.path}"):
            withstands(world.clients["manager"], world, operation)
