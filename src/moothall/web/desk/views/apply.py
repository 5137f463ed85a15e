"""A form filled in by an officer with a customer, on the telephone or at the counter: “apply for this customer” (FRM-4)."""

from django import forms as django_forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy

from moothall.core.accounts.permissions import Permission
from moothall.domain.forms import actions, published
from moothall.domain.forms.actions import NotOpen
from moothall.domain.forms.models import Form as FormRow
from moothall.kit.calendars import LONDON
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.forms import Form
from moothall.web.desk import customers
from moothall.web.desk.access import needs
from moothall.web.desk.request import DeskRequest
from moothall.web.portal import form_drafts

MOST = 500


class Which(Form):
    """Which form."""

    form = django_forms.ChoiceField(
        label=gettext_lazy("Which form do you fill in with them?"),
        widget=django_forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a form.")},
    )


@needs(Permission.OPEN_CASES, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def apply(request: DeskRequest, customer_id: int) -> HttpResponseBase:
    """Choose a form of a service one may open cases of; what is known of the customer is filled in."""
    customer = customers.named(request, customer_id)
    form = Which(sent(request))
    offered = _offered(request)
    form.fields["form"].choices = offered  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        key, known = form.cleaned_data["form"], form_drafts.facts_of(customer, on=request.now.astimezone(LONDON).date())
        try:
            held = actions.start(key, by=request.user, at=request.now, facts=known, customer_id=customer.pk)
        except NotOpen as closed:
            form.add_error("form", str(closed))
        else:
            service, _dot, name = key.partition(".")
            response: HttpResponse = redirect(reverse("portal:form_carry_on", args=[service, name, held.draft.key]))
            form_drafts.keep(response, str(held.draft.key), held.token, assisted=True)
            return response
    given = {"customer": customer, "form": form, "offered": offered, "failed": form.is_bound}
    return TemplateResponse(request, "desk/apply.html", given, status=422 if form.is_bound else 200)


def _offered(request: DeskRequest) -> list[tuple[str, str]]:
    """The forms in force of the services whose cases the user may open."""
    rows = FormRow.objects.filter(current__isnull=False).order_by("key").values_list("key", "current")[:MOST]
    return [
        (key, published.plan(version).form.name.of("en"))
        for key, version in rows
        if request.user.may(Permission.OPEN_CASES, key.partition(".")[0])
    ]


urlpatterns = [path("customers/<int:customer_id>/apply/", apply, name="customer_apply")]
