"""My details: as the council has them, and how they change."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.domain.citizens import details, keeping
from moothall.domain.people.models import Customer
from moothall.kit.calendars import LONDON
from moothall.web.api.request import network_address
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.portal.access import CitizenRequest, citizens
from moothall.web.portal.forms import Address, Language, Name, Phone
from moothall.web.portal.pages import asking, page
from moothall.web.portal.views.account import done


@citizens
@require_safe
def shown(request: CitizenRequest) -> HttpResponse:
    """What the council has of me, once the account is tied to my record."""
    customer = request.account.customer
    if customer is None or customer.kind != Customer.Kind.PERSON:
        return page(request, "details_none")
    residences = list(customer.residences_on(request.now.astimezone(LONDON).date())[:5])
    return page(
        request,
        "details",
        person=customer.person,
        contacts=details.contacts(customer),
        residences=residences,
        waiting=list(details.asked_for(customer)[:20]),
        refused=list(details.refused_of(request.account)[:3]),
    )


@citizens
@READ_OR_SEND
def phone(request: CitizenRequest) -> HttpResponse:
    """Another telephone number, at once."""
    _mine(request)

    def act(given: dict[str, Any]) -> HttpResponse:
        details.set_phone(request.account, number=given["number"], at=request.now)
        return done("portal:details", "phone")

    return asking(
        request, Phone(sent(request)), act, title=_("Your telephone number"), button=_("Save"), back="portal:details"
    )


@citizens
@READ_OR_SEND
def language(request: CitizenRequest) -> HttpResponse:
    """The language of letters, at once."""
    customer = _mine(request)

    def act(given: dict[str, Any]) -> HttpResponse:
        details.set_written_language(request.account, language=given["language"], at=request.now)
        keeping.set_language(request.account, language=given["language"])
        return done("portal:details", "language")

    form = Language(sent(request), initial={"language": customer.person.language})
    return asking(request, form, act, title=_("Language of letters"), button=_("Save"), back="portal:details")


@citizens
@READ_OR_SEND
def name(request: CitizenRequest) -> HttpResponse:
    """Another name, when an officer has confirmed it."""
    person = _mine(request).person
    now = {key: getattr(person, key) for key in details.NAMES}

    def act(given: dict[str, Any]) -> HttpResponse:
        facts = {key: given[key].strip() for key in details.NAMES if given[key].strip() != now[key]}
        return _ask(request, facts, given["words"])

    title = _("Change your name")
    return asking(
        request,
        Name(sent(request), initial=now),
        act,
        title=title,
        button=_("Ask for the change"),
        back="portal:details",
        lead=_("We go by your name, so an officer looks at the change before it is made."),
    )


@citizens
@READ_OR_SEND
def address(request: CitizenRequest) -> HttpResponse:
    """Another address, when an officer has confirmed it."""
    _mine(request)

    def act(given: dict[str, Any]) -> HttpResponse:
        return _ask(request, {"address": {key: given[key].strip() for key in details.ADDRESS}}, given["words"])

    return asking(
        request,
        Address(sent(request)),
        act,
        title=_("Change your address"),
        button=_("Ask for the change"),
        back="portal:details",
        lead=_("We go by your address, so an officer looks at the change before it is made."),
    )


def _ask(request: CitizenRequest, facts: dict[str, Any], words: str) -> HttpResponse:
    details.ask(request.account, facts=facts, words=words, source=network_address(request), at=request.now)
    return done("portal:details", "asked")


def _mine(request: CitizenRequest) -> Customer:
    customer = request.account.customer
    if customer is None or customer.kind != Customer.Kind.PERSON:
        raise Http404
    return customer


urlpatterns = [
    path("details/", shown, name="details"),
    path("details/phone/", phone, name="details_phone"),
    path("details/language/", language, name="details_language"),
    path("details/name/", name, name="details_name"),
    path("details/address/", address, name="details_address"),
]
