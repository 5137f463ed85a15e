"""A small gazetteer of a made-up town, for tests."""

from datetime import date
from typing import Any

from django.db import connection, models, transaction

from moothall.domain.places import lookup_lines
from moothall.domain.places.models import Identifier, Property, Street, StreetDescriptor
from moothall.domain.places.models.gazetteer import Status

DAY = date(2020, 1, 1)


def _filled(model: type[models.Model], given: dict[str, Any]) -> dict[str, Any]:
    """What is given, and nothing in particular for every other field that must have something."""
    made = dict(given)
    for field in model._meta.concrete_fields:
        if field.attname in made or field.name in made or field.null:
            continue
        empty: dict[str, Any] = {"DateField": DAY, "CharField": "", "FloatField": 0.0}
        made[field.attname] = empty.get(field.get_internal_type(), 0)
    return made


def street(usrn: int, name: str, *, locality: str = "", town: str = "NORTHAM", language: str = "ENG") -> None:
    """A street, or what it is called in another language."""
    if not Street.objects.filter(pk=usrn).exists():
        Street.objects.create(**_filled(Street, {"usrn": usrn}))
    given = {"street_id": usrn, "description": name, "locality": locality, "town": town, "language": language}
    made = _filled(StreetDescriptor, given)
    StreetDescriptor.objects.create(**{key: value for key, value in made.items() if key != "id"})


def place(uprn: int, usrn: int, **given: Any) -> None:
    """A property with one address; what is of either is given by its field's name, `of_` before the property's status."""
    status = given.pop("of_status", Status.APPROVED)
    fields = {field.name for field in Property._meta.concrete_fields} - {"postcode", "status"}
    its = {name: given.pop(name) for name in list(given) if name in fields}
    whole = {"uprn": uprn, "status": status, "classification": "RD04", **its}
    Property.objects.create(**_filled(Property, whole))
    identifier(uprn, usrn, **given)


def identifier(uprn: int, usrn: int, **given: Any) -> None:
    """One more address of a property."""
    number = Identifier.objects.count() + 1
    whole = {
        "key": f"9999L{number:09}",
        "property_id": uprn,
        "street_id": usrn,
        "language": "ENG",
        "status": 1,
        **given,
    }
    Identifier.objects.create(**_filled(Identifier, whole))


def remake(*uprns: int) -> None:
    """Make look-up rows: of all, or of some properties."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not uprns:
            lookup_lines.remake(cursor)
            return
        cursor.execute("CREATE TEMPORARY TABLE changed (uprn bigint)")
        cursor.execute("INSERT INTO changed SELECT unnest(%s::bigint[])", [list(uprns)])
        lookup_lines.remake(cursor, "changed")
        cursor.execute("DROP TABLE changed")
