"""Every address says who may call it, none holds personal data, and what only reads writes nothing."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path
from ninja.operation import Operation

from moothall.core.accounts.permissions import Permission
from moothall.core.retention.rules import load
from moothall.web.api.api import api
from moothall.web.api.operations import Gate, OpenGate
from moothall.web.ops.access import MARK

API = "api/v1/"
# Made by the API library itself: its description, without data, and its bare root, which answers nothing.
OF_THE_LIBRARY = {"api/v1/openapi.json", "api/v1/"}
# May be in an address, though somewhere a field of that name is personal: they name no person there.
HARMLESS = {"number", "reference", "source", "tags", "language", "items"}


def operations() -> Iterator[Operation]:
    for _, router in api._routers:
        for view in router.path_operations.values():
            yield from view.operations


def patterns(of: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in of.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, route)
        else:
            yield route, pattern


def test_every_operation_of_the_api_names_the_permission_it_needs_or_that_it_is_open() -> None:
    silent = []
    for operation in operations():
        gates = list(operation.auth_callbacks)
        if len(gates) != 1 or not isinstance(gates[0], Gate | OpenGate):
            silent.append(operation.path)
        elif isinstance(gates[0], Gate):
            assert gates[0].needs is None or isinstance(gates[0].needs, Permission)
    assert silent == []


def test_only_signing_in_is_open_to_anybody() -> None:
    open_to_all = [operation.path for operation in operations() if isinstance(operation.auth_callbacks[0], OpenGate)]
    assert open_to_all == ["/tokens"]


def test_every_other_view_says_in_words_who_may_call_it() -> None:
    of_the_api = {API + operation.path.lstrip("/").replace("{", "<").replace("}", ">") for operation in operations()}
    silent = {
        route
        for route, pattern in patterns(get_resolver())
        if not hasattr(pattern.callback, MARK) and route not in of_the_api
    }
    assert silent == OF_THE_LIBRARY


def test_no_address_takes_personal_data() -> None:
    personal = {name for rule in load().models.values() for name in rule.personal | rule.sensitive} - HARMLESS
    taken = [
        f"{operation.path}: {parameter}"
        for operation in operations()
        for model in operation.models
        if model.__ninja_param_source__ in {"path", "query"}
        for parameter in model.model_json_schema().get("properties", {})
        if parameter in personal
    ]
    assert taken == []


def writing(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM lists_tag")
    return HttpResponse()


urlpatterns = [path("writing", login_not_required(writing))]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.guards.test_access")
def test_a_get_that_writes_fails_its_test() -> None:
    with pytest.raises(AssertionError, match="A GET wrote: DELETE FROM lists_tag"):
        Client().get("/writing")


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.guards.test_access")
def test_a_post_may_write() -> None:
    assert Client().post("/writing").status_code == 200
