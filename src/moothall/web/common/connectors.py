"""Testing a connector, and whoever follows what changes, for the desk and the API alike (CT-74)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from moothall.connectors import dft_blue_badge, form_lookups, govuk_notify, govuk_pay, pay360_scp
from moothall.connectors.change_feed import sending
from moothall.connectors.dft_blue_badge import check
from moothall.connectors.form_lookups import check as looked_up
from moothall.connectors.govuk_notify import check as notify
from moothall.connectors.govuk_pay import check as pay
from moothall.connectors.pay360_scp import check as portal
from moothall.core.accounts.models import User
from moothall.domain.people.models import Call, Follower


class Checked(Protocol):
    """Whether calls go through, and what an administrator should know, as sentences."""

    @property
    def works(self) -> bool: ...

    @property
    def sentences(self) -> tuple[str, ...]: ...


CHECKS: Mapping[str, Callable[..., Checked]] = {
    dft_blue_badge.KEY: check.check,
    form_lookups.KEY: looked_up.check,
    govuk_notify.KEY: notify.check,
    govuk_pay.KEY: pay.check,
    pay360_scp.KEY: portal.check,
}
"""How each connector that can be tested is tested, by its key."""


def test(key: str, *, by: User, at: datetime) -> Checked:
    """Call the other system now and say whether it answers. Raises KeyError for a connector that cannot be tested."""
    return CHECKS[key](by=by, at=at)


def call_follower(follower: Follower) -> Call:
    """Call who follows what changes with no changes, and say what came of it."""
    return sending.test(follower)
