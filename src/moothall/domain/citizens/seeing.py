"""What an account may see of a case: all of it, that it was sent, or nothing. Every page of the portal asks here.

All of it: of the person the account is tied to, shown to be one's own, or sent about oneself. Who sent a form for somebody
else sees that they sent it and how far it is, in three words; all of it only with authority to act for them, which an
officer records as a relationship.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from django.db.models import Q, QuerySet

from moothall.domain.cases.models import Case
from moothall.domain.citizens.models import Account, LinkedCase
from moothall.domain.people.models import Relationship

MOST = 1000
"""Cases of one account that it made by a form or that were added, the newest."""

AUTHORITY = ("acts_for", "guardian")
"""The relationships by which somebody sees what they sent for the other as if it were theirs."""


class Sight(IntEnum):
    """How much somebody sees of a case."""

    NOTHING = 0
    SENT = 1
    WHOLE = 2


@dataclass(frozen=True)
class Seen:
    """The cases an account sees, read once: those `whole`, and all `listed`, whole or not."""

    account: Account
    whole: QuerySet[Case]
    listed: QuerySet[Case]
    sent: frozenset[int]

    def only_sent(self, cases: Sequence[Case]) -> frozenset[int]:
        """Which of the cases in the list the account sees no more of than that it sent them."""
        doubtful = self.sent.intersection(case.pk for case in cases)
        return doubtful - set(self.whole.filter(pk__in=doubtful).values_list("pk", flat=True)) if doubtful else doubtful


def seen(account: Account) -> Seen:
    """What an account sees."""
    own: list[int] = []
    sent: list[int] = []
    links = LinkedCase.objects.filter(account=account).order_by("-pk")
    for case, for_another in links.values_list("case_id", "sent_for_another")[:MOST]:
        (sent if for_another else own).append(case)
    whole = Q(pk__in=own)  # a list: the database then goes by its indexes
    if sent and (represented := _represented(account)):
        whole |= Q(pk__in=sent, customer__in=represented)
    if account.customer_id is not None:
        whole |= Q(customer=account.customer_id)
    listed = Case.objects.filter(whole | Q(pk__in=sent) if sent else whole)
    return Seen(account, Case.objects.filter(whole), listed, frozenset(sent))


def cases_of(account: Account) -> QuerySet[Case]:
    """Every case this account may see the whole of, and no other."""
    return seen(account).whole


def sight(account: Account, case: Case) -> Sight:
    """How much an account sees of a case."""
    links = LinkedCase.objects.filter(account=account, case=case)
    ours = list(links.values_list("sent_for_another", flat=True))
    if account.customer_id is not None and case.customer_id == account.customer_id:
        return Sight.WHOLE
    if False in ours or (ours and case.customer_id in _represented(account)):
        return Sight.WHOLE
    return Sight.SENT if ours else Sight.NOTHING


def accounts(case: Case) -> QuerySet[Account]:
    """The accounts that see the whole of a case."""
    linked = Q(linked_cases__case=case, linked_cases__sent_for_another=False)
    acting = Relationship.objects.filter(second=case.customer_id, kind__in=AUTHORITY, to_date=None).values("first")
    represents = Q(linked_cases__case=case, customer__in=acting)
    return Account.objects.filter(linked | represents | Q(customer=case.customer_id)).distinct().order_by("pk")


def _represented(account: Account) -> list[int]:
    if account.customer_id is None:
        return []
    held = Relationship.objects.filter(first=account.customer_id, kind__in=AUTHORITY, to_date=None)
    return list(held.values_list("second", flat=True)[:MOST])
