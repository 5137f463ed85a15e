"""What an organisation has: the sites it works from, and the vehicles it carries people in (CT-6)."""

import re
from datetime import date, datetime

from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.people.details import AddressLines, check_start
from moothall.domain.people.models import Customer, Residence, Vehicle
from moothall.domain.places.actions import check_lengths, keep_address
from moothall.kit import text
from moothall.kit.invalid import Invalid

REGISTRATION = re.compile(r"[A-Z0-9]{2,10}")


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
