"""A form about a customer on a page of its own: what it asks is done, and said on their record; or the page says what is wrong."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import numbers, refusals
from moothall.domain.people.models import Customer
from moothall.web.common import maps
from moothall.web.common.address_finder import Looking
from moothall.web.components.forms import Form
from moothall.web.desk import pressed
from moothall.web.desk.forms.customers import Address
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.earlier import OPENING

Act = Callable[[dict[str, Any]], Any]


def asked(
    request: DeskRequest,
    found: Customer,
    form: Form,
    act: Act,
    *,
    title: str,
    done: str,
    step: Looking | None = None,
) -> HttpResponse:
    """Show `form`; sent and sound, act, say what was `done` and go on to the customer, or to what comes next as a case is opened.

    `step`: an address may be looked for in it. What the domain refuses, the page says.
    """
    opening = OPENING in request.GET and request.user.may(Permission.OPEN_CASES)
    if step and step.asked and isinstance(form, Address):
        form.go_on()
    elif form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                fresh = pressed.first(request)
                if fresh:
                    act(dict(form.cleaned_data))
        except refusals.every() as refused:
            form.add_error(None, str(refused))
            numbers.note_refused(refused, at=request.now)
        else:
            messages.success(request, done if fresh else str(pressed.AGAIN))
            return redirect("desk:create_premises" if opening else "desk:customer", found.pk)
    return page(request, found, form, title=title, opening=opening, step=step)


def page(
    request: DeskRequest, found: Customer, form: Form, *, title: str, opening: bool = False, step: Looking | None = None
) -> HttpResponse:
    """The form as it is shown; that the record was read is recorded."""
    recording.read(found, by=request.user, at=request.now, via="desk customer.change")
    failed = bool(form.errors)
    context = {"customer": found, "form": form, "title": title, "opening": opening, "failed": failed}
    context["key"] = pressed.key()
    context["finder"] = step.finder if step else None
    answer = TemplateResponse(request, "desk/customer_form.html", context, status=422 if failed else 200)
    return maps.allow(answer) if step else answer
