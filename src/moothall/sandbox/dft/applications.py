"""What an authority's system and the citizen's application do with applications."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from moothall.sandbox.dft import application_rules as rules
from moothall.sandbox.dft import beans, patterns, refdata
from moothall.sandbox.dft.auth import Client, forbidden
from moothall.sandbox.dft.beans import Record
from moothall.sandbox.dft.paging import Page
from moothall.sandbox.dft.responses import FieldError, Refused, bad_field, bad_fields
from moothall.sandbox.dft.world import Application, World

DELETED = "DELETED"


def moment(world: World, at: datetime | None = None) -> str:
    """Now, or `at`, as the service writes date-times: RFC 3339, UTC, milliseconds."""
    return (at or world.clock()).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def create(world: World, body: bytes, *, submitted: datetime | None = None) -> str:
    """Take in an application from the citizen's application, now or as of then; return its id. Raises `Refused`."""
    record = beans.parse(body, rules.APPLICATION)
    rules.check(record, today=world.today())
    if record["applicationId"] in world.applications:
        reason = "an application with this id exists"
        raise bad_field("applicationId", "NotValid.application.applicationId", reason)
    files = _file_keys(world, record)
    _tidy(record)
    record |= {
        "applicationId": record["applicationId"] or str(uuid.uuid4()),
        "submissionDate": moment(world, submitted),
        "applicationStatus": record["applicationStatus"] or "TODO",
        "transferredLaFromCode": None,
        "transferredFromLaDate": None,
    }
    world.add_application(Application(record, files))
    return str(record["applicationId"])


def _file_keys(world: World, record: Record) -> list[str]:
    keys, errors = [], []
    for index, artifact in enumerate(record["artifacts"] or ()):
        key = world.documents.key_of(artifact["link"])
        if key is None:
            path = f"artifacts[{index}].link"
            errors.append(FieldError(path, f"NotValid.application.{path}", "the link leads to no stored document"))
        else:
            keys.append(key)
    if errors:
        raise bad_fields(errors)
    return keys


def _tidy(record: Record) -> None:
    contact, person = record["party"]["contact"], record["party"]["person"]
    contact["postCode"] = patterns.squeezed_upper(contact["postCode"])
    for phone in ("primaryPhoneNumber", "secondaryPhoneNumber"):
        contact[phone] = patterns.squeezed(contact[phone])
    if person:
        person["nino"] = patterns.squeezed_upper(person["nino"])
    child = (record["eligibility"] or {}).get("childUnder3")
    if child:
        held = rules.equipment(child)
        child["bulkyMedicalEquipmentTypeCodes"] = held
        child["bulkyMedicalEquipmentTypeCode"] = held[0] if held else None


def get(world: World, client: Client, application_id: str, *, unknown: str = "NotFound.application") -> Application:
    """An application of the client's authority. Raises `Refused`: 400 no UUID, 404 unknown, 403 another's."""
    try:
        key = str(uuid.UUID(application_id))
    except ValueError as fault:
        field = "applicationId"
        raise bad_field(field, f"typeMismatch.{field}", f"{application_id} is not a UUID") from fault
    application = world.applications.get(key)
    if application is None or application.deleted:
        raise Refused(404, unknown, "The application does not exist.")
    if application.la != client.la:
        raise forbidden()
    return application


def detail(world: World, application: Application) -> Record:
    """What the service shows of an application, with fresh links to its documents."""
    if not application.files:
        return application.record
    shown = [
        {"type": artifact["type"], "link": world.link(key)}
        for artifact, key in zip(application.record["artifacts"], application.files, strict=True)
    ]
    return application.record | {"artifacts": shown}


def find(world: World, client: Client, query: Mapping[str, str], page: Page) -> tuple[list[Record], dict[str, int]]:
    """Summaries of the authority's applications, newest first, and the paging information. Raises `Refused`."""
    name = query.get("name", "").strip().casefold()
    postcode = patterns.squeezed_upper(query.get("postcode", ""))
    kind = query.get("applicationTypeCode", "").strip()
    if kind and kind not in refdata.codes("APPTYPE"):
        raise _mismatch("applicationTypeCode", kind)
    earliest, latest = _moment(query, "from"), _moment(query, "to")

    def wanted() -> Iterator[Application]:
        for application in reversed(world.by_authority.get(client.la, [])):
            record = application.record
            if application.deleted or (kind and record["applicationTypeCode"] != kind):
                continue
            if name and name not in _holder(record)["badgeHolderName"].casefold():
                continue
            if postcode and record["party"]["contact"]["postCode"] != postcode:
                continue
            if earliest or latest:
                submitted = datetime.fromisoformat(record["submissionDate"])
                if (earliest and submitted < earliest) or (latest and submitted > latest):
                    continue
            yield application

    shown, info = page.of(list(wanted()))
    return [_summary(application.record) for application in shown], info


def _mismatch(name: str, text: str) -> Refused:
    return bad_field(name, f"typeMismatch.findApplicationParams.{name}", f"{text} is not allowed here")


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        # A "+" that was not escaped in the query arrives as a space.
        when = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as fault:
        raise _mismatch(name, text) from fault
    if when.tzinfo is None:
        raise _mismatch(name, text)
    return when


def _holder(record: Record) -> Record:
    holder: Record = record["party"]["person"] or record["party"]["organisation"]
    return holder


def _summary(record: Record) -> Record:
    holder = _holder(record)
    eligibility: dict[str, Any] = record["eligibility"] or {}
    return {
        "applicationId": record["applicationId"],
        "partyTypeCode": record["party"]["typeCode"],
        "applicationTypeCode": record["applicationTypeCode"],
        "nino": holder.get("nino"),
        "dob": holder.get("dob"),
        "name": holder["badgeHolderName"],
        "submissionDate": record["submissionDate"],
        "eligibilityCode": eligibility.get("typeCode"),
        "applicationStatus": record["applicationStatus"],
    }


def update(world: World, client: Client, application_id: str, body: bytes) -> None:
    """Set the status of an application. Raises `Refused`."""
    change = beans.parse(body, rules.UPDATE)
    beans.check(rules.UPDATE, change, root="applicationUpdate")
    application = get(world, client, application_id)
    application.record["applicationStatus"] = change["applicationStatus"]
    world.keep_application(application)


def transfer(world: World, client: Client, application_id: str, body: bytes) -> None:
    """Hand an application to another authority, which finds it as not yet begun. Raises `Refused`."""
    root, field = "applicationTransferRequest", "transferToLaShortCode"
    change = beans.parse(body, rules.TRANSFER)
    beans.check(rules.TRANSFER, change, root=root)
    application = get(world, client, application_id, unknown="NotFound.Application")
    to = change[field]
    if to not in refdata.authorities():
        raise bad_field(field, f"NotValid.{root}.{field}", f"{to} is not a local authority")
    if to == application.la:
        raise bad_field(field, f"NotValid.{root}.{field}", "the application is already with this local authority")
    application.record |= {
        "transferredLaFromCode": application.la,
        "transferredFromLaDate": moment(world),
        "applicationStatus": "TODO",
    }
    world.move_application(application, to=to)


def delete(world: World, client: Client, application_id: str) -> None:
    """Blank an application's personal data and delete its documents. Raises `Refused`."""
    application = get(world, client, application_id)
    for key in application.files:
        world.documents.remove(key)
    record = application.record
    contact = dict.fromkeys(record["party"]["contact"]) | {"postCode": DELETED}
    party = {"typeCode": record["party"]["typeCode"], "contact": contact, "person": None, "organisation": None}
    part = "person" if party["typeCode"] == "PERSON" else "organisation"
    party[part] = {"badgeHolderName": DELETED}
    record |= {"party": party, "eligibility": None, "artifacts": None, "existingBadgeNumber": None}
    application.files, application.deleted = [], True
    world.keep_application(application)
