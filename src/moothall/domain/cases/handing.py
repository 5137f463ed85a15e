"""Somebody leaves: all that is theirs goes to colleagues, or back to their teams (BEST-4)."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import batches, sharing
from moothall.domain.cases.models import Batch, BatchLine, Case, Intention, WorkItem

_along: list[Callable[[Batch, Sequence[User]], None]] = []


def goes_along(given: Callable[[Batch, Sequence[User]], None]) -> None:
    """Have something else of a leaver handed over with the work: given its batch and those who receive it, who are here."""
    if given not in _along:
        _along.append(given)


class CannotHandOver(Exception):
    """Why nothing was handed over. Its message may be shown to whoever asked."""


def hand_over(
    leaver: User,
    *,
    to: Collection[User],
    deactivate: bool,
    reason: str,
    key: UUID,
    by: User,
    at: datetime,
) -> Batch:
    """Give all open work of a user that `by` may see, and all they are to do, to these colleagues, the least loaded first; to
    nobody: to its teams.

    What none of them may do goes back to its team as well. With `deactivate` the account ends once nothing is left.
    Raises CannotHandOver.
    """
    if there := Batch.objects.filter(key=key).first():
        return there
    if by.pk == leaver.pk:
        raise CannotHandOver("Somebody else must hand over your work.")
    if not by.may(Permission.SUPERVISE):
        raise CannotHandOver("You supervise no work.")
    if deactivate and not by.may(Permission.MANAGE_USERS):
        raise CannotHandOver("Only who manages users can end an account.")
    if deactivate and not reason.strip():
        raise CannotHandOver("Say why the account ends.")
    if leaver in to:
        raise CannotHandOver("The work is to go to somebody else.")
    officers = sharing.here(to, at=at)
    if to and not officers:
        raise CannotHandOver("Everybody chosen is away today. Choose somebody who is here, or nobody.")
    items = list(WorkItem.objects.visible_to(by).open().filter(assigned_to=leaver).order_by("entered_at", "id"))
    cases = Case.objects.visible_to(by).open().filter(owner=leaver).order_by("id")
    lines = [
        BatchLine(item=item, case_id=item.case_id, to_id=given)
        for item, given in zip(items, sharing.plan(sharing.places(items), officers), strict=True)
    ]
    owners = sorted(officer.pk for officer in officers)
    for place, case in enumerate(cases.values_list("pk", flat=True)):
        lines.append(BatchLine(case_id=case, to_id=owners[place % len(owners)] if owners else None))
    lines += _to_do(leaver, owners, by=by)
    asked = {"deactivate": deactivate, "reason": reason.strip(), "to": owners}
    with transaction.atomic():
        batch = batches.begin(Batch.Kind.HAND_OVER, lines, key=key, by=by, at=at, asked=asked, about=leaver)
        for given in _along:
            given(batch, [user for user in to if user.pk in owners])
    return batch


def _to_do(leaver: User, owners: Sequence[int], *, by: User) -> list[BatchLine]:
    """A line for each thing the leaver is to do, which the receivers are given in turn."""
    rows = Intention.objects.visible_to(by).open().filter(user=leaver).order_by("due", "id")
    return [
        BatchLine(intention_id=pk, case_id=case, to_id=owners[place % len(owners)] if owners else None)
        for place, (pk, case) in enumerate(rows.values_list("pk", "case"))
    ]
