"""The work by the clock: a part that fails keeps no other part from being done."""

from datetime import datetime
from typing import Any

import pytest

from moothall.connectors.dft_blue_badge import intake, making, tasks
from moothall.domain.cases.models import Case
from moothall.domain.exchange.models import Item, Lookup
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.usefixtures("connector")


@pytest.fixture
def one_breaks(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two applications, the program fails at the first."""
    sandbox.load_applications(2, la="ABERD")
    make_case, broken = making.make_case, iter([True])

    def fails_once(*args: Any, **given: Any) -> Case:
        if next(broken, False):
            raise ZeroDivisionError
        return make_case(*args, **given)

    monkeypatch.setattr(making, "make_case", fails_once)


@pytest.mark.usefixtures("one_breaks")
def test_a_fault_while_applications_are_taken_in_stops_no_status_from_being_told_and_is_raised() -> None:
    with pytest.raises(ExceptionGroup):
        tasks.poll(timestamp=0)

    assert Item.objects.get(operation="dft_blue_badge.set_status").case == Case.objects.get()


@pytest.mark.usefixtures("one_breaks")
def test_a_fault_in_one_part_of_the_night_stops_no_later_part_and_is_raised() -> None:
    with pytest.raises(ExceptionGroup):
        tasks.nightly(timestamp=0)

    assert Lookup.objects.filter(kind="reconciliation").exists()
    assert Case.objects.count() == 2  # tried again in the same night


def test_an_outage_in_one_part_of_the_night_stops_no_later_part(sandbox: Running, now: datetime) -> None:
    sandbox.set_fault("500", pattern="GET /applications")

    tasks.nightly(timestamp=0)

    assert Lookup.objects.filter(kind="reconciliation").exists()
    assert intake.retry_failed(at=now) == 0
