"""What a request costs the database does not grow with what it finds."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.api.client import ApiClient
from tests.api.world import World, publish

MOST = 8


def statements(client: ApiClient, method: str, path: str, body: dict[str, object] | None, size: int) -> int:
    """SQL statements of one request for `size` rows, transactions aside, after one that warms what is read once."""

    def call() -> None:
        if method == "GET":
            assert client.get(path, page_size=size).status_code == 200
        else:
            assert client.post(path, {**(body or {}), "page_size": size}).status_code == 200

    call()
    with CaptureQueriesContext(connection) as captured:
        call()
    return len([query for query in captured if "SAVEPOINT" not in (query["sql"] or "")])  # none of a planned statement


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/cases", None),
        ("POST", "/cases/search", {"name": "Exampleson"}),
        ("GET", "/work-items", None),
        ("POST", "/people/search", {"name": "Exampleson"}),
        ("GET", "/queue", None),
        ("GET", "/submissions/failed", None),
        ("GET", "/cases/{reference}/timeline", None),
        ("GET", "/cases/{reference}/documents", None),
        ("GET", "/cases/{reference}/notes", None),
        ("GET", "/cases/{reference}/payments", None),
        ("GET", "/cases/{reference}/refunds", None),
        ("GET", "/cases/{reference}/messages", None),
        ("GET", "/cases/{reference}/requests", None),
        ("GET", "/workflows/permits.permit/versions", None),
        ("GET", "/cases/{reference}/links", None),
        ("POST", "/workflows/permits.permit/prospects", {"old": 1, "new": 2}),
    ],
)
def test_a_list_takes_a_few_statements_however_many_rows_it_shows(
    world: World, method: str, path: str, body: dict[str, object] | None
) -> None:
    client = world.clients["manager"]
    publish("permits", at=timezone.now(), changes={"amount: 4": "amount: 9"})
    path = path.replace("{reference}", world.case().reference)
    one, many = statements(client, method, path, body, 1), statements(client, method, path, body, 200)
    assert many <= MOST + (path == "/work-items")  # there the planner is asked first how many fit
    assert many == one


def test_an_export_takes_a_few_statements(world: World) -> None:
    client = world.clients["manager"]
    client.get("/cases/export")
    with CaptureQueriesContext(connection) as captured:
        client.get("/cases/export")
    assert len(captured) <= MOST


def test_a_case_and_a_work_item_open_in_a_bounded_number_of_statements(world: World) -> None:
    client = world.clients["manager"]
    for path, most in ((f"/cases/{world.case().reference}", 9), (f"/work-items/{world.item().pk}", 16)):
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        assert len(captured) <= most, path
