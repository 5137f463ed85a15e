"""The files of a supply: plain, or inside one level of zip. They are read as a stream and never unpacked to disk."""

import hashlib
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import default_storage

from moothall.domain.places.gazetteer.refusal import SupplyRefused

MOST_VOLUMES = 20_000
_DAMAGED = (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error, lzma.LZMAError)
_DAMAGED_INDEX = (*_DAMAGED, struct.error, ValueError, RuntimeError)  # before anything is unpacked
MOST_UNPACKED = 150  # times its packed size: text of this kind packs ten to thirty times


@dataclass(frozen=True)
class Source:
    """One volume: where its bytes are, how many, and the digest of the file they are in."""

    name: str  # as it is shown
    path: str  # of this machine, or in the store of uploaded files
    stored: bool
    member: str  # within a zip; empty when the file is the volume
    bytes: int
    digest: str

    def kept(self) -> dict[str, Any]:
        """As it is written down with its supply."""
        return asdict(self)


def find(paths: Sequence[str], *, stored: bool = False) -> list[Source]:
    """Every volume in these files. Raises SupplyRefused with a sentence naming the file."""
    found = [source for path in paths for source in _within(path, stored=stored)]
    if not found:
        raise SupplyRefused("No file was given.")
    if len(found) > MOST_VOLUMES:
        raise SupplyRefused(f"These are {len(found):,} files; a supply can have {MOST_VOLUMES:,}.")
    return found


def unchanged(sources: Sequence[Source]) -> bool:
    """Whether the files still are what they were when they were first looked at."""
    try:
        return all(_digest(path, stored=stored) == digest for path, stored, digest in _containers(sources))
    except OSError:
        return False


@contextmanager
def opened(source: Source) -> Iterator[IO[bytes]]:
    """The bytes of one volume. Raises SupplyRefused when the file is gone or its zip is damaged."""
    try:
        with _container(source.path, stored=source.stored) as file:
            if not source.member:
                yield file
                return
            with _archive(file, source.name) as archive, _member(archive, source) as member:
                yield member
    except FileNotFoundError:
        raise SupplyRefused(f"{source.name} is not there any more. Give it again.") from None
    except _DAMAGED as damaged:
        raise _damaged(source.name, damaged) from damaged
    except OSError as fault:
        if fault.errno is not None:
            raise
        raise _damaged(source.name, fault) from fault  # of bzip2, which knows no error of its own


def _archive(file: IO[bytes], name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _DAMAGED_INDEX as damaged:
        raise _damaged(name, damaged) from damaged


def _member(archive: zipfile.ZipFile, source: Source) -> IO[bytes]:
    try:
        return archive.open(source.member)
    except (*_DAMAGED_INDEX, KeyError) as damaged:
        raise _damaged(source.name, damaged) from damaged


def _damaged(name: str, why: Exception) -> SupplyRefused:
    return SupplyRefused(f"{name} is a damaged zip file: {why}.")


def _containers(sources: Sequence[Source]) -> set[tuple[str, bool, str]]:
    return {(source.path, source.stored, source.digest) for source in sources}


def _container(path: str, *, stored: bool) -> IO[bytes]:
    return default_storage.open(path, "rb") if stored else Path(path).open("rb")


def _digest(path: str, *, stored: bool) -> str:
    with _container(path, stored=stored) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _within(path: str, *, stored: bool) -> Iterator[Source]:
    name = Path(path).name
    try:
        digest = _digest(path, stored=stored)
        with _container(path, stored=stored) as file:
            size = file.seek(0, 2)
            file.seek(0)
            packed = file.read(4) == b"PK\x03\x04"
            if not packed:
                yield Source(name, path, stored, "", size, digest)
                return
            with _archive(file, name) as archive:
                for member in _members(archive, name, size):
                    shown = f"{name}/{member.filename}"
                    yield Source(shown, path, stored, member.filename, member.file_size, digest)
    except (FileNotFoundError, IsADirectoryError):
        raise SupplyRefused(f"There is no file {path}.") from None


def _members(archive: zipfile.ZipFile, name: str, size: int) -> list[zipfile.ZipInfo]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if any(member.filename.lower().endswith(".zip") for member in members):
        raise SupplyRefused(f"{name} holds another zip file. Unpack it once, and give the zip files in it.")
    volumes = [member for member in members if member.filename.lower().endswith(".csv")]
    if not volumes:
        raise SupplyRefused(f"{name} holds no .csv file.")
    if len({member.filename for member in volumes}) < len(volumes):
        raise SupplyRefused(f"{name} holds two files of one name.")
    if any(member.flag_bits & 1 for member in volumes):
        raise SupplyRefused(f"{name} is encrypted. Take its password off first.")
    if sum(member.file_size for member in volumes) > MOST_UNPACKED * size:
        raise SupplyRefused(f"{name} unpacks to more than {MOST_UNPACKED} times its size, which no supply does.")
    return volumes
