"""What is to be heeded of a customer: flags, communication needs, what they agreed to, and that they died (PPP-10)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.domain.cases import died, flagging, sight
from moothall.domain.cases.models import Case
from moothall.domain.people import flags, needs, reaching
from moothall.domain.people.lists import CHANNELS, FLAG_TYPES, NEEDS, PURPOSES
from moothall.domain.people.models import Customer, Flag
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column
from moothall.web.desk import customer_form, customers
from moothall.web.desk.access import needs as needing
from moothall.web.desk.forms import heeded as forms
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.search import case_columns

REFUSALS = (Invalid, flags.Ended)


@needing(Permission.VIEW_PEOPLE)
@require_safe
def every(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Flags, needs and what somebody agreed to, with what held before."""
    found = customers.named(request, customer_id)
    recording.read(found, by=request.user, at=request.now, via="desk customer.heed")
    kinds, channels, purposes, types = (lists.labels(one.key) for one in (NEEDS, CHANNELS, PURPOSES, FLAG_TYPES))
    flagged = Flag.objects.filter(sight.flags_seen(request.user), customer=found).select_related("set_by", "ended_by")
    needed = found.needs.select_related("set_by").order_by("-set_at", "-pk")[: customers.MOST]
    preferred = found.preferences.select_related("set_by", "withdrawn_by").order_by("-set_at", "-pk")
    page = {
        "customer": found,
        "flags": [(types.get(one.type, one.type), one) for one in flagged.order_by("-set_at", "-pk")[: customers.MOST]],
        "needs": [(kinds.get(one.kind, one.kind), one) for one in needed],
        "preferences": [
            (channels.get(one.channel, one.channel), purposes.get(one.purpose, one.purpose), one)
            for one in preferred[: customers.MOST]
        ],
        "flag_columns": [
            Column(_("What it is")),
            Column(_("What there is to know")),
            Column(_("From")),
            Column(_("Until")),
        ],
        "need_columns": [Column(_("What they need")), Column(_("From")), Column(_("Until")), Column(_("Recorded by"))],
        "preference_columns": [
            Column(_("To be reached by")),
            Column(_("For what")),
            Column(_("What they said")),
            Column(_("From")),
            Column(_("Until")),
        ],
    }
    return TemplateResponse(request, "desk/customer_heed.html", page)


@needing(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def flag(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Set a flag."""
    found = customers.editable(request, customer_id)
    form = forms.NewFlag(sent(request), types=flagging.types(found, user=request.user))

    def act(given: dict[str, Any]) -> None:
        flagging.set_flag(found, **given, by=request.user, at=request.now)

    return customer_form.asked(request, found, form, act, title=_("New flag"), done=_("The flag is set."))


@needing(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def review(request: DeskRequest, customer_id: int, flag_id: int) -> HttpResponse:
    """Say that a flag holds still, and when it is looked at again."""
    found, one = _flag(request, customer_id, flag_id)
    again = flags.review_day(one.type, since=timezone.localdate(request.now))
    form = forms.ReviewFlag(sent(request), initial={"said": one.text, "review_on": again})

    def act(given: dict[str, Any]) -> None:
        flags.review(one, **given, by=request.user, at=request.now)

    title = _("Does it hold still? %s") % lists.labels(FLAG_TYPES.key).get(one.type, one.type)
    return customer_form.asked(request, found, form, act, title=title, done=_("It holds still."))


@needing(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def end_flag(request: DeskRequest, customer_id: int, flag_id: int) -> HttpResponse:
    """End a flag, with a reason."""
    found, one = _flag(request, customer_id, flag_id)
    form = forms.EndFlag(sent(request))

    def act(given: dict[str, Any]) -> None:
        flags.end(one, **given, by=request.user, at=request.now)

    title = _("End this flag: %s") % lists.labels(FLAG_TYPES.key).get(one.type, one.type)
    return customer_form.asked(request, found, form, act, title=title, done=_("The flag is ended."))


@needing(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def need(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Record a communication need."""
    found = customers.editable(request, customer_id)

    def act(given: dict[str, Any]) -> None:
        needs.set_need(found, **given, by=request.user, at=request.now)

    form = forms.NewNeed(sent(request))
    return customer_form.asked(
        request,
        found,
        form,
        act,
        title=_("New communication need"),
        done=_("The need is recorded."),
    )


@needing(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def preference(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Record what somebody agreed to or refused."""
    found = customers.editable(request, customer_id)

    def act(given: dict[str, Any]) -> None:
        needs.set_preference(found, **given, by=request.user, at=request.now)

    form = forms.NewPreference(sent(request))
    return customer_form.asked(request, found, form, act, title=_("What they agree to"), done=_("It is recorded."))


@needing(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def withdraw(request: DeskRequest, customer_id: int, row_id: int) -> HttpResponse:
    """Somebody takes back what they agreed to or refused."""
    found = customers.editable(request, customer_id)
    row = found.preferences.filter(pk=row_id, withdrawn_at=None).first()
    if row is None:
        raise Http404

    def act(given: dict[str, Any]) -> None:
        needs.withdraw(row, **given, by=request.user, at=request.now)

    form = forms.Withdrawn(sent(request))
    return customer_form.asked(request, found, form, act, title=_("They take it back"), done=_("It is taken back."))


@needing(Permission.RECORD_DEATHS, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def death(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Record that somebody died, or take it back; their open cases are listed."""
    found = customers.named(request, customer_id)
    if found.kind != Customer.Kind.PERSON:
        raise Http404
    if not sight.people_within(request.user, Permission.RECORD_DEATHS).filter(pk=found.pk).exists():
        raise PermissionDenied(_("This needs the permission %s for this customer.") % Permission.RECORD_DEATHS)
    form = forms.Died(sent(request), initial={"died_on": found.person.date_of_death})
    if form.is_valid():
        try:
            died.record(found, **form.cleaned_data, by=request.user, at=request.now)
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It is recorded, and the officers of the open cases are told."))
            return redirect("desk:customer", found.pk)
    recording.read(found, by=request.user, at=request.now, via="desk customer.change")
    cases = Case.objects.visible_to(request.user).open().filter(customer=found)
    page = {
        "customer": found,
        "form": form,
        "failed": bool(form.errors),
        "cases": list(
            cases.select_related("service", "customer__person")
            .defer("submitted")
            .order_by("-opened_at")[: customers.MOST]
        ),
        "case_columns": case_columns(),
    }
    return TemplateResponse(request, "desk/customer_death.html", page, status=422 if form.errors else 200)


@needing(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def correct_contact(request: DeskRequest, customer_id: int, row_id: int) -> HttpResponse:
    """Put a slip of the pen in a contact detail right, in place."""
    found = customers.editable(request, customer_id)
    way = found.contact_details.filter(pk=row_id, to_date=None).first()
    if way is None:
        raise Http404
    form = forms.Corrected(sent(request), initial={"value": way.value, "holder": way.holder})

    def act(given: dict[str, Any]) -> None:
        reaching.correct_contact(way, **given, by=request.user, at=request.now)

    title, done = _("Correct %s") % way.value, _("It is put right. What stood there is kept.")
    return customer_form.asked(request, found, form, act, title=title, done=done)


def _flag(request: DeskRequest, customer_id: int, flag_id: int) -> tuple[Customer, Flag]:
    found = customers.editable(request, customer_id)
    one = flagging.named(found, flag_id, user=request.user)
    if one is None:
        raise Http404
    return found, one


urlpatterns = [
    path("customers/<int:customer_id>/heed/", every, name="customer_heed"),
    path("customers/<int:customer_id>/flags/", flag, name="customer_flag"),
    path("customers/<int:customer_id>/flags/<int:flag_id>/review/", review, name="customer_flag_review"),
    path("customers/<int:customer_id>/flags/<int:flag_id>/end/", end_flag, name="customer_flag_end"),
    path("customers/<int:customer_id>/needs/", need, name="customer_need"),
    path("customers/<int:customer_id>/preferences/", preference, name="customer_preference"),
    path("customers/<int:customer_id>/preferences/<int:row_id>/withdraw/", withdraw, name="customer_withdraw"),
    path("customers/<int:customer_id>/death/", death, name="customer_death"),
    path("customers/<int:customer_id>/contacts/<int:row_id>/correct/", correct_contact, name="customer_correct"),
]
