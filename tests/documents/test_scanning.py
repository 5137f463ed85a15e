"""Files are shown to a virus scanner, in clamd's protocol over a real socket."""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from tests.documents.conftest import pdf
from tests.documents.scanner import FOUND, INFECTED, SILENT, fail, sizes

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.documents import actions, scanning
from moothall.domain.documents.models import Document
from moothall.domain.documents.scanning import Infected, NotScanned, Scanned, TooLargeToScan
from moothall.sandbox.clamd import EICAR, Scanner
from moothall.sandbox.testing import Running


@pytest.fixture
def unix_scanner(tmp_path: Path) -> Iterator[str]:
    """The stand-in behind the path of a socket."""
    path, loop, stand_in = str(tmp_path / "clamd.ctl"), asyncio.new_event_loop(), Scanner()
    server = loop.run_until_complete(asyncio.start_unix_server(stand_in.answer, path))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield path
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_file_of_any_size_is_sent_whole_and_passes_when_nothing_is_found(scanner: Running) -> None:
    for size in (0, 1, scanning.PIECE, scanning.PIECE + 1, 3_000_000):
        assert scanning.checked(bytes(size)) == bytes(size)

    assert sizes(scanner) == [3_000_000, scanning.PIECE + 1, scanning.PIECE, 1, 0]


def test_what_is_found_is_said_by_its_name_wherever_it_stands_in_a_file(scanner: Running) -> None:
    for content in (EICAR, INFECTED, bytes(scanning.PIECE - 10) + EICAR):
        with pytest.raises(Infected, match=FOUND) as found:
            scanning.checked(content)
        assert found.value.what == "Eicar-Test-Signature"


@pytest.mark.parametrize("fault", ["malformed", "cut", "refuse", "error"])
def test_without_a_sound_answer_no_file_passes_and_the_next_one_may(scanner: Running, fault: str) -> None:
    fail(scanner, fault, 1)

    with pytest.raises(NotScanned, match="could not be checked for viruses"):
        scanning.checked(b"anything")
    assert scanning.checked(b"anything") == b"anything"


def test_a_scanner_that_is_silent_is_waited_for_only_so_long(scanner: Running, settings: Any) -> None:
    fail(scanner, "timeout", 1)
    settings.SCANNER_TIMEOUT_SECONDS = 0.3

    with pytest.raises(NotScanned):
        scanning.checked(b"anything")


def test_a_slow_scanner_is_waited_for(scanner: Running) -> None:
    fail(scanner, "slow=0.5", 1)

    assert scanning.checked(b"anything") == b"anything"


def test_a_file_larger_than_the_scanner_takes_does_not_pass(scanner: Running) -> None:
    fail(scanner, "size-limit", 1)
    with pytest.raises(TooLargeToScan, match="larger than the virus scanner takes"):
        scanning.checked(b"anything")

    with pytest.raises(NotScanned):
        scanning.checked(bytes(26 * 1024 * 1024))


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.ctl"])
def test_where_no_scanner_is_no_file_passes(settings: Any, address: str) -> None:
    settings.SCANNER = address

    with pytest.raises(NotScanned):
        scanning.checked(b"anything")


def test_a_scanner_is_reached_by_the_path_of_its_socket(settings: Any, unix_scanner: str) -> None:
    settings.SCANNER = unix_scanner

    assert scanning.checked(b"anything") == b"anything"
    with pytest.raises(Infected):
        scanning.checked(EICAR)


def test_where_no_scanner_is_set_files_pass_and_who_runs_it_is_told(settings: Any, scanner: Running) -> None:
    assert scanning.warning() == ""
    settings.SCANNER = ""

    assert scanning.checked(EICAR) == EICAR
    assert scanning.warning().startswith("No virus scanner is set")
    settings.SCANNER = "127.0.0.1:1"
    assert scanning.warning().startswith("The virus scanner does not answer")


def test_a_file_is_scanned_once(scanner: Running) -> None:
    once = scanning.checked(b"anything")

    assert scanning.checked(once) is once
    assert sizes(scanner) == [8]


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["applicant", "officer", "consulted"])
def test_nothing_infected_or_unscanned_is_ever_stored_whoever_it_came_from(
    scanner: Running, officer: User, noon: datetime, document_folder: Path, origin: str
) -> None:
    given = {"name": "form.pdf", "origin": origin, "by": officer, "at": noon}
    with pytest.raises(actions.Refused, match=FOUND):
        actions.store(content=INFECTED, **given)
    fail(scanner, "refuse")
    with pytest.raises(actions.NotChecked, match=SILENT):
        actions.store(content=pdf(), **given)

    assert not Document.objects.exists()
    assert not document_folder.exists()


@pytest.mark.django_db
def test_what_the_product_made_itself_is_not_scanned(scanner: Running, officer: User, noon: datetime) -> None:
    actions.store(name="letter.pdf", content=pdf(), origin="generated", by=officer, at=noon)

    assert sizes(scanner) == []


@pytest.mark.django_db
def test_what_was_found_is_in_the_audit_record_of_what_the_file_was_for(
    scanner: Running, officer: User, noon: datetime
) -> None:
    with pytest.raises(actions.Refused):
        actions.examine(INFECTED, about=officer, by=officer, at=noon)

    entry = Entry.objects.get(action="document.infected")
    assert (entry.subject_type, entry.subject_id, entry.by) == ("user", officer.pk, officer)
    assert entry.detail["found"] == "Eicar-Test-Signature"


@pytest.mark.django_db
def test_nobody_is_asked_to_try_a_file_again_that_is_larger_than_the_scanner_takes(
    scanner: Running, officer: User, noon: datetime
) -> None:
    fail(scanner, "size-limit", 1)
    with pytest.raises(actions.Refused, match="Make it smaller") as refused:
        actions.examine(b"anything", about=officer, by=officer, at=noon)
    assert not isinstance(refused.value, actions.NotChecked)


@pytest.mark.django_db
def test_a_file_too_large_to_be_taken_is_not_sent_to_the_scanner(
    scanner: Running, officer: User, noon: datetime, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

    for content in (b"", bytes(1024 * 1024 + 1)):
        with pytest.raises(actions.Refused, match="empty|larger than 1 MB"):
            actions.examine(content, about=officer, by=officer, at=noon)
    assert isinstance(actions.examine(b"small", about=officer, by=officer, at=noon), Scanned)
    assert sizes(scanner) == [5]


def test_a_command_tries_the_scanner_with_a_harmless_file_and_with_the_largest(scanner: Running, settings: Any) -> None:
    out = StringIO()
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
    call_command("scanner", stdout=out)
    assert "It finds the harmless test file: Eicar-Test-Signature" in out.getvalue()
    assert "It takes files of 1 MB." in out.getvalue()

    fail(scanner, "error", 1)
    with pytest.raises(CommandError, match="does not answer"):
        call_command("scanner", stdout=out)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 26 * 1024 * 1024
    with pytest.raises(CommandError, match="26 MB"):
        call_command("scanner", stdout=out)
    settings.SCANNER = ""
    with pytest.raises(CommandError, match="No virus scanner is set"):
        call_command("scanner", stdout=out)


def asked(running: Running, *sent: bytes) -> bytes:
    """What the stand-in says to these bytes, and nothing after them, before it hangs up."""
    host, _, port = running.scanner.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        for one in sent:
            line.sendall(one)
        line.shutdown(socket.SHUT_WR)
        said = b""
        while more := line.recv(4096):
            said += more
    return said


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"zPING\0", b"PONG\0"),
        (b"nPING\n", b"PONG\n"),
        (b"zVERSION\0", b"ClamAV 1.4.3/27600/Example\0"),
        (b"zSCAN /etc/passwd\0", b"UNKNOWN COMMAND\0"),
        (b"PING\n", b"UNKNOWN COMMAND\n"),
        (b"zINSTREAM\0" + struct.pack("!I", 2) + b"ab" + struct.pack("!I", 0), b"stream: OK\0"),
        (b"nINSTREAM\n" + struct.pack("!I", 0), b"stream: OK\n"),
        (b"zINSTREAM\0" + struct.pack("!I", 2**31), b"INSTREAM size limit exceeded. ERROR\0"),
        (b"zINSTREAM\0" + struct.pack("!I", 5) + b"ab", b""),
        (b"zINSTREAM\0", b""),
        (b"zPI", b""),
    ],
)
def test_the_stand_in_holds_the_protocol_to_the_letter(scanner: Running, sent: bytes, said: bytes) -> None:
    assert asked(scanner, sent) == said
