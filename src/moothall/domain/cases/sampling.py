"""Which decisions are drawn for a second look.

A draw is keyed with the installation's secret key, so nobody can foresee it; and it depends on nothing but the work item
and the outcome, so it comes out alike however often it is asked: choosing again draws no other number, and whoever
holds the key can work a recorded draw out anew.
"""

import hashlib
import hmac
from dataclasses import asdict, dataclass

from django.conf import settings

from moothall.domain.cases.models import WorkItem

SECOND_OFFICER, QUALITY = "second_officer", "quality"


@dataclass(frozen=True, slots=True)
class Draw:
    """A number from 1 to 100 drawn for one decision, which is taken when it is at most `percent`."""

    purpose: str
    percent: int
    drawn: int

    @property
    def taken(self) -> bool:
        return self.drawn <= self.percent

    def told(self) -> dict[str, object]:
        """As the record keeps it."""
        return asdict(self)


def draw(purpose: str, percent: int, item: WorkItem, outcome: str) -> Draw:
    """The draw for an outcome of a work item."""
    message = f"sample:{purpose}:{item.pk}:{outcome}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    return Draw(purpose, percent, int.from_bytes(digest) % 100 + 1)
