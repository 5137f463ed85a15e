"""Starting and stopping the sandbox, keeping its state, and its admin pages."""

import signal
import smtplib
import socket
from pathlib import Path

import httpx
import pytest
from tests.sandbox.bodies import application, order, with_change
from tests.sandbox.callers import Caller

from moothall.sandbox import testing
from moothall.sandbox.testing import Running

NASTY = "<script>alert('x')</script>"


def test_it_stops_cleanly_when_told_to() -> None:
    with testing.start() as running:
        running.process.send_signal(signal.SIGTERM)

        assert running.process.wait(10) == 0


def test_it_stops_cleanly_though_a_caller_still_waits() -> None:
    with testing.start() as running:
        running.set_fault("timeout")
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{running.base_url}/badges", timeout=0.2)
        waiting = socket.create_connection(("127.0.0.1", int(running.base_url.rpartition(":")[2])))
        waiting.sendall(b"GET /badges HTTP/1.1\r\nHost: x\r\n\r\n")
        running.process.send_signal(signal.SIGTERM)

        assert running.process.wait(10) == 0
        waiting.close()


def test_a_restart_finds_the_state_again(tmp_path: Path) -> None:
    arguments = ("--state", str(tmp_path / "state.sqlite"), "--processed-after", "never")
    with testing.start(*arguments) as running:
        council, citizen = (
            Caller(running.base_url, credentials) for credentials in (running.authority("ABERD"), running.citizen_app())
        )
        sample = f"{running.base_url}/documents/sample/photo.png"
        body = application() | {"artifacts": [{"type": "PHOTO", "link": sample}]}
        made = citizen.post("/applications", body).json()["data"]
        (number,) = council.post("/badges", order()).json()["data"]
        credentials = running.authority("ABERD")
        council.http.close()
        citizen.http.close()

    with testing.start(*arguments) as running:
        council = Caller(running.base_url, running.authority("ABERD"))
        shown = council.get(f"/applications/{made}").json()["data"]
        (next_number,) = council.post("/badges", order("DLA") | {"expiryDate": order()["startDate"]}).json()["data"]

        assert running.authority("ABERD") == credentials
        assert httpx.get(shown["artifacts"][0]["link"]).content.startswith(b"\x89PNG")
        assert council.get(f"/badges/{number}").json()["data"]["statusCode"] == "ORDERED"
        assert council.post("/badges", order()).json()["error"]["message"] == "AlreadyExists.badge"
        assert (number, next_number) == ("KKKKKK", "KKKKKJ")
        assert running.control("GET", "/settings")["processed_after"] is None
        council.http.close()


def test_credentials_from_a_seed_are_the_same_at_every_start(running: Running) -> None:
    with testing.start("--credentials-seed", "tests") as again, testing.start() as other:
        assert again.authority("YORK") == running.authority("YORK")
        assert other.authority("YORK") != running.authority("YORK")


def test_a_state_file_that_cannot_be_made_is_told_and_not_started(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "missing" / "state.sqlite")

    with pytest.raises(testing.NotStarted, match="status 1"), testing.start("--state", nowhere):
        pass


def test_a_page_of_another_site_cannot_use_the_control_interface(sandbox: Running) -> None:
    url = sandbox.line["control"]["base_url"] + "/reset"

    assert httpx.post(url, json={}, headers={"Origin": "http://example.org"}).status_code == 403


def test_a_port_that_is_taken_is_told_and_not_started(sandbox: Running) -> None:
    port = sandbox.base_url.rpartition(":")[2]

    with pytest.raises(testing.NotStarted, match="status 1"), testing.start("--port", port):
        pass


@pytest.mark.parametrize("path", ["", "applications", "badges", "calls", "faults", "mail"])
def test_every_admin_page_is_whole_and_escapes_what_people_wrote(
    path: str, sandbox: Running, council: Caller, citizen: Caller
) -> None:
    citizen.post("/applications", with_change(application(), "party.person.badgeHolderName", NASTY))
    council.post("/badges", with_change(order(), "party.person.badgeHolderName", NASTY))
    sandbox.set_fault("500", pattern=NASTY.replace("(", "").replace(")", ""))
    with smtplib.SMTP(*sandbox.smtp) as server:
        server.sendmail("a@example.org", ["b@example.org"], f"Subject: {NASTY}\r\n\r\n{NASTY}")

    page = httpx.get(f"{sandbox.base_url}/_admin/{path}")

    assert page.status_code == 200
    assert "<script" not in page.text
    assert page.text.count("<h1>") == 1
    assert '<html lang="en">' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_badge_is_moved_on_and_a_fault_set_and_removed_from_the_admin_pages(
    sandbox: Running, council: Caller
) -> None:
    (number,) = council.post("/badges", order()).json()["data"]
    admin = httpx.Client(base_url=f"{sandbox.base_url}/_admin", follow_redirects=True)

    moved = admin.post("/badges", data={"number": number, "to": "PROCESSED"})
    admin.post("/faults", data={"fault": "500", "count": "1", "pattern": "GET /badges"})

    assert f"Issued {number}" in moved.text
    assert council.get(f"/badges/{number}").status_code == 500
    assert council.get(f"/badges/{number}").json()["data"]["statusCode"] == "PROCESSED"
    (rule,) = sandbox.control("GET", "/faults")
    admin.post("/faults/remove", data={"id": str(rule["id"])})
    assert sandbox.control("GET", "/faults") == []
    assert admin.post("/faults", data={"fault": "storm"}).status_code == 400
    assert admin.post("/faults", data={"fault": "500"}, headers={"Origin": "http://example.org"}).status_code == 403
    admin.close()


def test_an_application_can_be_looked_at_in_the_admin_pages(sandbox: Running) -> None:
    (made,) = sandbox.load_applications(1, la="YORK", documents=True)

    page = httpx.get(f"{sandbox.base_url}/_admin/applications/{made}")

    assert "Alma Fictional" in page.text
    assert "photo.png" in page.text
