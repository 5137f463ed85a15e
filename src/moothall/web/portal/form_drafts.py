"""Forms as they are filled in: who fills one in, what is known of them, and the secret of a draft in its browser."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.forms import published
from moothall.domain.forms.actions import Citizen
from moothall.domain.forms.definition import Form
from moothall.domain.forms.models import Delivery, Draft, Submission
from moothall.domain.forms.models import Form as FormRow
from moothall.domain.people.models import Customer
from moothall.kit.calendars import LONDON
from moothall.web.desk import session as desk
from moothall.web.portal.access import CitizenRequest

MOST = 20
"""Drafts, and forms sent that are no cases, in somebody's list: the newest."""


def form_named(service: str, form: str) -> Form:
    """The form in force at an address. Raises Http404."""
    row = FormRow.objects.filter(key=f"{service}.{form}", current__isnull=False).first()
    if row is None or row.current_id is None:
        raise Http404
    return published.plan(row.current_id).form


def citizen(request: CitizenRequest) -> Citizen | None:
    """Who fills it in: somebody signed in, or nobody in particular."""
    if request.citizen_session is None:
        return None
    return Citizen(account=str(request.account.pk), customer_id=request.account.customer_id)


def officer(request: CitizenRequest, service: str) -> User | None:
    """The officer at this browser, who may open cases of the service."""
    user = desk.holder(request, at=request.now)
    return user if user and user.may(Permission.OPEN_CASES, service) else None


def token(request: CitizenRequest, draft: str, *, assisted: bool = False) -> str | None:
    """The secret of a draft that this browser has; `assisted`: which an officer began at it."""
    return request.COOKIES.get(_name(draft, assisted=assisted)) or None


def keep(response: HttpResponseBase, draft: str, secret: str | None, *, assisted: bool = False) -> None:
    """Let this browser open a draft, until it is closed."""
    if secret:
        name, safe = _name(draft, assisted=assisted), settings.SESSION_COOKIE_SECURE
        response.set_cookie(name, secret, path="/", secure=safe, httponly=True, samesite="Lax")


def forget(response: HttpResponseBase, draft: str) -> None:
    """Take the secret of a draft back."""
    for assisted in (False, True):
        response.delete_cookie(_name(draft, assisted=assisted), path="/", samesite="Lax")


@dataclass(frozen=True)
class Begun:
    """A form begun and not sent: its name, where it goes on or is thrown away, and how long it is kept."""

    name: str
    href: str
    discard: str
    until: datetime


@dataclass(frozen=True)
class Sent:
    """A form that was sent, and where the copy of its answers is; `waiting`: on a waiting list."""

    name: str
    reference: str
    at: datetime
    waiting: bool
    copy: str


def of_account(request: CitizenRequest, language: str) -> list[Begun]:
    """What somebody signed in has begun, the last first."""
    rows = Draft.objects.filter(account=str(request.account.pk), expires_at__gt=request.now)
    begun = []
    for draft in rows.select_related("version__form").defer("sealed").order_by("-saved_at")[:MOST]:
        service, _dot, form = draft.version.form.key.partition(".")
        at = [service, form, draft.key]
        name = published.plan(draft.version_id).form.name.of(language)
        go_on, discard = reverse("portal:form_carry_on", args=at), reverse("portal:form_discard", args=at)
        begun.append(Begun(name, go_on, discard, draft.expires_at))
    return begun


def sent_by(request: CitizenRequest, language: str) -> list[Sent]:
    """What somebody signed in has sent of which no case was made, the last first."""
    cases = Delivery.objects.filter(submission=OuterRef("pk"), kind="case", state=Delivery.State.DONE)
    rows = Submission.objects.filter(~Exists(cases), account=str(request.account.pk)).select_related("version__form")
    return [sent_form(one, language) for one in rows.defer("answers", "lookups").order_by("-submitted_at")[:MOST]]


def sent_form(sent: Submission, language: str) -> Sent:
    """A form that was sent, as its sender is told of it."""
    service, _dot, form = sent.version.form.key.partition(".")
    name, copy = published.plan(sent.version_id).form.name, reverse("portal:form_copy", args=[service, form, sent.key])
    return Sent(name.of(language), sent.reference, sent.submitted_at, sent.waiting, copy)


def facts(request: CitizenRequest) -> dict[str, Any]:
    """What the council knows of whoever is signed in, by the names forms ask by (FRM-5)."""
    if request.citizen_session is None:
        return {}
    customer, email = request.account.customer, request.account.email
    if customer is None:
        return {"contact.email": email} if email else {}
    return facts_of(customer, on=request.now.astimezone(LONDON).date(), email=email)


def facts_of(customer: Customer, *, on: date, email: str = "") -> dict[str, Any]:
    """What the council knows of a person; `email` where none is recorded."""
    if customer.kind != Customer.Kind.PERSON:
        return {}
    person = customer.person
    known: dict[str, Any] = {
        "person.title": person.title,
        "person.first_names": person.first_names,
        "person.last_name": person.last_name,
        "person.date_of_birth": person.date_of_birth.isoformat() if person.date_of_birth else "",
        "person.gender": person.gender,
        "person.name_at_birth": person.name_at_birth,
        **_reached(customer, email),
    }
    if home := customer.address_on(on):
        names = ("uprn", "line1", "line2", "town", "postcode")
        known["person.address"] = {name: getattr(home, name) or "" for name in names}
    return {name: value for name, value in known.items() if value}


def _reached(customer: Customer, email: str) -> dict[str, str]:
    ways = customer.contact_details.filter(to_date=None, holder="", type__in=["email", "phone"])
    found = {f"contact.{one.type}": one.normalised for one in ways.order_by("preferred", "pk")[:MOST]}
    return {"contact.email": email, **found}


def _name(draft: str, *, assisted: bool) -> str:
    start = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{start}{'desk-form' if assisted else 'form'}-{str(draft).replace('-', '')[:32]}"
