"""What views of the portal share: a page with a form, where one goes after signing in, and what was just done."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from moothall.domain.citizens.limits import TooManyTries
from moothall.domain.citizens.rules import CitizenRefused
from moothall.web.components.forms import Form
from moothall.web.portal.access import CitizenRequest


def page(request: CitizenRequest, template: str, *, status: int = 200, **values: Any) -> HttpResponse:
    """A page of the portal, for whoever is signed in, if anybody is."""
    given = {"session": request.citizen_session, "failed": False, "assisted": False, **values}
    return TemplateResponse(request, f"portal/{template}.html", given, status=status)


def asking(
    request: CitizenRequest,
    form: Form,
    act: Callable[[dict[str, Any]], HttpResponse],
    *,
    title: str | Promise,
    button: str | Promise,
    template: str = "form",
    **values: Any,
) -> HttpResponse:
    """A page with a form: what is sent is acted upon, and what is refused is said beside what it is about."""
    status, wait = 200, 0
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                return act(form.cleaned_data)
            except CitizenRefused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            except TooManyTries as stopped:
                form.add_error(None, _("There were too many tries. Wait a quarter of an hour before you try again."))
                status, wait = 429, stopped.seconds
    answer = page(
        request, template, status=status, form=form, title=title, button=button, failed=form.is_bound, **values
    )
    if wait:
        answer["Retry-After"] = str(wait)
    return answer


def onward(request: CitizenRequest) -> str:
    """Where to go after signing in: a page of the portal, or one's own requests."""
    given = request.POST.get("next") or request.GET.get("next") or ""
    if (
        given.startswith("/")
        and not given.startswith(("/desk", "/api"))
        and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    ):
        return given
    return reverse("portal:cases")
