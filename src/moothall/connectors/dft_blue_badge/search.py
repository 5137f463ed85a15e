"""Searching the national service for badges of any authority, and taking a person over with theirs (CT-70)."""

from datetime import datetime, timedelta
from itertools import islice

from moothall.connectors.dft_blue_badge import KEY, badges, client, codes
from moothall.connectors.dft_blue_badge.client import Client, Row
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.reading import day, holder, part
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council.settings import read
from moothall.domain.cases import actions as cases
from moothall.domain.cases import sight
from moothall.domain.cases.actions import CannotOpen
from moothall.domain.cases.models import Case
from moothall.domain.catalogue.models import Service
from moothall.domain.exchange import lookups
from moothall.domain.exchange.models import Lookup
from moothall.domain.people import actions as people
from moothall.domain.people.actions import Found, OrganisationDetails, PersonDetails
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.finding import golden, people_found
from moothall.domain.people.matching import BADGE_NUMBER, Match, Rule
from moothall.domain.people.models import Customer
from moothall.domain.people.names import split_full_name
from moothall.kit import nino as ninos
from moothall.kit import postcode as postcodes
from moothall.kit.invalid import Invalid

KIND = "badges"
CHOSEN = "An officer chose who it is."
MOST = 500  # rows of an answer that are kept
MOST_READ = 2000  # rows read of those the service finds: ten pages
MOST_NUMBERS, MOST_HOMES = 20, 3  # recorded here of somebody, that the service is asked by
KEPT_FOR = timedelta(days=7)  # an older answer is asked for anew


class CannotSearch(Invalid):
    """What was asked is too little or in no form that can be searched by."""


def search(
    *,
    by: User,
    at: datetime,
    number: str = "",
    name: str = "",
    postcode: str = "",
    nino: str = "",
    case: Case | None = None,
    refresh: bool = False,
) -> Lookup:
    """Badges by number, or by name or postcode; the kept answer to the same question for a week, unless `refresh`.

    At most `MOST` are kept; the record of the search counts one more when there are more. At most `MOST_READ` rows are
    read from the service: what lies behind them is not found, so a common name needs a postcode.

    A National Insurance number, and a name beside a postcode, narrow what the service finds, since it searches by
    neither. Given alone, the number is looked for among the people here whom `by` may see, and the service is asked by
    what is recorded of who has it. `found` is a list of national summaries. Raises CannotSearch, NationalError.
    """
    asked = as_asked(number=number, name=name, postcode=postcode, nino=nino)
    person = _person_here(asked["nino"], by=by) if asked.keys() == {"nino"} else None
    if person:  # its name and postcode are used, whatever is kept
        recording.read(person, by=by, at=at, via=f"{KEY} nino")
    if not refresh and (kept := lookups.latest(KEY, KIND, asked=asked, case=case)) and kept.at > at - KEPT_FOR:
        recording.searched(KIND, by=by, at=at, via=f"{KEY} kept", found=len(kept.found), asked=sorted(asked))
        return kept
    national = client.current()
    if person:
        found = _by_person(national, person, asked["nino"])
    else:
        found = _by_number(national, asked["number"]) if "number" in asked else _by_details(national, asked)
    return lookups.keep(KEY, KIND, asked=asked, found=found[:MOST], case=case, by=by, at=at, count=len(found))


def fetch(number: str) -> Row:
    """A badge of any authority as the service gives it, outside any transaction. Raises CannotSearch, NationalError."""
    badge = client.current().badge(number)
    if badge is None:
        raise CannotSearch(f"The national service has no badge {number.strip().upper()}.")
    return {**badge, "badgeNumber": badge.get("badgeNumber") or number}


def holder_of(badge: Row) -> tuple[PersonDetails | OrganisationDetails, str]:
    """Who holds a badge, as far as a row of an answer says it, and their postcode."""
    name, postcode = str(badge.get("name") or ""), str(badge.get("postCode") or "")
    if badge.get("partyTypeCode") == "ORG":
        return OrganisationDetails(name=name), postcode
    split, number = split_full_name(name), str(badge.get("nino") or "")
    details = PersonDetails(
        title=split.title,
        first_names=split.first_names,
        last_name=split.last_name,
        nino=ninos.normalise(number) if ninos.is_valid(number) else "",
    )
    return details, postcode


def take_over(badge: Row, *, source: str, by: User, at: datetime, customer: Customer | None = None) -> Case:
    """Take over somebody with a badge of another authority, `fetch`ed: the person found or recorded, the badge, and a case.

    The case is a renewal tagged `existing_badge`, and no workflow starts: an officer starts the one that is right. The
    same badge again gives the same case. It asks the service nothing. `customer` is who it is, where an officer said so.
    Raises CannotOpen.
    """
    service = Service.objects.filter(key=read(NationalService).service).first()
    if service is None:
        raise CannotOpen("There is no service to open the case under. Publish it.")
    badge_number = str(badge["badgeNumber"]).upper()
    with recording.because(action="badge.imported", by=by, at=at):
        known = badges.recorded(badge_number)
        if known and (case := known.customer.cases.filter(service=service).order_by("pk").first()):
            return case
        found = _holder(badge, customer, by=by, at=at)
        person = found.customer.kind == "person"
        case = cases.open_case(
            service=service,
            type="renewal" if person else "organisation",
            source=source,
            customer=found.customer,
            tags=["existing_badge"],
            match=found.match,
            start=False,
            by=by,
            at=at,
        )
        start, expiry = badges.dates(badge)
        badges.keep(case, [badge_number], status=badges.status_of(badge), start=start, expiry=expiry, by=by, at=at)
        la = str(badge.get("localAuthorityShortCode") or "")
        issuer = codes.labels().get("LA", {}).get(la, la)
        cases.add_note(case, text=f"Badge {badge_number} was taken over from {issuer}.", by=by, at=at)
    return case


def as_asked(*, number: str = "", name: str = "", postcode: str = "", nino: str = "") -> dict[str, str]:
    """A question as its answer is kept under. Raises CannotSearch when it is too little to search by."""
    if number.strip():
        return {"number": "".join(number.split()).upper()}
    asked = {"name": " ".join(name.split()), "postcode": postcode.strip(), "nino": nino.strip()}
    if asked["postcode"]:
        asked["postcode"] = postcodes.compact(asked["postcode"])
    if asked["nino"]:
        asked["nino"] = ninos.normalise(asked["nino"])
    if not any(asked.values()):
        raise CannotSearch("Enter a badge number, a name, a postcode or a National Insurance number.")
    if len(asked["name"]) > 100:
        raise CannotSearch("A name to search by can have 100 characters at most.")
    return {key: value for key, value in asked.items() if value}


def _by_number(national: Client, number: str) -> list[Row]:
    badge = national.badge(number)
    return [_summary(badge)] if badge else []


def _person_here(nino: str, *, by: User) -> Customer:
    """Who has this number here, of those `by` may see. Raises CannotSearch."""
    has = people_found(name="", first_names="", date_of_birth=None, nino_given=nino, postcode_given="")
    people = sight.visible_people(by).filter(pk__in=golden(has), kind=Customer.Kind.PERSON)
    person = people.select_related("person").order_by("pk").first()
    if person is None:
        raise CannotSearch(
            "The national service searches by badge number, name or postcode, and nobody whom you may see is recorded here"
            " with this National Insurance number. Add the name or the postcode of the holder, or a badge number."
        )
    return person


def _by_person(national: Client, person: Customer, nino: str) -> list[Row]:
    """The badges of somebody recorded here: what the service finds by their last name, by the postcodes they live at and by
    the badge numbers recorded for them, as far as it is theirs by the National Insurance number, or says none."""
    numbers = (
        person.references.filter(type=BADGE_NUMBER).order_by("-pk").values_list("number", flat=True)[:MOST_NUMBERS]
    )
    homes = person.residences.filter(to_date=None).exclude(address__postcode="")
    codes_here = homes.order_by("address__postcode").values_list("address__postcode", flat=True).distinct()[:MOST_HOMES]
    recorded = [row for number in numbers for row in _by_number(national, number)]
    questions = [{"name": person.person.last_name}, *({"postcode": postcodes.compact(code)} for code in codes_here)]
    found = [row for asked in questions for row in _by_details(national, {**asked, "nino": nino})]
    theirs = [row for row in recorded if not row.get("nino") or _is_of(row, nino)]
    return list({str(row.get("badgeNumber") or "").upper(): row for row in [*found, *theirs]}.values())[: MOST + 1]


def _is_of(row: Row, nino: str) -> bool:
    """Whether a row has this National Insurance number; its last letter is often not given."""
    return str(row.get("nino") or "").replace(" ", "").upper()[:8] == nino[:8]


def _by_details(national: Client, asked: dict[str, str]) -> list[Row]:
    postcode, name, nino = (asked.get(key, "") for key in ("postcode", "name", "nino"))
    rows = national.find_badges(postcode=postcode) if postcode else national.find_badges(name=name)
    fitting = (
        row
        for row in islice(rows, MOST_READ)
        if (not name or name.casefold() in str(row.get("name") or "").casefold()) and (not nino or _is_of(row, nino))
    )
    return list(islice(fitting, MOST + 1))


def _summary(badge: Row) -> Row:
    """A badge in the shape of the rows a search by name gives."""
    party = part(badge, "party")
    who = holder(party)
    return {
        "badgeNumber": badge.get("badgeNumber"),
        "partyTypeCode": party.get("typeCode"),
        "name": who.get("badgeHolderName"),
        "nino": who.get("nino"),
        "localAuthorityShortCode": badge.get("localAuthorityShortCode"),
        "postCode": part(party, "contact").get("postCode"),
        "expiryDate": badge.get("expiryDate"),
        "statusCode": badge.get("statusCode"),
    }


def _holder(badge: Row, customer: Customer | None, *, by: User, at: datetime) -> Found:
    if customer is not None:
        return Found(customer=customer, match=Match(customer=customer, rule=Rule.GIVEN, reason=CHOSEN), created=False)
    party = part(badge, "party")
    contact, who = part(party, "contact"), holder(party)
    lines = AddressLines(
        line1=str(contact.get("buildingStreet") or ""),
        line2=str(contact.get("line2") or ""),
        town=str(contact.get("townCity") or ""),
        postcode=str(contact.get("postCode") or ""),
    )
    ways = codes.CONTACTS.items()
    contacts = [Contact(type=type, value=str(contact[field])) for type, field in ways if contact.get(field)]
    if party.get("typeCode") == "ORG":
        organisation = OrganisationDetails(
            name=str(who.get("badgeHolderName") or ""),
            contact_name=str(contact.get("fullName") or ""),
        )
        return people.organisation_for_application(organisation, by=by, at=at, address=lines, contacts=contacts)
    name, born = split_full_name(str(who.get("badgeHolderName") or "")), day(who.get("dob"))
    if born is None:
        raise NationalError("The national service gives no date of birth for this badge.")
    details = PersonDetails(
        title=name.title,
        first_names=name.first_names,
        last_name=name.last_name,
        date_of_birth=born,
        gender=codes.GENDERS.get(str(who.get("genderCode")), ""),
        nino=str(who.get("nino") or ""),
    )
    return people.person_for_application(details, by=by, at=at, address=lines, contacts=contacts)
