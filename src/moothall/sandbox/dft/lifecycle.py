"""How a badge moves on: ordered, sent to the printer, issued or rejected."""

from datetime import UTC, datetime

from moothall.sandbox.dft.world import Badge, World

# The statuses a badge may be moved to by hand, and from which.
STEPS = {"PROCESSED": {"ORDERED"}, "ISSUED": {"PROCESSED"}, "REJECT": {"PROCESSED"}}


class NotPossible(Exception):
    """Its message may be shown to whoever asked."""


def advance(badge: Badge, *, to: str, at: float, reason: str = "") -> None:
    """Move a badge one step on; `reason` is why the printer rejected it. Raises `NotPossible`.

    Keeping the badge is the caller's.
    """
    if badge.status not in STEPS.get(to, set()):
        raise NotPossible(f"Badge {badge.number} is {badge.status}; it cannot become {to}.")
    when = datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    badge.status = to
    match to:
        case "PROCESSED":
            badge.print_requested = when
        case "ISSUED":
            badge.issued = when
        case "REJECT":
            badge.rejected = when
            badge.rejected_reason = reason or "Photograph not found"


def catch_up(world: World, badge: Badge) -> None:
    """Let a badge take the steps that are due by now."""
    if not badge.by_itself or badge.status not in {"ORDERED", "PROCESSED"}:
        return
    settings, now = world.settings, world.now()
    before = badge.status
    for status, to, after in (
        ("ORDERED", "PROCESSED", settings.processed_after),
        ("PROCESSED", "ISSUED", settings.issued_after),
    ):
        if badge.status == status and after is not None and now >= badge.ordered_at + after:
            advance(badge, to=to, at=badge.ordered_at + after)
    if badge.status != before:
        world.keep_badge(badge)


def catch_up_all(world: World) -> None:
    """Let every badge take the steps that are due by now."""
    for badge in list(world.badges.values()):
        catch_up(world, badge)
