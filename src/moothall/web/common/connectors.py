"""Testing a connector, for the desk and the API alike (CT-74)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from moothall.connectors import dft_blue_badge
from moothall.connectors.dft_blue_badge import check
from moothall.connectors.dft_blue_badge.check import Checked
from moothall.core.accounts.models import User

CHECKS: Mapping[str, Callable[..., Checked]] = {dft_blue_badge.KEY: check.check}
"""How each connector that can be tested is tested, by its key."""


def test(key: str, *, by: User, at: datetime) -> Checked:
    """Call the other system now and say whether it answers. Raises KeyError for a connector that cannot be tested."""
    return CHECKS[key](by=by, at=at)
