"""The moments at which a clock changes colour: an index of what `clock.reckon` says, never shown."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Band = Literal["blue", "amber", "red", "late"]
BANDS: tuple[Band, ...] = ("blue", "amber", "red", "late")
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
ALWAYS = datetime(1000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Turns:
    """From when a clock shows amber and red, and after when it is late, if nothing happens to it. In UTC.

    What never comes while the clock is paused is `NEVER`; what had come when the pause began is `ALWAYS`.
    """

    amber: datetime
    red: datetime
    late: datetime

    def band(self, now: datetime) -> Band:
        """The colour at a moment."""
        if now > self.late:
            return "late"
        if now >= self.red:
            return "red"
        return "amber" if now >= self.amber else "blue"

    @classmethod
    def standing_still(cls, band: Band) -> "Turns":
        """Those of a clock that shows this colour until it runs again."""
        reached = BANDS.index(band)
        return cls(*(ALWAYS if reached >= level else NEVER for level in (1, 2, 3)))
