"""An example council made ready: its services published, its connection set, its officers in their groups."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moothall.config.demo import AUTHORITY
from moothall.config.management.commands.services import built_in, read
from moothall.connectors.dft_blue_badge import KEY
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.connectors.form_lookups.settings import FormLookups
from moothall.connectors.govuk_notify.settings import GovukNotify
from moothall.connectors.govuk_pay import KEY as PAY
from moothall.connectors.govuk_pay.settings import GovukPay
from moothall.connectors.pay360_scp.settings import Pay360
from moothall.core.accounts.actions import create_user, system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.domain.catalogue import actions as catalogue
from moothall.domain.exchange.actions.connectors import change_settings, ensure_connector
from moothall.domain.payments.settings import Payments

EXAMPLE = council.Council(
    name="Example Council",
    address=["1 Example Square", "Exampleton", "EX1 1AA"],
    phone="0300 000 0000",
    email="contact@example.org",
    email_from="Example Council <noreply@example.org>",
    website="https://www.example.org",
)


def make_ready(
    *, base_url: str, credentials: tuple[str, str], at: datetime, timeout_seconds: float = 5.0, **queue: int
) -> User:
    """Publish the services and set the connection to the national service; `queue` are settings of its queue.

    `credentials` are those of `AUTHORITY`. Returns an officer who may decide on Blue Badges.
    """
    connect(base_url=base_url, credentials=credentials, at=at, timeout_seconds=timeout_seconds, **queue)
    return create_user(
        email="olive.officer@council.example.org",
        full_name="Olive Officer",
        groups=["blue_badge_officers"],
        by=system_user(),
        at=at,
    )


def connect(
    *, base_url: str, credentials: tuple[str, str], at: datetime, timeout_seconds: float = 5.0, **queue: int
) -> None:
    """Publish the services that come with the product and set the connection, as `make_ready` does."""
    by = system_user()
    for folder in built_in():
        catalogue.publish(read(folder), by=by, at=at)
    client_id, client_secret = credentials
    connection = NationalService.model_validate(
        {
            "base_url": base_url,
            "client_id": client_id,
            "client_secret": client_secret,
            "la": AUTHORITY,
            "timeout_seconds": timeout_seconds,
            "poll_minutes": 1,
        }
    )
    council.write(connection, by=by, at=at)
    council.write(EXAMPLE, by=by, at=at)
    change_settings(ensure_connector(KEY), by=by, at=at, **queue)


def connect_others(line: Mapping[str, Any], *, at: datetime) -> None:
    """Set the connections to what else the sandbox stands in for; `line` is what it printed: payments, messages, look-ups."""
    by, pay, notify, rest = system_user(), line["govuk_pay"], line["govuk_notify"], line["rest"]
    keys = {"api_key": notify["keys"]["test"], "callback_token": notify["callback_token"]}
    for section in (
        GovukPay.model_validate(pay),
        GovukNotify.model_validate({"base_url": notify["base_url"], **keys}),
        Pay360.model_validate(line["pay360"]),
        Payments(provider=PAY, second_officer_over_pence=5_000),
        FormLookups.model_validate(
            {
                "systems": [f"sandbox {rest['base_url']}"],
                "secrets": f"sandbox {rest['header']} {rest['key']}",
                "internal_hosts": ["127.0.0.1"],
            }
        ),
    ):
        council.write(section, by=by, at=at)
