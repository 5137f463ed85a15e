"""Text that only this installation reads again: encrypted, with a key of its own for each purpose, made from SECRET_KEY."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def box(purpose: str) -> Fernet:
    """What seals and opens texts for this purpose (“moothall.council.settings”)."""
    return _box(purpose, settings.SECRET_KEY)


def box_of(purpose: str, holder: str) -> Fernet:
    """What seals and opens texts of one holder of a token or account: nobody else's opens them, and it is not kept."""
    return _made(f"{purpose}:{holder}", settings.SECRET_KEY)


@lru_cache(maxsize=16)
def _box(purpose: str, secret: str) -> Fernet:
    return _made(purpose, secret)


def _made(purpose: str, secret: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return Fernet(base64.urlsafe_b64encode(key.derive(secret.encode())))
