"""What an organisation is called and whom to speak to, changed; the sites it works from, and its vehicles (CT-6)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.people import corrections, locks
from moothall.domain.people.actions import OrganisationDetails
from moothall.domain.people.corrections import ChangedMeanwhile, Correction
from moothall.domain.people.details import AddressLines, check_start
from moothall.domain.people.models import Customer, Organisation, Residence, Vehicle
from moothall.domain.people.names import fold
from moothall.domain.places.actions import check_lengths, keep_address
from moothall.kit import text
from moothall.kit.invalid import Invalid

REGISTRATION = re.compile(r"[A-Z0-9]{2,10}")
FACTS = {"name": "name", "charity_number": "charity number", "contact_name": "whom to speak to"}
"""What can be changed of an organisation, in words."""


@dataclass(frozen=True)
class Was:
    """What a fact of an organisation (a key of `FACTS`) was until it was changed; `by` is the number of a user or 0."""

    fact: str
    value: str
    until: datetime
    by: int
    reason: str


def version_of(customer: Customer) -> str:
    """What says whether an organisation is still as it was when looked at."""
    return hashlib.sha256(repr(_details(customer)).encode()).hexdigest()[:16]


def change(
    customer: Customer, *, changes: Mapping[str, Any], version: str, reason: str, by: User, at: datetime
) -> None:
    """Change facts of `OrganisationDetails` by name; `version` is `version_of` it as the changer saw it.

    What was is kept. Raises ChangedMeanwhile, or Invalid with a sentence.
    """
    _check(customer)
    if not reason.strip():
        raise Invalid("Say why this is changed.")
    wanted = {name: " ".join(text.clean(value).split()) for name, value in changes.items()}
    if not wanted.get("name", "something"):
        raise Invalid("Enter the name of the organisation.")
    check_lengths(Customer, **{name: wanted[name] for name in wanted.keys() & {"name"}})
    check_lengths(Organisation, **{name: wanted[name] for name in wanted.keys() - {"name"}})
    with recording.because(action="organisation.changed", by=by, at=at, reason=reason):
        locks.hold([f"organisation:{fold(wanted[name])}" for name in wanted.keys() & {"name"}])
        _lock(customer)
        Organisation.objects.select_for_update(no_key=True).get(pk=customer.pk)
        held = Customer.objects.select_related("organisation").get(pk=customer.pk)
        if version_of(held) != version:
            raise ChangedMeanwhile(f"{held.name} was changed while you had it open. Look again first.")
        before, now = asdict(_details(held)), asdict(replace(_details(held), **wanted))
        changed = [name for name in FACTS if before[name] != now[name]]
        if not changed:
            return
        if "name" in changed:
            held.name = now["name"]
            held.save(update_fields=["name"])
        organisation = held.organisation
        organisation.name_key = fold(now["name"])
        organisation.charity_number, organisation.contact_name = now["charity_number"], now["contact_name"]
        organisation.save()
        recording.record("organisation.changed", held, by=by, at=at, reason=reason, changed=changed)
        facts = tuple((FACTS[name], _told(before[name]), _told(now[name])) for name in changed)
        corrections.tell(Correction(held, facts, reason.strip(), "", by, at))


def earlier(customer: Customer, *, most: int) -> list[Was]:
    """What each fact was before, the last changed first, looking at so many changes."""
    tables: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (customer, ("name",)),
        (customer.organisation, ("charity_number", "contact_name")),
    )
    found = []
    for row, facts in tables:
        events = type(row).pgh_event_model.objects.filter(pgh_obj=customer.pk)
        now = {name: getattr(row, name) for name in facts}
        for event in events.order_by("-pgh_id")[:most]:
            context = event.pgh_context or {}
            for name in facts:
                value = getattr(event, name)
                if value != now[name]:
                    by, why = int(context.get("by") or 0), str(context.get("reason", ""))
                    found.append(Was(name, value, event.pgh_created_at, by, why))
                now[name] = value
    return sorted(found, key=lambda was: was.until, reverse=True)


def _details(customer: Customer) -> OrganisationDetails:
    own = customer.organisation
    return OrganisationDetails(name=customer.name, charity_number=own.charity_number, contact_name=own.contact_name)


def _told(value: str) -> str:
    return f"“{value}”" if value else "none"


def add_site(
    customer: Customer, lines: AddressLines, *, by: User, at: datetime, from_date: date | None = None
) -> Residence:
    """Record a site of an organisation beside its others; one recorded already is given back. Raises Invalid."""
    _check(customer)
    check_start(from_date, today=timezone.localdate(at))
    with recording.because(action="site.added", by=by, at=at):
        _lock(customer)
        address = keep_address(
            line1=lines.line1, line2=lines.line2, town=lines.town, postcode=lines.postcode, uprn=lines.uprn
        )
        held = customer.residences.filter(address=address, purpose=Residence.Purpose.SITE, to_date=None)
        if standing := held.first():
            return standing
        site = Residence.objects.create(
            customer=customer,
            address=address,
            purpose=Residence.Purpose.SITE,
            from_date=from_date or timezone.localdate(at),
        )
        recording.record("site.added", customer, by=by, at=at, site=site.pk)
    return site


def end_site(site: Residence, *, by: User, at: datetime) -> None:
    """The organisation no longer works from there, from today. Ended already, it stays as it is."""
    with recording.because(action="site.ended", by=by, at=at):
        _lock(site.customer)
        row = Residence.objects.select_for_update().get(pk=site.pk, purpose=Residence.Purpose.SITE)
        if row.to_date is None:
            row.to_date = max(row.from_date, timezone.localdate(at))
            row.save(update_fields=["to_date"])
            recording.record("site.ended", site.customer, by=by, at=at, site=row.pk)


def add_vehicle(
    customer: Customer,
    registration: str,
    *,
    by: User,
    at: datetime,
    description: str = "",
    from_date: date | None = None,
) -> Vehicle:
    """Record a vehicle of an organisation; one it has already is given back. Raises Invalid."""
    _check(customer)
    plate = "".join(text.clean(registration).split()).upper()
    if not REGISTRATION.fullmatch(plate):
        raise Invalid("Enter the registration mark: letters and figures, for example AB12 CDE.")
    words = " ".join(text.clean(description).split())
    check_lengths(Vehicle, description=words)
    check_start(from_date, today=timezone.localdate(at))
    with recording.because(action="vehicle.added", by=by, at=at):
        _lock(customer)
        if standing := customer.vehicles.filter(registration=plate, to_date=None).first():
            return standing
        vehicle = Vehicle.objects.create(
            customer=customer,
            registration=plate,
            description=words,
            from_date=from_date or timezone.localdate(at),
        )
        recording.record("vehicle.added", customer, by=by, at=at, vehicle=vehicle.pk)
    return vehicle


def end_vehicle(vehicle: Vehicle, *, by: User, at: datetime) -> None:
    """The organisation has it no longer, from today. Ended already, it stays as it is."""
    with recording.because(action="vehicle.ended", by=by, at=at):
        _lock(vehicle.customer)
        row = Vehicle.objects.select_for_update().get(pk=vehicle.pk)
        if row.to_date is None:
            row.to_date = max(row.from_date, timezone.localdate(at))
            row.save(update_fields=["to_date"])
            recording.record("vehicle.ended", vehicle.customer, by=by, at=at, vehicle=row.pk)


def _check(customer: Customer) -> None:
    if customer.kind != Customer.Kind.ORGANISATION:
        raise Invalid(f"{customer.name} is a person: only organisations have sites and vehicles.")


def _lock(customer: Customer) -> None:
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
