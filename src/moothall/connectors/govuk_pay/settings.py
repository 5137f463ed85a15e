"""What a council sets for its account at GOV.UK Pay."""

from pydantic import Field, SecretStr

from moothall.core.council.settings import Section

LONGEST_TIMEOUT = 15.0
WHOLE_ANSWER = 2
"""Times the time-out of one wait: how long a whole answer may take."""


class GovukPay(Section):
    """The account payments are taken to. The key decides whether money is real; the secret signs the messages it sends."""

    section = "govuk_pay"
    base_url: str = "https://publicapi.payments.service.gov.uk"
    api_key: SecretStr = SecretStr("")  # empty: not connected
    signing_secret: SecretStr = SecretStr("")  # of the webhook; empty: its messages are refused
    timeout_seconds: float = Field(default=10.0, gt=0, le=LONGEST_TIMEOUT)  # of one wait

    @property
    def connected(self) -> bool:
        """Whether enough is set to make a call."""
        return bool(self.base_url and self.api_key.get_secret_value())
