"""Request bodies to start from, and a way to change one."""

import copy
from datetime import date, timedelta
from typing import Any

TODAY = date.today()  # noqa: DTZ011 - the sandbox's day is the machine's
GONE = object()
Body = dict[str, Any]

CONTACT: Body = {
    "fullName": "Robin Example",
    "buildingStreet": "1 Example Row",
    "townCity": "Exampleton",
    "postCode": "m4 1fs",
    "primaryPhoneNumber": "01632 960001",
}
PERSON: Body = {"badgeHolderName": "Alex Example", "nino": "ns 12 34 56 a", "dob": "1950-02-28", "genderCode": "MALE"}
WALKING: Body = {
    "typeCodes": ["PAIN", "BREATH", "BALANCE", "DANGER", "SOMELSE"],
    "painDescription": "Pain",
    "balanceDescription": "Falls",
    "healthProfessionsForFalls": False,
    "dangerousDescription": "Danger",
    "chestLungHeartEpilepsy": True,
    "otherDescription": "Else",
    "breathlessness": {"typeCodes": ["UPHILL"]},
    "walkingLengthOfTimeCode": "LESSMIN",
    "walkingSpeedCode": "SLOW",
    "walkingAids": [{"description": "Stick", "usage": "Daily", "howProvidedCode": "PRIVATE"}],
}
ELIGIBILITY: dict[str, Body] = {
    "PIP": {"benefit": {"isIndefinite": True}},
    "DLA": {"benefit": {"isIndefinite": False, "expiryDate": (TODAY + timedelta(days=1)).isoformat()}},
    "WPMS": {"benefit": {"isIndefinite": True}},
    "AFRFCS": {},
    "BLIND": {"blind": {"registeredAtLaId": "MANC"}},
    "WALKD": {"walkingDifficulty": WALKING, "descriptionOfConditions": "Conditions"},
    "ARMS": {"disabilityArms": {"isAdaptedVehicle": True, "adaptedVehicleDescription": "Knob"}},
    "CHILDBULK": {"childUnder3": {"bulkyMedicalEquipmentTypeCodes": ["VENT"]}},
    "CHILDVEHIC": {"healthcareProfessionals": [{"name": "Dr Example", "location": "Example Hospital"}]},
}
ORGANISATION: Body = {"badgeHolderName": "Example Centre", "isCharity": True, "numberOfBadges": 2}


def application(kind: str = "PIP", *, la: str = "ABERD", renewal: bool = False) -> Body:
    """A valid application of a person by eligibility, or of an organisation (kind ORG)."""
    body: Body = {
        "applicationTypeCode": "RENEW" if renewal else "NEW",
        "localAuthorityCode": la,
        "paymentTaken": False,
        "party": {"typeCode": "ORG", "contact": copy.deepcopy(CONTACT), "organisation": copy.deepcopy(ORGANISATION)},
    }
    if kind != "ORG":
        body["party"] = {"typeCode": "PERSON", "contact": copy.deepcopy(CONTACT), "person": copy.deepcopy(PERSON)}
        body["eligibility"] = {"typeCode": kind} | copy.deepcopy(ELIGIBILITY[kind])
    return body


def order(kind: str = "PIP", *, la: str = "ABERD") -> Body:
    """A valid order of a person's badge by eligibility, or of two badges of an organisation (kind ORG)."""
    body: Body = {
        "party": {"typeCode": "PERSON", "contact": copy.deepcopy(CONTACT), "person": copy.deepcopy(PERSON)},
        "localAuthorityShortCode": la,
        "localAuthorityRef": "BB-EXAMPLE",
        "applicationDate": TODAY.isoformat(),
        "applicationChannelCode": "ONLINE",
        "startDate": TODAY.isoformat(),
        "expiryDate": (TODAY + timedelta(days=365)).isoformat(),
        "eligibilityCode": kind,
        "deliverToCode": "HOME",
        "deliveryOptionCode": "STAND",
        "numberOfBadges": 1,
    }
    if kind == "ORG":
        body["party"] = {
            "typeCode": "ORG",
            "contact": copy.deepcopy(CONTACT),
            "organisation": {"badgeHolderName": "Example Centre"},
        }
        body |= {"numberOfBadges": 2, "eligibilityCode": None}
    return body


def with_change(body: Body, path: str, value: Any) -> Body:
    """The body with one value set, or taken out (GONE), at a dotted path."""
    changed = copy.deepcopy(body)
    *parents, last = path.split(".")
    place: Any = changed
    for name in parents:
        place = place[int(name)] if name.isdigit() else place.setdefault(name, {})
    if value is GONE:
        place.pop(last, None)
    else:
        place[int(last) if last.isdigit() else last] = value
    return changed
