"""What a council sets for its Secure Card Portal."""

from pydantic import Field, SecretStr

from moothall.core.council.settings import Section

LONGEST_TIMEOUT = 15.0


class Pay360(Section):
    """The portal payments are taken to. Whoever set it up for the council hands over everything here."""

    section = "pay360_scp"
    base_url: str = ""  # e.g. https://sbs.e-paycapita.com/scp/scpws; empty: not connected
    scp_id: int = Field(default=0, ge=0)
    site_id: int = Field(default=0, ge=0, le=32767)
    hmac_key_id: int = Field(default=0, ge=0)
    hmac_secret: SecretStr = SecretStr("")  # in base64, as it is handed over
    fund_code: str = Field(default="", max_length=5)
    fund_codes: list[str] = []  # for single services: blue_badge=BB
    timeout_seconds: float = Field(default=10.0, gt=0, le=LONGEST_TIMEOUT)  # of one wait

    @property
    def connected(self) -> bool:
        """Whether enough is set to make a call."""
        return all((self.base_url, self.scp_id, self.site_id, self.hmac_key_id, self.hmac_secret.get_secret_value()))

    def fund_of(self, service: str) -> str:
        """The fund money of a service goes to; empty where the portal has only one."""
        funds = dict(one.split("=", 1) for one in self.fund_codes if "=" in one)
        return funds.get(service, self.fund_code)[:5]
