"""A form left and taken up again: by a link in an e-mail, or in one's account (FRM-4); or thrown away."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from moothall.domain.citizens import returning
from moothall.domain.forms import actions
from moothall.domain.forms.actions import NoDraft
from moothall.web.api.request import network_address
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.forms import Form
from moothall.web.portal import form_drafts
from moothall.web.portal.filling import Filling, Visit, filling, visiting
from moothall.web.portal.pages import asking, page


class Where(Form):
    """The address the link goes to."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Enter your e-mail address."),
            "invalid": gettext_lazy("Enter an e-mail address, like name@example.com."),
        },
    )


@READ_OR_SEND
@filling
def save(at: Filling) -> HttpResponseBase:
    """Have a link sent with which one can go on in any browser; or keep what was begun in one's account."""
    request, secret, form = at.visit.request, at.visit.token, at.definition
    back, unfinished = reverse("portal:form_carry_on", args=at.names), bool(request.GET.get("unfinished"))
    if at.held.draft.account or secret is None:
        return page(request, "form_saved", back=back, days=form.keep_days, by_link=False, unfinished=unfinished)

    def act(given: dict[str, Any]) -> HttpResponse:
        returning.send(
            email=given["email"],
            path=reverse("portal:form_return", args=[*at.names, secret]),
            form=form.name.of(at.language),
            days=form.keep_days,
            language=at.language,
            source=network_address(request),
            at=request.now,
        )
        return page(request, "form_saved", back=back, days=form.keep_days, by_link=True, unfinished=False)

    return asking(
        request,
        Where(sent(request)),
        act,
        title=_("Save and come back later"),
        button=_("Send me the link"),
        template="form_save",
        back=back,
        here=request.path,
        unfinished=unfinished,
        takes_account=form.sign_in != "none" and not at.visit.assisted,
        **at.around(),
    )


@require_POST
@visiting
def keep(visit: Visit) -> HttpResponseBase:
    """Make what was begun without an account that of the account one is signed in to."""
    if visit.token is None or visit.request.citizen_session is None or visit.assisted:
        return visit.gone()
    known = form_drafts.facts(visit.request)
    try:
        actions.hand_over(visit.draft, token=visit.token, by=visit.by, at=visit.request.now, facts=known)
    except NoDraft:
        return visit.gone()
    response = redirect("portal:form_save", visit.service, visit.form, visit.draft)
    form_drafts.forget(response, visit.draft)
    return response


@READ_OR_SEND
@filling
def discard(at: Filling) -> HttpResponseBase:
    """Throw away what was begun."""
    request, visit = at.visit.request, at.visit
    if request.method != "POST":
        return page(request, "form_discard", back=reverse("portal:form_carry_on", args=at.names), **at.around())
    actions.discard(visit.draft, token=visit.token, by=visit.by, at=request.now)
    response = redirect("portal:cases" if request.citizen_session else "portal:home")
    form_drafts.forget(response, visit.draft)
    return response


@require_safe
@visiting
def come_back(visit: Visit, secret: str) -> HttpResponseBase:
    """The link: this browser may open the draft from now on, and the secret leaves the address."""
    try:
        actions.resume(visit.draft, token=secret, by=None, at=visit.request.now)
    except NoDraft:
        there = actions.submission_of(visit.draft, token=secret, by=None) is not None  # it was sent meanwhile
    else:
        there = True
    if there:
        response: HttpResponseBase = redirect("portal:form_carry_on", visit.service, visit.form, visit.draft)
        form_drafts.keep(response, visit.draft, secret)
    else:
        response = page(visit.request, "form_gone", status=404)
    response["Referrer-Policy"] = "no-referrer"
    return response


_DRAFT = "services/<slug:service>/<slug:form>/<uuid:draft>/"
urlpatterns = [
    path(f"{_DRAFT}save/", save, name="form_save"),
    path(f"{_DRAFT}keep/", keep, name="form_keep"),
    path(f"{_DRAFT}discard/", discard, name="form_discard"),
    path(f"{_DRAFT}return/<str:secret>/", come_back, name="form_return"),
]
