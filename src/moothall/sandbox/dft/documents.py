"""Documents and photos behind links that stop working after a while, as the service's file store does it."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.responses import Response

from moothall.sandbox.dft.store import Store

PREFIX = "/documents/"
SAMPLE_PHOTO = "sample/photo.png"
SAMPLE_PROOF = "sample/proof.pdf"


@dataclass(frozen=True, slots=True)
class Document:
    """A stored file."""

    key: str
    media_type: str
    content: bytes


class Documents:
    """The file store: keys to files, and signed links to them."""

    def __init__(self, store: Store, *, secret: bytes) -> None:
        self._store = store
        self._secret = secret
        self._files: dict[str, Document] = {}
        for key, media_type, content in store.all("document"):
            self._files[key] = Document(key, media_type, content or b"")

    def add(self, content: bytes, *, media_type: str, name: str) -> Document:
        """Store a file under a new key that ends in `name`."""
        return self.put(f"{secrets.token_hex(8)}/{name}", content, media_type=media_type)

    def put(self, key: str, content: bytes, *, media_type: str) -> Document:
        """Store a file under a given key."""
        document = Document(key, media_type, content)
        self._files[key] = document
        self._store.put("document", key, media_type, content)
        return document

    def remove(self, key: str) -> None:
        """Delete a file; one that is not there is no fault."""
        if self._files.pop(key, None):
            self._store.remove("document", key)

    def all_keys(self) -> list[str]:
        """The keys of every file."""
        return list(self._files)

    def get(self, key: str) -> Document | None:
        """The file under a key."""
        return self._files.get(key)

    def key_of(self, link: str) -> str | None:
        """The key of the file a link leads to, signed or not; None when there is no such file."""
        path = urlsplit(link).path
        key = path.removeprefix(PREFIX)
        return key if path.startswith(PREFIX) and key in self._files else None

    def link(self, key: str, *, base_url: str, expires: int) -> str:
        """A link that works until `expires` (seconds since 1970)."""
        return f"{base_url}{PREFIX}{key}?X-Expires={expires}&X-Signature={self._sign(key, expires)}"

    def fetch(self, key: str, *, expires: str, signature: str, now: float) -> Response:
        """The file behind a link, or the file store's XML refusal: 403 when expired or not signed, 404 when gone."""
        if not expires.isdecimal() or not hmac.compare_digest(self._sign(key, int(expires)), signature):
            return _refused(403, "SignatureDoesNotMatch", "The request signature does not match.")
        if now >= int(expires):
            return _refused(403, "AccessDenied", "Request has expired")
        document = self._files.get(key)
        if document is None:
            return _refused(404, "NoSuchKey", "The specified key does not exist.")
        return Response(document.content, media_type=document.media_type)

    def _sign(self, key: str, expires: int) -> str:
        return hmac.new(self._secret, f"{expires}\n{key}".encode(), hashlib.sha256).hexdigest()[:32]


def _refused(status: int, code: str, message: str) -> Response:
    xml = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(xml, status_code=status, media_type="application/xml")
