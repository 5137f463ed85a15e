"""The gazetteer of the example council, and customers who moved to addresses in it."""

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from moothall.config.example import gazetteer
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.domain.people import actions
from moothall.domain.people.details import AddressLines
from moothall.domain.people.models import Customer
from moothall.domain.places import areas, described, lookup, notes
from moothall.domain.places.gazetteer import supplies
from moothall.domain.places.models import Property

UPRNS = 3_000
MOVED = 30  # customers
APART = 37  # properties between the homes of two of them


def settle(by: User, *, now: datetime) -> None:
    """Import a made-up gazetteer and have some customers move there; where there is a gazetteer, nothing."""
    if Property.objects.exists():
        return
    council.write(supplies.Gazetteer(custodian=gazetteer.CUSTODIAN), by=by, at=now)
    with TemporaryDirectory() as folder:
        full, wards = Path(folder, "full.csv"), Path(folder, "wards.csv")
        gazetteer.write(full, gazetteer.Council(UPRNS))
        supplies.work(supplies.begin([str(full)], by=by, at=now))
        gazetteer.write_areas(wards)
        with wards.open(encoding="utf-8", newline="") as lines:
            areas.load(lines, by=by, at=now)
    _move(by, now=now)


def _move(by: User, *, now: datetime) -> None:
    homes = (
        Property.objects.filter(status=1, classification__startswith="RD").order_by("pk").values_list("pk", flat=True)
    )
    chosen = [str(uprn) for uprn in homes[: MOVED * APART : APART]]
    people = Customer.objects.filter(kind=Customer.Kind.PERSON, merged_into=None).order_by("pk")
    for who, home in zip(people[:MOVED], described.describe(lookup.with_uprns(chosen)), strict=False):
        day = (now - timedelta(days=20)).date()
        actions.set_address(who, AddressLines(**home.fields), from_date=day, to_date=None, by=by, at=now)
    if chosen:
        notes.make(
            uprn=chosen[0], text="A large dog. Ring before you visit.", warning=True, review_on=None, by=by, at=now
        )
