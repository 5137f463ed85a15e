"""Rows written: those who are new all at once, those known already one by one, by the actions everything else uses."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from moothall.core import rows
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.audit.models import Entry
from moothall.domain.people import corrections
from moothall.domain.people.actions import (
    NinoTaken,
    OrganisationDetails,
    PersonDetails,
    set_address,
    set_contact,
    set_reference,
    shown_name,
)
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.importing import carried
from moothall.domain.people.importing.planning import Plan
from moothall.domain.people.models import (
    ContactDetail,
    Customer,
    ExternalReference,
    Import,
    Organisation,
    Person,
    Residence,
)
from moothall.domain.people.names import fold
from moothall.domain.people.references import ReferenceTaken
from moothall.domain.places.models import Address
from moothall.kit.invalid import Invalid

_ADDRESSES = """
    SELECT asked.place, min(a.id) FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
        WITH ORDINALITY AS asked (line1, line2, town, postcode, uprn, place)
    JOIN places_address a ON a.postcode = asked.postcode AND a.line1 = asked.line1 AND a.line2 = asked.line2
        AND a.town = asked.town AND a.uprn = asked.uprn
    GROUP BY 1
"""
Lines = tuple[str, str, str, str, str]


def make(plans: Sequence[Plan], importing: Import, *, once: dict[str, bool], by: User, at: datetime) -> None:
    """Record new customers with all they have, and say in each plan who they are. Runs in the transaction of a chunk."""
    day = timezone.localdate(at)
    customers = [
        Customer(kind=given.kind, name=_name(plan), tags=list(given.tags), created_at=at)
        for plan in plans
        if (given := plan.given)
    ]
    rows.copy(customers)
    for plan, customer in zip(plans, customers, strict=True):
        plan.customer = customer.pk
    pairs = [(plan.given, customer) for plan, customer in zip(plans, customers, strict=True) if plan.given]
    with _lines_once(customers):
        rows.copy([_person(customer, given.person) for given, customer in pairs if given.person])
        rows.copy([_organisation(customer, given.organisation) for given, customer in pairs if given.organisation])
        addresses = _addresses([given.lines for given, _ in pairs if given.lines])
        rows.copy(
            [
                Residence(customer=customer, address_id=addresses[_lines(given.lines)], from_date=day)
                for given, customer in pairs
                if given.lines
            ]
        )
        rows.copy(
            [
                ContactDetail(
                    customer=customer, type=way.type, value=way.value, normalised=way.normalised, from_date=day
                )
                for given, customer in pairs
                for way in given.ways
            ]
        )
        rows.copy(
            [
                ExternalReference(customer=customer, type=type, number=number, once=once[type])
                for given, customer in pairs
                for type, number in given.references
            ]
        )
    rows.copy(
        [
            Entry(
                action=f"{customer.kind}.created",
                subject_type="customer",
                subject_id=customer.pk,
                by=by,
                at=at,
                reason=f"Import {importing.pk}, row {plan.row.number}.",
                detail={"import": importing.pk, "row": plan.row.number},
            )
            for plan, customer in zip(plans, customers, strict=True)
        ]
    )


@contextmanager
def _lines_once(customers: Sequence[Customer]) -> Iterator[None]:
    """What these new customers are searched by is written once, when they have all they come with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('moothall.search_lines_later', 'on', true)")
        yield
        cursor.execute(
            "SELECT set_config('moothall.search_lines_later', '', true), people_searchline_again(%s::bigint[])",
            [[customer.pk for customer in customers]],
        )


def change(plan: Plan, importing: Import, *, by: User, at: datetime) -> None:
    """Add to a customer what a row says that is not recorded. What cannot be refuses the row, and nothing of it is kept."""
    if plan.given is None:
        return
    why = f"Import {importing.pk}, row {plan.row.number}."
    try:
        with transaction.atomic():
            customer = Customer.objects.select_for_update(no_key=True).get(pk=plan.customer)
            if plan.facts:
                seen = corrections.version_of(Person.objects.get(pk=customer.pk))
                corrections.change_person(
                    customer, changes=plan.facts, version=seen, reason=why, evidence=why, by=by, at=at
                )
            for place in plan.ways:
                way = plan.given.ways[place]
                set_contact(customer, Contact(type=way.type, value=way.value), by=by, at=at)
            if plan.moves and plan.given.lines:
                set_address(customer, plan.given.lines, by=by, at=at)
            for type, number in plan.references:
                set_reference(customer, type=type, number=number, by=by, at=at)
            recording.record("customer.imported", customer, by=by, at=at, reason=why, changed=plan.changed)
    except (Invalid, NinoTaken, ReferenceTaken, corrections.ChangedMeanwhile) as problem:
        plan.refuse("", str(problem))
    except IntegrityError:
        plan.refuse("", "It cannot be recorded beside what is recorded already. Look at the customer's page.")


def carry_over(plans: Sequence[Plan], importing: Import, *, source: str, by: User, at: datetime) -> None:
    """Keep the web accounts and the earlier contacts and cases of these rows, of new customers and known ones alike."""
    some = [plan for plan in plans if plan.account or plan.dealing]
    if not some:
        return
    accounts = [(plan.given.account, plan.customer) for plan in some if plan.account and plan.given]
    dealings = [(plan.given.dealing, plan.customer) for plan in some if plan.dealing and plan.given]
    carried.write(
        [(one, customer) for one, customer in accounts if one],
        [(one, customer) for one, customer in dealings if one],
        importing,
        source=source,
        at=at,
    )
    rows.copy(
        [
            Entry(
                action="customer.carried_over",
                subject_type="customer",
                subject_id=plan.customer,
                by=by,
                at=at,
                reason=f"Import {importing.pk}, row {plan.row.number}.",
                detail={
                    "import": importing.pk,
                    "row": plan.row.number,
                    "account": plan.account,
                    "dealing": plan.dealing,
                },
            )
            for plan in some
        ]
    )


def _name(plan: Plan) -> str:
    given = plan.given
    if given is None:
        return ""
    return shown_name(given.person) if given.person else given.organisation.name if given.organisation else ""


def _person(customer: Customer, details: PersonDetails) -> Person:
    return Person(
        customer=customer,
        title=details.title,
        first_names=details.first_names,
        last_name=details.last_name,
        surname_key=fold(details.last_name),
        known_as=details.known_as,
        name_at_birth=details.name_at_birth,
        date_of_birth=details.date_of_birth,
        gender=details.gender,
        nino=details.nino or None,
        language=details.language,
    )


def _organisation(customer: Customer, details: OrganisationDetails) -> Organisation:
    return Organisation(
        customer=customer,
        name_key=fold(details.name),
        charity_number=details.charity_number,
        contact_name=details.contact_name,
    )


def _lines(lines: AddressLines) -> Lines:
    return lines.line1, lines.line2, lines.town, lines.postcode, lines.uprn


def _addresses(wanted: Sequence[AddressLines]) -> dict[Lines, int]:
    """The id of each address, recording those that are new."""
    asked = list(dict.fromkeys(map(_lines, wanted)))
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ADDRESSES, [list(column) for column in zip(*asked, strict=True)])
        found = {asked[place - 1]: int(id) for place, id in cursor.fetchall()}
    new = [
        Address(line1=one[0], line2=one[1], town=one[2], postcode=one[3], uprn=one[4])
        for one in asked
        if one not in found
    ]
    rows.copy(new)
    return found | {(one.line1, one.line2, one.town, one.postcode, one.uprn): one.pk for one in new}
