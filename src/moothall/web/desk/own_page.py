"""A form on a page of its own: what it asks is done, and said where one goes on; or the page says what is wrong."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from moothall.domain.cases import refusals
from moothall.web.components.forms import Form
from moothall.web.desk import pressed
from moothall.web.desk.request import DeskRequest

Act = Callable[[dict[str, Any]], str]
"""Does what the form asks, and says in a sentence what it came to."""


def asked(
    request: DeskRequest,
    form: Form,
    act: Act,
    *,
    template: str,
    page: Mapping[str, object],
    onward: tuple[str, *tuple[object, ...]],
) -> HttpResponseBase:
    """Show `form` with what the page has beside it; sent and sound, act and go on to the address named `onward`.

    What the domain refuses, the page says. Sent twice it counts once, also where
    what it asked is no longer there to be asked.
    """
    if form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                done = act(form.cleaned_data) if pressed.first(request) else str(pressed.AGAIN)
        except refusals.every() as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, done)
            return redirect(*onward)
    elif form.is_bound and pressed.before(request):
        messages.success(request, str(pressed.AGAIN))
        return redirect(*onward)
    failed = bool(form.errors)
    shown = {**page, "form": form, "failed": failed, "key": pressed.key()}
    return TemplateResponse(request, template, shown, status=422 if failed else 200)
