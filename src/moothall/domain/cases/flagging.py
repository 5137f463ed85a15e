"""Flags as far as a user may set and see them: of a type for few eyes only those who have the permission for the customer."""

from datetime import date, datetime

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.lists import actions as lists
from moothall.core.lists.models import Value
from moothall.domain.cases import sight
from moothall.domain.people import flags
from moothall.domain.people.lists import FLAG_TYPES
from moothall.domain.people.models import Customer, Flag


def types(customer: Customer, *, user: User) -> list[Value]:
    """The types of flags the user may set on a customer."""
    told, offered = lists.rules(FLAG_TYPES.key), lists.values(FLAG_TYPES.key)
    if sees_restricted(customer, user=user):
        return offered
    return [one for one in offered if not told[one.key]["restricted"]]


def sees_restricted(customer: Customer, *, user: User) -> bool:
    """Whether the user may see and set restricted flags of a customer."""
    return sight.people_within(user, Permission.SEE_RESTRICTED_FLAGS).filter(pk=customer.pk).exists()


def set_flag(
    customer: Customer,
    *,
    type: str,
    said: str,
    by: User,
    at: datetime,
    from_date: date | None = None,
    to_date: date | None = None,
    review_on: date | None = None,
) -> Flag:
    """As `flags.set_flag`; a type that is not for them is refused as one there is not."""
    offered = [one.key for one in types(customer, user=by)]
    if type not in offered:
        raise lists.NotInList(f"“{type}” is not a kind of flag you can set: use {', '.join(offered)}.")
    return flags.set_flag(
        customer, type=type, said=said, from_date=from_date, to_date=to_date, review_on=review_on, by=by, at=at
    )


def named(customer: Customer, flag_id: int, *, user: User) -> Flag | None:
    """A flag of a customer that stands and that the user may see."""
    return Flag.objects.filter(sight.flags_seen(user), customer=customer, pk=flag_id, ended_at=None).first()
