"""Secrets of links and cookies. What is kept of one is its digest, or a seed that leads nowhere without the secret key."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from django.conf import settings


def new() -> str:
    """256 random bits, for a cookie or as the seed of a link."""
    return secrets.token_urlsafe(32)


def of_link(seed: str) -> str:
    """The secret part of a link's address, 43 letters and digits."""
    message = f"moothall.citizens:link:{seed}".encode()
    made = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def digest(secret: str) -> str:
    """What a link, a cookie or a recovery code is found by."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
