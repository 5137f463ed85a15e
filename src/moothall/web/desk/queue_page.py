"""What the pages of the integration queue show, and what may be done with an item in which state."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.domain.exchange import actions, entries, masking
from moothall.domain.exchange.models import Item, ItemQuerySet
from moothall.domain.people.models import Customer
from moothall.kit.calendars import midnight
from moothall.web.common.whole import whole as whole_number
from moothall.web.components.parts import Colour, Row
from moothall.web.components.templatetags.components import moment
from moothall.web.desk.forms.queue import STATUSES

Status = Item.Status
EDITABLE = frozenset({Status.QUEUED, Status.PAUSED, Status.ERROR, Status.CANCELLED, Status.SKIPPED})
_COLOURS: dict[str, Colour] = {
    Status.QUEUED: "blue",
    Status.PAUSED: "yellow",
    Status.SENDING: "blue",
    Status.DONE: "green",
    Status.ERROR: "red",
    Status.UNKNOWN: "orange",
}
_MOST_TRIES = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SORTS = frozenset({"created", "-created", "processed", "-processed"})


@dataclass(frozen=True)
class Verb:
    """Something done with an item or a case: its words, whether it asks why, and in which states it makes sense."""

    key: str
    text: str | Promise
    title: str | Promise
    done: str | Promise
    action: Callable[..., Any]
    reason: bool = False
    states: frozenset[str] = frozenset()


VERBS = {
    verb.key: verb
    for verb in (
        Verb(
            "retry", gettext_lazy("Try again now"), gettext_lazy("Try again now?"), gettext_lazy("It is tried again."),
            actions.retry, states=frozenset({Status.ERROR, Status.UNKNOWN}),
        ),
        Verb(
            "requeue", gettext_lazy("Queue again"), gettext_lazy("Queue again?"), gettext_lazy("It is queued again."),
            actions.requeue, states=frozenset({Status.ERROR, Status.CANCELLED, Status.SKIPPED}),
        ),
        Verb(
            "unpause", gettext_lazy("Un-pause"), gettext_lazy("Un-pause?"), gettext_lazy("It goes on."),
            actions.unpause, states=frozenset({Status.PAUSED}),
        ),
        Verb(
            "send-now", gettext_lazy("Send now"), gettext_lazy("Send now?"), gettext_lazy("It is sent at once."),
            actions.send_now, states=frozenset({Status.QUEUED, Status.PAUSED}),
        ),
        Verb(
            "pause", gettext_lazy("Pause"), gettext_lazy("Pause this item"), gettext_lazy("It is paused."),
            actions.pause, reason=True, states=frozenset({Status.QUEUED, Status.UNKNOWN}),
        ),
        Verb(
            "skip", gettext_lazy("Skip"), gettext_lazy("Skip: the case goes on as if it were done"),
            gettext_lazy("It is skipped."), actions.skip, reason=True,
            states=frozenset({Status.QUEUED, Status.PAUSED, Status.ERROR}),
        ),
        Verb(
            "cancel", gettext_lazy("Cancel it"), gettext_lazy("Cancel this item"), gettext_lazy("It is cancelled."),
            actions.cancel, reason=True, states=frozenset({Status.QUEUED, Status.PAUSED, Status.ERROR}),
        ),
    )
}  # fmt: skip
CASE_VERBS = {
    verb.key: verb
    for verb in (
        Verb(
            "pause", gettext_lazy("Pause all"), gettext_lazy("Pause everything queued on this case"),
            gettext_lazy("Nothing of this case is sent until it is un-paused."), actions.pause_case, reason=True,
        ),
        Verb(
            "unpause", gettext_lazy("Un-pause all"), gettext_lazy("Let the queue of this case go on?"),
            gettext_lazy("The queue of this case goes on."), actions.unpause_case,
        ),
        Verb(
            "requeue", gettext_lazy("Queue errors again"), gettext_lazy("Queue everything again that failed?"),
            gettext_lazy("What failed is queued again."), actions.requeue_case,
        ),
        Verb(
            "cancel", gettext_lazy("Cancel all"), gettext_lazy("Cancel everything queued on this case"),
            gettext_lazy("What waited is cancelled."), actions.cancel_case, reason=True,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One item in words."""

    id: int
    case: str
    name: str
    postcode: str
    title: str
    connector: str
    status: str
    colour: Colour
    problem: str
    created_at: datetime
    created_by: str
    processed_at: datetime | None


@dataclass(frozen=True)
class Try:
    """One call, with what went over the wire."""

    number: int
    asking: bool
    at: datetime
    request: str
    response: str
    problem: str


def narrowed(items: ItemQuerySet, asked: dict[str, Any]) -> ItemQuerySet:
    """The items for which everything asked holds."""
    if asked["status"]:
        items = items.filter(status__in=asked["status"])
    if asked["connector"]:
        items = items.filter(connector__key=asked["connector"])
    if day := asked["created_from"]:
        items = items.filter(created_at__gte=midnight(day))
    if day := asked["created_to"]:
        items = items.filter(created_at__lt=midnight(day + timedelta(days=1)))
    return items.filter(case__reference=asked["case"]) if asked["case"] else items


def ordered(items: ItemQuerySet, sort: str, after: str, *, most: int) -> list[Item]:
    """The first so many in the order of `sort`, behind the item whose `place` is `after`. Raises ValueError for a place there
    cannot be.

    By when they were processed, those that are not yet come last, the newest of them first.
    """
    if sort.removeprefix("-") != "processed":
        return list(_by_number(items, after, rising=sort == "created")[:most])
    waiting = items.filter(processed_at=None)
    if after and "-" not in after:
        return list(_by_number(waiting, after, rising=False)[:most])
    done = list(_processed(items, after, rising=sort == "processed")[:most])
    return done + list(_by_number(waiting, "", rising=False)[: most - len(done)])


def _by_number(items: ItemQuerySet, after: str, *, rising: bool) -> ItemQuerySet:
    rows = items.order_by("pk" if rising else "-pk")
    return rows.filter(**{"pk__gt" if rising else "pk__lt": _number(after)}) if after else rows


def _processed(items: ItemQuerySet, after: str, *, rising: bool) -> ItemQuerySet:
    rows = items.filter(processed_at__isnull=False)
    rows = rows.order_by("processed_at", "pk") if rising else rows.order_by("-processed_at", "-pk")
    if not after:
        return rows
    micros, _dash, pk = after.partition("-")
    at = _EPOCH + timedelta(microseconds=_number(micros))
    beyond = "gt" if rising else "lt"
    behind = Q(**{f"processed_at__{beyond}": at}) | Q(processed_at=at, **{f"pk__{beyond}": _number(pk)})
    return rows.filter(behind)


def place(item: Item, sort: str) -> str:
    """Where an item stands in the order of `sort`."""
    if sort.removeprefix("-") != "processed" or item.processed_at is None:
        return str(item.pk)
    return f"{(item.processed_at - _EPOCH) // timedelta(microseconds=1)}-{item.pk}"


def _number(given: str) -> int:
    if (number := whole_number(given)) is None:
        raise ValueError("That is no place in the list.")
    return number


def whole(items: ItemQuerySet, *, all_of_it: bool = False) -> ItemQuerySet:
    """With all that a line shows; what was sent and answered only when asked for."""
    rows = items.select_related("case__customer__person", "case__service", "connector", "created_by")
    rows = rows.prefetch_related("case__customer__residences__address").defer("case__submitted")
    return rows if all_of_it else rows.defer("case__submitted", "sent", "result", "payload_override")


def line(item: Item) -> Line:
    """An item as a line of a list."""
    customer = item.case.customer
    now = [residence for residence in customer.residences.all() if residence.to_date is None]
    person = getattr(customer, "person", None) if customer.kind == Customer.Kind.PERSON else None
    return Line(
        id=item.pk,
        case=item.case.reference,
        name=person.last_name if person else customer.name,
        postcode=now[0].address.postcode if now else "",
        title=entries.title(item),
        connector=item.connector.name,
        status=str(STATUSES[Status(item.status)]),
        colour=_COLOURS.get(item.status, "grey"),
        problem=item.problem if item.status in {Status.ERROR, Status.UNKNOWN, Status.QUEUED} else "",
        created_at=item.created_at,
        created_by=item.created_by.full_name,
        processed_at=item.processed_at,
    )


def facts(item: Item) -> list[Row]:
    """What is known of an item, in lines."""
    due = moment(item.due_at) if item.status in Item.WAITING else ""
    rows = [
        (_("Connector"), item.connector.name),
        (_("Queued"), _("%(when)s by %(who)s") % {"when": moment(item.created_at), "who": item.created_by.full_name}),
        (_("Due"), due),
        (_("Calls since it was queued"), str(item.attempts)),
        (_("Last problem"), item.problem),
        (_("Why it is paused"), item.pause_reason if item.status == Status.PAUSED else ""),
        (_("Why it was set aside"), item.settled_reason),
        (_("Processed"), moment(item.processed_at)),
    ]
    return [Row(key, value) for key, value in rows if value]


def possible(item: Item) -> list[Verb]:
    """What makes sense in the state it is in."""
    return [verb for verb in VERBS.values() if item.status in verb.states]


def tries(item: Item) -> list[Try]:
    """Every call, the last first."""
    return [
        Try(row.number, row.asking, row.started_at, pretty(row.request), pretty(row.response), row.problem)
        for row in item.tries.order_by("-number")[:_MOST_TRIES]
    ]


def pretty(value: Any) -> str:
    """Data as people read it, secrets hidden; empty for none."""
    return "" if value is None else json.dumps(masking.mask(value), indent=2, ensure_ascii=False)
