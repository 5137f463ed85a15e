"""What happens around every request at the desk: it has a time, and somebody is signed in unless a view says otherwise."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from moothall.web.api.middleware import PREFIX as API
from moothall.web.desk import customers, session, typed

REFRESH = "X-Refresh"
"""A page that refreshes itself says so: nobody used the session, and it ends when it would have."""

Handler = Callable[[HttpRequest], HttpResponseBase]


class SignedIn:
    """Sends whoever is not signed in to sign in, and back. The API has gates of its own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.now = timezone.now()  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.method == "POST" and hasattr(request, "_post") and _was_done(request, response):
            user = getattr(request, "auth", None)
            if user and (again := request.POST.get(typed.SENT_AGAIN)):
                typed.taken(user, again)
        return response

    def process_view(self, request: Any, view: Callable[..., Any], *_args: Any) -> HttpResponse | None:
        """Let the request through, or answer it with the way to sign in."""
        if request.path_info.startswith(API) or not getattr(view, "login_required", True):
            return None
        if user := session.holder(request, at=request.now):
            request.auth = user  # for the line in the log
            if REFRESH not in request.headers:
                session.note_use(request, at=request.now)
            return None
        here = request.get_full_path() if request.method in {"GET", "HEAD"} else resolve_url("desk:home")
        if request.htmx:
            here = request.htmx.current_url_abs_path or resolve_url("desk:home")
            return HttpResponseClientRedirect(redirect_to_login(here, resolve_url("desk:sign_in")).url)
        if request.method == "POST" and (kept := typed.hold(request, at=request.now)):
            here = resolve_url("desk:typed", kept.pk)
        return redirect_to_login(here, resolve_url("desk:sign_in"))

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        """Lead whoever asks for a customer who was merged to the golden record; what they sent was not done."""
        if not isinstance(exception, customers.LeadsOn):
            return None
        match = request.resolver_match
        if request.method in {"GET", "HEAD"}:
            golden = reverse(match.view_name, kwargs={**match.kwargs, "customer_id": exception.customer})
            return HttpResponseRedirect(golden)
        messages.error(
            request, _("This record was merged into another meanwhile, and nothing was done. It is shown here.")
        )
        return redirect("desk:customer", exception.customer)


def _was_done(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether what was sent was taken: it leads on, and no page is to say first that it was refused."""
    told = getattr(messages.get_messages(request), "_queued_messages", ())
    return response.status_code == HTTPStatus.FOUND and all(one.level < messages.ERROR for one in told)
