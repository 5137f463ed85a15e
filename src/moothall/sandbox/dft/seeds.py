"""Records that are there from the start: those the published test requests speak of, and one badge a status.

All belong to Aberdeenshire (ABERD) except BBBBBB. Every name in them is made up.

| number | what it is for |
|---|---|
| BBBBBA, DDDDDD | issued, expired: cannot be cancelled or replaced |
| BBBBBB | issued by another authority (BIRM): 403 for ABERD |
| BBBBBC, BBBBBE | issued, to be cancelled |
| BBBBBD | at the printer: cannot be cancelled or replaced |
| CCCCCC | cancelled |
| CCCCCD | rejected by the printer |
| CCCCCE | ordered |
| EEEEEA to EEEEEF | issued, to be replaced |

AAAAAA and 123456 never exist. The application has the id 11114c39-02d5-4197-b032-1d9ce22c24b5.
"""

import hashlib
from datetime import timedelta
from typing import Any

from moothall.sandbox.dft import badge_rules
from moothall.sandbox.dft.applications import moment
from moothall.sandbox.dft.documents import SAMPLE_PHOTO, SAMPLE_PROOF
from moothall.sandbox.dft.samples import photo_png, proof_pdf
from moothall.sandbox.dft.world import Application, Badge, World

HOME, AWAY = "ABERD", "BIRM"
APPLICATION_ID = "11114c39-02d5-4197-b032-1d9ce22c24b5"
BADGES: tuple[dict[str, Any], ...] = (
    {"number": "BBBBBA", "expired": True},
    {"number": "BBBBBB", "la": AWAY},
    {"number": "BBBBBC"},
    {"number": "BBBBBD", "status": "PROCESSED"},
    {"number": "BBBBBE"},
    {"number": "CCCCCC", "status": "CANCELLED", "cancel_reason": "NOLONG"},
    {"number": "CCCCCD", "status": "REJECT", "rejected_reason": "Photograph not found"},
    {"number": "CCCCCE", "status": "ORDERED"},
    {"number": "DDDDDD", "expired": True},
    *({"number": f"EEEEE{last}"} for last in "ABCDEF"),
)
CONTACT: dict[str, Any] = {
    "fullName": None,
    "buildingStreet": "1 Example Street",
    "line2": None,
    "townCity": "Exampleton",
    "postCode": "ZE991AA",
    "primaryPhoneNumber": "01632960100",
    "secondaryPhoneNumber": None,
    "emailAddress": None,
}


def plant(world: World) -> None:
    """Put the preset records into an empty world."""
    world.documents.put(SAMPLE_PHOTO, photo_png(0), media_type="image/png")
    world.documents.put(SAMPLE_PROOF, proof_pdf("Fictional sample proof"), media_type="application/pdf")
    for given in BADGES:
        add_badge(world, **given)
    world.add_application(Application(_application(world)))


def add_badge(
    world: World,
    *,
    number: str,
    la: str = HOME,
    status: str = "ISSUED",
    expired: bool = False,
    expiry: str | None = None,
    name: str | None = None,
    nino: str | None = None,
    postcode: str | None = None,
    cancel_reason: str | None = None,
    rejected_reason: str | None = None,
) -> Badge:
    """Put a person's badge into the world as it is wanted, without an order. It stays as it is put."""
    today = world.today()
    start = today - timedelta(days=400)
    ends = today - timedelta(days=1) if expired else badge_rules.years_later(start, 3)
    person = {
        "badgeHolderName": name or f"Fictional Holder {number}",
        "nino": nino,
        "dob": "1950-01-01",
        "genderCode": "UNSPECIFIE",
    }
    printed = f"{start.isoformat()}T09:00:00"
    badge = Badge(
        number=number.upper(),
        party={
            "typeCode": "PERSON",
            "contact": CONTACT | ({"postCode": postcode} if postcode else {}),
            "person": person,
            "organisation": None,
        },
        la=la,
        la_reference=None,
        application_date=start.isoformat(),
        channel="ONLINE",
        ordered_on=start.isoformat(),
        ordered_at=world.now(),
        start=start.isoformat(),
        expiry=expiry or ends.isoformat(),
        eligibility="PIP",
        not_for_reassessment=None,
        deliver_to="HOME",
        delivery_option="STAND",
        fingerprint=hashlib.sha256(f"seed {number}".encode()).hexdigest(),
        status=status,
        by_itself=False,
        cancel_reason=cancel_reason,
        rejected_reason=rejected_reason,
        print_requested=None if status == "ORDERED" else printed,
        issued=printed if status in {"ISSUED", "CANCELLED"} else None,
    )
    world.keep_badge(badge)
    return badge


def _application(world: World) -> dict[str, Any]:
    return {
        "applicationId": APPLICATION_ID,
        "applicationTypeCode": "NEW",
        "localAuthorityCode": HOME,
        "transferredLaFromCode": None,
        "transferredFromLaDate": None,
        "paymentTaken": False,
        "paymentReference": None,
        "submissionDate": moment(world),
        "existingBadgeNumber": None,
        "applicationStatus": "TODO",
        "party": {
            "typeCode": "PERSON",
            "contact": dict(CONTACT),
            "person": {
                "badgeHolderName": "Fictional Applicant",
                "nino": None,
                "dob": "1950-01-01",
                "nameAtBirth": None,
                "genderCode": "UNSPECIFIE",
            },
            "organisation": None,
        },
        "eligibility": {
            "typeCode": "WPMS",
            "descriptionOfConditions": None,
            "benefit": {"isIndefinite": True, "expiryDate": None},
            "disabilityArms": None,
            "blind": None,
            "childUnder3": None,
            "healthcareProfessionals": None,
            "walkingDifficulty": None,
        },
        "artifacts": [],
    }
