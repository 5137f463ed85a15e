"""A customer's record as its page shows it (CT-2)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, CharField, DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.lists import actions as lists
from moothall.core.lists.models import Tag
from moothall.domain.cases import effects, sight
from moothall.domain.cases.heed import Heed
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.exchange import registers
from moothall.domain.people import corrections, organisations, relationships
from moothall.domain.people.models import Customer, EarlierDealing, ExternalReference, Person, Residence
from moothall.domain.workflow.definition import Outcome
from moothall.web.components.parts import Colour, Link, Moment, Row
from moothall.web.components.templatetags.components import day
from moothall.web.desk.case_timeline import KINDS
from moothall.web.desk.forms.customers import LANGUAGES, PURPOSES
from moothall.web.desk.request import DeskRequest

MOST, WHOLE = 100, 5_000
"""Rows of each kind that are shown, and where the whole record is asked for."""

_ENDED = ExpressionWrapper(Q(to_date__isnull=False), BooleanField())
"""What holds now is read first: of many rows, those are shown."""

LATEST = 10
EARLIER = "earlier"
"""The kind of what was carried over, beside those of the timeline."""

_STATUSES: dict[str, Colour] = {
    "issued": "green",
    "ordered": "blue",
    "being printed": "blue",
    "cancelled": "red",
    "rejected": "red",
}


@dataclass(frozen=True)
class Reference:
    """A badge or another number, with the word and colour of its status."""

    row: ExternalReference
    type: str
    status: str
    colour: Colour
    in_register: bool


@dataclass(frozen=True)
class Tie:
    """A relationship: the words, and the other, where the user may see them."""

    id: int
    text: str
    name: str
    other: int | None
    from_date: date
    to_date: date | None


@dataclass(frozen=True)
class Earlier:
    """Somebody's name until it was changed."""

    name: str
    until: datetime
    by: str
    reason: str


class LeadsOn(Exception):
    """The customer was merged: their page is that of the golden record, `customer`."""

    def __init__(self, customer: int) -> None:
        self.customer = customer
        super().__init__("The customer was merged into another record.")


def named(request: DeskRequest, customer_id: int) -> Customer:
    """The customer with this id, of those the user may see."""
    people = sight.visible_people(request.user).select_related("person", "organisation")
    customer = people.filter(pk=customer_id).first()
    if customer is None:
        golden = people.filter(absorbed=customer_id).values_list("pk", flat=True).first()
        if golden is not None:
            raise LeadsOn(golden)
        raise Http404
    return customer


def editable(request: DeskRequest, customer_id: int) -> Customer:
    """The customer with this id, whom the user may change."""
    found = named(request, customer_id)
    if not sight.people_within(request.user, Permission.EDIT_PEOPLE).filter(pk=found.pk).exists():
        raise PermissionDenied(_("This needs the permission %s for this customer.") % Permission.EDIT_PEOPLE)
    return found


def person_rows(person: Person, held: Heed, *, change: str) -> list[Row]:
    """Who a person is; each line with the way to change it, where `change` is an address."""
    actions = [Link(_("Change"), change)] if change else []
    facts = [
        (_("Title"), person.title),
        (_("First names"), person.first_names),
        (_("Last name"), person.last_name),
        (_("Known as"), person.known_as),
        (_("Name at birth"), person.name_at_birth),
        (_("Date of birth"), day(person.date_of_birth)),
        (_("Died"), day(person.date_of_death)),
        (_("Gender"), held.gender),
        (_("National Insurance number"), person.nino or ""),
        (_("Number claimed, recorded for somebody else"), person.nino_claimed),
        (_("Preferred language"), held.speaks),
        (_("Language of letters"), str(dict(LANGUAGES).get(person.language, person.language))),
    ]
    return [Row(key, value, actions if key == _("Last name") else ()) for key, value in facts if value]


def as_recorded(case: Case, outcome: Outcome, user: User) -> list[Row]:
    """What an outcome that changes who somebody is can change, as it is recorded now, for who may see people."""
    if not effects.changes_customer(outcome) or not user.may(Permission.VIEW_PEOPLE, case.service.key):
        return []
    person = Person.objects.filter(pk=case.customer_id).first()
    if person is None:
        return []
    nothing = _("Not recorded")
    return [
        Row(_("Title"), person.title or nothing),
        Row(_("First names"), person.first_names or nothing),
        Row(_("Last name"), person.last_name),
        Row(_("Date of birth"), day(person.date_of_birth) or nothing),
        Row(_("National Insurance number"), person.nino or nothing),
    ]


def organisation_rows(customer: Customer, *, change: str) -> list[Row]:
    """What an organisation is, with the way to change it, where `change` is an address."""
    about = customer.organisation
    facts = [
        (_("Name"), customer.name),
        (_("Charity number"), about.charity_number),
        (_("Speak to"), about.contact_name),
    ]
    actions = [Link(_("Change"), change)] if change else []
    return [Row(key, value, actions if key == _("Name") else ()) for key, value in facts if value]


def references(customer: Customer, *, most: int = MOST) -> list[Reference]:
    """Their badges and other numbers, the last recorded first."""
    labels = lists.labels("reference_types")
    rows = customer.references.select_related("replaces").order_by("-id")[:most]
    return [
        Reference(
            row=row,
            type=labels.get(row.type, row.type.replace("_", " ").capitalize()),
            status=row.status.replace("_", " ").capitalize(),
            colour=_STATUSES.get(row.status, "grey"),
            in_register=registers.of_numbers(row.type) is not None,
        )
        for row in rows
    ]


def hidden() -> str:
    """What stands for a customer one may not see."""
    return _("somebody you may not see")


def ties(customer: Customer, user: User, *, most: int = MOST) -> list[Tie]:
    """Who they have to do with, and had: what holds now first."""
    rows = relationships.of(customer, most=most)
    seen = set(
        sight.visible_people(user).filter(pk__in={one.other.pk for one in rows}).values_list("pk", flat=True)
        if rows
        else ()
    )
    return [
        Tie(
            id=one.row.pk,
            text=f"{one.text} ({one.row.role})" if one.row.role else one.text,
            name=one.other.name if one.other.pk in seen else hidden(),
            other=one.other.pk if one.other.pk in seen else None,
            from_date=one.row.from_date,
            to_date=one.row.to_date,
        )
        for one in rows
    ]


def tags(customer: Customer) -> list[tuple[str, bool]]:
    """Their tags in words, and whether each is set by workflows alone."""
    known = {tag.key: tag for tag in Tag.objects.filter(applies_to=Tag.Applies.CUSTOMER, key__in=customer.tags)}
    return [
        (known[key].label, known[key].system) if key in known else (key.replace("_", " ").capitalize(), True)
        for key in customer.tags
    ]


def fleet(customer: Customer, *, most: int = MOST) -> list[Any]:
    """An organisation's vehicles, now and before: those it has first."""
    return list(customer.vehicles.order_by(_ENDED, "registration", "-id")[:most])


def ways(customer: Customer, *, most: int = MOST) -> list[dict[str, Any]]:
    """How they are reached, and were: what holds now first."""
    labels = lists.labels("contact_types")
    rows = customer.contact_details.select_related("verified_by").order_by(_ENDED, "-from_date", "-id")[:most]
    return [{"row": row, "type": labels.get(row.type, row.type.replace("_", " ").capitalize())} for row in rows]


def homes(customer: Customer, *, most: int = MOST) -> list[dict[str, Any]]:
    """Their addresses, now and before: what holds now first."""
    rows = customer.residences.select_related("address").order_by(_ENDED, "-from_date", "-id")[:most]
    return [{"row": row, "purpose": purpose(row.purpose)} for row in rows]


def purpose(key: str) -> str:
    """What an address is for, in words."""
    labels = {str(one): str(text) for one, text in PURPOSES} | {str(Residence.Purpose.SITE): _("Site")}
    return labels.get(key, key)


def cases(customer: Customer, user: User) -> QuerySet[Case]:
    """Their cases that the user may see, newest first."""
    rows = Case.objects.visible_to(user).filter(customer=customer).select_related("service", "customer__person")
    return rows.defer("submitted").order_by("-opened_at", "-id")


class Happened:
    """What happened on all their cases, of what the user may see, and in systems before this one; the last first.

    `kind` is one of the timeline's, or `EARLIER` for what was carried over, or empty for everything.
    """

    def __init__(self, customer: Customer, user: User, *, kind: str = "") -> None:
        lines = sight.visible_timeline(user).filter(case__customer=customer)
        lines = lines.none() if kind == EARLIER else lines.filter(kind=kind) if kind else lines
        dealings = sight.visible_dealings(user).filter(customer=customer)
        self._lines, self._dealings = lines, dealings if kind in {"", EARLIER} else dealings.none()

    def count(self) -> int:
        """How many there are."""
        return self._lines.count() + self._dealings.count()

    def moments(self, first: int, end: int) -> list[Moment]:
        """Those of some places, each with its case."""
        lines = self._lines.order_by().annotate(when=F("at"), of=Value("line")).values_list("when", "id", "of")
        dealings = self._dealings.order_by().annotate(
            when=Cast("on", DateTimeField()), of=Value(EARLIER, output_field=CharField())
        )
        both = lines.union(dealings.values_list("when", "id", "of"), all=True).order_by("-when", "of", "-id")[first:end]
        keys = [(of, key) for _when, key, of in both]
        told = TimelineEntry.objects.select_related("case", "by").defer("case__submitted")
        found = {
            ("line", one.pk): _moment(one) for one in told.filter(pk__in=[key for of, key in keys if of == "line"])
        }
        earlier = [key for of, key in keys if of == EARLIER]
        for one in EarlierDealing.objects.filter(pk__in=earlier) if earlier else ():
            found[EARLIER, one.pk] = _earlier_moment(one)
        return _linked_once([found[key] for key in keys])


def _linked_once(moments: list[Moment]) -> list[Moment]:
    """The same, where only the first of several of one case in a row leads to it."""
    shown = moments[:1]
    for before, one in pairwise(moments):
        shown.append(replace(one, links=()) if one.links == before.links else one)
    return shown


def earlier_dealings(customer: Customer, user: User) -> list[EarlierDealing]:
    """The last contacts and cases of systems before this one, of those the user may see."""
    return list(sight.visible_dealings(user).filter(customer=customer).order_by("-on", "-id")[:LATEST])


def accounts(customer: Customer) -> list[Row]:
    """What they sign in with on the website."""
    return [
        Row(_("Signs in with"), one.email if one.confirmed_at else _("%s, not confirmed yet") % one.email)
        for one in customer.web_accounts.order_by("email")[:LATEST]
    ]


def earlier(person: Person) -> list[Earlier]:
    """The names somebody had before, the last first."""
    rows = list(corrections.earlier(person.customer)[:MOST])
    names = User.objects.in_bulk({int((row.pgh_context or {}).get("by") or 0) for row in rows} - {0})
    whys = corrections.reasons(person.customer) if rows else {}
    found = []
    for row in rows:
        context = row.pgh_context or {}
        by = names.get(int(context.get("by") or 0))
        name = " ".join(part for part in (row.title, row.first_names, row.last_name) if part)
        reason = str(context.get("reason", "")) or whys.get(str(context.get("at", "")), "")
        found.append(Earlier(name, row.pgh_created_at, by.full_name if by else "", reason))
    return found


def was(customer: Customer) -> list[dict[str, Any]]:
    """What an organisation was called before, and whom one spoke to, the last changed first."""
    rows = organisations.earlier(customer, most=MOST)
    names = User.objects.in_bulk({one.by for one in rows} - {0})
    facts = {"name": _("Name"), "charity_number": _("Charity number"), "contact_name": _("Speak to")}
    return [
        {"row": one, "fact": facts[one.fact], "by": names[one.by].full_name if one.by in names else ""} for one in rows
    ]


def _earlier_moment(row: EarlierDealing) -> Moment:
    """What was carried over, of which the day alone is known."""
    until = _("until %s") % day(row.ended_on) if row.ended_on else ""
    facts = [f"{row.source} {row.number}", until, row.stood, row.way]
    said = "\n".join(filter(None, (", ".join(filter(None, facts)), row.text)))
    tag = _("Earlier case") if row.kind == EarlierDealing.Kind.CASE else _("Earlier contact")
    return Moment(title=row.subject, at=row.on, text=said, tag=tag)


def _moment(row: TimelineEntry) -> Moment:
    link = Link(row.case.reference, reverse("desk:case", args=[row.case.reference]))
    return Moment(title=row.text, at=row.at, by=row.by.full_name, tag=str(KINDS[row.kind]), links=[link])
