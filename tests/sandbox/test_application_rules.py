"""Each rule of the published application, broken once."""

from datetime import timedelta
from typing import Any

import pytest
from tests.sandbox.bodies import ELIGIBILITY, GONE, TODAY, application, with_change
from tests.sandbox.callers import Caller, keys_of

E, W = "eligibility", "eligibility.walkingDifficulty"
TOMORROW = (TODAY + timedelta(days=1)).isoformat()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()
HOLDER = "party.person.badgeHolderName"

# (kind of application, where, what, expected key without ".application")
BROKEN: list[tuple[str, str, Any, str]] = [
    ("PIP", "applicationTypeCode", GONE, "NotNull.applicationTypeCode"),
    ("PIP", "applicationTypeCode", "REVOKE", "InvalidFormat.applicationTypeCode"),
    ("PIP", "localAuthorityCode", " ", "NotNull.localAuthorityCode"),
    ("PIP", "localAuthorityCode", "NOWHERE", "NotValid.localAuthorityCode"),
    ("PIP", "paymentTaken", None, "NotNull.paymentTaken"),
    ("PIP", "paymentTaken", "perhaps", "InvalidFormat.paymentTaken"),
    ("PIP", "paymentReference", "P" * 33, "Size.paymentReference"),
    ("PIP", "existingBadgeNumber", "1234567", "Size.existingBadgeNumber"),
    ("PIP", "submissionDate", "yesterday", "InvalidFormat.submissionDate"),
    ("PIP", "applicationId", "12", "InvalidFormat.applicationId"),
    ("PIP", "applicationStatus", "DONE", "InvalidFormat.applicationStatus"),
    ("PIP", "party", GONE, "NotNull.party"),
    ("PIP", "party", "me", "InvalidFormat.party"),
    ("PIP", "party.typeCode", GONE, "NotNull.party.typeCode"),
    ("PIP", "party.typeCode", "DOG", "InvalidFormat.party.typeCode"),
    ("PIP", "party.contact", GONE, "NotNull.party.contact"),
    ("PIP", "party.contact.fullName", "x" * 101, "Size.party.contact.fullName"),
    ("PIP", "party.contact.buildingStreet", "", "NotNull.party.contact.buildingStreet"),
    ("PIP", "party.contact.buildingStreet", "x" * 101, "Size.party.contact.buildingStreet"),
    ("PIP", "party.contact.line2", "x" * 101, "Size.party.contact.line2"),
    ("PIP", "party.contact.townCity", GONE, "NotNull.party.contact.townCity"),
    ("PIP", "party.contact.townCity", "x" * 101, "Size.party.contact.townCity"),
    ("PIP", "party.contact.postCode", GONE, "NotNull.party.contact.postCode"),
    ("PIP", "party.contact.postCode", "M4", "Pattern.party.contact.postCode"),
    ("PIP", "party.contact.primaryPhoneNumber", GONE, "NotNull.party.contact.primaryPhoneNumber"),
    ("PIP", "party.contact.primaryPhoneNumber", "1" * 21, "Size.party.contact.primaryPhoneNumber"),
    ("PIP", "party.contact.secondaryPhoneNumber", "1" * 21, "Size.party.contact.secondaryPhoneNumber"),
    ("PIP", "party.contact.emailAddress", "nobody", "Pattern.party.contact.emailAddress"),
    ("PIP", "party.contact.emailAddress", "x" * 100 + "@y", "Size.party.contact.emailAddress"),
    ("PIP", "party.person", GONE, "NotNull.party.person"),
    ("PIP", HOLDER, GONE, f"NotNull.{HOLDER}"),
    ("PIP", HOLDER, "x" * 101, f"Size.{HOLDER}"),
    ("PIP", "party.person.nino", "BG123456A", "Pattern.party.person.nino"),
    ("PIP", "party.person.nino", "NS12345", "Pattern.party.person.nino"),
    ("PIP", "party.person.dob", GONE, "NotNull.party.person.dob"),
    ("PIP", "party.person.dob", TOMORROW, "NotValid.party.person.dob"),
    ("PIP", "party.person.dob", "28/02/1950", "InvalidFormat.party.person.dob"),
    ("PIP", "party.person.nameAtBirth", "x" * 101, "Size.party.person.nameAtBirth"),
    ("PIP", "party.person.genderCode", GONE, "NotNull.party.person.genderCode"),
    ("PIP", "party.person.genderCode", "UNKNOWN", "InvalidFormat.party.person.genderCode"),
    ("PIP", "party.organisation", {"badgeHolderName": "x"}, "NotValid.party.organisation"),
    ("PIP", "eligibility", GONE, "NotNull.eligibility"),
    ("PIP", "eligibility.typeCode", GONE, "NotNull.eligibility.typeCode"),
    ("PIP", "eligibility.typeCode", "TRAF_RISK", "InvalidFormat.eligibility.typeCode"),
    ("PIP", "artifacts", [{"type": "PHOTO"}], "NotNull.artifacts[0].link"),
    ("PIP", "artifacts", [{"link": "x"}], "NotNull.artifacts[0].type"),
    ("PIP", "artifacts", [{"type": "SELFIE", "link": "x"}], "InvalidFormat.artifacts.type"),
    ("PIP", "artifacts", [{"type": "PHOTO", "link": "http://x.example.org/y"}], "NotValid.artifacts[0].link"),
    ("PIP", f"{E}.benefit", GONE, f"NotNull.{E}.benefit"),
    ("DLA", f"{E}.benefit", GONE, f"NotNull.{E}.benefit"),
    ("WPMS", f"{E}.benefit", GONE, f"NotNull.{E}.benefit"),
    ("PIP", f"{E}.benefit.isIndefinite", GONE, f"NotNull.{E}.benefit.isIndefinite"),
    ("PIP", f"{E}.benefit.expiryDate", TOMORROW, f"NotValid.{E}.benefit.expiryDate"),
    ("DLA", f"{E}.benefit.expiryDate", YESTERDAY, f"NotValid.{E}.benefit.expiryDate"),
    ("DLA", f"{E}.benefit.expiryDate", "soon", f"InvalidFormat.{E}.benefit.expiryDate"),
    ("AFRFCS", f"{E}.benefit", {"isIndefinite": True}, f"NotValid.{E}.benefit"),
    ("PIP", f"{E}.descriptionOfConditions", "text", f"NotValid.{E}.descriptionOfConditions"),
    ("WALKD", f"{E}.descriptionOfConditions", "x" * 10001, f"Size.{E}.descriptionOfConditions"),
    ("ARMS", f"{E}.disabilityArms", GONE, f"NotNull.{E}.disabilityArms"),
    ("ARMS", f"{E}.disabilityArms.isAdaptedVehicle", GONE, f"NotNull.{E}.disabilityArms.isAdaptedVehicle"),
    ("ARMS", f"{E}.disabilityArms.isAdaptedVehicle", False, f"NotValid.{E}.disabilityArms.adaptedVehicleDescription"),
    (
        "ARMS",
        f"{E}.disabilityArms.adaptedVehicleDescription",
        "x" * 256,
        f"Size.{E}.disabilityArms.adaptedVehicleDescription",
    ),
    ("ARMS", f"{E}.disabilityArms.drivingFrequency", "x" * 101, f"Size.{E}.disabilityArms.drivingFrequency"),
    ("BLIND", f"{E}.blind.registeredAtLaId", "XXX", f"NotValid.{E}.blind.registeredAtLaId"),
    ("CHILDBULK", f"{E}.childUnder3", GONE, f"NotNull.{E}.childUnder3"),
    (
        "CHILDBULK",
        f"{E}.childUnder3.bulkyMedicalEquipmentTypeCodes",
        [],
        f"NotNull.{E}.childUnder3.bulkyMedicalEquipmentTypeCodes",
    ),
    (
        "CHILDBULK",
        f"{E}.childUnder3.bulkyMedicalEquipmentTypeCodes",
        ["SPOON"],
        f"InvalidFormat.{E}.childUnder3.bulkyMedicalEquipmentTypeCodes",
    ),
    (
        "CHILDBULK",
        f"{E}.childUnder3.bulkyMedicalEquipmentTypeCodes",
        ["OTHER"],
        f"NotNull.{E}.childUnder3.otherMedicalEquipment",
    ),
    ("CHILDBULK", f"{E}.childUnder3.otherMedicalEquipment", "text", f"NotValid.{E}.childUnder3.otherMedicalEquipment"),
    ("CHILDBULK", f"{E}.childUnder3.otherMedicalEquipment", "x" * 101, f"Size.{E}.childUnder3.otherMedicalEquipment"),
    ("ARMS", f"{E}.healthcareProfessionals", [{"name": "x"}], f"NotValid.{E}.healthcareProfessionals"),
    ("CHILDVEHIC", f"{E}.healthcareProfessionals.0.name", "x" * 101, f"Size.{E}.healthcareProfessionals[0].name"),
    ("WALKD", W, GONE, f"NotNull.{W}"),
    ("WALKD", f"{W}.typeCodes", [], f"NotNull.{W}.typeCodes"),
    ("WALKD", f"{W}.typeCodes", ["TIRED"], f"InvalidFormat.{W}.typeCodes"),
    ("WALKD", f"{W}.painDescription", GONE, f"NotNull.{W}.painDescription"),
    ("WALKD", f"{W}.painDescription", "x" * 2001, f"Size.{W}.painDescription"),
    ("WALKD", f"{W}.balanceDescription", GONE, f"NotNull.{W}.balanceDescription"),
    ("WALKD", f"{W}.healthProfessionsForFalls", GONE, f"NotNull.{W}.healthProfessionsForFalls"),
    ("WALKD", f"{W}.dangerousDescription", GONE, f"NotNull.{W}.dangerousDescription"),
    ("WALKD", f"{W}.chestLungHeartEpilepsy", GONE, f"NotNull.{W}.chestLungHeartEpilepsy"),
    ("WALKD", f"{W}.otherDescription", GONE, f"NotNull.{W}.otherDescription"),
    ("WALKD", f"{W}.otherDescription", "x" * 2001, f"Size.{W}.otherDescription"),
    ("WALKD", f"{W}.typeCodes", ["BREATH"], f"NotValid.{W}.painDescription"),
    ("WALKD", f"{W}.typeCodes", ["BREATH"], f"NotValid.{W}.healthProfessionsForFalls"),
    ("WALKD", f"{W}.typeCodes", ["PAIN"], f"NotValid.{W}.breathlessness.typeCodes"),
    ("WALKD", f"{W}.breathlessness", GONE, f"NotNull.{W}.breathlessness"),
    ("WALKD", f"{W}.breathlessness", {}, f"NotValid.{W}.breathlessness.typeCodes"),
    ("WALKD", f"{W}.breathlessness.typeCodes", ["OTHER"], f"NotValid.{W}.breathlessness.otherDescription"),
    ("WALKD", f"{W}.breathlessness.otherDescription", "text", f"NotValid.{W}.breathlessness.otherDescription"),
    ("WALKD", f"{W}.breathlessness.otherDescription", "x" * 256, f"Size.{W}.breathlessness.otherDescription"),
    ("WALKD", f"{W}.walkingLengthOfTimeCode", GONE, f"NotNull.{W}.walkingLengthOfTimeCode"),
    ("WALKD", f"{W}.walkingLengthOfTimeCode", "CANTWALK", f"NotValid.{W}.walkingSpeedCode"),
    ("WALKD", f"{W}.walkingAids.0.howProvidedCode", GONE, f"NotNull.{W}.walkingAids[0].howProvidedCode"),
    ("WALKD", f"{W}.walkingAids.0.usage", "x" * 101, f"Size.{W}.walkingAids[0].usage"),
    ("WALKD", f"{W}.treatments", [{"time": "x" * 101}], f"Size.{W}.treatments[0].time"),
    ("WALKD", f"{W}.medications", [{"quantity": "x" * 101}], f"Size.{W}.medications[0].quantity"),
    ("ORG", "party.organisation", GONE, "NotNull.party.organisation"),
    ("ORG", "party.organisation.badgeHolderName", GONE, "NotNull.party.organisation.badgeHolderName"),
    ("ORG", "party.organisation.isCharity", GONE, "NotNull.party.organisation.isCharity"),
    ("ORG", "party.organisation.numberOfBadges", GONE, "NotNull.party.organisation.numberOfBadges"),
    ("ORG", "party.organisation.numberOfBadges", 0, "Min.party.organisation.numberOfBadges"),
    (
        "ORG",
        "party.organisation.vehicles",
        [{"registrationNumber": "AA19AAAA"}],
        "Size.party.organisation.vehicles[0].registrationNumber",
    ),
    ("ORG", "party.person", {"badgeHolderName": "x"}, "NotValid.party.person"),
    ("ORG", "eligibility", {"typeCode": "PIP"}, "NotValid.eligibility"),
    ("ORG", "artifacts", [], "NotValid.artifacts"),
]
SUB_OBJECTS: dict[str, tuple[Any, set[str]]] = {
    "benefit": ({"isIndefinite": True}, {"PIP", "DLA", "WPMS"}),
    "disabilityArms": ({"isAdaptedVehicle": False}, {"ARMS"}),
    "blind": ({}, {"BLIND"}),
    "childUnder3": ({"bulkyMedicalEquipmentTypeCodes": ["VENT"]}, {"CHILDBULK"}),
    "walkingDifficulty": ({"typeCodes": ["LONGTIME"], "walkingLengthOfTimeCode": "MORETEN"}, {"WALKD"}),
}


@pytest.mark.parametrize(("kind", "path", "value", "expected"), BROKEN)
def test_an_application_that_breaks_one_rule_is_refused_with_that_rules_key(
    kind: str, path: str, value: Any, expected: str, citizen: Caller
) -> None:
    response = citizen.post("/applications", with_change(application(kind), path, value))

    constraint, _, where = expected.partition(".")
    key = expected if constraint == "InvalidFormat" else f"{constraint}.application.{where}"
    assert response.status_code == 400
    assert key in keys_of(response)


@pytest.mark.parametrize("kind", [*ELIGIBILITY, "ORG"])
def test_a_whole_application_of_every_kind_is_accepted(kind: str, citizen: Caller) -> None:
    assert citizen.post("/applications", application(kind)).status_code == 200


@pytest.mark.parametrize("kind", ELIGIBILITY)
def test_a_reapplication_needs_no_detail_of_its_eligibility(kind: str, citizen: Caller) -> None:
    body = with_change(application(kind, renewal=True), "eligibility", {"typeCode": kind})

    assert citizen.post("/applications", body).status_code == 200


@pytest.mark.parametrize("path", [f"{W}.painDescription", f"{W}.chestLungHeartEpilepsy", f"{W}.breathlessness"])
def test_a_reapplication_that_names_walking_difficulties_must_describe_them(path: str, citizen: Caller) -> None:
    response = citizen.post("/applications", with_change(application("WALKD", renewal=True), path, GONE))

    assert f"NotNull.application.{path}" in keys_of(response)


@pytest.mark.parametrize("name", SUB_OBJECTS)
@pytest.mark.parametrize("kind", ELIGIBILITY)
def test_the_detail_of_one_eligibility_is_refused_with_any_other(name: str, kind: str, citizen: Caller) -> None:
    value, belongs_to = SUB_OBJECTS[name]
    body = with_change(application(kind), f"eligibility.{name}", value)

    refused = f"NotValid.application.eligibility.{name}" in keys_of(citizen.post("/applications", body))

    assert refused is (kind not in belongs_to)


def test_limits_and_rules_are_told_together(citizen: Caller) -> None:
    body = with_change(application("DLA"), f"{E}.benefit.expiryDate", YESTERDAY)

    said = keys_of(citizen.post("/applications", with_change(body, "party.contact.line2", "x" * 101)))

    assert said == {
        "Size.application.party.contact.line2",
        "NotValid.application.eligibility.benefit.expiryDate",
    }


def test_a_field_error_has_its_path_key_and_reason(citizen: Caller) -> None:
    response = citizen.post("/applications", with_change(application(), "party.contact.townCity", "x" * 101))

    assert response.json()["error"] == {
        "code": None,
        "message": None,
        "reason": None,
        "errors": [
            {
                "field": "party.contact.townCity",
                "message": "Size.application.party.contact.townCity",
                "reason": "size must be between 0 and 100",
                "location": None,
                "locationType": None,
            }
        ],
    }


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(content: bytes, citizen: Caller) -> None:
    response = citizen.call("POST", "/applications", content=content)

    assert response.status_code == 400
    assert keys_of(response) == {"InvalidFormat"}


def test_half_a_unicode_character_is_refused(citizen: Caller) -> None:
    content = b'{"party": {"contact": {"line2": "\\ud800"}}}'

    assert keys_of(citizen.call("POST", "/applications", content=content)) == {"InvalidFormat.party.contact.line2"}
