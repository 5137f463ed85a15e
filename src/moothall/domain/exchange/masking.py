"""What is kept of a call: everything but secrets, with pictures and other long binary shortened to a digest.

An officer edits such a shortened request; `restore` puts back what was shortened before it is sent.
"""

import hashlib
import math
import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"
_SECRET_KEYS = re.compile(
    r"(authorization|cookie|secret|password|passwd|api_?key|private_?key|credential|assertion|(^|_)token)s?$"
)
_IN_TEXT = (
    re.compile(r"(?i)\b(authorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic)\s)\s*[a-z0-9._~+/=-]+"),
    re.compile(  # a token is long and has digits, padding or capitals amid small letters; a name has not
        r"\b((?i:bearer|basic)\s)\s*"
        r"(?=[A-Za-z0-9._~+/-]*[0-9=]|(?:[A-Za-z._~+/-]*?[a-z][A-Z]){3})[A-Za-z0-9._~+/=-]{20,}"
    ),
    re.compile(
        r"(?i)\b((?:client_secret|access_token|refresh_token|id_token|password|api_?key|client_assertion)=)[^&\s\"']+"
    ),
    re.compile(r"(?i)([?&](?:x-amz-signature|x-amz-credential|x-amz-security-token|signature|sig|token)=)[^&\s\"']+"),
    re.compile(r"(?i)(\"(?:client_secret|access_token|refresh_token|id_token|password|api_?key)\"\s*:\s*)\"[^\"]*\""),
)
_BASE64 = re.compile(r"(?:data:[a-z0-9.+/-]+;base64,)?[A-Za-z0-9+/_\-\r\n]{400,}={0,2}\s*", re.IGNORECASE)
_SHORTENED = re.compile(r"\[\d+ characters of data, sha256 [0-9a-f]{64}\]")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


def mask(value: Any, *, key: str = "") -> Any:
    """A copy of `value` that is safe to keep: JSON only, secrets hidden, long binary shortened.

    A value is secret when its key says so (`Authorization`, `client_secret`, `accessToken`…) or its text does.
    """
    if value is None or isinstance(value, bool | int):
        return value if not _is_secret(key) or value is None else HIDDEN
    if isinstance(value, Mapping):
        return {_clean(str(name)): mask(inner, key=str(name)) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask(inner, key=key) for inner in value]
    if _is_secret(key):
        return HIDDEN
    if isinstance(value, bytes | bytearray | memoryview):
        return _shortened(bytes(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return _text(str(value))


def restore(edited: Any, whole: Any) -> Any:
    """`edited` with each shortened or hidden value that `whole` has in the same place put back."""
    if isinstance(edited, dict):
        parts = whole if isinstance(whole, Mapping) else {}
        return {name: _restore_value(name, inner, parts.get(name)) for name, inner in edited.items()}
    if isinstance(edited, list):
        items = whole if isinstance(whole, list | tuple) else []
        return [_restore_value("", inner, items[at] if at < len(items) else None) for at, inner in enumerate(edited)]
    return edited


def left_out(value: Any) -> bool:
    """Does `value` still hold something shortened or hidden, so that it must not be sent as it is?"""
    if isinstance(value, Mapping):
        return any(left_out(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(left_out(inner) for inner in value)
    return isinstance(value, str) and (value == HIDDEN or _SHORTENED.fullmatch(value) is not None)


def _restore_value(name: str, edited: Any, whole: Any) -> Any:
    if isinstance(edited, str) and whole is not None and left_out(edited) and mask(whole, key=name) == edited:
        return whole
    return restore(edited, whole)


def _is_secret(key: str) -> bool:
    return bool(key) and _SECRET_KEYS.search(_WORDS.sub("_", key).lower()) is not None


def _text(text: str) -> str:
    if len(text) > 400 and _BASE64.fullmatch(text):
        return _shortened(text.encode("utf-8", "replace"))
    for pattern in _IN_TEXT:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return _clean(text)


def _shortened(data: bytes) -> str:
    return f"[{len(data)} characters of data, sha256 {hashlib.sha256(data).hexdigest()}]"


def _clean(text: str) -> str:
    """Text PostgreSQL can keep: no NUL and no half characters."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
