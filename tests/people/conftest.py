"""People with names, numbers and homes."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from moothall.core.accounts.models import User
from moothall.domain.people import actions
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.details import AddressLines
from moothall.domain.people.models import Customer

MakePerson = Callable[..., Customer]
BORN = date(1960, 5, 4)
NINO = "AB123456C"
HOME = AddressLines(line1="1 Example Street", town="Exampleton", postcode="EX1 1AA")


@pytest.fixture
def make_person(officer: User, noon: datetime) -> MakePerson:
    """`make_person(last_name="Núñez", nino="")`: Ann Example of 1 Example Street, born 4 May 1960, but for what is given."""

    def make(*, address: AddressLines | None = HOME, **given: object) -> Customer:
        details = {"first_names": "Ann", "last_name": "Example", "date_of_birth": BORN, "nino": NINO, **given}
        return actions.create_person(PersonDetails(**details), address=address, by=officer, at=noon)  # type: ignore[arg-type]

    return make


@pytest.fixture
def ann(make_person: MakePerson) -> Customer:
    return make_person()
