"""How many links that lead nowhere one network address may try. Counted by each process, and forgotten with it."""

import hashlib
import hmac

from django.conf import settings
from django.core.cache import cache

MOST = 20
SECONDS = 15 * 60


def failed(source: str) -> None:
    """Count a link that led nowhere."""
    key = _key(source)
    if not cache.add(key, 1, SECONDS):
        try:
            cache.incr(key)
        except ValueError:  # forgotten at this moment
            cache.set(key, 1, SECONDS)


def reached(source: str) -> bool:
    """Whether this address tried too many."""
    return int(cache.get(_key(source), 0)) >= MOST


def _key(source: str) -> str:
    text = f"public:{source}".encode("utf-8", "surrogateescape")
    return f"links-{hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()}"
