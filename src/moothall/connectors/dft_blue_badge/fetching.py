"""Bringing an application over: the whole of it, and its documents while their links live."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from moothall.connectors.dft_blue_badge import codes
from moothall.connectors.dft_blue_badge.client import Client
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.transport import clean
from moothall.domain.documents import scanning

MOST_DOCUMENTS = 40  # of one application


class NotChecked(NationalError):
    """The virus scanner did not say what a document is: the application is fetched again later.

    `only_this`: the scanner answers otherwise, so it is this document that it cannot deal with.
    """

    def __init__(self, *, only_this: bool) -> None:
        said = "A document of it could not be checked for viruses, since the scanner did not answer."
        more = (
            f" The scanner answers otherwise: after {settings.SCANNER_TRIES} tries it comes in without that document."
        )
        super().__init__(said + (more if only_this else ""))
        self.only_this = only_this


@dataclass(frozen=True, kw_only=True)
class File:
    """A document of an application. `content` is None when it is not to be had, for the reason in `problem`.

    `infected`: what the virus scanner found in it. `unchecked`: it said nothing about it, however often it was asked.
    """

    type: str  # the national artifact type
    name: str
    content: bytes | None
    problem: str = ""
    infected: str = ""
    unchecked: bool = False


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """An application and its documents, as they came."""

    raw: dict[str, Any]
    files: tuple[File, ...] = ()


def fetch(client: Client, application_id: str, *, last: bool = False) -> Fetched:
    """An application with its documents, each looked at by the virus scanner. A link that ran out is asked for once more.

    A document that cannot be had, or in which something was found, does not keep the application back; a scanner that
    does not answer does, until it answers (NotChecked). One that answers, but not about this document, does so as well,
    unless it is the `last` try. Raises NationalError.
    """
    raw = client.application(application_id)
    links = artifacts(raw)
    files = [_file(client, kind, link, last=last) for kind, link in links[:MOST_DOCUMENTS]]
    if any(_missing(file) for file in files):
        raw = client.application(application_id)
        again = artifacts(raw)[:MOST_DOCUMENTS]
        if len(again) == len(files):
            files = [
                _file(client, kind, link, last=last) if _missing(file) else file
                for file, (kind, link) in zip(files, again, strict=True)
            ]
    left = len(links) - MOST_DOCUMENTS
    if left > 0:
        problem = f"The application has {len(links)} documents, of which the first {MOST_DOCUMENTS} are fetched."
        files.append(File(type="", name=f"rest ({left})", content=None, problem=problem))
    return Fetched(raw=raw, files=tuple(files))


def fetch_one(client: Client, application_id: str, *, number: int, kind: str) -> File:
    """One document of an application again, the `number`th from 0, of this type. Raises NationalError."""
    links = artifacts(client.application(application_id))
    if number >= len(links) or links[number][0] != kind:
        raise NationalError("The national service no longer has this document.")
    return _file(client, *links[number], last=True)


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


def _missing(file: File) -> bool:
    """Whether asking again may bring it."""
    return file.content is None and not file.infected and not file.unchecked


def _file(client: Client, kind: str, link: str, *, last: bool) -> File:
    name, unchecked = kind.lower(), False
    try:
        name = clean(unquote(urlsplit(link).path.rpartition("/")[2])) or name
        return File(type=kind, name=name, content=scanning.checked(client.document(link)))
    except scanning.Infected as found:
        return File(type=kind, name=name, content=None, problem=str(found), infected=found.what)
    except scanning.TooLargeToScan as refused:
        problem = str(refused)
    except scanning.NotScanned as silent:
        only_this = scanning.answers()
        if not (last and only_this):
            raise NotChecked(only_this=only_this) from silent
        problem, unchecked = "The virus scanner said nothing about it, so it could not be checked.", True
    except NationalError as error:
        problem = str(error)
    except ValueError:
        problem = "The link to it is no web address."
    return File(type=kind, name=name, content=None, problem=problem, unchecked=unchecked)
