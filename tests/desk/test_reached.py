"""Ways to reach somebody and numbers of theirs, one by one, and where they were on a day (PPP-11 to PPP-13)."""

from datetime import date, datetime

import pytest
from django.test import Client
from tests.desk.conftest import OpenCase
from tests.desk.council import ADDRESS
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.people import actions, reaching
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.models import ContactDetail, Customer
from moothall.kit.invalid import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def alma(make_case: OpenCase) -> Customer:
    return make_case().customer


def test_a_way_is_put_first_made_sure_of_and_ended_and_stays_on_record(
    at_desk: Client, alma: Customer, officer: User, noon: datetime
) -> None:
    way = actions.set_contact(alma, Contact(type="mobile", value="07700 900123"), by=officer, at=noon)
    record = f"/desk/customers/{alma.pk}/"
    at_desk.post(f"{record}contacts/{way.pk}/first/")
    refused = at_desk.post(f"{record}contacts/{way.pk}/sure/", {"how": " "})
    assert "Say how you made sure." in refused.content.decode()
    shown = at_desk.post(f"{record}contacts/{way.pk}/sure/", {"how": "Rang it and she answered"}, follow=True)
    assert "Rang it and she answered (Olive Officer" in Page.of(shown).text("main")
    for _twice in range(2):
        at_desk.post(f"{record}contact/{way.pk}/end/")

    way.refresh_from_db()
    assert (way.preferred, way.verified_by, way.to_date is None) == (False, officer, False)
    assert Entry.objects.filter(action="contact.ended").count() == 1
    assert at_desk.get(f"{record}contacts/{way.pk}/sure/").status_code == 404
    with pytest.raises(Invalid, match="Record it again first"):
        reaching.prefer_contact(ContactDetail.objects.get(pk=way.pk), by=officer, at=noon)


def test_a_number_of_another_system_is_recorded_and_ended(at_desk: Client, alma: Customer) -> None:
    record = f"/desk/customers/{alma.pk}/"
    for wrong in ({"type": "", "number": "1"}, {"type": "council_tax", "number": "---"}):
        assert at_desk.post(f"{record}numbers/", wrong).status_code == 422
    shown = at_desk.post(f"{record}numbers/", {"type": "council_tax", "number": "7001-234"}, follow=True)
    assert "7001234 Council tax account" in Page.of(shown).text("main")
    alma.references.update(status="issued", from_date=date(2025, 1, 1))
    again = at_desk.post(f"{record}numbers/", {"type": "council_tax", "number": "7001234"})
    assert (again.status_code, alma.references.get().status) == (422, "issued")
    assert "7001234 is recorded for Alma Madeup already." in Page.of(again).text("main")
    at_desk.post(f"{record}reference/{alma.references.get().pk}/end/")
    assert alma.references.get().to_date is not None


def test_where_somebody_was_on_a_day_is_asked_by_the_day(
    at_desk: Client, alma: Customer, officer: User, noon: datetime
) -> None:
    new = AddressLines(line1="9 Later Row", town="Exampleton", postcode="EX2 2AB")
    actions.set_address(alma, new, from_date=date(2026, 4, 1), by=officer, at=noon)
    page = f"/desk/customers/{alma.pk}/on-a-day/"

    def told(day: int, month: int) -> str:
        return Page.of(at_desk.get(page, {"day_0": day, "day_1": month, "day_2": 2026})).text("main")

    assert ADDRESS.line1 in told(31, 3)
    assert "9 Later Row" in told(1, 4)
    assert "None is recorded for that day" in told(1, 1)
    assert at_desk.get(page, {"day_0": "40", "day_1": "1", "day_2": "2026"}).status_code == 422
