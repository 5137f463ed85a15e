"""Two made-up people apply on the national service's site."""

import base64
from dataclasses import dataclass
from datetime import date
from typing import Any

from moothall.config.demo import AUTHORITY
from moothall.sandbox.dft import examples
from moothall.sandbox.dft.samples import photo_png, proof_pdf
from moothall.sandbox.testing import Running

PHOTOGRAPH = photo_png(3)


@dataclass(frozen=True)
class Citizen:
    """Somebody who applies. `number` is that of the example their answers come from."""

    number: int
    name: str
    born: date
    nino: str

    @property
    def email(self) -> str:
        return f"applicant{self.number}@example.org"


ALMA = Citizen(11, "Alma Madeup", date(1958, 5, 17), "SX120011A")  # cannot walk far, forgot her photograph
KIT = Citizen(24, "Kit Notreal", date(1971, 11, 2), "JX120024B")  # arms, without evidence; known to the council


def apply(sandbox: Running, citizen: Citizen, *, today: date) -> str:
    """Send an application with proof of address and without a photograph or payment; return its national id."""
    proof = _base64(proof_pdf(f"Fictional council tax bill of {citizen.name}"))
    file = {"name": "council-tax-bill.pdf", "media_type": "application/pdf", "content": proof}
    link = sandbox.control("POST", "/documents", file)["link"]
    body = examples.application(
        citizen.number, la=AUTHORITY, today=today, documents=[{"type": "PROOF_ADD", "link": link}]
    )
    body |= {"paymentTaken": False, "paymentReference": None}
    body["party"]["contact"]["fullName"] = None
    body["party"]["person"] |= _person(citizen)
    made: list[str] = sandbox.control("POST", "/seed", {"applications": [body]})["applications"]
    return made[0]


def _person(citizen: Citizen) -> dict[str, Any]:
    return {
        "badgeHolderName": citizen.name,
        "nameAtBirth": citizen.name,
        "dob": citizen.born.isoformat(),
        "nino": citizen.nino,
    }


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
