"""That a browser has shown the code: a signed cookie of its own for each link, which dies with the link."""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from moothall.domain.opinions.models import Opinion

HOURS = 12
SALT = "moothall.web.public.proof"


def given(request: HttpRequest, opinion: Opinion) -> bool:
    """Whether this browser has shown a code for this link."""
    try:
        shown = signing.loads(request.COOKIES.get(_name(opinion), ""), salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature:
        return False
    return bool(shown == opinion.digest)


def give(response: HttpResponseBase, opinion: Opinion) -> None:
    """Let the browser of this answer read on."""
    response.set_cookie(
        _name(opinion),
        signing.dumps(opinion.digest, salt=SALT),
        max_age=HOURS * 3600,
        path="/opinion/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _name(opinion: Opinion) -> str:
    return f"opinion{opinion.pk}"
