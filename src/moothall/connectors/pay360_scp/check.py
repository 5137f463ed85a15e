"""Does the connection to the Secure Card Portal work?"""

from dataclasses import dataclass
from datetime import datetime

from moothall.connectors.pay360_scp import client
from moothall.connectors.pay360_scp.client import PortalError
from moothall.core.accounts.models import User


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Whether calls go through, as sentences."""

    works: bool
    sentences: tuple[str, ...]


def check(*, by: User, at: datetime) -> Checked:  # noqa: ARG001 - every check is given who asks
    """Ask for its version, signed."""
    try:
        client.current().version(at=at)
    except PortalError as error:
        return Checked(works=False, sentences=(str(error),))
    return Checked(works=True, sentences=("Pay360 answers, and knows us.",))
