"""The national database of badges as a register the desk can show and ask (`domain.exchange.registers`)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from moothall.connectors.dft_blue_badge import KEY, badges, codes, holding, record, search
from moothall.connectors.dft_blue_badge.reading import day, holder, mapping, part, text
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.models import User
from moothall.core.council.settings import read
from moothall.domain.cases.models import Case
from moothall.domain.exchange.models import Lookup
from moothall.domain.exchange.registers import Entry, Fact
from moothall.domain.people.actions import OrganisationDetails, PersonDetails
from moothall.domain.people.matching import BADGE_NUMBER
from moothall.domain.people.models import Customer
from moothall.domain.places.models import Address
from moothall.kit import postcode as postcodes


class Badges:
    """Badges of every authority."""

    key = KEY
    numbers = BADGE_NUMBER
    kind = search.KIND

    @property
    def thing(self) -> str:
        """What people call one."""
        return _("Badge")

    def service(self) -> str:
        """The service whose cases applications become."""
        return read(NationalService).service

    def search(
        self,
        *,
        by: User,
        at: datetime,
        number: str = "",
        name: str = "",
        postcode: str = "",
        nino: str = "",
        refresh: bool = False,
    ) -> Lookup:
        """As `search.search`."""
        return search.search(number=number, name=name, postcode=postcode, nino=nino, refresh=refresh, by=by, at=at)

    def entries(self, answer: Lookup) -> list[Entry]:
        """The badges a search found."""
        return [
            Entry(
                number=text(row.get("badgeNumber")).upper(),
                status=badges.status_of(row).replace("_", " ").capitalize(),
                authority=_label("LA", row.get("localAuthorityShortCode")),
                expires=day(row.get("expiryDate")),
                name=text(row.get("name")),
                postcode=postcodes.shown(text(row.get("postCode"))),
            )
            for row in answer.found
        ]

    def holder(self, row: Mapping[str, Any]) -> tuple[PersonDetails | OrganisationDetails, str] | None:
        """Who holds a badge of a search that is not recorded here."""
        return None if badges.recorded(text(row.get("badgeNumber"))) else search.holder_of(dict(row))

    def take_over(self, number: str, *, source: str, customer: Customer | None, by: User, at: datetime) -> Case:
        """As `search.take_over`, of the badge as it stands now."""
        return search.take_over(search.fetch(number), source=source, customer=customer, by=by, at=at)

    def kept_of(self, case: Case, home: Address | None) -> Lookup | None:
        """As `holding.kept`."""
        return holding.kept(case, home)

    def ask_of(self, case: Case, *, by: User, at: datetime) -> Lookup:
        """As `holding.ask`."""
        return holding.ask(case, by=by, at=at)

    def held(self, answer: Lookup, *, today: date) -> list[Entry]:
        """As `holding.current`."""
        return holding.current(answer, today=today)

    def kept(self, number: str) -> Lookup | None:
        """As `record.kept`."""
        return record.kept(number)

    def ask(self, number: str, *, by: User, at: datetime) -> Lookup:
        """As `record.ask`."""
        return record.ask(number, by=by, at=at)

    def facts(self, found: Mapping[str, Any]) -> list[Fact]:
        """What is known of a badge."""
        party = part(found, "party")
        contact, who = part(party, "contact"), mapping(holder(party))
        lines = [text(contact.get(name)) for name in ("buildingStreet", "line2", "townCity")]
        lines.append(postcodes.shown(text(contact.get("postCode"))))
        return [
            (_("Badge"), text(found.get("badgeNumber"))),
            (_("Status"), badges.status_of(found).capitalize()),
            (_("Issued by"), _label("LA", found.get("localAuthorityShortCode"))),
            (_("Reference there"), text(found.get("localAuthorityRef"))),
            (_("Valid from"), day(found.get("startDate"))),
            (_("Valid until"), day(found.get("expiryDate"))),
            (_("Ordered"), day(found.get("orderDate"))),
            (_("Printing asked for"), day(found.get("printRequestDateTime"))),
            (_("Issued"), day(found.get("issuedDate"))),
            (_("Sent back by the printer"), text(found.get("rejectedReason"))),
            (_("Why it was cancelled"), _label("CANCEL", found.get("cancelReasonCode"))),
            (_("Why it was replaced"), _label("REPLACE", found.get("replaceReasonCode"))),
            (_("Holder"), text(who.get("badgeHolderName"))),
            (_("Date of birth"), day(who.get("dob"))),
            (_("National Insurance number"), text(who.get("nino"))),
            (_("Eligibility"), _label("ELIGIBILIT", found.get("eligibilityCode"))),
            (_("Address"), ", ".join(line for line in lines if line)),
            (_("Telephone"), text(contact.get("primaryPhoneNumber"))),
            (_("Other telephone"), text(contact.get("secondaryPhoneNumber"))),
            (_("E-mail"), text(contact.get("emailAddress"))),
        ]

    def status(self, found: Mapping[str, Any]) -> str:
        """Its status in our words."""
        return badges.status_of(found)


def _label(group: str, code: Any) -> str:
    return codes.labels().get(group, {}).get(text(code), text(code))
