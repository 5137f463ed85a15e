"""What a council sets for its service at GOV.UK Notify."""

from pydantic import Field, SecretStr

from moothall.core.council.settings import Section

LONGEST_TIMEOUT = 30.0


class GovukNotify(Section):
    """The service messages go through. The kind of the key decides whom they reach: everybody, the team, or nobody."""

    section = "govuk_notify"
    base_url: str = "https://api.notifications.service.gov.uk"
    api_key: SecretStr = SecretStr("")  # empty: not connected
    callback_token: SecretStr = SecretStr(
        ""
    )  # what its receipts carry, ten characters or more; empty: they are refused
    email_reply_to_id: str = ""
    sms_sender_id: str = ""
    postage: str = Field(default="second", pattern="^(first|second|economy)$")
    fall_back: bool = False  # an e-mail that it cannot deliver for want of itself goes by the council's own mail server
    timeout_seconds: float = Field(default=10.0, gt=0, le=LONGEST_TIMEOUT)

    @property
    def connected(self) -> bool:
        """Whether enough is set to make a call."""
        return bool(self.base_url and len(self.api_key.get_secret_value()) >= 74)
