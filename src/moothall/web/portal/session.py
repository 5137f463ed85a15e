"""Who is signed in at the portal: a cookie of its own, which nothing of the desk or the API reads."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token

from moothall.domain.citizens import sessions
from moothall.domain.citizens.models import Account, Session

_SYSTEMS = {
    "Windows": "Windows",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Mac OS": "Mac",
    "Linux": "Linux",
}
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "SamsungBrowser": "Samsung Internet",
    "Chrome": "Chrome",
}


def name() -> str:
    """Of the cookie. Its prefix, where cookies go over HTTPS alone, keeps other hosts from setting it."""
    return "__Host-citizen" if settings.SESSION_COOKIE_SECURE else "citizen"


def holder(request: HttpRequest) -> Session | None:
    """The session of this browser while it lasts."""
    return sessions.holder(request.COOKIES.get(name(), ""), at=request.now)  # type: ignore[attr-defined]


def begin(request: HttpRequest, response: HttpResponseBase, account: Account) -> None:
    """Sign this browser in: the answer carries a new secret, and forms from before are stale."""
    secret = sessions.begin(account, browser=browser(request), at=request.now)  # type: ignore[attr-defined]
    rotate_token(request)
    response.set_cookie(name(), secret, path="/", secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")


def forget(response: HttpResponseBase) -> None:
    """Take the cookie back."""
    response.delete_cookie(name(), path="/", samesite="Lax")


def browser(request: HttpRequest) -> str:
    """“Firefox on Windows”, as far as it can be told: for the list of where one is signed in."""
    said = request.headers.get("User-Agent", "")
    made = next((known for part, known in _BROWSERS.items() if part in said), "Safari" if "Safari" in said else "")
    system = next((known for part, known in _SYSTEMS.items() if part in said), "")
    return " on ".join(part for part in (made or ("A browser" if system else ""), system) if part)
