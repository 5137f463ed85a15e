"""Photographs for badges: whatever picture the case has, or the part of it that was chosen, as a JPEG in base64."""

import base64

from moothall.domain.documents import pictures
from moothall.domain.documents.models import Document
from moothall.kit.framing import Frame
from moothall.kit.invalid import Invalid


class NoPhotograph(Invalid):
    """No badge can be made of this document. Its sentence says what to do."""


def encoded(document: Document, frame: Frame | None = None) -> str:
    """The picture as the service takes it: JPEG, upright, in base64. Raises NoPhotograph."""
    try:
        return base64.b64encode(pictures.sent(document, frame)).decode()
    except pictures.NoPicture as problem:
        raise NoPhotograph(str(problem)) from problem
