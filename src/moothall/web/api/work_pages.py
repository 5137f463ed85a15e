"""A page of the work list by number, or what follows a work item: at any depth, and whatever came or went before it.

What it follows is told by a text that only this module reads: the order, what the last work item of the answer is sorted
by, and its number. It names no filter and lets nobody see more: whoever asks is asked again what they may see.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from moothall.core.accounts.models import User
from moothall.domain.cases import seeking, stretching, worklist
from moothall.domain.cases.models import WorkItem
from moothall.domain.catalogue.models import Service
from moothall.web.api.paging import bounded_count
from moothall.web.api.problems import invalid
from moothall.web.api.text import unusable
from moothall.web.api.work_filters import WorkListQuery

Read = list[tuple[int, Any]]  # numbers of work items with what they are sorted by


@dataclass(frozen=True)
class Numbers:
    """The numbers of the work items of a page; `next` is what follows them, None at the end."""

    items: list[int]
    next: str | None
    total: int
    total_is_more: bool


def numbers(query: WorkListQuery, *, user: User, now: datetime) -> Numbers:
    """The page that is asked for, of what the user may see. Raises kit.Invalid for a malformed reference, and Problem."""
    beyond = _place(query) if query.after is not None else None
    read = _completed if query.state == "completed" else _open
    rows, found = read(query, beyond, user=user, now=now)
    total, more = bounded_count(rows)
    shown = found[: query.page_size]
    follows = _told(query.sort, *shown[-1]) if len(found) > query.page_size else None
    return Numbers([number for number, _ in shown], follows, total, more)


def _open(
    query: WorkListQuery, beyond: tuple[Any, int] | None, *, user: User, now: datetime
) -> tuple["QuerySet[Any, Any]", Read]:
    stages = worklist.stages_seen(user)
    services = {key: (pk, name) for key, pk, name in Service.objects.values_list("key", "pk", "name")}
    known = {key: pk for key, (pk, _) in services.items()}
    wanted, column = query.wanted_by(user), query.sort.removeprefix("-")
    lines = worklist.waiting(wanted, user=user, stages=stages, now=now, services=known)
    if query.page > 1:
        return lines, _by_place(lines, query, column, None)
    where = stretching.of(wanted, column, user=user, stages=stages, now=now, services=services)
    falling, most = query.sort.startswith("-"), query.page_size + 1
    found = seeking.along(lines, column, falling=falling, most=most, beyond=beyond, stretches=where)
    return lines, found.lines


def _completed(
    query: WorkListQuery, beyond: tuple[Any, int] | None, *, user: User, now: datetime
) -> tuple["QuerySet[Any, Any]", Read]:
    items = worklist.narrow(WorkItem.objects.visible_to(user), query.wanted_by(user), user=user, now=now)
    name = query.sort.removeprefix("-")
    return items, _by_place(items, query, name if name == "entered_at" else f"case__{name}", beyond)


def _by_place(rows: "QuerySet[Any, Any]", query: WorkListQuery, column: str, beyond: tuple[Any, int] | None) -> Read:
    """The rows beyond a place, or of the page with this number, and one more."""
    sign, way = ("-", "lt") if query.sort.startswith("-") else ("", "gt")
    rows = rows.annotate(place=F(column)).order_by(f"{sign}place", f"{sign}pk")
    if beyond:
        value, number = beyond
        rows = rows.filter(
            Q(**{f"place__{way}e": value}) & (Q(**{f"place__{way}": value}) | Q(**{f"pk__{way}": number}))
        )
    first = (query.page - 1) * query.page_size
    return list(rows.values_list("pk", "place")[first : first + query.page_size + 1])


def _told(sort: str, number: int, value: Any) -> str:
    told = value.isoformat() if isinstance(value, datetime) else value
    return urlsafe_b64encode(json.dumps([sort, told, number]).encode()).decode().rstrip("=")


def _place(query: WorkListQuery) -> tuple[Any, int]:
    """What `after` says: a value of the column that is sorted by, and a number."""
    text = query.after or ""
    try:
        told: Sequence[Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        sort, value, number = told
        if sort != query.sort or type(number) is not int or not 0 <= number < 2**63 or not isinstance(value, str):
            raise ValueError
        if sort.endswith("reference"):
            if unusable(value):
                raise ValueError
            return value, number
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC), number
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise invalid("query.after", "This is not the `next` of an answer in this order.") from error
