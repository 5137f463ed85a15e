"""The case row is the lock for everything on a case.

Whoever holds several holds them in the order of their numbers, and before the customer. So what changes who a customer
is, which is told on all their open cases, holds these first, before the one whose outcome asks for it.
"""

from collections.abc import Collection, Sequence
from typing import Any

from moothall.core import planned
from moothall.core.rows import Rows
from moothall.domain.cases import effects
from moothall.domain.cases.models import Case, CaseQuerySet, Run, WorkItem
from moothall.domain.workflow import published

_CASE = Rows(Case, "c", without=["submitted"])
_LOCK = f"SELECT {_CASE.selected} FROM cases_case c WHERE c.id = %s FOR NO KEY UPDATE"  # noqa: S608 - column names
_LOCK_OF_ITEM = """
    SELECT c.id FROM cases_workitem item JOIN cases_case c ON c.id = item.case_id WHERE item.id = %s
    FOR NO KEY UPDATE OF c
"""
_ITEM, _RUN = Rows(WorkItem, "item"), Rows(Run, "run")
_READ_ITEM = f"""
    SELECT {_ITEM.selected}, {_RUN.selected}, {_CASE.selected},
        EXISTS (SELECT FROM cases_request asked WHERE asked.item_id = item.id AND asked.state = 'open'),
        EXISTS (SELECT FROM cases_proposal p WHERE p.item_id = item.id AND p.state = 'waiting'),
        EXISTS (
            SELECT FROM cases_workitem other
            WHERE other.case_id = item.case_id AND other.finished_at IS NULL AND other.id <> item.id
        )
    FROM cases_workitem item JOIN cases_run run ON run.id = item.run_id JOIN cases_case c ON c.id = item.case_id
    WHERE item.id = %s
"""  # noqa: S608 - made of the models' column names
_WAITING = f"""
    SELECT {_ITEM.selected}, {_RUN.selected} FROM cases_workitem item JOIN cases_run run ON run.id = item.run_id
    WHERE item.case_id = %s AND item.finished_at IS NULL AND item.wakes_on && %s::varchar[]
        AND item.run_id IS DISTINCT FROM %s::bigint
    ORDER BY item.id
"""  # noqa: S608


def lock_rows() -> CaseQuerySet:
    """Cases, each held from when it is fetched until the transaction ends."""
    return Case.objects.select_for_update(of=("self",), no_key=True).defer("submitted")


def lock(case: Case) -> Case:
    """The case as it is now, held until the transaction ends; `case` itself gets the values others wrote.

    Raises Case.DoesNotExist.
    """
    with planned.cursor() as cursor:
        cursor.execute(_LOCK, [case.pk])
        row = cursor.fetchone()
    if row is None:
        raise Case.DoesNotExist(f"There is no case {case.pk}.")
    fresh = _CASE.instance(row)
    case.tags, case.closed_at, case.end_state = fresh.tags, fresh.closed_at, fresh.end_state
    return fresh


def hold_cases(numbers: Collection[int]) -> None:
    """Hold these cases until the transaction ends."""
    list(lock_rows().filter(pk__in=numbers).order_by("pk").values_list("pk"))


def hold_open_cases(customer_id: int) -> None:
    """Hold all open cases of a customer until the transaction ends."""
    list(lock_rows().filter(customer=customer_id).open().order_by("pk").values_list("pk"))


def hold_to_choose(pk: int, stage_id: int, outcome: str) -> WorkItem:
    """`hold_item`, for an outcome of its stage to be chosen: where that changes who the customer is, in the right order."""
    row = published.stage_by_row(stage_id)
    stage = published.workflow(row.version_id).stage(row.key)
    if any(effects.changes_customer(one) for one in stage.outcomes if one.id == outcome):
        hold_open_cases(Case.objects.values_list("customer", flat=True).get(work_items=pk))
    return hold_item(pk)


def hold_item(pk: int) -> WorkItem:
    """The item as it is now, with its case locked until the transaction ends. Raises WorkItem.DoesNotExist.

    Two statements: what is read with a lock may be as old as the wait for it.
    """
    with planned.cursor() as cursor:
        cursor.execute(_LOCK_OF_ITEM, [pk])
        cursor.execute(_READ_ITEM, [pk])
        row = cursor.fetchone()
    if row is None:
        raise WorkItem.DoesNotExist(f"There is no work item {pk}.")
    item = _item(row)
    item.case = item.run.case = _CASE.instance(row[len(_ITEM) + len(_RUN) : -3])
    item.asks, item.proposed, item.alone = row[-3], row[-2], not row[-1]
    return item


def waiting_for(case: Case, events: Collection[str], *, but: Run | None = None) -> list[WorkItem]:
    """The open items of a case that wait for any of `events`, the oldest first, `but` one run's."""
    with planned.cursor() as cursor:
        cursor.execute(_WAITING, [case.pk, sorted(events), but.pk if but else None])
        return [_item(row) for row in cursor.fetchall()]


def _item(row: Sequence[Any]) -> WorkItem:
    """An item with its run and stage, of a row of the columns of item and run."""
    item = _ITEM.instance(row[: len(_ITEM)])
    item.run = _RUN.instance(row[len(_ITEM) : len(_ITEM) + len(_RUN)])
    item.stage = published.stage_by_row(item.stage_id)
    return item
