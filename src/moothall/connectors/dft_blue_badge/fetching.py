"""Bringing an application over: the whole of it, and its documents while their links live."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from moothall.connectors.dft_blue_badge import codes
from moothall.connectors.dft_blue_badge.client import Client
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.transport import clean

MOST_DOCUMENTS = 40  # of one application


@dataclass(frozen=True, kw_only=True)
class File:
    """A document of an application. `content` is None when it could not be fetched, for the reason in `problem`."""

    type: str  # the national artifact type
    name: str
    content: bytes | None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """An application and its documents, as they came."""

    raw: dict[str, Any]
    files: tuple[File, ...] = ()


def fetch(client: Client, application_id: str) -> Fetched:
    """An application with its documents. A link that ran out meanwhile is asked for once more.

    A document that cannot be had does not keep the application back. Raises NationalError.
    """
    raw = client.application(application_id)
    links = artifacts(raw)
    files = [_file(client, kind, link) for kind, link in links[:MOST_DOCUMENTS]]
    if any(file.content is None for file in files):
        raw = client.application(application_id)
        again = artifacts(raw)[:MOST_DOCUMENTS]
        if len(again) == len(files):
            files = [
                file if file.content is not None else _file(client, kind, link)
                for file, (kind, link) in zip(files, again, strict=True)
            ]
    left = len(links) - MOST_DOCUMENTS
    if left > 0:
        problem = f"The application has {len(links)} documents, of which the first {MOST_DOCUMENTS} are fetched."
        files.append(File(type="", name=f"rest ({left})", content=None, problem=problem))
    return Fetched(raw=raw, files=tuple(files))


def artifacts(raw: dict[str, Any]) -> Sequence[tuple[str, str]]:
    """Type and link of each document, in their order."""
    rows = raw.get("artifacts")
    return [
        (str(row.get("type") or ""), str(row.get("link") or ""))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
    ]


def tag(kind: str) -> str:
    """The document tag of a national artifact type; of an unknown one, that of supporting documents."""
    return codes.DOCUMENT_TAGS.get(kind, "supporting")


def _file(client: Client, kind: str, link: str) -> File:
    name = kind.lower()
    try:
        name = clean(unquote(urlsplit(link).path.rpartition("/")[2])) or name
        return File(type=kind, name=name, content=client.document(link))
    except NationalError as error:
        problem = str(error)
    except ValueError:
        problem = "The link to it is no web address."
    return File(type=kind, name=name, content=None, problem=problem)
