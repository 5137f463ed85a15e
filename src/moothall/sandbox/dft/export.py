"""The zip with one CSV of an authority's badges. No personal data; deleted badges are in it."""

import csv
import io
import zipfile

from moothall.sandbox.dft import lifecycle
from moothall.sandbox.dft.world import Badge, World

COLUMNS = (
    "badge_no",
    "badge_status",
    "party_code",
    "local_authority_short_code",
    "local_authority_ref",
    "app_date",
    "app_channel_code",
    "start_date",
    "expiry_date",
    "eligibility_code",
    "deliver_to_code",
    "deliver_option_code",
    "cancel_reason_code",
    "replace_reason_code",
    "order_date",
    "rejected_reason",
    "rejected_date_time",
    "issued_date_time",
    "print_request_date_time",
    "not_for_reassessment",
)


def build(world: World, la: str) -> tuple[str, bytes]:
    """Return (file name, content) of the export of one authority's badges."""
    lifecycle.catch_up_all(world)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_row(badge) for badge in world.badges.values() if badge.la == la)
    stem = f"{world.today().isoformat()}_{la}"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{stem}.csv", text.getvalue())
    return f"{stem}.zip", target.getvalue()


def _row(badge: Badge) -> list[str | None]:
    flag = badge.not_for_reassessment
    return [
        badge.number,
        badge.status,
        badge.party["typeCode"],
        badge.la,
        badge.la_reference,
        badge.application_date,
        badge.channel,
        badge.start,
        badge.expiry,
        badge.eligibility,
        badge.deliver_to,
        badge.delivery_option,
        badge.cancel_reason,
        badge.replace_reason,
        badge.ordered_on,
        badge.rejected_reason,
        badge.rejected,
        badge.issued,
        badge.print_requested,
        None if flag is None else str(flag).lower(),
    ]
