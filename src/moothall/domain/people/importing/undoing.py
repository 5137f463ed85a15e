"""Customers an import made taken away again, as long as nothing depends on them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.people.golden.pointing import pointers_at
from moothall.domain.people.models import (
    Change,
    ContactDetail,
    Customer,
    EarlierDealing,
    ExternalReference,
    Import,
    ImportKey,
    Organisation,
    Pair,
    Person,
    Residence,
    WebAccount,
)
from moothall.domain.people.models_search import SearchLine

OWN = (ContactDetail, ExternalReference, Organisation, Person, Residence, Pair, SearchLine, WebAccount, EarlierDealing)
"""What an import makes of a customer, or what is made of one by itself: it goes with them."""


def remove(customers: Sequence[int], importing: Import, *, by: User, at: datetime) -> set[int]:
    """Remove those of the customers to whom nothing refers and who are as the import made them; who went."""
    held = Customer.objects.select_for_update().filter(pk__in=customers).order_by("pk")
    there = set(held.values_list("pk", flat=True))
    there -= _referred_to(there) | _changed(there, importing)
    if there:
        Entry.objects.bulk_create(
            [
                Entry(
                    action="customer.removed",
                    subject_type="customer",
                    subject_id=customer,
                    by=by,
                    at=at,
                    reason=f"Import {importing.pk} was undone.",
                    detail={"import": importing.pk},
                )
                for customer in sorted(there)
            ]
        )
        ImportKey.objects.filter(importing=importing, customer__in=there).delete()
        Customer.objects.filter(pk__in=there).delete()
    return there


def _referred_to(customers: set[int]) -> set[int]:
    found: set[int] = set()
    with connection.cursor() as cursor:
        for pointer in pointers_at(Customer):
            if pointer.model not in OWN and customers - found:
                statement = (
                    f'SELECT DISTINCT "{pointer.column}" FROM "{pointer.table}" WHERE "{pointer.column}" = ANY (%s)'  # noqa: S608 - names of our own models
                )
                cursor.execute(statement, [sorted(customers - found)])
                found |= {int(row[0]) for row in cursor.fetchall()}
    return found


def _changed(customers: set[int], importing: Import) -> set[int]:
    """Whom anything changed after they were made, as the changes told to other systems say."""
    rows = Change.objects.filter(customer__in=customers, at__gte=importing.started_at or importing.begun_at)
    return set(rows.exclude(kind=Change.Kind.CREATED).values_list("customer", flat=True))
