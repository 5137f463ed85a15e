"""A council that offers the Blue Badge, with a case to look at."""

from datetime import date, datetime, timedelta

from tests.services.conftest import SERVICES

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.domain.cases import actions, assigning, sought
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.people import actions as people
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.workflow import published

ADDRESS = AddressLines(line1="4 Sample Street", town="Exampleton", postcode="EX1 2AB")


def offer_blue_badges(*, at: datetime) -> Service:
    """The service as its folder declares it, published; its groups get the permissions it gives them."""
    catalogue.forget()
    published.forget()
    sought.forget()
    service = catalogue_actions.publish(SERVICES["blue_badge"], by=system_user(), at=at).service
    catalogue_actions.keep_groups(SERVICES["blue_badge"])  # where it was published before
    return service


def open_case(service: Service, *, at: datetime, last_name: str = "Madeup", by: User | None = None) -> Case:
    """A case of Alma somebody, at Initial Checks; taken by `by`, when given."""
    person = PersonDetails(first_names="Alma", last_name=last_name, date_of_birth=date(1958, 5, 17), gender="female")
    contacts = [Contact(type="email", value="alma@example.org")]
    alma = people.create_person(person, by=system_user(), at=at, address=ADDRESS, contacts=contacts)
    case = actions.open_case(service=service, type="new", source="online", customer=alma, by=system_user(), at=at)
    if by is not None:
        assigning.take(WorkItem.objects.get(case=case), by=by, at=at + timedelta(minutes=5))
    return case
