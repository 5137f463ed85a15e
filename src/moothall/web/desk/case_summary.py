"""What the summary of a case tells (CT-4): the customer, what they hold nationally, other cases, tags, who looked at it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.core.compiled import compiled
from moothall.core.lists import actions as lists
from moothall.core.lists.models import Tag
from moothall.domain.cases import actions, duplicates, linking
from moothall.domain.cases.models import Case
from moothall.domain.exchange import registers
from moothall.domain.exchange.models import Lookup
from moothall.domain.exchange.registers import Entry, Register
from moothall.domain.people.lists import CONTACTS
from moothall.domain.people.models import ContactDetail, Customer, Residence
from moothall.domain.places.models import Address
from moothall.domain.workflow import published
from moothall.kit.calendars import LONDON
from moothall.web.components.parts import Row
from moothall.web.components.templatetags.components import day, moment
from moothall.web.desk import accessed
from moothall.web.desk.case_page import Waiting, source_label, type_label
from moothall.web.desk.request import DeskRequest

MOST_SIMILAR = 20
MOST_ACCESSES = 20
MOST_PLACES = 50
MOST_CONTACTS = 20


@dataclass(frozen=True)
class National:
    """What a national register last said of what the customer holds, which is a `thing`. `lookup` is None when it was not asked."""

    thing: str
    lookup: Lookup | None
    held: list[Entry]


@dataclass(frozen=True)
class Tags:
    """The tags of a case: those it has, as (label, set by rules alone), and those one may set by hand."""

    has: list[tuple[str, bool]]
    offered: list[tuple[str, str]]
    chosen: list[str]


def summary(request: DeskRequest, case: Case) -> dict[str, Any]:
    """Everything below the tabs, of what the user may see."""
    user, service = request.user, case.service.key
    seen = user.may(Permission.VIEW_PEOPLE, service)
    places = _places(customer=case.customer_id, day=request.now.astimezone(LONDON).date())
    home = next((one.address for one in places if one.purpose == "home"), None)
    looked = accesses(case) if user.may(Permission.VIEW_ACCESSES, service) else None
    register = registers.of_service(service) if user.may(Permission.SEARCH_NATIONALLY, service) else None
    return {
        "case_rows": case_rows(case),
        "customer_rows": customer_rows(case.customer, home, places) if seen else [],
        "customer_address": reverse("desk:customer", args=[case.customer_id]) if seen else "",
        "place": reverse("desk:place", args=[home.uprn]) if seen and home and home.uprn else "",
        "national": national(case, register, home, request.now) if register else None,
        **similar(case, user),
        "linked": linking.linked(case, user=user),
        "duplicates": duplicates.of_case(case, user=user, postcode=home.postcode if home else ""),
        "tags": tags(case),
        "accesses": looked[:MOST_ACCESSES] if looked is not None else None,
        "more_accesses": bool(looked) and len(looked or ()) > MOST_ACCESSES,
        "may_edit": user.may(Permission.EDIT_CASES, service),
    }


def similar(case: Case, user: User) -> dict[str, Any]:
    """Cases that may be about the same person; those of the same last name and no more apart, with how many they are."""
    found = actions.similar_cases(case, user=user, most=MOST_SIMILAR)
    namesakes = [one for one in found if one.by_name_alone]
    if len(found) < MOST_SIMILAR:
        said = ngettext("%s case shares only the last name", "%s cases share only the last name", len(namesakes))
    else:
        said = ngettext(
            "One of the cases that share only the last name",
            "%s of the cases that share only the last name",
            len(namesakes),
        )
    return {
        "similar": [one for one in found if not one.by_name_alone],
        "namesakes": namesakes,
        "namesakes_said": said.replace("%s", str(len(namesakes))),
    }


def case_rows(case: Case) -> list[Row]:
    """What the case is."""
    facts = [
        (_("Type"), type_label(case)),
        (_("Came in"), source_label(case)),
        (_("Opened"), _("%(moment)s by %(name)s") % {"moment": moment(case.opened_at), "name": case.opened_by}),
        (_("Closed"), moment(case.closed_at)),
        (_("Belongs to"), ", ".join(str(who) for who in (case.owner, case.team) if who)),
    ]
    return [Row(key, value) for key, value in facts if value]


def told(waiting: list[Waiting]) -> list[Row]:
    """What the applicant is told now, in the words of the stages the user sees."""
    stages = (published.workflow(one.item.stage.version_id).stage(one.item.stage.key) for one in waiting)
    texts = dict.fromkeys(stage.public.status for stage in stages if stage.public)
    return [Row(_("The applicant is told"), text) for text in texts]


def customer_rows(customer: Customer, home: Address | None, places: list[Residence]) -> list[Row]:
    """Who it is for and how they are reached now; of all their places those where post came back from."""
    facts = [(_("Name"), customer.name)]
    if customer.kind == Customer.Kind.PERSON:
        person = customer.person
        facts += [
            (_("Date of birth"), day(person.date_of_birth)),
            (_("Died"), day(person.date_of_death)),
            (_("National Insurance number"), person.nino or ""),
            (_("Number claimed, recorded for somebody else"), person.nino_claimed),
        ]
    else:
        organisation = customer.organisation
        facts += [(_("Charity number"), organisation.charity_number), (_("Speak to"), organisation.contact_name)]
    facts.append((_("Address"), ", ".join(home.lines) if home else ""))
    facts += [
        (_("Doubtful address"), f"{', '.join(one.address.lines)}: {one.doubtful_why}")
        for one in places
        if one.doubtful_since
    ]
    labels = lists.labels(CONTACTS.key)
    for way in _contacts(customer=customer.pk):
        kind = labels.get(way.type, way.type.replace("_", " ").capitalize())
        facts.append((kind, f"{way.value} ({way.holder})" if way.holder else way.value))
    return [Row(key, value) for key, value in facts if value]


def national(case: Case, register: Register, home: Address | None, now: datetime) -> National:
    """The kept answer; nothing is asked."""
    lookup = register.kept_of(case, home)
    held = register.held(lookup, today=now.astimezone(LONDON).date()) if lookup else []
    return National(register.thing, lookup, held)


def tags(case: Case) -> Tags:
    """The tags of a case in words; to be set are those of its service and those shared by all, to be taken off also others."""
    known = {tag.key: tag for tag in _known_tags()}
    free = {key for key, tag in known.items() if not tag.system}
    has = [(known[key].label if key in known else key.replace("_", " "), key not in free) for key in case.tags]
    usable = {tag.key for tag in known.values() if not tag.retired_on and tag.is_of([case.service_key])}
    offered = [(key, tag.label) for key, tag in known.items() if key in free and key in usable.union(case.tags)]
    return Tags(has, offered, sorted(set(case.tags) & {key for key, label in offered}))


def accesses(case: Case) -> list[tuple[Access, str]]:
    """Who looked at the case last, and on which page (PPP-6); one more than is shown, where there are more."""
    return [(one, accessed.place(one.via)) for one in _accesses(case=case.pk)]


@compiled
def _places(*, customer: int, day: date) -> QuerySet[Residence]:
    return Customer(pk=customer).residences_on(day)[:MOST_PLACES]


@compiled
def _contacts(*, customer: int) -> QuerySet[ContactDetail]:
    ways = ContactDetail.objects.filter(customer=customer, to_date=None)
    return ways.order_by("-preferred", "id")[:MOST_CONTACTS]


@compiled
def _known_tags() -> QuerySet[Tag]:
    return Tag.objects.filter(applies_to=Tag.Applies.CASE).order_by("label")


@compiled
def _accesses(*, case: int) -> QuerySet[Access]:
    rows = Access.objects.filter(subject_type="case", subject_id=case).select_related("user")
    return rows.order_by("-at", "-id")[: MOST_ACCESSES + 1]
