"""Who the rows of a chunk are already: by their numbers, by an earlier row, or likely by name, birth and postcode.

Every question is asked once for the whole chunk.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import connection
from django.db.models import Prefetch
from django.db.models.functions import Coalesce, Left

from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.importing import carried, options
from moothall.domain.people.importing.given import Given
from moothall.domain.people.models import (
    NINO_STEM,
    ContactDetail,
    Customer,
    ExternalReference,
    Import,
    ImportKey,
    ImportRow,
    Person,
    Residence,
)
from moothall.domain.people.names import fold

MOST_LIKELY = 3  # who are told of for one row
_LIKELY = """
    SELECT asked.place, found.id, found.first_names, found.date_of_birth, found.surname_key, found.lives_there
    FROM unnest(%(keys)s::text[], %(firsts)s::text[], %(births)s::date[], %(codes)s::text[])
        WITH ORDINALITY AS asked (key, first, born, code, place),
    LATERAL (
        SELECT golden.id, p.first_names, p.date_of_birth, p.surname_key, asked.code <> '' AND EXISTS (
            SELECT FROM people_residence home JOIN places_address a ON a.id = home.address_id
            WHERE home.customer_id = golden.id AND home.to_date IS NULL AND a.postcode = asked.code
        ) AS lives_there
        FROM (
            SELECT customer_id FROM people_person
                WHERE surname_key = asked.key AND date_of_birth = asked.born
            UNION
            (SELECT customer_id FROM people_person
                WHERE surname_key = asked.key AND (date_of_birth IS NULL OR asked.born IS NULL)
                    AND upper(first_names) = upper(asked.first) AND asked.first <> '' LIMIT 20)
            UNION
            (SELECT same.customer_id FROM places_address a JOIN people_residence home ON home.address_id = a.id
                JOIN people_person same ON same.customer_id = home.customer_id
                WHERE asked.code <> '' AND a.postcode = asked.code AND home.to_date IS NULL
                    AND (same.surname_key = asked.key OR same.date_of_birth = asked.born) LIMIT 50)
        ) AS one
        JOIN people_person p ON p.customer_id = one.customer_id
        JOIN people_customer c ON c.id = p.customer_id
        JOIN people_customer golden ON golden.id = coalesce(c.merged_into_id, c.id)
        LIMIT 50
    ) AS found
"""
_LIKELY_ORGANISATIONS = """
    SELECT asked.place, coalesce(c.merged_into_id, c.id), o.name_key = asked.key,
        asked.number <> '' AND upper(o.charity_number) = upper(asked.number)
    FROM unnest(%(keys)s::text[], %(numbers)s::text[]) WITH ORDINALITY AS asked (key, number, place)
    JOIN people_organisation o ON o.name_key = asked.key
    JOIN people_customer c ON c.id = o.customer_id
"""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Somebody as recorded; `customer` is 0 for an earlier row of the same file, which `row` is."""

    customer: int = 0
    row: int = 0
    kind: str
    person: PersonDetails | None = None
    ways: frozenset[tuple[str, str]] = frozenset()  # type and normalised value
    references: frozenset[tuple[str, str]] = frozenset()
    home: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Likely:
    """A customer a row may be, and what agrees."""

    customer: int
    reasons: tuple[str, ...]


@dataclass(kw_only=True)
class Known:
    """What is known of the rows of a chunk."""

    ninos: dict[str, int] = field(default_factory=dict)  # customer by stem
    references: dict[tuple[str, str], int] = field(default_factory=dict)  # customer by type and number
    rows: dict[int, int] = field(default_factory=dict)  # customer by the key of a row that made them before
    likely: dict[int, list[Likely]] = field(default_factory=dict)  # by place in the chunk
    standing: dict[int, Standing] = field(default_factory=dict)  # by customer
    accounts: dict[str, int] = field(default_factory=dict)  # customer by the address of a web account
    dealings: dict[str, int] = field(default_factory=dict)  # customer by the number of an earlier contact or case


def key_of(*parts: str) -> int:
    """The hash under which a number or a whole row is found again."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def keys_of(given: Given, once: Mapping[str, bool]) -> list[int]:
    """What tells who a row is: its National Insurance number, numbers and an account that are one's alone, all of it."""
    keys = [key_of("reference", *one) for one in given.references if once[one[0]]]
    keys += [key_of("nino", given.stem)] if given.stem else []
    keys += [key_of("account", given.account.email)] if given.account else []
    return [*keys, key_of("row", given.digest)]


def carried_keys(given: Given, source: str) -> list[int]:
    """What tells the account and the earlier contact or case of a row from others."""
    account = [key_of("account", given.account.email)] if given.account else []
    return [*account, key_of("dealing", source, given.dealing.number)] if given.dealing else account


def look(rows: Sequence[Given], once: Mapping[str, bool], *, importing: Import, likely: bool) -> Known:
    """Look for every row of a chunk. Whom this import made other rows of it are not likely to be."""
    known = Known(ninos=_ninos(rows), references=_references(rows, once), rows=_made_before(rows))
    if likely:
        found = _likely_people(rows) | _likely_organisations(rows)
        wanted = {one.customer for some in found.values() for one in some}
        made = ImportRow.objects.filter(customer__in=wanted, importing=importing, outcome=ImportRow.Outcome.NEW)
        own = set(made.values_list("customer", flat=True))
        known.likely = {place: [one for one in some if one.customer not in own] for place, some in found.items()}
    known.accounts = carried.accounts_of(row.account for row in rows)
    source = options.of(importing.options).source
    known.dealings = carried.dealings_of((row.dealing for row in rows), source=source)
    whose = (known.ninos, known.references, known.rows, known.accounts)
    known.standing = standing({customer for one in whose for customer in one.values()})
    return known


def standing(customers: Iterable[int]) -> dict[int, Standing]:
    """Customers as they are recorded now."""
    found = Customer.objects.filter(pk__in=set(customers)).select_related("person", "organisation")
    homes = Residence.objects.filter(to_date=None, purpose=Residence.Purpose.HOME).select_related("address")
    parts = (
        Prefetch("contact_details", ContactDetail.objects.filter(to_date=None)),
        Prefetch("residences", homes.order_by("from_date", "id")),
        "references",
    )
    return {one.pk: _standing(one) for one in found.prefetch_related(*parts)}


def _standing(one: Customer) -> Standing:
    person, home = None, None
    if one.kind == Customer.Kind.PERSON:
        values = {part.name: getattr(one.person, part.name) for part in fields(PersonDetails)}
        person = PersonDetails(**{**values, "nino": one.person.nino or ""})
    for residence in one.residences.all():
        address = residence.address
        home = (address.line1, address.line2, address.town, address.postcode, address.uprn)
    return Standing(
        customer=one.pk,
        kind=one.kind,
        person=person,
        ways=frozenset((way.type, way.normalised) for way in one.contact_details.all() if not way.holder),
        references=frozenset((ref.type, ref.number) for ref in one.references.all()),
        home=home,
    )


def _ninos(rows: Sequence[Given]) -> dict[str, int]:
    stems = {row.stem for row in rows} - {""}
    if not stems:
        return {}
    people = Person.objects.annotate(stem=Left("nino", NINO_STEM)).filter(stem__in=stems)
    return dict(people.values_list("stem", Coalesce("customer__merged_into", "customer")))


def _references(rows: Sequence[Given], once: Mapping[str, bool]) -> dict[tuple[str, str], int]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for type, number in row.references:
            if once[type]:
                wanted[type].add(number)
    return {
        (type, number): customer
        for type, numbers in wanted.items()
        for number, customer in ExternalReference.objects.filter(type=type, number__in=numbers).values_list(
            "number", "customer"
        )
    }


def _made_before(rows: Sequence[Given]) -> dict[int, int]:
    """Whom rows that said the same made, in whatever import; as long as they are there."""
    keys = [key_of("row", row.digest) for row in rows]
    made = dict(ImportKey.objects.filter(hashed__in=keys, customer__gt=0).values_list("hashed", "customer"))
    leads = Customer.objects.filter(pk__in=made.values())
    golden = dict(leads.values_list("pk", Coalesce("merged_into", "pk")))
    return {key: golden[customer] for key, customer in made.items() if customer in golden}


def _likely_people(rows: Sequence[Given]) -> dict[int, list[Likely]]:
    asked = [(place, row) for place, row in enumerate(rows) if row.person]
    params: dict[str, Any] = {
        "keys": [fold(row.person.last_name) for _, row in asked if row.person],
        "firsts": [row.person.first_names for _, row in asked if row.person],
        "births": [row.person.date_of_birth for _, row in asked if row.person],
        "codes": [row.postcode for _, row in asked],
    }
    found: dict[int, dict[int, Likely]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_LIKELY, params)
        for turn, customer, first_names, born, key, lives_there in cursor.fetchall():
            place, row = asked[turn - 1]
            details = row.person
            if details is None:
                continue
            agrees = {
                "same last name": key == fold(details.last_name),
                "same first names": fold(first_names) == fold(details.first_names) != "",
                "same date of birth": born is not None and born == details.date_of_birth,
                "same postcode": lives_there,
            }
            apart = bool(born and details.date_of_birth and born != details.date_of_birth)
            other = fold(first_names)[:1] != fold(details.first_names)[:1] and bool(first_names and details.first_names)
            if sum(agrees.values()) > 1 and not apart and not other:
                reasons = tuple(reason for reason, so in agrees.items() if so)
                before = found[place].get(customer)
                if before is None or len(before.reasons) < len(reasons):
                    found[place][customer] = Likely(customer, reasons)
    return {place: _best(some.values()) for place, some in found.items()}


def _likely_organisations(rows: Sequence[Given]) -> dict[int, list[Likely]]:
    asked = [(place, row.organisation) for place, row in enumerate(rows) if row.organisation]
    if not asked:
        return {}
    params = {
        "keys": [fold(one.name) for _, one in asked],
        "numbers": [one.charity_number for _, one in asked],
    }
    found: dict[int, dict[int, Likely]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_LIKELY_ORGANISATIONS, params)
        for turn, customer, named, numbered in cursor.fetchall():
            reasons = tuple(why for why, so in (("same name", named), ("same charity number", numbered)) if so)
            found[asked[turn - 1][0]].setdefault(customer, Likely(customer, reasons))
    return {place: _best(some.values()) for place, some in found.items()}


def _best(found: Iterable[Likely]) -> list[Likely]:
    return sorted(found, key=lambda one: (-len(one.reasons), one.customer))[:MOST_LIKELY]
