"""A virus scanner that speaks the protocol of ClamAV's daemon to the letter and knows one virus: the EICAR test string.

Commands begin with `z` and end in a zero byte, or begin with `n` and end in a new line; the answer ends alike, and the
connection with it. PING, VERSION and INSTREAM are known. What breaks the protocol is answered with an error, or, where a
piece of a file does not come, not at all. Faults on demand:

| fault | what happens |
|---|---|
| timeout | the file is read, and nothing is answered |
| slow=2.5 | the answer comes after so many seconds |
| malformed | the answer makes no sense |
| cut | the answer stops in the middle |
| refuse | the connection is closed as soon as it is there |
| size-limit | every file is larger than may be |
| error | the scanner says that it could not scan |
"""

import asyncio
import struct
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

EICAR = b"".join((rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE", b"!$H+H*"))
"""A harmless text that every virus scanner finds. It is in pieces so that none finds this file."""
FOUND = "Eicar-Test-Signature"
VERSION = "ClamAV 1.4.3/27600/Example"
FAULTS = ("timeout", "slow", "malformed", "cut", "refuse", "size-limit", "error")
LARGEST_BYTES = 25 * 1024 * 1024  # of a file, as clamd has it unless told otherwise
LONGEST_COMMAND = 1024
KEPT = 2000
LONGEST_WAIT_SECONDS = 600.0
TOO_LARGE = "INSTREAM size limit exceeded. ERROR"


class UnknownScannerFault(ValueError):
    """Its message may be shown to whoever asked."""


class _Said(Exception):
    """An answer before the end of a file."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A file that was looked at. `size` is in bytes."""

    at: str
    size: int
    answer: str


class Scanner:
    """Answers whoever connects."""

    def __init__(self) -> None:
        self._scans: deque[Scan] = deque(maxlen=KEPT)
        self._waiting: set[asyncio.Task[Any]] = set()
        self.fault = ""
        self.left: int | None = None

    def set_fault(self, fault: str, count: int | None = None) -> None:
        """Strike the next `count` files (all when None) with a fault; "" to stop. Raises `UnknownScannerFault`."""
        kind, _, seconds = fault.partition("=")
        if fault and (kind not in FAULTS or (kind == "slow") != _is_number(seconds) or (seconds and kind != "slow")):
            raise UnknownScannerFault(f"{fault!r} is not a scanner fault. There are: {', '.join(FAULTS)} (slow=2.5).")
        self.fault, self.left = fault, count

    def as_json(self) -> list[dict[str, Any]]:
        """Every file looked at, newest first, as JSON."""
        return [asdict(scan) for scan in reversed(self._scans)]

    def clear(self) -> None:
        """Forget every file looked at."""
        self._scans.clear()

    def stop(self) -> None:
        """Let nobody wait any longer."""
        for task in self._waiting:
            task.cancel()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: a command, its answer, and the end."""
        task = asyncio.current_task()
        assert task is not None
        self._waiting.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._one(reader, writer)
        finally:
            self._waiting.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._kind() == "refuse":
            self._strike()
            return
        command, end = await _command(reader)
        said = {"PING": "PONG", "VERSION": VERSION}.get(command, "UNKNOWN COMMAND")
        fault = ""
        if command == "INSTREAM":
            fault = self._strike()
            try:
                content = await _file(reader, most=0 if fault == "size-limit" else LARGEST_BYTES)
            except _Said as early:
                said = str(early)
            else:
                said = f"stream: {FOUND} FOUND" if EICAR in content else "stream: OK"
                said = "stream: Can't allocate memory ERROR" if fault == "error" else said
                self._scans.append(Scan(datetime.now(UTC).isoformat(timespec="milliseconds"), len(content), said))
        if fault == "timeout":
            await asyncio.sleep(LONGEST_WAIT_SECONDS)
        if fault.startswith("slow="):
            await asyncio.sleep(min(float(fault.removeprefix("slow=")), LONGEST_WAIT_SECONDS))
        answer = b"all is well, surely" + end if fault == "malformed" else said.encode() + end
        writer.write(answer[:-4] if fault == "cut" else answer)
        await writer.drain()

    def _kind(self) -> str:
        return self.fault.partition("=")[0] if self.left != 0 else ""

    def _strike(self) -> str:
        """The fault that strikes now, counted."""
        if not self._kind():
            return ""
        if self.left is not None:
            self.left -= 1
        return self.fault


async def _command(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """The command and how it ends; what does not begin as a command does is none."""
    end = {b"z": b"\0", b"n": b"\n"}.get(await reader.readexactly(1))
    if end is None:
        return "", b"\n"
    command = b""
    while not command.endswith(end) and len(command) < LONGEST_COMMAND:
        command += await reader.readexactly(1)
    return command.removesuffix(end).decode("ascii", "replace"), end


async def _file(reader: asyncio.StreamReader, *, most: int) -> bytes:
    """The pieces of a file together. Raises `_Said` as soon as one is announced that is too much."""
    content = bytearray()
    while size := struct.unpack("!I", await reader.readexactly(4))[0]:
        if len(content) + size > most:
            raise _Said(TOO_LARGE)
        content += await reader.readexactly(size)
    return bytes(content)


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False
