"""From how likely on a pair waits to be looked at, and from how likely on two are merged by themselves: read and set."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.audit.models import Entry
from moothall.core.council import settings as council
from moothall.core.council.models import Setting
from moothall.domain.people.golden.finding import Duplicates
from moothall.domain.people.golden.merging import BY_HAND
from moothall.domain.people.models import Customer, Pair
from moothall.kit.invalid import Invalid

ACTION = "duplicates.limits_set"
NAMES = tuple(Duplicates.model_fields)
SHOWN = 20
BANDS = ((0.99, 1.01), (0.95, 0.99), (0.9, 0.95), (0.8, 0.9), (0.7, 0.8), (0.0, 0.7))
"""How likely pairs are, from and below, the likeliest first."""


def change(wanted: Duplicates, *, reason: str, by: User, at: datetime) -> list[str]:
    """Set the limits; the names of those that changed. Nothing is merged now. Raises Invalid, or SettingRefused."""
    if not reason.strip():
        raise Invalid("Say why this is changed.")
    with recording.because(action=ACTION, by=by, at=at, reason=reason):
        list(Setting.objects.select_for_update().filter(key__startswith=f"{Duplicates.section}."))
        council.forget()
        before = council.read(Duplicates)
        changed = [name for name in NAMES if getattr(before, name) != getattr(wanted, name)]
        if changed:
            council.write(wanted, only=changed, by=by, at=at)
            rows = {row.key: row for row in Setting.objects.filter(key__startswith=f"{Duplicates.section}.")}
            for name in changed:
                told = {"limit": name, "before": getattr(before, name), "now": getattr(wanted, name)}
                recording.record(
                    ACTION, rows[f"{Duplicates.section}.{name}"], by=by, at=at, reason=reason.strip(), **told
                )
    return changed


def changes() -> QuerySet[Entry]:
    """What was set, by whom and why, the last first."""
    settings = Setting.objects.filter(key__startswith=f"{Duplicates.section}.").values("pk")
    rows = Entry.objects.filter(subject_type="setting", subject_id__in=settings, action=ACTION)
    return rows.select_related("by").order_by("-at", "-id")


def waiting() -> QuerySet[Pair]:
    """The pairs that wait and are likely enough to be shown, or were put together by hand."""
    least = council.read(Duplicates).review_from
    return Pair.objects.filter(Q(probability__gte=least) | Q(model=BY_HAND), state=Pair.State.WAITING)


def counted() -> list[dict[str, Any]]:
    """How many pairs wait of each band: `least` (0 to 1), and how many of people and of organisations."""
    found = Pair.objects.filter(state=Pair.State.WAITING).aggregate(
        **{
            f"{kind}_{place}": Count("pk", filter=Q(first__kind=kind, probability__gte=low, probability__lt=high))
            for place, (low, high) in enumerate(BANDS)
            for kind in Customer.Kind.values
        }
    )
    return [
        {"least": low, "people": found[f"person_{place}"], "organisations": found[f"organisation_{place}"]}
        for place, (low, _high) in enumerate(BANDS)
    ]
