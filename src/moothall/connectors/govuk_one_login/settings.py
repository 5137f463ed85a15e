"""Who the council is to GOV.UK One Login."""

from pydantic import Field, SecretStr

from moothall.core.council.settings import Section


class OneLogin(Section):
    """Where the provider is, the client it knows us as, and the private key (PEM, RSA of 2048 bits or more) we sign with.

    Without an issuer or a client nobody is offered to sign in so. `identity` asks who somebody is (P2) as well.
    """

    section = "one_login"
    issuer: str = ""  # https://oidc.account.gov.uk/, with the slash at its end
    identity_issuer: str = ""  # https://identity.account.gov.uk/, whose keys sign who somebody is
    client_id: str = ""
    private_key: SecretStr = SecretStr("")
    key_id: str = ""
    identity: bool = False
    timeout_seconds: float = Field(default=10.0, gt=0, le=60)

    @property
    def is_set(self) -> bool:
        """Whether somebody can sign in with it."""
        return bool(self.issuer and self.client_id and self.private_key.get_secret_value())
