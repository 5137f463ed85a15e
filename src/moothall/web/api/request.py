"""A request as the operations of the API see it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission


class ApiRequest(HttpRequest):
    """A request whose sender is known. `now` is read once, on arrival, and is the time of all it does."""

    auth: User
    now: datetime
    needs: Permission | None  # what its operation needs: for the service of a case, where it is about one
    fetched: Any = None  # what an operation's `first` gave it


def network_address(request: HttpRequest) -> str:
    """Where a request came from. Behind reverse proxies we run, what the outermost of them saw."""
    if proxies := settings.PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(hops) >= proxies:
            return hops[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))
