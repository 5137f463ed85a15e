"""What the work list is asked for when it is measured: each filter alone, pairs and triples of them, every order, tabs and
places deep inside."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from urllib.parse import urlencode

from django.db import connection

from moothall.config.bench.big import officer
from moothall.core.accounts.permissions import Permission
from moothall.core.lists.models import Tag
from moothall.domain.cases.models import Case, WorkItem, WorkLine
from moothall.web.desk.work_columns import COLUMNS
from moothall.web.desk.work_lists import TABS, stages_seen
from moothall.web.desk.work_pages import Order, place_of, sorted_by

LIST = "/desk/work/"
_ASKED = "asked/blue_badge.application"
DEPTHS = (0.01, 0.25, 0.5, 0.75, 0.99)
Filter = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """A request of a kind, with a name that is the same whatever the size of the council."""

    kind: str
    name: str
    address: str


def requests(now: datetime, *, pairs: int, triples: int) -> list[Asked]:
    """Every request but those that follow one page after another; at most so many of two and of three filters."""
    chance = random.Random(7)  # noqa: S311 - the same requests every time
    values = _values(now)
    twos = [both for both in combinations(values, 2) if both[0][0] != both[1][0] and _sensible(both)]
    threes = [three for three in combinations(values, 3) if len({one[0] for one in three}) == 3 and _sensible(three)]
    asked = [
        *(Asked("tab", tab, _address([("tab", tab)])) for tab in TABS),
        *(_filtered("one filter", [one]) for one in [*_stages(), *values] if one[0] != "outcome"),
        *(_filtered("two filters", both) for both in chance.sample(twos, min(pairs, len(twos)))),
        *(_filtered("three filters", three) for three in chance.sample(threes, min(triples, len(threes)))),
        *_sorted(),
        *_deep(),
    ]
    return list({one.name: one for one in asked}.values())


def found(now: datetime) -> dict[str, str]:
    """Texts looked for in the list, by name; each is sent before its page is asked for."""
    newest = Case.objects.filter(opened_at__lte=now).latest("pk")
    last = newest.customer.person.last_name
    return {"a reference": newest.reference, "a last name": last, "two letters": last[:2]}


def _values(now: datetime) -> list[Filter]:
    """A common and a rare value of each filter."""
    others = WorkItem.objects.open().exclude(assigned_to=None).exclude(assigned_to=officer())
    number = others.latest("pk").assigned_to_id
    tags = _by_frequency()
    days = [str((now - timedelta(days=many)).date()) for many in (3, 60)]
    return [
        ("state", "completed"),
        ("workflow", "blue_badge.application"),
        ("workflow", "blue_badge.appeal"),
        ("stage", "blue_badge.application/initial_checks"),
        ("stage", "blue_badge.appeal/decision"),
        ("type", "new"),
        ("type", "appeal"),
        ("source", "online"),
        ("source", "in_person"),
        *(("target", band) for band in ("blue", "amber", "red", "late", "none")),
        ("terminal", "yes"),
        ("terminal", "no"),
        ("assigned_to", "me"),
        ("assigned_to", "nobody"),
        ("assigned_to", str(number)),
        ("days_from", "2"),
        ("days_from", "100"),
        ("days_to", "2"),
        ("days_to", "100"),
        ("updated_from", days[1]),
        ("updated_to", days[0]),
        *((name, tag) for name in ("tag", "without_tag") for tag in tags),
        ("service", "blue_badge"),
        ("service", "bulky_waste"),
        ("party", "person"),
        ("party", "organisation"),
        ("owner", "nobody"),
        ("owner", "me"),
        ("team", "none"),
        ("opened_from", days[1]),
        ("opened_to", days[0]),
        ("opened_from", str((now - timedelta(days=3)).date())),
        ("due_from", days[0]),
        ("due_to", str((now + timedelta(days=3)).date())),
        ("outcome", "desktop_screening"),
        (f"{_ASKED}/deliver_to", "home"),
        (f"{_ASKED}/deliver_to", "council"),
        (f"{_ASKED}/not_for_reassessment", "yes"),
        (f"{_ASKED}/start_date:from", days[1]),
        (f"{_ASKED}/expiry_date:to", str((now + timedelta(days=365)).date())),
        (f"{_ASKED}/amount:from", "10"),
    ]


def _stages() -> Iterator[Filter]:
    for key in sorted({f"{stage.version.workflow.key}/{stage.key}" for stage in stages_seen(officer())}):
        yield "stage", key


def _by_frequency() -> list[str]:
    """The tags of open cases that most and fewest have, and one that none has; of those that whoever measures is offered."""
    of_theirs = Tag.objects.of(officer().reached(Permission.VIEW_WORK)).filter(applies_to=Tag.Applies.CASE)
    offered = list(of_theirs.order_by("key").values_list("key", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tag FROM cases_case, unnest(tags) AS tag WHERE closed_at IS NULL GROUP BY tag ORDER BY count(*) DESC"
        )
        ranked = [row[0] for row in cursor.fetchall() if row[0] in offered]
    none = [key for key in offered if key not in ranked][:1]
    return [*dict.fromkeys([*ranked[:1], *ranked[-1:]]), *none]


def _sensible(filters: tuple[Filter, ...]) -> bool:
    """Not what the form itself refuses, or a stage of another workflow than the one asked for."""
    asked = dict(filters)
    if (asked.get("state") == "completed") != ("outcome" in asked) and "outcome" in asked:
        return False
    only_active = {"target", "due_from", "due_to"} & asked.keys() or asked.get("assigned_to") == "nobody"
    if asked.get("state") == "completed" and only_active:
        return False
    if int(asked.get("days_from", 0)) > int(asked.get("days_to", 36_500)):
        return False
    return not ("stage" in asked and "workflow" in asked and not asked["stage"].startswith(asked["workflow"]))


def _filtered(kind: str, filters: "list[Filter] | tuple[Filter, ...]") -> Asked:
    said = ", ".join(f"{name} {value if not value.isdigit() or len(value) < 4 else '…'}" for name, value in filters)
    return Asked(kind, said, _address([("tab", "all"), *filters]))


def _sorted() -> Iterator[Asked]:
    for tab in ("all", "team"):
        for column in COLUMNS:
            for way in ("", "-"):
                order = f"{way}{column.key}"
                yield Asked("order", f"{tab} by {order}", _address([("tab", tab), ("sort", order)]))


def _deep() -> Iterator[Asked]:
    """Places far inside, jumped to: after rows that lie so deep among all open ones."""
    seen = WorkLine.objects.visible_to(officer())
    first, last = (seen.order_by(by).values_list("pk", flat=True)[0] for by in ("pk", "-pk"))
    for depth in DEPTHS:
        number = first + int(depth * (last - first))
        row = seen.filter(pk__gte=number).order_by("pk").values_list("pk", flat=True)[0]
        for order in ("-age", "age", "customer", "-updated", "case"):
            name = f"{depth:.0%} deep by {order}"
            number, value = sorted_by(seen.filter(pk=row), Order.named(order)).values_list("pk", "place")[0]
            after = place_of(number, value, order.removeprefix("-"))
            yield Asked("depth", name, _address([("tab", "all"), ("sort", order), ("after", after)]))


def _address(query: list[Filter]) -> str:
    return f"{LIST}?{urlencode(query)}"
