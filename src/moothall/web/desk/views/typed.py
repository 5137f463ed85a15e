"""What somebody had typed when their session was over: shown to them, put back, or thrown away."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.web.components.parts import Row
from moothall.web.desk import session, submitted
from moothall.web.desk import typed as keeping
from moothall.web.desk.access import open_to_all, signed_in
from moothall.web.desk.models import Typed
from moothall.web.desk.request import DeskRequest

MOST_SHOWN = 60


@signed_in
@require_safe
def typed(request: DeskRequest, typed_id: int) -> HttpResponse:
    """What was typed, with the ways to go on."""
    found = _named(request, typed_id)
    others = [_rows(one) for one in keeping.with_it(found) if one != found]
    page = {"typed": found, "rows": _rows(found), "others": others, "again": keeping.SENT_AGAIN}
    return TemplateResponse(request, "desk/typed.html", page)


@signed_in
@require_safe
def fields(request: DeskRequest, typed_id: int) -> JsonResponse:
    """What was typed on the page, for the script that puts it back into its forms.

    Nothing is an answer too: a browser carries the end of the address on to the page that follows a form taken meanwhile.
    """
    found = _mine(request, typed_id)
    kept = keeping.with_it(found) if found else []
    return JsonResponse({"forms": [{"id": one.pk, "path": one.path, "fields": one.fields} for one in kept]})


@signed_in
@require_POST
def drop(request: DeskRequest, typed_id: int) -> HttpResponse:
    """Throw it away; again does nothing."""
    Typed.objects.filter(pk=typed_id, user=request.user).delete()
    messages.success(request, _("What you had typed is thrown away."))
    more = keeping.waiting(request.user)
    return redirect("desk:typed", more.pk) if more else redirect("desk:home")


@open_to_all
@require_POST
def keep(request: HttpRequest) -> JsonResponse:
    """Keep what is in a form that was not sent, as the session of its page ends. Tells where it is found again."""
    now = timezone.now()
    user = session.holder(request, at=now) or keeping.who(request)
    address, page = request.GET.get("path", ""), request.GET.get("page", "")
    given = [(name, value) for name, values in request.POST.lists() for value in values]
    kept = keeping.keep(user, path=address, page=page, given=given, pressed=False, at=now) if user else None
    return JsonResponse({"kept": reverse("desk:typed", args=[kept.pk]) if kept else ""})


def _named(request: DeskRequest, typed_id: int) -> Typed:
    found = _mine(request, typed_id)
    if found is None:
        raise Http404
    return found


def _mine(request: DeskRequest, typed_id: int) -> Typed | None:
    return Typed.objects.filter(pk=typed_id, user=request.user).first()


def _rows(found: Typed) -> list[Row]:
    """The answers a person gave, without what the form carried along."""
    said = [(name, strip_tags(value).strip()) for name, value in found.fields]
    carried = ("version", "key", "shown", "sure", "next", "back", "step", "before", "made")
    return [
        Row(submitted.words(name.removeprefix("answer_")), value)
        for name, value in said
        if value and name.rpartition("-")[2] not in carried
    ][:MOST_SHOWN]


urlpatterns: list[Any] = [
    path("typed/keep/", keep, name="typed_keep"),
    path("typed/<int:typed_id>/", typed, name="typed"),
    path("typed/<int:typed_id>/fields/", fields, name="typed_fields"),
    path("typed/<int:typed_id>/drop/", drop, name="typed_drop"),
]
