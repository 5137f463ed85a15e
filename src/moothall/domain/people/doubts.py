"""Addresses where post came back from: doubtful until somebody says they are right, or records another."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.people.models import Customer, Residence


def cast(customer: Customer, lines: list[str], *, why: str, on: date, by: User, at: datetime) -> list[Residence]:
    """Mark where a customer lives now as doubtful, if post that came back went there; return what was marked now."""
    said = _plain(lines)
    held = customer.residences.select_for_update(of=("self",), no_key=True).filter(to_date=None)
    found = [
        one
        for one in held.select_related("address")
        if one.doubtful_since is None and _plain(one.address.lines) == said
    ]
    for one in found:
        one.doubtful_since, one.doubtful_why = on, why
        one.save(update_fields=["doubtful_since", "doubtful_why"])
        recording.record("residence.doubted", customer, by=by, at=at, reason=why, residence=one.pk)
    return found


def settle(residence: Residence, *, reason: str, by: User, at: datetime) -> None:
    """Say that a doubtful address is right after all, and how that is known; again changes nothing."""
    with recording.because(action="residence.trusted", by=by, at=at, reason=reason):
        held = Residence.objects.select_for_update(no_key=True).get(pk=residence.pk)
        if held.doubtful_since is None:
            return
        held.doubtful_since, held.doubtful_why = None, ""
        held.save(update_fields=["doubtful_since", "doubtful_why"])
        recording.record("residence.trusted", held.customer, by=by, at=at, reason=reason, residence=held.pk)


def of(customer: Customer) -> list[Residence]:
    """Where post came back from, of the addresses that hold now."""
    return list(
        customer.residences.filter(to_date=None, doubtful_since__isnull=False).select_related("address").order_by("pk")
    )


def among(homes: Iterable[Residence], lines: Sequence[str]) -> list[Residence]:
    """Those of `homes` that a letter to these lines goes to."""
    said = _plain(lines)
    return [one for one in homes if said and _plain(one.address.lines) == said]


def _plain(lines: Sequence[str]) -> str:
    return "\n".join(line.strip().casefold() for line in lines if line.strip())
