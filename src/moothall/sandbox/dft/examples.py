"""Plausible, plainly fictional applications: every eligibility route, persons and organisations, with documents."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from moothall.sandbox.dft import applications
from moothall.sandbox.dft.samples import photo_png, proof_pdf
from moothall.sandbox.dft.world import World

Body = dict[str, Any]
FORENAMES = (
    "Alma",
    "Bertil",
    "Cosmo",
    "Delphine",
    "Edda",
    "Florian",
    "Greta",
    "Hector",
    "Ines",
    "Jago",
    "Kit",
    "Lotte",
)
SURNAMES = ("Fictional", "Sampleworth", "Testerby", "Madeup", "Pretendley", "Notreal", "Examplar", "Mockton")
STREETS = ("Example Row", "Sample Street", "Specimen Close", "Demonstration Avenue", "Placeholder Lane")
TOWNS = ("Exampleton", "Sampleford", "Testbridge")
NINO_LETTERS = "ABCEGHJKLMNPRSTWXYZ"


def _automatic(kind: str) -> Callable[[date, int], Body]:
    def eligibility(today: date, index: int) -> Body:
        if kind == "WPMS" or index % 2:
            return {"typeCode": kind, "benefit": {"isIndefinite": True}}
        ends = today + timedelta(days=200 + index % 500)
        return {"typeCode": kind, "benefit": {"isIndefinite": False, "expiryDate": ends.isoformat()}}

    return eligibility


def _blind(today: date, index: int) -> Body:
    del today
    return {"typeCode": "BLIND", "blind": {"registeredAtLaId": "MANC"}} if index % 2 else {"typeCode": "BLIND"}


def _forces(today: date, index: int) -> Body:
    del today, index
    return {"typeCode": "AFRFCS"}


def _walking(today: date, index: int) -> Body:
    del today
    professional = {"name": "Dr Made Up", "location": "Example Infirmary"}
    if index % 5 == 0:
        walking: Body = {"typeCodes": ["STRUGGLE"], "walkingLengthOfTimeCode": "CANTWALK"}
    else:
        walking = {
            "typeCodes": ["PAIN", "BREATH", "BALANCE"],
            "painDescription": "Made-up pain in an invented hip after about 20 metres.",
            "balanceDescription": "Leans on walls that do not exist.",
            "healthProfessionsForFalls": bool(index % 2),
            "breathlessness": {"typeCodes": ["UPHILL", "OTHER"], "otherDescription": "On imaginary stairs."},
            "walkingLengthOfTimeCode": ("LESSMIN", "ONEFIVE", "FIVETEN")[index % 3],
            "walkingSpeedCode": "SLOW",
            "walkingAids": [{"description": "Stick", "usage": "Every journey", "howProvidedCode": "PRIVATE"}],
            "medications": [{"name": "Placebo", "isPrescribed": True, "frequency": "Daily", "quantity": "1 tablet"}],
            "treatments": [{"description": "Invented physiotherapy", "time": "Six months"}],
        }
    return {
        "typeCode": "WALKD",
        "descriptionOfConditions": "A fictional condition of an invented person.",
        "walkingDifficulty": walking,
        "healthcareProfessionals": [professional],
    }


def _arms(today: date, index: int) -> Body:
    del today
    adapted = bool(index % 2)
    arms: Body = {"drivingFrequency": "Most days", "isAdaptedVehicle": adapted}
    if adapted:
        arms["adaptedVehicleDescription"] = "An imaginary steering knob."
    return {"typeCode": "ARMS", "descriptionOfConditions": "Fictional weakness of both arms.", "disabilityArms": arms}


def _equipment(today: date, index: int) -> Body:
    del today
    child: Body = {"bulkyMedicalEquipmentTypeCodes": ["VENT", "SUCTION"]}
    if index % 2:
        child = {"bulkyMedicalEquipmentTypeCodes": ["OTHER"], "otherMedicalEquipment": "An invented machine"}
    return {"typeCode": "CHILDBULK", "descriptionOfConditions": "A fictional condition.", "childUnder3": child}


def _near_vehicle(today: date, index: int) -> Body:
    del today, index
    professional = {"name": "Dr Made Up", "location": "Example Children's Hospital"}
    return {
        "typeCode": "CHILDVEHIC",
        "descriptionOfConditions": "A fictional condition.",
        "healthcareProfessionals": [professional],
    }


# The last stands for an organisation, which has no eligibility.
ROUTES: tuple[Callable[[date, int], Body] | None, ...] = (
    _automatic("PIP"),
    _walking,
    _automatic("DLA"),
    _blind,
    _arms,
    _automatic("WPMS"),
    _equipment,
    _forces,
    _near_vehicle,
    None,
)
CHILDREN = frozenset({"CHILDBULK", "CHILDVEHIC"})


def application(index: int, *, la: str, today: date, documents: list[Body] | None = None) -> Body:
    """The body of the fictional application number `index` for an authority; the same number, the same application.

    Names and National Insurance numbers differ up to a few million. `documents` are {type, link}.
    """
    route = ROUTES[index % len(ROUTES)]
    turn = index // len(ROUTES)
    name = f"{FORENAMES[turn % len(FORENAMES)]} {SURNAMES[index % len(SURNAMES)]}"
    body: Body = {
        "applicationTypeCode": "NEW",
        "localAuthorityCode": la,
        "paymentTaken": bool(turn % 2),
        "paymentReference": f"P{index:011d}" if turn % 2 else None,
        "party": {"typeCode": "ORG", "contact": _contact(index)},
    }
    if route is None:
        body["party"]["organisation"] = _organisation(index)
        return body
    eligibility = route(today, turn)
    age = (
        timedelta(days=400 + index % 300)
        if eligibility["typeCode"] in CHILDREN
        else timedelta(days=7000 + index * 7 % 25000)
    )
    person = {
        "badgeHolderName": name,
        "dob": (today - age).isoformat(),
        "nameAtBirth": name,
        "genderCode": ("FEMALE", "MALE", "UNSPECIFIE")[index % 3],
    }
    if eligibility["typeCode"] not in CHILDREN:
        person["nino"] = _nino(index)
    body["party"] = {"typeCode": "PERSON", "contact": _contact(index), "person": person}
    return body | {"eligibility": eligibility, "artifacts": documents or []}


def _nino(index: int) -> str:
    # Prefixes starting with TE and the like: plausible in shape, and the same for nobody twice in a long run.
    first, second = "SHJX"[index % 4], NINO_LETTERS[index // 4 % len(NINO_LETTERS)]
    return f"{first}{second}{index % 1_000_000:06d}{'ABCD'[index // 1_000_000 % 4]}"


def _contact(index: int) -> Body:
    return {
        "fullName": f"Contact {SURNAMES[index % len(SURNAMES)]}",
        "buildingStreet": f"{1 + index % 200} {STREETS[index % len(STREETS)]}",
        "line2": "Fictional Quarter",
        "townCity": TOWNS[index % len(TOWNS)],
        "postCode": f"{'BLMNS'[index % 5]}{1 + index % 9} {index // 9 % 10}{'ABDEFGHJ'[index % 8]}{'LNPQRSTU'[index // 8 % 8]}",
        "primaryPhoneNumber": f"01632 {960000 + index % 1000}",
        "secondaryPhoneNumber": f"07700 {900000 + index % 1000}",
        "emailAddress": f"applicant{index}@example.org",
    }


def _organisation(index: int) -> Body:
    return {
        "badgeHolderName": f"Fictional Day Centre {index}",
        "isCharity": True,
        "charityNumber": f"{index:07d}",
        "numberOfBadges": 1 + index % 3,
        "vehicles": [{"registrationNumber": "AA19AAA", "typeCode": "MINIBUS", "usageFrequency": "Daily"}],
    }


def load(
    world: World, *, count: int, la: str, documents: bool, first: int = 0, submitted: datetime | None = None
) -> list[str]:
    """Take `count` fictional applications in, numbered from `first`, now or as of then; return their ids. Raises `Refused`."""
    today = world.today()
    made = []
    for index in range(first, first + count):
        person = ROUTES[index % len(ROUTES)] is not None
        files = _documents(world, index) if documents and person else None
        body = application(index, la=la, today=today, documents=files)
        made.append(applications.create(world, json.dumps(body).encode(), submitted=submitted))
    return made


def _documents(world: World, index: int) -> list[Body]:
    photo = world.documents.add(photo_png(index % 12), media_type="image/png", name="photo.png")
    proof = world.documents.add(proof_pdf(f"Fictional proof {index}"), media_type="application/pdf", name="proof.pdf")
    return [
        {"type": "PHOTO", "link": world.link(photo.key)},
        {"type": "PROOF_ADD", "link": world.link(proof.key)},
    ]
