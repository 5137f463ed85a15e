"""Moments as the service writes them."""

from datetime import UTC, datetime


def moment(seconds: float) -> str:
    """`2026-01-01T12:00:00.000Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day(seconds: float) -> str:
    """`2026-01-01`."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def seconds(text: str) -> float:
    """Seconds since 1970 of a moment. Raises ValueError."""
    return datetime.fromisoformat(text).timestamp()
