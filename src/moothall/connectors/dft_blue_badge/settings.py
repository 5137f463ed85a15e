"""What a council sets for its connection to the national service."""

from datetime import date

from pydantic import Field, SecretStr

from moothall.core.council.settings import Section

LONGEST_TIMEOUT = 15.0
"""In seconds. A call may last sixteen times as long, which must be less than the lease of its connector."""


class NationalService(Section):
    """Where the service is, who we are to it, and how its applications are taken in.

    A credential works for one year from the day it was made; `credential_expires_on` is when to have a new one.
    """

    section = "dft_blue_badge"
    base_url: str = ""  # empty: not connected
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    la: str = ""  # our short code as an issuing authority
    credential_expires_on: date | None = None
    service: str = "blue_badge"  # the service whose cases applications become
    poll_minutes: int = Field(default=5, ge=1)
    overlap_minutes: int = Field(default=30, ge=1)  # read again each time: an application may be listed late
    timeout_seconds: float = Field(default=15.0, gt=0, le=LONGEST_TIMEOUT)  # of one wait
    pause_seconds: float = Field(default=0.2, gt=0)  # before a question is asked again; three times as long each time
    badge_fee_pence: int = Field(default=1000, ge=0)  # what the service takes for a badge; 0 where badges are free

    @property
    def connected(self) -> bool:
        """Whether enough is set to make a call."""
        return all((self.base_url, self.client_id, self.client_secret.get_secret_value(), self.la))
