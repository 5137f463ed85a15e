"""What the service accepts as an application: the fields with their limits, and the rules between them.

Source: the applications service as of May 2019. Limits and rules run together, so one answer lists them all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from moothall.sandbox.dft import parties, patterns, refdata
from moothall.sandbox.dft.beans import (
    Bean,
    Code,
    Day,
    Flag,
    Identifier,
    ListOf,
    Moment,
    Record,
    Text,
    Whole,
    broken,
)
from moothall.sandbox.dft.responses import FieldError, bad_fields

ROOT = "application"
ELIGIBILITY = refdata.codes("ELIGIBILIT") - {"COGNITIVE", "TRAF_RISK"}
BENEFITS = frozenset({"PIP", "DLA", "WPMS"})
EQUIPMENT = Code(codes=refdata.codes("BULKEQUIP"))

CONTACT = parties.contact(street=100, other_lines=100, postcode=patterns.POSTCODE_ON_APPLICATION)
PERSON = Bean(
    fields={
        "badgeHolderName": Text(required=True, most=100),
        "nino": Text(pattern=patterns.NINO),
        "dob": Day(required=True),
        "nameAtBirth": Text(most=100),
        "genderCode": Code(required=True, codes=refdata.codes("GENDER")),
    }
)
VEHICLE = Bean(
    fields={
        "registrationNumber": Text(most=7),
        "typeCode": Code(codes=refdata.codes("VEHICLETYP")),
        "usageFrequency": Text(most=100),
    }
)
ORGANISATION = Bean(
    fields={
        "badgeHolderName": Text(required=True, most=100),
        "isCharity": Flag(required=True),
        "charityNumber": Text(most=100),
        "vehicles": ListOf(items=VEHICLE),
        "numberOfBadges": Whole(required=True, least=1),
    }
)
WALKING_AID = Bean(
    fields={
        "description": Text(most=100),
        "usage": Text(most=100),
        "howProvidedCode": Code(required=True, codes=refdata.codes("WALKMOB")),
    }
)
MEDICATION = Bean(
    fields={
        "name": Text(most=100),
        "isPrescribed": Flag(),
        "frequency": Text(most=100),
        "quantity": Text(most=100),
    }
)
WALKING = Bean(
    fields={
        "typeCodes": ListOf(items=Code(codes=refdata.codes("WALKDIFF"))),
        "painDescription": Text(most=2000),
        "balanceDescription": Text(most=2000),
        "healthProfessionsForFalls": Flag(),
        "dangerousDescription": Text(most=2000),
        "chestLungHeartEpilepsy": Flag(),
        "otherDescription": Text(most=2000),
        "walkingAids": ListOf(items=WALKING_AID),
        "walkingLengthOfTimeCode": Code(codes=refdata.codes("WALKLEN")),
        "walkingSpeedCode": Code(codes=refdata.codes("WALKSPEED")),
        "treatments": ListOf(items=Bean(fields={"description": Text(most=100), "time": Text(most=100)})),
        "medications": ListOf(items=MEDICATION),
        "breathlessness": Bean(
            fields={
                "typeCodes": ListOf(items=Code(codes=refdata.codes("BREATHLESS"))),
                "otherDescription": Text(most=255),
            }
        ),
    }
)
ELIGIBILITY_BEAN = Bean(
    fields={
        "typeCode": Code(required=True, codes=ELIGIBILITY),
        "descriptionOfConditions": Text(most=10000),
        "benefit": Bean(fields={"isIndefinite": Flag(), "expiryDate": Day()}),
        "disabilityArms": Bean(
            fields={
                "drivingFrequency": Text(most=100),
                "isAdaptedVehicle": Flag(),
                "adaptedVehicleDescription": Text(most=255),
            }
        ),
        "blind": Bean(fields={"registeredAtLaId": Text()}),
        "childUnder3": Bean(
            fields={
                "bulkyMedicalEquipmentTypeCode": EQUIPMENT,
                "bulkyMedicalEquipmentTypeCodes": ListOf(items=EQUIPMENT),
                "otherMedicalEquipment": Text(most=100),
            }
        ),
        "healthcareProfessionals": ListOf(items=Bean(fields={"name": Text(most=100), "location": Text(most=100)})),
        "walkingDifficulty": WALKING,
    }
)
ARTIFACT = Bean(
    fields={
        "type": Code(required=True, codes=frozenset({"PROOF_ELIG", "SUPPORT_DOCS", "PROOF_ADD", "PROOF_ID", "PHOTO"})),
        "link": Text(required=True),
    }
)
APPLICATION = Bean(
    fields={
        "applicationId": Identifier(),
        "applicationTypeCode": Code(required=True, codes=refdata.codes("APPTYPE")),
        "localAuthorityCode": Text(required=True),
        "transferredLaFromCode": Text(),
        "transferredFromLaDate": Moment(),
        "paymentTaken": Flag(required=True),
        "paymentReference": Text(most=32),
        "submissionDate": Moment(),
        "existingBadgeNumber": Text(most=6),
        "applicationStatus": Code(codes=refdata.codes("APPSTATUS")),
        "party": Bean(
            required=True,
            fields={
                "typeCode": Code(required=True, codes=refdata.codes("PARTY")),
                "contact": CONTACT,
                "person": PERSON,
                "organisation": ORGANISATION,
            },
        ),
        "eligibility": ELIGIBILITY_BEAN,
        "artifacts": ListOf(items=ARTIFACT),
    }
)
UPDATE = Bean(fields={"applicationStatus": Code(required=True, codes=refdata.codes("APPSTATUS"))})
TRANSFER = Bean(fields={"transferToLaShortCode": Text(required=True)})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of `eligibility`: the types it may come with, and those that need it (a RENEW never does)."""

    name: str
    allowed: frozenset[str]
    needed: frozenset[str] = frozenset()


PARTS = (
    Part("benefit", BENEFITS, BENEFITS),
    Part("disabilityArms", frozenset({"ARMS"}), frozenset({"ARMS"})),
    Part("blind", frozenset({"BLIND"})),
    Part("childUnder3", frozenset({"CHILDBULK"}), frozenset({"CHILDBULK"})),
    Part("walkingDifficulty", frozenset({"WALKD"}), frozenset({"WALKD"})),
    Part("healthcareProfessionals", frozenset({"WALKD", "CHILDBULK", "CHILDVEHIC"})),
    Part("descriptionOfConditions", frozenset({"WALKD", "ARMS", "CHILDBULK", "CHILDVEHIC"})),
)
# Each walking difficulty with the answers that belong to it: all needed with it, none allowed without it.
WALKING_ANSWERS = {
    "PAIN": ("painDescription",),
    "BALANCE": ("balanceDescription", "healthProfessionsForFalls"),
    "DANGER": ("dangerousDescription", "chestLungHeartEpilepsy"),
    "SOMELSE": ("otherDescription",),
}


def check(application: Record, *, today: date) -> None:
    """Raise `Refused` with every limit and every rule the application breaks."""
    errors = broken(APPLICATION, application, root=ROOT)
    if errors := errors + list(_broken_rules(application, today)):
        raise bad_fields(errors)


def _missing(path: str) -> FieldError:
    return FieldError(path, f"NotNull.{ROOT}.{path}", f"{path} is mandatory")


def _not_valid(path: str, reason: str) -> FieldError:
    return FieldError(path, f"NotValid.{ROOT}.{path}", reason)


def _broken_rules(application: Record, today: date) -> Iterator[FieldError]:
    authority = application["localAuthorityCode"]
    if authority is not None and authority not in refdata.authorities():
        yield _not_valid("localAuthorityCode", f"{authority} is not a local authority")
    match (application["party"] or {}).get("typeCode"):
        case "PERSON":
            yield from _person_rules(application, today)
        case "ORG":
            yield from _organisation_rules(application)


def _person_rules(application: Record, today: date) -> Iterator[FieldError]:
    party, eligibility = application["party"], application["eligibility"]
    if party["organisation"] is not None:
        yield _not_valid("party.organisation", "a person's application has no organisation")
    if party["person"] is None:
        yield _missing("party.person")
    elif (born := party["person"]["dob"]) and date.fromisoformat(born) > today:
        yield _not_valid("party.person.dob", "the date of birth is in the future")
    if eligibility is None:
        yield _missing("eligibility")
    elif eligibility["typeCode"] is not None:
        yield from _eligibility_rules(eligibility, renewal=application["applicationTypeCode"] == "RENEW", today=today)


def _organisation_rules(application: Record) -> Iterator[FieldError]:
    organisation = application["party"]["organisation"]
    if organisation is None:
        yield _missing("party.organisation")
    elif organisation["charityNumber"] is not None and organisation["isCharity"] is not True:
        yield _not_valid("party.organisation.charityNumber", "only a charity has a charity number")
    if application["party"]["person"] is not None:
        yield _not_valid("party.person", "an organisation's application has no person")
    for name in ("eligibility", "artifacts"):
        if application[name] is not None:
            yield _not_valid(name, f"an organisation's application has no {name}")


def _eligibility_rules(eligibility: Record, *, renewal: bool, today: date) -> Iterator[FieldError]:
    kind = eligibility["typeCode"]
    for part in PARTS:
        given = eligibility[part.name]
        if given not in (None, []) and kind not in part.allowed:
            yield _not_valid(f"eligibility.{part.name}", f"{part.name} does not belong to {kind}")
        elif given is None and kind in part.needed and not renewal:
            yield _missing(f"eligibility.{part.name}")
    for name, kinds, rules in (
        ("benefit", BENEFITS, _benefit_rules),
        ("disabilityArms", {"ARMS"}, _arms_rules),
        ("blind", {"BLIND"}, _blind_rules),
        ("childUnder3", {"CHILDBULK"}, _child_rules),
        ("walkingDifficulty", {"WALKD"}, _walking_rules),
    ):
        if kind in kinds and eligibility[name] is not None:
            yield from rules(eligibility[name], renewal=renewal, today=today)


def _benefit_rules(benefit: Record, *, renewal: bool, today: date) -> Iterator[FieldError]:
    if benefit["isIndefinite"] is None and not renewal:
        yield _missing("eligibility.benefit.isIndefinite")
    if (ends := benefit["expiryDate"]) is None:
        return
    if benefit["isIndefinite"]:
        yield _not_valid("eligibility.benefit.expiryDate", "an indefinite benefit has no end date")
    elif date.fromisoformat(ends) < today:
        yield _not_valid("eligibility.benefit.expiryDate", "the end date is in the past")


def _arms_rules(arms: Record, *, renewal: bool, today: date) -> Iterator[FieldError]:
    del today
    if arms["isAdaptedVehicle"] is None and not renewal:
        yield _missing("eligibility.disabilityArms.isAdaptedVehicle")
    if arms["adaptedVehicleDescription"] is not None and arms["isAdaptedVehicle"] is not True:
        path = "eligibility.disabilityArms.adaptedVehicleDescription"
        yield _not_valid(path, "only an adapted vehicle has a description")


def _blind_rules(blind: Record, *, renewal: bool, today: date) -> Iterator[FieldError]:
    del renewal, today
    registered = blind["registeredAtLaId"]
    if registered is not None and registered not in refdata.authorities():
        yield _not_valid("eligibility.blind.registeredAtLaId", f"{registered} is not a local authority")


def equipment(child: Record) -> list[str]:
    """The equipment codes of a child's application, whichever of the two fields (one deprecated) they came in."""
    several = [code for code in child["bulkyMedicalEquipmentTypeCodes"] or () if code]
    single = child["bulkyMedicalEquipmentTypeCode"]
    return several or ([single] if single else [])


def _child_rules(child: Record, *, renewal: bool, today: date) -> Iterator[FieldError]:
    del today
    held = equipment(child)
    if not held and not renewal:
        yield _missing("eligibility.childUnder3.bulkyMedicalEquipmentTypeCodes")
    path, other = "eligibility.childUnder3.otherMedicalEquipment", child["otherMedicalEquipment"]
    if "OTHER" in held and other is None:
        yield _missing(path)
    elif "OTHER" not in held and other is not None:
        yield _not_valid(path, "only other equipment is described")


def _walking_rules(walking: Record, *, renewal: bool, today: date) -> Iterator[FieldError]:
    del today
    base = "eligibility.walkingDifficulty"
    kinds = {kind for kind in walking["typeCodes"] or () if kind}
    if not renewal:
        if not kinds:
            yield _missing(f"{base}.typeCodes")
        if walking["walkingLengthOfTimeCode"] is None:
            yield _missing(f"{base}.walkingLengthOfTimeCode")
    if walking["walkingLengthOfTimeCode"] == "CANTWALK" and walking["walkingSpeedCode"] is not None:
        yield _not_valid(f"{base}.walkingSpeedCode", "who cannot walk has no walking speed")
    if not kinds:
        return
    for kind, answers in WALKING_ANSWERS.items():
        for answer in answers:
            if kind in kinds and walking[answer] is None:
                yield _missing(f"{base}.{answer}")
            elif kind not in kinds and walking[answer] is not None:
                yield _not_valid(f"{base}.{answer}", f"{answer} belongs to {kind}")
    yield from _breathlessness_rules(walking["breathlessness"], breathless="BREATH" in kinds)


def _breathlessness_rules(given: Record | None, *, breathless: bool) -> Iterator[FieldError]:
    base = "eligibility.walkingDifficulty.breathlessness"
    kinds = {kind for kind in (given or {}).get("typeCodes") or () if kind}
    other: Any = (given or {}).get("otherDescription")
    if not breathless:
        if given is not None:
            yield _not_valid(base, "breathlessness belongs to BREATH")
        if kinds:
            yield _not_valid(f"{base}.typeCodes", "breathlessness belongs to BREATH")
        return
    if given is None:
        yield _missing(base)
    if not kinds:
        yield _not_valid(f"{base}.typeCodes", "at least one kind of breathlessness is mandatory")
    if ("OTHER" in kinds) != (other is not None):
        yield _not_valid(f"{base}.otherDescription", "a description and the kind OTHER go together")
