"""The secret of a link: 256 bits made of a random seed and the secret key. Kept are the seed and the link's digest.

Whoever reads the database cannot make the link, and the worker can make it again when it sends the e-mail once more.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from django.conf import settings


def new_seed() -> str:
    """The seed of a new link."""
    return secrets.token_hex(32)


def token(seed: str) -> str:
    """The secret part of the link's address, 43 letters and digits."""
    return urlsafe_b64encode(_made("link", seed)).decode().rstrip("=")


def digest(token: str) -> str:
    """What a link is found by."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def code(seed: str) -> str:
    """The six digits that go with a seed."""
    return f"{int.from_bytes(_made('code', seed)) % 1_000_000:06}"


def _made(purpose: str, seed: str) -> bytes:
    message = f"moothall.opinions:{purpose}:{seed}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
