"""A document's file as a browser may have it: it can run nothing, and no other site can show or read it."""

from django.http import FileResponse
from django.http.response import HttpResponseBase

from moothall.domain.documents import actions as documents
from moothall.domain.documents import content
from moothall.domain.documents.models import Document

SHOWN = content.PICTURES | {content.PDF}
"""Kinds of file a browser shows by itself and runs nothing of."""


def served(document: Document, *, download: bool, framed: bool = False) -> FileResponse:
    """Pictures and PDF to look at, everything else, and on asking, to keep; `framed` within our own pages."""
    response = FileResponse(
        documents.open_file(document),
        as_attachment=download or document.media_type not in SHOWN,
        filename=document.name,
        content_type=document.media_type,
    )
    seal(response, framed=framed)
    return response


def seal(response: HttpResponseBase, *, framed: bool) -> None:
    """Say that what is sent is to be looked at, and where."""
    within = "'self'" if framed else "'none'"
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors {within}"  # for a PDF's own reader
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN" if framed else "DENY"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
