"""The API as a program meets it: a real server, real sockets."""

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from tests.api.standing import Standing
from tests.api.world import World, picture

from moothall.core.accounts import actions
from moothall.core.accounts.actions import system_user


class Server(ThreadingMixIn, WSGIServer):
    """Answers each request in a thread, as the product's servers do."""

    daemon_threads = False

    def process_request_thread(self, request: object, client_address: object) -> None:
        super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        connections.close_all()


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def address(transactional_db: None) -> Iterator[str]:
    with make_server("127.0.0.1", 0, WSGIHandler(), server_class=Server, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api/v1"
        server.shutdown()
        thread.join()


@pytest.fixture
def council(standing: Standing, transactional_db: None) -> World:
    return standing.world()


def test_a_program_signs_in_finds_work_progresses_it_and_uploads(address: str, council: World) -> None:
    from django.utils import timezone

    officer = council.users["officer"]
    actions.set_password(officer, password="a long enough passphrase", by=system_user(), at=timezone.now())
    with httpx.Client(base_url=address, timeout=20) as http:
        token = http.post("/tokens", json={"email": officer.email, "password": "a long enough passphrase"}).json()
        http.headers["Authorization"] = f"Bearer {token['token']}"

        item = http.get("/work-items", params={"page_size": 1}).json()["items"][0]
        body = {"outcome": "complete", "version": item["version"], "answers": {"zone": "south"}}
        keyed = {"Idempotency-Key": "one"}
        first = http.post(f"/work-items/{item['id']}/progress", json=body, headers=keyed)
        again = http.post(f"/work-items/{item['id']}/progress", json=body, headers=keyed)
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == again.json()

        path = f"/cases/{item['case']}/documents"
        up = http.post(path, files={"file": ("photo.png", picture(77), "image/png")}, data={"tags": ["for_assessor"]})
        assert up.status_code == 201, up.text
        down = http.get(f"{path}/{up.json()['id']}/content")
        assert down.content == picture(77)
        assert down.headers["content-disposition"] == 'attachment; filename="photo.png"'
        exported = http.get("/cases/export")
        assert exported.text.count("\n") == 4


def test_what_is_wrong_is_told_over_the_wire_as_a_problem(address: str, council: World) -> None:
    with httpx.Client(base_url=address, timeout=20) as http:
        for answer, status in (
            (http.get("/cases"), 401),
            (http.get("/nowhere"), 404),
            (http.patch("/tokens", json={}), 405),
            (http.post("/tokens", content=b"{", headers={"Content-Type": "application/json"}), 400),
            (http.post("/tokens", content=b"x" * 2_000_000, headers={"Content-Type": "application/json"}), 413),
            (http.post("/tokens", data={"email": "x"}), 415),
            (http.post("/tokens", content=iter([b"{}"]), headers={"Content-Type": "application/json"}), 411),
            (http.post("/tokens", json={}), 422),
        ):
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["title"]
