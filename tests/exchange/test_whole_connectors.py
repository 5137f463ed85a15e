"""What is done with a whole connector, while somebody works on its cases."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import transaction
from tests.cases.at_once import meanwhile
from tests.exchange.conftest import MakeCase, QueueOrder

from moothall.core.accounts.models import User
from moothall.domain.cases.locking import lock
from moothall.domain.exchange import actions
from moothall.domain.exchange.models import Connector, Item


def cancel(connector: Connector, by: User, at: datetime) -> None:
    given = {"until": at, "most": 10, "reason": "Closed.", "by": by, "at": at}
    actions.cancel_connector(connector, among=Item.objects.all(), **given)  # type: ignore[arg-type]


def requeue(connector: Connector, by: User, at: datetime) -> None:
    Item.objects.update(status=Item.Status.ERROR, problem="No answer")
    actions.requeue_connector(connector, among=Item.objects.all(), most=10, by=by, at=at)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [cancel, requeue])
def test_the_cases_are_held_in_the_order_of_their_numbers_so_nobody_who_holds_several_is_blocked(
    act: Callable[..., None],
    connector: Connector,
    make_case: MakeCase,
    queue_order: QueueOrder,
    officer: User,
    noon: datetime,
) -> None:
    first, second = make_case("Ann Example"), make_case("Ben Example")
    for case in (second, first):
        queue_order(case)

    def all_of_it() -> None:
        with transaction.atomic():
            act(connector, officer, noon)

    meanwhile(lambda: lock(first), during=all_of_it, then=lambda: lock(second))

    wanted = Item.Status.CANCELLED if act is cancel else Item.Status.QUEUED
    assert set(Item.objects.values_list("status", flat=True)) == {wanted}
