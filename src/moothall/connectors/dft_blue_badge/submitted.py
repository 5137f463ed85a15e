"""An application in our words, grouped as officers read it; what we have no word for stays under `other`."""

import re
from collections.abc import Mapping
from typing import Any

from moothall.connectors.dft_blue_badge import codes
from moothall.connectors.dft_blue_badge.reading import mapping

Words = dict[str, Any]
Labels = Mapping[str, Mapping[str, str]]

_DASHES = re.compile(r"\s*\n?(?:-\s*){4,}\n?\s*")
_PARTS: Mapping[str, str] = {
    "able to walk from and to:": "walks_from_and_to",
    "how long it takes:": "how_long_it_takes",
    "description of difficulties using a parking meter:": "parking_meter_difficulties",
}
# For each national field: our word, and the code list its value comes from ("" for none).
_APPLICATION = {
    "applicationTypeCode": ("type", "APPTYPE"),
    "applicationId": ("national_id", ""),
    "submissionDate": ("submitted_at", ""),
    "existingBadgeNumber": ("existing_badge_number", ""),
    "localAuthorityCode": ("authority", "LA"),
    "transferredLaFromCode": ("transferred_from", "LA"),
    "transferredFromLaDate": ("transferred_at", ""),
}
_PAYMENT = {"paymentTaken": ("taken", ""), "paymentReference": ("reference", "")}
_CONTACT = {
    "fullName": ("name", ""),
    "buildingStreet": ("line1", ""),
    "line2": ("line2", ""),
    "townCity": ("town", ""),
    "postCode": ("postcode", ""),
    "primaryPhoneNumber": ("phone", ""),
    "secondaryPhoneNumber": ("other_phone", ""),
    "emailAddress": ("email", ""),
}
_PERSON = {
    "badgeHolderName": ("name", ""),
    "nino": ("nino", ""),
    "dob": ("date_of_birth", ""),
    "nameAtBirth": ("name_at_birth", ""),
    "genderCode": ("gender", "GENDER"),
}
_ORGANISATION = {
    "badgeHolderName": ("name", ""),
    "isCharity": ("is_charity", ""),
    "charityNumber": ("charity_number", ""),
    "numberOfBadges": ("number_of_badges", ""),
    "vehicles": ("vehicles", ""),
    "registrationNumber": ("registration_number", ""),
    "typeCode": ("type", "VEHICLETYP"),
    "usageFrequency": ("how_often", ""),
}
_ELIGIBILITY = {
    "typeCode": ("type", "ELIGIBILIT"),
    "benefit": ("benefit", ""),
    "isIndefinite": ("ongoing", ""),
    "expiryDate": ("ends_on", ""),
    "disabilityArms": ("arms", ""),
    "drivingFrequency": ("how_often_drives", ""),
    "isAdaptedVehicle": ("adapted_vehicle", ""),
    "adaptedVehicleDescription": ("adaptation", ""),
    "blind": ("blind", ""),
    "registeredAtLaId": ("registered_with", "LA"),
    "childUnder3": ("child_under_3", ""),
    "bulkyMedicalEquipmentTypeCodes": ("equipment", "BULKEQUIP"),
    "otherMedicalEquipment": ("other_equipment", ""),
    "healthcareProfessionals": ("professionals", ""),
    "name": ("name", ""),
    "location": ("location", ""),
    "walkingDifficulty": ("walking", ""),
    "painDescription": ("pain", ""),
    "balanceDescription": ("balance", ""),
    "healthProfessionsForFalls": ("seen_for_falls", ""),
    "dangerousDescription": ("danger", ""),
    "chestLungHeartEpilepsy": ("chest_lung_heart_or_epilepsy", ""),
    "otherDescription": ("other_difficulty", ""),
    "breathlessness": ("breathlessness", ""),
    "walkingLengthOfTimeCode": ("can_walk_for", "WALKLEN"),
    "walkingSpeedCode": ("speed", "WALKSPEED"),
    "walkingAids": ("aids", ""),
    "description": ("description", ""),
    "usage": ("used", ""),
    "howProvidedCode": ("provided", "WALKMOB"),
    "treatments": ("treatments", ""),
    "time": ("when", ""),
    "medications": ("medications", ""),
    "isPrescribed": ("prescribed", ""),
    "frequency": ("how_often", ""),
    "quantity": ("quantity", ""),
}
_DIFFICULTIES = {"walkingDifficulty": "WALKDIFF", "breathlessness": "BREATHLESS"}
_ELSEWHERE = frozenset({"party", "eligibility", "artifacts", "applicationStatus"})


def in_our_words(raw: Mapping[str, Any], labels: Labels) -> Words:
    """Group an application: application, contact, payment, person or organisation, eligibility, documents, other."""
    translator = _Translator(labels)
    party = mapping(raw.get("party"))
    known = {**_APPLICATION, **_PAYMENT}
    words: Words = {
        "application": translator.words({key: raw[key] for key in raw if key in _APPLICATION}, _APPLICATION, ""),
        "payment": translator.words({key: raw[key] for key in raw if key in _PAYMENT}, _PAYMENT, ""),
        "contact": translator.words(mapping(party.get("contact")), _CONTACT, "party.contact"),
        "eligibility": translator.eligibility(mapping(raw.get("eligibility"))),
        "documents": [codes.DOCUMENT_TAGS.get(kind, kind.lower()) for kind in _artifact_types(raw.get("artifacts"))],
    }
    if party.get("typeCode") == "ORG":
        words["organisation"] = translator.words(
            mapping(party.get("organisation")), _ORGANISATION, "party.organisation"
        )
    else:
        words["person"] = translator.words(mapping(party.get("person")), _PERSON, "party.person")
    for key, value in raw.items():
        if key not in known and key not in _ELSEWHERE:
            translator.keep(key, value)
    for key, value in party.items():
        if key not in ("typeCode", "contact", "person", "organisation"):
            translator.keep(f"party.{key}", value)
    return {**words, "other": translator.other}


class _Translator:
    """Puts national fields into our words, and gathers those we have no word for."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self.other: Words = {}

    def keep(self, path: str, value: Any) -> None:
        """Keep what we have no word for, under its national path; what is empty is nothing."""
        if value not in (None, "", [], {}):
            self.other[path] = value

    def words(self, given: Mapping[str, Any], known: Mapping[str, tuple[str, str]], path: str) -> Words:
        """One group of fields, without those that are empty."""
        found: Words = {}
        for field, value in given.items():
            here = f"{path}.{field}" if path else field
            if value in (None, "", [], {}):
                continue
            if field in known:
                word, code_list = known[field]
                found[word] = self._value(value, known, code_list, here)
            elif field == "typeCodes":
                group = _DIFFICULTIES.get(path.rpartition(".")[2], "")
                found["difficulties"] = self._value(value, known, group, here)
            else:
                self.keep(here, value)
        return found

    def eligibility(self, given: Mapping[str, Any]) -> Words:
        """All the answers of the route, with the composite description of conditions taken apart."""
        rest = {key: value for key, value in given.items() if key != "descriptionOfConditions"}
        child = mapping(rest.get("childUnder3"))
        if child:
            single = child.get("bulkyMedicalEquipmentTypeCode")
            several = child.get("bulkyMedicalEquipmentTypeCodes") or ([single] if single else [])
            kept = {key: value for key, value in child.items() if key != "bulkyMedicalEquipmentTypeCode"}
            rest["childUnder3"] = {**kept, "bulkyMedicalEquipmentTypeCodes": several}
        text = given.get("descriptionOfConditions")
        return {
            **self.words(rest, _ELIGIBILITY, "eligibility"),
            **split_conditions(text if isinstance(text, str) else ""),
        }

    def _value(self, value: Any, known: Mapping[str, tuple[str, str]], code_list: str, path: str) -> Any:
        if isinstance(value, Mapping):
            return self.words(value, known, path)
        if isinstance(value, list):
            return [self._value(item, known, code_list, path) for item in value]
        if code_list and isinstance(value, str):
            return {"code": value.lower(), "label": self._labels.get(code_list, {}).get(value, value)}
        return value


def split_conditions(text: str) -> Words:
    """The parts the citizen's form joins into one text with lines of dashes; a part without a heading follows on."""
    found: Words = {}
    for part in _DASHES.split(text.strip()):
        heading = next((heading for heading in _PARTS if part.lower().startswith(heading)), "")
        word, said = _PARTS.get(heading, "conditions"), part[len(heading) :].strip()
        if said:
            found[word] = f"{found[word]}\n\n{said}" if word in found else said
    return found


def _artifact_types(artifacts: Any) -> list[str]:
    rows = artifacts if isinstance(artifacts, list) else []
    return [str(row.get("type")) for row in rows if isinstance(row, dict)]
