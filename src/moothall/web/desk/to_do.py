"""The list of things to do as its page and its file show it: whose, which, in which order, and where a page begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.lists import actions as lists
from moothall.domain.cases import intended
from moothall.domain.cases.intended import Order, Wanted, Whose
from moothall.domain.cases.intention_types import TYPES
from moothall.domain.cases.models import Intention, IntentionQuerySet
from moothall.domain.catalogue.models import Service
from moothall.kit.calendars import LONDON
from moothall.web.components.parts import Pages, Tab, with_query
from moothall.web.desk.forms.to_do import ToDoFilter
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.waiting import MOST_COUNTED, many

SIZE = 50
MOST_HOLDERS = 500  # colleagues, and teams, that one may choose from
TABS: dict[Whose, Any] = {
    "mine": gettext_lazy("Mine"),
    "teams": gettext_lazy("My teams’"),
    "unassigned": gettext_lazy("Unassigned"),
    "all": gettext_lazy("Everybody’s"),
}
ORDERS: tuple[Order, ...] = ("due", "-due", "added", "-added")
_PLACE = re.compile(r"(\d{1,18})_([0-9T:.+-]{10,40})", re.ASCII)


@dataclass(frozen=True)
class Line:
    """Something to do in a list: what kind it is, how it stands (overdue, today or neither), and whether one may act."""

    row: Intention
    kind: str
    standing: str
    may_act: bool

    @classmethod
    def of(cls, row: Intention, *, user: User, today: date) -> "Line":
        """As `user` sees it today."""
        standing = "" if row.ended_at or row.due > today else "today" if row.due == today else "overdue"
        may_act = not row.ended_at and user.may(Permission.MANAGE_INTENTIONS, row.case.service.key)
        return cls(row, intended.kind(row), standing, may_act)


@dataclass(frozen=True)
class ToDo:
    """The list an address asks for. `covered` are the colleagues whose things are in it besides."""

    whose: Whose
    order: Order
    form: ToDoFilter
    rows: IntentionQuerySet
    covered: list[User]
    query: QueryDict  # of its address, without the place of a page


def asked_for(request: DeskRequest) -> ToDo:
    """The list that the address asks for; what it does not know, it leaves out."""
    user, today = request.user, request.now.astimezone(LONDON).date()
    mine: Whose = "mine"
    soonest: Order = "due"
    whose = next((one for one in TABS if one == request.GET.get("tab")), mine)
    order = next((one for one in ORDERS if one == request.GET.get("sort")), soonest)
    form = ToDoFilter(request.GET, types=types(), services=_services(user))
    given = form.cleaned_data if form.is_valid() else {}
    covered = intended.covering(user, today=today) if whose == "mine" else []
    wanted = Wanted(whose=whose, covering=[one.pk for one in covered], **given)
    query = QueryDict(mutable=True)
    query["tab"] = whose
    for name, value in given.items():
        if value:
            query[name] = value
    if order != "due":
        query["sort"] = order
    return ToDo(whose, order, form, intended.waiting(wanted, user=user, today=today), covered, query)


def page(found: ToDo, request: DeskRequest) -> tuple[list[Line], Pages]:
    """The lines of the page asked for, and where the list goes on. Raises Http404 for what is no place."""
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    beyond = _place(found.order, after or before) if after or before else None
    backwards = bool(before and not after)
    rows = intended.page(found.rows, found.order, most=SIZE + 1, beyond=beyond, backwards=backwards)
    more, rows = len(rows) > SIZE, rows[:SIZE]
    if backwards:
        rows.reverse()
    earlier = more if backwards else bool(after)
    later = True if backwards else more
    pages = Pages(
        previous=with_query(found.query, before=_told(found.order, rows[0])) if rows and earlier else "",
        next=with_query(found.query, after=_told(found.order, rows[-1])) if rows and later else "",
    )
    today = request.now.astimezone(LONDON).date()
    return [Line.of(row, user=request.user, today=today) for row in rows], pages


def every(found: ToDo, rows: IntentionQuerySet, *, user: User, today: date) -> Iterator[Line]:
    """All lines of the list, in its order, read some at a time."""
    beyond = None
    while some := intended.page(rows, found.order, most=500, beyond=beyond):
        yield from (Line.of(row, user=user, today=today) for row in some)
        beyond = intended.place(some[-1], found.order)


def tabs(found: ToDo, request: DeskRequest) -> list[Tab]:
    """Whose lists there are, each with how much is in it, up to 99, in one statement."""
    user, today = request.user, request.now.astimezone(LONDON).date()
    wanted = Wanted(covering=[one.pk for one in found.covered])
    counts = [many(intended.waiting(replace(wanted, whose=one), user=user, today=today)) for one in TABS]
    found_in = User.objects.filter(pk=user.pk).values_list(*counts)[0]
    return [
        Tab(
            str(name),
            f"{reverse('desk:to_do')}{with_query(found.query, tab=key)}",
            active=key == found.whose,
            count=count,
            what=_("to do") if count < MOST_COUNTED else _("or more to do"),
        )
        for (key, name), count in zip(TABS.items(), found_in, strict=True)
    ]


def types() -> list[tuple[str, str]]:
    """The kinds of thing there are to do."""
    return [(value.key, value.label) for value in lists.values(TYPES.key)]


def _services(user: User) -> list[tuple[str, str]]:
    reached = user.reached(Permission.VIEW_CASES)
    rows = Service.objects.all() if reached is None else Service.objects.filter(key__in=sorted(reached))
    return list(rows.order_by("name").values_list("key", "name"))


def _told(order: Order, row: Intention) -> str:
    value, pk = intended.place(row, order)
    return f"{pk}_{value.isoformat()}"


def _place(order: Order, text: str) -> intended.Place:
    found = _PLACE.fullmatch(text)
    if not found:
        raise Http404
    try:
        return intended.told(order, found[2]), int(found[1])
    except ValueError as error:
        raise Http404 from error
