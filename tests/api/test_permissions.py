"""Every operation says what it needs, and means it."""

import re
from typing import Any
from uuid import UUID

import pytest
from tests.api.client import ApiClient
from tests.api.world import World, sign_in

from moothall.core.accounts.models import EVERY_SERVICE, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.exchange.models import Item
from moothall.web.api.api import api, every_operation
from moothall.web.api.operations import Declared

ANYBODY_WITH_A_TOKEN = {
    ("GET", "/tokens"),
    ("DELETE", "/tokens/{int:token_id}"),
    ("GET", "/me"),
    ("GET", "/notifications"),
    ("POST", "/notifications/reading"),
}
ONLY_READ = {  # though sent as POST, for what they ask goes in a body
    "/cases/search",
    "/people/search",
    "/addresses/search",
    "/addresses/match",
    "/national-badges/search",
    "/cases/{reference}/messages/preview",
    "/work-items/{int:item_id}/outcomes/{outcome}/messages",
    "/workflows/{key}/prospects",
}
FORMS = {"/cases/{reference}/documents"}


def address(operation: Declared, world: World) -> str:
    """Where an operation answers, about something that is there."""
    named = {
        "reference": world.case().reference,
        "item_id": Item.objects.get(case=world.case()).pk if "queue" in operation.path else world.item().pk,
        "document_id": world.documents["permits"][0].pk,
        "customer_id": world.case().customer_id,
        "message_id": world.case().message_links.get().message_id,
        "payment_id": world.case().payment_links.get().payment_id,
        "key": "press" if "connectors" in operation.path else "permits.permit",
        "option": "north",
        "user_id": world.users["stranger"].pk,
        "token_id": 1,
        "submission_id": 1,
        "pause_id": 1,
        "proposal_id": 1,
        "check_id": 1,
        "number": 1,
        "outcome": "write",
        "batch": UUID(int=1),
        "move_id": 1,
        "other": world.case().reference,
        "row_id": 1,
        "line_id": 1,
        "absence_id": 1,
        "pair_id": 1,
        "merge_id": 1,
        "batch_id": 1,
        "supply_id": 1,
        "intention_id": 1,
        "dashboard_id": 1,
        "tile_id": 1,
        "follower_id": 1,
        "import_id": 1,
        "refund_id": 1,
    }
    return re.sub(r"\{(?:int:)?(\w+)\}", lambda match: str(named[match[1]]), operation.path)


def call(client: ApiClient, operation: Declared, world: World) -> Any:
    path = address(operation, world)
    if operation.method == "GET":
        return client.get(path)
    if operation.path in FORMS:
        return client.upload(path)
    return client.send(operation.method, path, {})


@pytest.fixture
def holder(world: World) -> User:
    """Somebody whose one group is given the permissions under test."""
    user = User.objects.create_user("holder@council.example.org", full_name="Hattie Holder")
    user.groups.add(SecurityGroup.objects.create(key="holders", name="Holders", services=[EVERY_SERVICE]))
    return user


def grant(user: User, permissions: set[Permission]) -> None:
    SecurityGroup.objects.filter(key="holders").update(permissions=sorted(permissions))


def test_only_signing_in_needs_no_token_and_only_ones_own_affairs_need_no_permission() -> None:
    operations = every_operation()
    assert [(one.method, one.path) for one in operations if one.open] == [("POST", "/tokens")]
    without = {(one.method, one.path) for one in operations if one.needs is None and not one.open}
    assert without == ANYBODY_WITH_A_TOKEN


def test_every_operation_of_the_api_is_declared_through_a_gate() -> None:
    served = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }
    declared = {(one.method, re.sub(r"\{int:", "{", one.path)) for one in every_operation()}
    assert declared == served


def test_a_get_never_writes_and_every_write_takes_an_idempotency_key() -> None:
    for operation in every_operation():
        if operation.method == "GET" or operation.path in ONLY_READ:
            assert not operation.writes, operation.path
        elif not operation.open:
            assert operation.writes, operation.path


def test_an_operation_is_refused_to_who_has_every_permission_but_its_own(
    world: World, holder: User, subtests: pytest.Subtests
) -> None:
    client = sign_in(holder)
    for operation in every_operation():
        if operation.needs is not None:
            with subtests.test(f"{operation.method} {operation.path}"):
                grant(holder, set(Permission) - {operation.needs})
                answer = call(client, operation, world)
                assert answer.status_code == 403
                assert str(operation.needs) in answer.json()["detail"]


def test_an_operation_is_open_to_who_has_its_permission(world: World, holder: User, subtests: pytest.Subtests) -> None:
    client = sign_in(holder)
    for operation in every_operation():
        if not operation.open:
            with subtests.test(f"{operation.method} {operation.path}"):
                grant(holder, {Permission.API} | ({operation.needs} if operation.needs else set()))
                assert call(client, operation, world).status_code in {200, 404, 409, 415, 422}


def test_no_permission_avails_without_the_permission_to_use_the_api(
    world: World, holder: User, subtests: pytest.Subtests
) -> None:
    client = sign_in(holder)
    grant(holder, set(Permission) - {Permission.API})
    for operation in every_operation():
        if not operation.open:
            with subtests.test(f"{operation.method} {operation.path}"):
                assert call(client, operation, world).status_code == 403


def test_nothing_but_signing_in_is_answered_without_a_token(world: World, subtests: pytest.Subtests) -> None:
    for operation in every_operation():
        if not operation.open:
            with subtests.test(f"{operation.method} {operation.path}"):
                assert call(ApiClient(), operation, world).status_code == 401


def test_the_documentation_names_every_operation_and_what_it_needs() -> None:
    page = ApiClient().get("/docs").content.decode()
    for operation in every_operation():
        assert f"{operation.method} /api/v1{operation.path}" in page
        assert operation.needs is None or str(operation.needs) in page


def test_the_openapi_description_is_served_and_gives_problems_as_errors() -> None:
    description = ApiClient().get("/openapi.json").json()
    operation = description["paths"]["/api/v1/cases/{reference}"]["get"]
    assert operation["security"]
    assert operation["responses"]["404"]["content"]["application/problem+json"]["schema"]["$ref"].endswith("ProblemOut")
    note = description["paths"]["/api/v1/cases/{reference}/notes"]
    assert "Idempotency-Key" in {parameter["name"] for parameter in note["post"]["parameters"]}
    assert "Idempotency-Key" not in {parameter["name"] for parameter in note["get"]["parameters"]}
