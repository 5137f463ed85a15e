"""What keeps the answers of a draft from being read: a key made of its return token, or of its account."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet

from moothall.core import sealed

_OF_LINK = "moothall.forms.drafts"
_BY_ACCOUNT = "moothall.forms.drafts of accounts"


def new_token() -> str:
    """A new return token: 43 letters and digits, kept nowhere."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What a draft is found by."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def close(data: Mapping[str, Any], *, token: str | None, account: str) -> bytes:
    """Data sealed with the key of the token, or of the account."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return _box(token, account).encrypt(text.encode())


def open(content: bytes, *, token: str | None, account: str) -> dict[str, Any]:
    """Data that was sealed so."""
    data: dict[str, Any] = json.loads(_box(token, account).decrypt(bytes(content)))
    return data


def _box(token: str | None, account: str) -> Fernet:
    return sealed.box_of(_OF_LINK, token) if token else sealed.box_of(_BY_ACCOUNT, account)
