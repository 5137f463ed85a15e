"""Does the connection to GOV.UK Pay work?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from moothall.connectors.govuk_pay import client
from moothall.connectors.govuk_pay.errors import PayError
from moothall.connectors.govuk_pay.settings import GovukPay
from moothall.core.accounts.models import User
from moothall.core.council.settings import read


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Whether calls go through, and what an administrator should know, as sentences."""

    works: bool
    sentences: tuple[str, ...]


def check(*, by: User, at: datetime) -> Checked:  # noqa: ARG001 - every check is given who asks
    """Ask for the payments of the last hour."""
    settings = read(GovukPay)
    since = (at - timedelta(hours=1)).isoformat(timespec="seconds")
    try:
        client.current().search(from_date=since)
    except PayError as error:
        return Checked(works=False, sentences=(str(error),))
    said = ["GOV.UK Pay answers."]
    if settings.api_key.get_secret_value().startswith("api_test_"):
        said.append("The key is one for tests: no real money is taken.")
    if not settings.signing_secret.get_secret_value():
        said.append("The secret of the webhook is not set, so payments are noticed a few minutes later.")
    return Checked(works=True, sentences=tuple(said))
