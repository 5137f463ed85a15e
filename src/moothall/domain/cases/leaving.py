"""What somebody who leaves holds, and what remains to be done when it was handed over (BEST-4)."""

from dataclasses import dataclass
from datetime import datetime

from moothall.core.accounts import actions as accounts
from moothall.core.accounts.models import User
from moothall.domain.cases.models import Batch, Case, Intention, WorkItem


@dataclass(frozen=True)
class Holding:
    """How much of somebody's work is open, and how much of it whoever asks may not see."""

    items: int
    cases: int
    to_do: int
    unseen: int

    @property
    def nothing(self) -> bool:
        """Whether nothing is theirs any more."""
        return not self.left

    @property
    def left(self) -> int:
        """How much there is in all."""
        return self.items + self.cases + self.to_do + self.unseen


def holding(user: User, *, seen_by: User) -> Holding:
    """What a user holds: open work items, open cases that belong to them, and things they are to do."""
    items, cases = WorkItem.objects.open().filter(assigned_to=user), Case.objects.open().filter(owner=user)
    to_do = Intention.objects.open().filter(user=user)
    seen_items = WorkItem.objects.visible_to(seen_by).open().filter(assigned_to=user).count()
    seen_cases = Case.objects.visible_to(seen_by).open().filter(owner=user).count()
    seen_to_do = to_do.visible_to(seen_by).count()
    unseen = items.count() - seen_items + cases.count() - seen_cases + to_do.count() - seen_to_do
    return Holding(seen_items, seen_cases, seen_to_do, unseen)


def finish(batch: Batch, *, at: datetime) -> str:
    """After everything was handed over: deactivate the account, if that was asked and nothing is left behind."""
    user = batch.about
    if user is None or not batch.asked.get("deactivate"):
        return ""
    left = holding(user, seen_by=batch.by)
    if not left.nothing:
        return f"{user.full_name} can still sign in, for something is left that is theirs: {left.left} in all."
    try:
        accounts.deactivate(user, by=batch.by, at=at, reason=str(batch.asked.get("reason", "")))
    except accounts.AccountRefused as refusal:
        return f"{user.full_name} can still sign in. {refusal}"
    return f"{user.full_name} can no longer sign in."
