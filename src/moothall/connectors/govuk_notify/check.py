"""Does the connection to GOV.UK Notify work?"""

from dataclasses import dataclass
from datetime import datetime

from moothall.connectors.govuk_notify import client
from moothall.connectors.govuk_notify.client import NotifyError
from moothall.connectors.govuk_notify.settings import GovukNotify
from moothall.core.accounts.models import User
from moothall.core.council.settings import read


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Whether calls go through, and what an administrator should know, as sentences."""

    works: bool
    sentences: tuple[str, ...]


def check(*, by: User, at: datetime) -> Checked:  # noqa: ARG001 - every check is given who asks
    """Ask for the templates."""
    try:
        found = client.call(lambda notify: notify.get_all_templates())
    except NotifyError as error:
        return Checked(works=False, sentences=(str(error),))
    said = [f"GOV.UK Notify answers; the service has {len(found.get('templates') or [])} templates."]
    if not read(GovukNotify).callback_token.get_secret_value():
        said.append("The token of its receipts is not set, so nobody hears whether messages were delivered.")
    return Checked(works=True, sentences=tuple(said))
