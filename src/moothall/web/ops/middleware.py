"""What happens around every request: it is counted, timed and logged without personal data, and its answer is safe."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from moothall.web.api.problems import instance
from moothall.web.ops import metrics

Handler = Callable[[HttpRequest], HttpResponseBase]
log = structlog.get_logger("moothall.requests")

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect", "manifest")),
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


class Observed:
    """One line and one count for each request: the route, never the address, because an address can name somebody."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=instance(request)):
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            route = request.resolver_match.route if request.resolver_match else "none"
            method = request.method if request.method in metrics.METHODS else "other"
            metrics.REQUESTS.labels(method=method, route=route, status=response.status_code).inc()
            metrics.REQUEST_SECONDS.labels(method=method, route=route).observe(seconds)
            user = getattr(getattr(request, "auth", None), "pk", None)
            log.info(
                "request",
                **{"method": method, "route": route, "status": response.status_code},
                **{"milliseconds": round(seconds * 1000, 1), "user": user},
            )
        response.headers["X-Request-ID"] = instance(request)
        return response


class Compressed(GZipMiddleware):
    """Pages are sent compressed; files as they are, which are compressed already.

    What a length could tell of a compressed secret (BREACH) is kept small: a page's only secret, its form token, is masked
    anew in each answer, every answer is made longer by a random number of bytes, and no other site can ask for a page
    in somebody's name, since the session's cookie does not go with its requests.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what is a page."""
        if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed


class SafeHeaders:
    """Headers that keep a browser from running, framing or keeping what it should not. A view may set its own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
