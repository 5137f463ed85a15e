"""Systems told of changes of customers by a call to an address of theirs: added, tested, paused, gone on with (ACC-6)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.domain.people.golden import changes, following
from moothall.domain.people.models import Follower
from moothall.kit.invalid import Invalid
from moothall.web.common import connectors
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.components.forms import Form
from moothall.web.components.parts import Colour, Column, Row
from moothall.web.components.templatetags.components import moment
from moothall.web.desk.access import needs
from moothall.web.desk.request import DeskRequest

CALLS = 50
START = [
    ("now", gettext_lazy("What changes from now on")),
    ("kept", gettext_lazy("All changes that are still kept, of up to ninety days")),
]


class Add(Form):
    """Another system to tell."""

    name = forms.CharField(label=gettext_lazy("Name of the system"), max_length=100)
    address = forms.CharField(
        label=gettext_lazy("Web address to call"),
        help_text=gettext_lazy("It begins with https://"),
        max_length=500,
    )
    begin = forms.ChoiceField(
        label=gettext_lazy("What is it told?"), choices=START, widget=forms.RadioSelect, initial="now"
    )


@needs(Permission.MANAGE_CONNECTORS)
@READ_OR_SEND
def followers(request: DeskRequest) -> HttpResponse:
    """Every system that is told; another is added here, and its secret shown once."""
    form = Add(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made, secret = following.add(
                said["name"], said["address"], everything=said["begin"] == "kept", by=request.user, at=request.now
            )
        except Invalid as problem:
            form.add_error("address" if "address" in str(problem) else "name", str(problem))
        else:
            return _secret(request, made, secret)
    page = {
        "form": form,
        "followers": [(one, *_state(one)) for one in Follower.objects.order_by("name")[: following.MOST]],
        "columns": [Column(_("System")), Column(_("State"))],
    }
    return TemplateResponse(request, "desk/followers.html", page, status=422 if form.is_bound else 200)


@needs(Permission.MANAGE_CONNECTORS)
@require_safe
def follower(request: DeskRequest, follower_id: int) -> HttpResponse:
    """Where a system is, and the last calls to it."""
    one = get_object_or_404(Follower, pk=follower_id)
    state, colour = _state(one)
    page = {
        "follower": one,
        "state": state,
        "colour": colour,
        "paused": one.paused_at is not None,
        "rows": _facts(one),
        "calls": one.calls.order_by("-at", "-pk")[:CALLS],
        "columns": [Column(_("When")), Column(_("Changes")), Column(_("What it answered")), Column(_("Took"))],
    }
    return TemplateResponse(request, "desk/follower.html", page)


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def act(request: DeskRequest, follower_id: int, what: str) -> HttpResponse:
    """Test it, pause it, go on, or exchange its secret."""
    one = get_object_or_404(Follower, pk=follower_id)
    if what == "secret":
        return _secret(request, one, following.exchange(one, by=request.user, at=request.now))
    if what == "test":
        call = connectors.call_follower(one)
        if call.problem:
            messages.error(request, call.problem)
        else:
            messages.success(request, _("It answered %s.") % call.status)
    elif what == "pause":
        following.pause(one, by=request.user, at=request.now)
    else:
        following.go_on(one, from_now=what == "skip", by=request.user, at=request.now)
    return redirect("desk:follower", one.pk)


@needs(Permission.MANAGE_CONNECTORS)
@READ_OR_SEND
def remove(request: DeskRequest, follower_id: int) -> HttpResponse:
    """Ask first, then tell it nothing any more."""
    one = get_object_or_404(Follower, pk=follower_id)
    if request.method == "POST":
        following.remove(one, by=request.user, at=request.now)
        messages.success(request, _("%s is told nothing any more.") % one.name)
        return redirect("desk:followers")
    behind = max(0, changes.last() - one.position)
    return TemplateResponse(request, "desk/follower_remove.html", {"follower": one, "behind": behind})


def _secret(request: DeskRequest, one: Follower, secret: str) -> HttpResponse:
    """The secret, shown this once: it stands in no session and no message."""
    return TemplateResponse(request, "desk/follower_secret.html", {"follower": one, "secret": secret})


def _state(one: Follower) -> tuple[str, Colour]:
    if one.by_itself:
        return _("Paused after failing"), "red"
    if one.paused_at:
        return _("Paused"), "grey"
    return (_("Not answering"), "orange") if one.failures else (_("Told"), "green")


def _facts(one: Follower) -> list[Row]:
    behind = max(0, changes.last() - one.position)
    rows: list[tuple[str, Any]] = [
        (_("Address"), one.address),
        (_("Knows changes up to"), f"{one.position:,}"),
        (_("Changes it does not know"), f"{behind:,}"),
    ]
    if one.failures:
        rows += [(_("Calls that failed in a row"), one.failures)]
    if one.failures and not one.paused_at:
        rows += [(_("Called again"), moment(one.next_at))]
    if one.paused_why:
        rows += [(_("Why it is paused"), one.paused_why)]
    return [Row(key, value) for key, value in rows]


urlpatterns = [
    path("connectors/followers/", followers, name="followers"),
    path("connectors/followers/<int:follower_id>/", follower, name="follower"),
    path("connectors/followers/<int:follower_id>/test/", act, {"what": "test"}, name="follower_test"),
    path("connectors/followers/<int:follower_id>/pause/", act, {"what": "pause"}, name="follower_pause"),
    path("connectors/followers/<int:follower_id>/resume/", act, {"what": "resume"}, name="follower_resume"),
    path("connectors/followers/<int:follower_id>/skip/", act, {"what": "skip"}, name="follower_skip"),
    path("connectors/followers/<int:follower_id>/secret/", act, {"what": "secret"}, name="follower_secret"),
    path("connectors/followers/<int:follower_id>/remove/", remove, name="follower_remove"),
]
