"""Signing in and out, staying signed in, and the style sheet of the council's brand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.accounts.sign_in import TooManyTries, WrongCredentials
from moothall.core.accounts.sign_in import sign_in as check
from moothall.core.council import settings as council
from moothall.web.api.request import network_address
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.desk import brand, dashboards, session, typed
from moothall.web.desk.access import open_to_all, signed_in
from moothall.web.desk.forms.sign_in import SignIn
from moothall.web.desk.request import DeskRequest

FOR_EVER = "public, max-age=31536000, immutable"


@sensitive_post_parameters("password")
@open_to_all
@READ_OR_SEND
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for an e-mail address and password. A wrong one is answered alike whether or not there is such an account."""
    now, onward = timezone.now(), _own_path(request.POST.get("next") or request.GET.get("next"))
    if request.method != "POST" and session.holder(request, at=now):
        return redirect(onward)
    form, status, wait = SignIn(sent(request)), 200, 0
    if form.is_valid():
        try:
            user = check(**form.cleaned_data, source=network_address(request), at=now)
        except WrongCredentials as wrong:
            form.add_error(None, str(wrong))
            status = 401
        except TooManyTries as stopped:
            form.add_error(None, str(stopped))
            status, wait = 429, stopped.seconds
        else:
            if user.may(Permission.SIGN_IN):
                session.begin(request, user, at=now)
                kept = typed.waiting(user)
                theirs = resolve_url("desk:typed", kept.pk) if kept else onward
                inside = redirect(theirs if kept or not typed.is_kept(onward) else "desk:home")
                if not kept and onward == reverse("desk:home") and (first := dashboards.first_of(user)):
                    inside = redirect("desk:dashboard", first.pk)
                typed.remember(inside, user)
                return inside
            form.add_error(None, _("You may not use this yet. Ask whoever manages users to put you in a group."))
            status = 403
    page = {"form": form, "next": onward, "failed": bool(form.errors), "expired": "expired" in request.GET}
    response = TemplateResponse(request, "desk/sign_in.html", page, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and all it kept."""
    session.end(request, at=timezone.now())
    response = redirect("desk:sign_in")
    typed.forget_who(response)
    return response


@signed_in
@require_POST
def stay(_request: DeskRequest) -> HttpResponse:
    """Nothing but a use of the session, so that it does not end."""
    return HttpResponse(status=204)


@open_to_all
@require_safe
def brand_style(_request: HttpRequest, digest: str) -> HttpResponse:
    """The council's colour and font. Under the name of what is in it now, browsers keep it."""
    here = council.read(council.Council)
    response = HttpResponse(brand.style(here), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_EVER if digest == brand.digest(here) else "no-cache"
    return response


def _own_path(given: str | None) -> str:
    """Where to go after signing in: a path of ours, or the first page."""
    if given and given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None):
        return given
    return reverse("desk:home")


urlpatterns = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
    path("stay/", stay, name="stay"),
    path("brand-<slug:digest>.css", brand_style, name="brand"),
]
