"""Asking a virus scanner about a file: ClamAV's daemon, over TCP or a Unix socket.

Its protocol is that of the manual page clamd(8): `zINSTREAM`, the file in pieces that each begin with their length (four
bytes, the highest first), a piece of length nought, one answer ending in a zero byte. No transaction should be open
meanwhile: an answer may take as long as MOOTHALL_SCANNER_TIMEOUT_SECONDS.
"""

import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import structlog
from django.conf import settings

log = structlog.get_logger("moothall.documents")

PIECE = 64 * 1024  # bytes
LONGEST_ANSWER = 4096  # bytes
LOOK_SECONDS = 1.0
_CLEAN = "stream: OK"
_FOUND = re.compile(r"stream: (?P<what>[\x21-\x7e ]{1,200}) FOUND")
_TOO_LARGE = "INSTREAM size limit exceeded. ERROR"


class Scanned(bytes):
    """A file that the scanner found nothing in, or that came when no scanner was set."""


class Infected(Exception):
    """The scanner found something. `what` is its name for it; the message may be shown to whoever gave the file."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The virus scanner found {what} in this file, so it was not kept.")
        self.what = what


class NotScanned(Exception):
    """The scanner did not say what a file is. Its message may be shown to whoever gave it."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or "This file could not be checked for viruses, so it was not kept. Try again.")


class TooLargeToScan(NotScanned):
    """The scanner is set to look at smaller files only: trying again does not help."""

    def __init__(self) -> None:
        super().__init__(
            "This file could not be checked for viruses, since it is larger than the virus scanner takes, so it was not"
            " kept. Make it smaller and try again."
        )


def checked(content: bytes) -> Scanned:
    """The file, once the scanner found nothing in it. Raises Infected and NotScanned."""
    if isinstance(content, Scanned):
        return content
    scanner = configured()
    if scanner is not None and (what := scanner.find(content)):
        raise Infected(what)
    return Scanned(content)


def check_file(file: IO[bytes], size: int) -> None:
    """As `checked`, of an open file of so many bytes, read piece by piece and left at its beginning."""
    scanner = configured()
    if scanner is None:
        return
    file.seek(0)
    what = scanner.find_in(iter(lambda: file.read(PIECE), b""), size)
    file.seek(0)
    if what:
        raise Infected(what)


def configured() -> "Scanner | None":
    """The scanner of MOOTHALL_SCANNER; None where none is set."""
    return Scanner(settings.SCANNER, settings.SCANNER_TIMEOUT_SECONDS) if settings.SCANNER else None


def warning() -> str:
    """What is wrong with the scanner, in a sentence for who runs this; empty when it answers. Takes a second at most."""
    if not settings.SCANNER:
        return "No virus scanner is set, so files are taken without being scanned. Set MOOTHALL_SCANNER."
    return "" if answers() else "The virus scanner does not answer, so no files are taken until it does."


def answers() -> bool:
    """Whether the scanner says what it is: then it was the file about which it said nothing. Takes a second at most."""
    try:
        Scanner(settings.SCANNER, min(settings.SCANNER_TIMEOUT_SECONDS, LOOK_SECONDS)).version()
    except NotScanned:
        return False
    return True


@dataclass(frozen=True)
class Scanner:
    """A scanner at `host:port` or at the path of a socket; `seconds` is how long all of one answer may take."""

    address: str
    seconds: float

    def find(self, content: bytes) -> str:
        """What the scanner calls that which it found; empty when it found nothing. Raises NotScanned."""
        pieces = (content[start : start + PIECE] for start in range(0, len(content), PIECE))
        return self.find_in(pieces, len(content))

    def find_in(self, pieces: Iterator[bytes], size: int) -> str:
        """The same, of a file that comes in pieces."""
        said = self._ask(b"INSTREAM", pieces)
        if said == _CLEAN:
            return ""
        if found := _FOUND.fullmatch(said):
            return found["what"]
        if said == _TOO_LARGE:
            log.warning("the virus scanner takes smaller files only", size=size)
            raise TooLargeToScan
        raise self._silent(f"it answered {said[:200]!r}")

    def version(self) -> str:
        """What it says it is, and how old what it knows is. Raises NotScanned when it does not answer."""
        return self._ask(b"VERSION")

    def _ask(self, command: bytes, pieces: Iterator[bytes] | None = None) -> str:
        until = time.monotonic() + self.seconds
        try:
            with self._connected(until) as line:
                whole = _sent(line, command, pieces, until)
                said = _answer(line, until)
        except (OSError, ValueError) as fault:  # a host name that is none raises ValueError
            raise self._silent(f"{type(fault).__name__}: {fault}") from fault
        if not said.endswith(b"\0"):
            raise self._silent(f"its answer was cut short after {len(said)} bytes")
        text = said[:-1].decode("ascii", "replace")
        if not whole and text != _TOO_LARGE:
            raise self._silent("it hung up before it had the whole file")
        return text

    @contextmanager
    def _connected(self, until: float) -> Iterator[socket.socket]:
        if self.address.startswith("/"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(_left(until))
                line.connect(self.address)
                yield line
        else:
            host, _, port = self.address.rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port)), timeout=_left(until)) as line:
                yield line

    def _silent(self, why: str) -> NotScanned:
        log.warning("the virus scanner did not check a file", why=why)
        return NotScanned()


def _sent(line: socket.socket, command: bytes, pieces: Iterator[bytes] | None, until: float) -> bool:
    """Send a command with its file; False when the other side hung up before it had everything."""
    try:
        line.settimeout(_left(until))
        line.sendall(b"z" + command + b"\0")
        if pieces is not None:
            for piece in pieces:
                line.settimeout(_left(until))
                line.sendall(struct.pack("!I", len(piece)) + piece)
            line.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return False  # it may have said why
    return True


def _answer(line: socket.socket, until: float) -> bytes:
    """What comes back up to its end, a zero byte."""
    said = b""
    while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER:
        line.settimeout(_left(until))
        more = line.recv(LONGEST_ANSWER - len(said))
        if not more:
            break
        said += more
    return said


def _left(until: float) -> float:
    """How many seconds are left. Raises TimeoutError."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left
