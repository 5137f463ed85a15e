"""What is compared of people: streamed out of PostgreSQL, or made of anything else, as columns that DuckDB reads."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TextIO

from django.db import connection

from moothall.domain.people.golden.sounds import forms, sound
from moothall.domain.people.models import NINO_STEM
from moothall.domain.people.names import fold

_PEOPLE = """
    SELECT c.id, p.first_names, p.last_name, p.known_as, p.name_at_birth, p.date_of_birth,
        coalesce(p.nino, p.nino_claimed),
        ARRAY(
            SELECT DISTINCT old.last_name FROM people_personevent old WHERE old.pgh_obj_id = c.id
            UNION SELECT other.last_name FROM people_person other JOIN people_customer gone ON gone.id = other.customer_id
            WHERE gone.merged_into_id = c.id
        ),
        ARRAY(
            SELECT a.postcode || '|' || a.uprn || '|' || a.line1 FROM people_residence r
            JOIN places_address a ON a.id = r.address_id WHERE r.customer_id = c.id
            ORDER BY r.to_date IS NOT NULL, r.from_date DESC, r.id DESC LIMIT 10
        ),
        ARRAY(
            SELECT k.normalised FROM people_contactdetail k WHERE k.customer_id = c.id
            ORDER BY k.to_date IS NOT NULL, k.from_date DESC, k.id DESC LIMIT 20
        )
    FROM people_customer c JOIN people_person p ON p.customer_id = c.id
    WHERE {}
    ORDER BY c.id
"""
_EVERYBODY, _SOME = "c.merged_into_id IS NULL", "c.id = ANY(%s)"


@dataclass(frozen=True)
class Given:
    """A person as recorded. Homes are postcode, UPRN and first line parted by bars, the present one first."""

    id: int
    first_names: str
    last_name: str
    known_as: str
    name_at_birth: str
    born: date | None
    nino: str
    earlier_names: Sequence[str]
    homes: Sequence[str]
    contacts: Sequence[str]


@dataclass
class Compared:
    """A person as compared: names folded, everything empty is none."""

    unique_id: int
    given: str | None
    given_forms: list[str]
    given_form: str | None
    middles: list[str]  # the first names after the first
    initials: list[str]  # theirs
    surname: str | None
    surname_sound: str | None
    surnames: list[str]  # every last name known, the present one too
    name_pair: str | None  # both names in order of the alphabet, so that swapped ones are equal
    dob: str | None  # year, month and day, eight digits
    nino: str | None
    postcode: str | None  # the present home's
    postcodes: list[str]
    homes: list[str]  # UPRNs, and first lines with postcodes
    phones: list[str]
    emails: list[str]
    phone: str | None
    email: str | None
    who: int | None  # who it is in truth, where that is known


COLUMNS = {
    one.name: "BIGINT" if one.name in {"unique_id", "who"} else "VARCHAR[]" if "list" in str(one.type) else "VARCHAR"
    for one in fields(Compared)
}
"""The columns of a person as compared, and their types in DuckDB."""


def compared(given: Given, *, who: int | None = None) -> Compared:
    """A person's names, numbers and homes in the form in which they are compared."""
    first, *middles = [name for word in given.first_names.split() if (name := fold(word))] or [""]
    known = fold(given.known_as.split()[0]) if given.known_as.split() else ""
    last = fold(given.last_name)
    forms_ = sorted({*forms(first), *forms(known)})
    born = [fold(given.name_at_birth.split()[-1])] if given.name_at_birth.split() else []
    parts = [home.split("|", 2) for home in given.homes]
    codes = [code.replace(" ", "") for code, _, _ in parts if code]
    homes = {f"{code.replace(' ', '')} {fold(line)}" for code, _, line in parts if line}
    phones = [one for one in given.contacts if one.startswith("+")]
    emails = [one for one in given.contacts if "@" in one]
    return Compared(
        unique_id=given.id,
        given=first or None,
        given_forms=forms_,
        given_form=forms_[0] if forms_ else None,
        middles=middles,
        initials=[name[0] for name in middles],
        surname=last or None,
        surname_sound=sound(last) or None,
        surnames=sorted({last, *born, *(fold(one) for one in given.earlier_names)} - {""}),
        name_pair="|".join(sorted((first, last))) if first and last else None,
        dob=f"{given.born:%Y%m%d}" if given.born else None,
        nino=given.nino[:NINO_STEM] or None,
        postcode=codes[0] if codes else None,
        postcodes=sorted(set(codes)),
        homes=sorted({*homes, *(uprn for _, uprn, _ in parts if uprn)}),
        phones=phones,
        emails=emails,
        phone=phones[0] if phones else None,
        email=emails[0] if emails else None,
        who=who,
    )


def write(rows: Iterable[Any], file: TextIO) -> int:
    """Write what is compared as lines of JSON; how many there are."""
    number = 0
    for row in rows:
        file.write(json.dumps(row.__dict__))
        file.write("\n")
        number += 1
    return number


def recorded() -> Iterator[Compared]:
    """Everybody recorded, streamed: no more than some are in memory at a time. To be called in a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_PEOPLE.format(_EVERYBODY))
        while rows := cursor.fetchmany(2000):
            yield from (compared(Given(*row)) for row in rows)


def of(*customers: int) -> dict[int, Compared]:
    """Some people, by their keys."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE.format(_SOME), [list(customers)])
        return {row[0]: compared(Given(*row)) for row in cursor.fetchall()}
