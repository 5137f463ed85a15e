"""What is done with some rows at a time: tried, brought in, or undone. Each runs in one transaction of `running`."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from moothall.core.accounts.permissions import Permission
from moothall.domain.people import locks
from moothall.domain.people.importing import applying, known, options, undoing
from moothall.domain.people.importing.given import Given, Reader
from moothall.domain.people.importing.known import Standing
from moothall.domain.people.importing.planning import Plan, Planner, as_standing
from moothall.domain.people.importing.refusal import RowRefused
from moothall.domain.people.importing.where import Addresses
from moothall.domain.people.models import Import, ImportKey, ImportRow

SIZE = 250  # rows of a chunk: each takes some locks, of which PostgreSQL has room for some thousands
Outcome = ImportRow.Outcome
_BETWEEN = "\x1f"
_KEEP = """
    UPDATE people_importrow SET outcome = now.outcome, field = now.field, says = now.says, customer = now.customer,
        uprn = now.uprn, changed = string_to_array(now.changed, now.between)
    FROM (
        SELECT known.*, %s::text AS between FROM unnest(
            %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[]
        ) AS known (id, outcome, field, says, changed, customer, uprn)
    ) AS now WHERE people_importrow.id = now.id
"""
_CLAIM = """
    INSERT INTO people_importkey (hashed, importing_id, number, customer)
    SELECT hashed, %s, number, customer FROM unnest(%s::bigint[], %s::integer[], %s::bigint[])
        AS told (hashed, number, customer)
    ON CONFLICT (hashed, importing_id) DO """


class Step(Protocol):
    """Deals with some rows, and counts them in `importing.counts`."""

    def __call__(self, importing: Import, rows: Sequence[ImportRow], reader: "Rows", *, at: datetime) -> None: ...


class Rows:
    """Gives the rows of an import chunk by chunk, and reads what they say."""

    def __init__(self, importing: Import) -> None:
        self._importing = importing
        self.options = options.of(importing.options)
        self.reader = Reader(
            importing.headings,
            importing.columns,
            self.options,
            today=timezone.localdate(importing.begun_at),
            services=importing.by.reached(Permission.IMPORT_PEOPLE),
        )
        self.once: dict[str, bool] = self.reader.once

    def after(self, number: int) -> list[ImportRow]:
        """The next rows."""
        rows = ImportRow.objects.filter(importing=self._importing, number__gt=number)
        if self._importing.state == Import.State.UNDOING:
            rows = rows.filter(outcome=Outcome.NEW)
        return list(rows.order_by("number")[:SIZE])

    def plans(self, rows: Sequence[ImportRow], *, again: bool) -> list[Plan]:
        """What each row says, or why it is refused. With `again`, addresses are those that were found before."""
        addresses = Addresses(self.options)
        plans = [Plan(row) for row in rows]
        for plan in plans:
            self._try(plan, lambda plan=plan: self.reader.read(plan.row.cells))  # type: ignore[misc]
        alone = [plan.given.uprn for plan in plans if plan.given and not plan.given.lines]
        addresses.know([*alone, *(row.uprn for row in rows if again)])
        for plan in plans:
            if plan.given:
                self._try(plan, lambda plan=plan: self._settled(plan, addresses, again=again))  # type: ignore[misc]
        return plans

    def _settled(self, plan: Plan, addresses: Addresses, *, again: bool) -> Given | None:
        if plan.given is None:
            return None
        given, plan.row.uprn = addresses.settled(plan.given, before=plan.row.uprn if again else "")
        return given

    def _try(self, plan: Plan, read: Callable[[], Given | None]) -> None:
        try:
            plan.given = read()
        except RowRefused as refused:
            plan.given = None
            plan.refuse(refused.field, refused.says)


def check(importing: Import, rows: Sequence[ImportRow], reader: Rows, *, at: datetime) -> None:  # noqa: ARG001
    """A dry run: what would become of each row. Nothing but that is written."""
    plans = reader.plans(rows, again=False)
    taken = [plan for plan in plans if plan.given]
    givens = [plan.given for plan in taken if plan.given]
    keys = [known.keys_of(given, reader.once) for given in givens]
    found = known.look(givens, reader.once, importing=importing, likely=reader.options.likely == "hold")
    earlier = _earlier(importing, reader, [key for some in keys for key in some])
    over = [known.carried_keys(given, reader.options.source) for given in givens]
    told = ImportKey.objects.filter(hashed__in=[key for some in over for key in some], importing=importing)
    carried = dict(told.values_list("hashed", "number")) if any(over) else {}
    planner = Planner(found, reader.options, reader.once, earlier=earlier, carried=carried)
    for place, plan in enumerate(taken):
        planner.decide(plan, place, keys[place], in_chunk=False)
    mine = [
        (key, plan.row.number, 0)
        for plan, who, what in zip(taken, keys, over, strict=True)
        for key in ([*who, *what] if plan.outcome == Outcome.NEW else what if plan.account or plan.dealing else [])
    ]
    _claim(importing, mine, "NOTHING")
    _write(importing, plans)


def bring_in(importing: Import, rows: Sequence[ImportRow], reader: Rows, *, at: datetime) -> None:
    """Record each row: decided anew, holding the locks of all that tells who they are."""
    plans = reader.plans(rows, again=True)
    locks.hold([key for plan in plans if plan.given for key in plan.given.identity])
    try:
        with transaction.atomic():
            _record(importing, plans, reader, at=at)
    except IntegrityError:  # somebody recorded one of them by a way that takes no lock: find out which
        for plan in plans:
            plan.customer, plan.later = 0, False
            if plan.outcome != Outcome.REFUSED:
                _alone(importing, plan, reader, at=at)
    _write(importing, plans)


def _alone(importing: Import, plan: Plan, reader: Rows, *, at: datetime) -> None:
    plan.outcome, plan.column, plan.says = Outcome.NEW, "", ""
    plan.facts, plan.moves, plan.ways, plan.references = {}, False, [], []
    plan.account = plan.dealing = False
    try:
        with transaction.atomic():
            _record(importing, [plan], reader, at=at)
    except IntegrityError:
        plan.refuse("", "Somebody recorded the same at this moment. Import the file again.")


def _record(importing: Import, plans: Sequence[Plan], reader: Rows, *, at: datetime) -> None:
    """Decide and record. Rows that are whom a row before them makes are looked at again when that is made."""
    left = [plan for plan in plans if plan.given]
    while left:
        givens = [plan.given for plan in left if plan.given]
        keys = [known.keys_of(given, reader.once) for given in givens]
        found = known.look(givens, reader.once, importing=importing, likely=reader.options.likely == "hold")
        planner = Planner(found, reader.options, reader.once, earlier={}, carried={})
        for place, plan in enumerate(left):
            plan.later = False
            planner.decide(plan, place, keys[place], in_chunk=True)
        new = [place for place, plan in enumerate(left) if not plan.later and plan.outcome == Outcome.NEW]
        applying.make([left[place] for place in new], importing, once=reader.once, by=importing.by, at=at)
        made = [(key, left[place].row.number, left[place].customer) for place in new for key in keys[place]]
        _claim(importing, made, "UPDATE SET customer = excluded.customer, number = excluded.number")
        done = [plan for plan in left if not plan.later]
        for plan in done:
            if plan.outcome == Outcome.CHANGED and plan.adds_to_record:
                applying.change(plan, importing, by=importing.by, at=at)
        applying.carry_over(done, importing, source=reader.options.source, by=importing.by, at=at)
        left = [plan for plan in left if plan.later]


def _claim(importing: Import, keys: Sequence[tuple[int, int, int]], otherwise: str) -> None:
    """Say of keys which row has them and whom it made; `otherwise` is done with those some row has already."""
    if keys:
        with connection.cursor() as cursor:
            columns = [list(column) for column in zip(*keys, strict=True)]
            cursor.execute(_CLAIM + otherwise, [importing.pk, *columns])


def _earlier(importing: Import, reader: Rows, keys: Sequence[int]) -> dict[int, Standing]:
    """Rows before this chunk that make somebody with one of these keys."""
    rows = dict(ImportKey.objects.filter(hashed__in=keys, importing=importing).values_list("hashed", "number"))
    found = {
        plan.row.number: as_standing(plan.given, row=plan.row.number)
        for plan in reader.plans(
            list(ImportRow.objects.filter(importing=importing, number__in=rows.values())), again=True
        )
        if plan.given
    }
    return {key: found[number] for key, number in rows.items() if number in found}


def _write(importing: Import, plans: Sequence[Plan]) -> None:
    """Keep what became of each row."""
    for plan in plans:
        row = plan.row
        row.outcome, row.field, row.says = plan.outcome, plan.column, plan.says
        row.changed, row.customer = plan.changed if plan.outcome == Outcome.CHANGED else [], plan.customer
    _keep([plan.row for plan in plans])
    count(importing, Counter(str(plan.outcome) for plan in plans))


def _keep(rows: Sequence[ImportRow]) -> None:
    """Write what became of rows, all in one statement made by hand: Django takes longer to make one than all else takes."""
    columns = (
        [row.pk for row in rows],
        [str(row.outcome) for row in rows],
        [row.field for row in rows],
        [row.says for row in rows],
        [_BETWEEN.join(row.changed) for row in rows],
        [row.customer for row in rows],
        [row.uprn for row in rows],
    )
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [_BETWEEN, *columns])


def count(importing: Import, found: Mapping[str, int]) -> None:
    """Add to how many rows of each outcome there are."""
    importing.counts = dict(Counter(importing.counts) + Counter(found))


def take_back(importing: Import, rows: Sequence[ImportRow], reader: Rows, *, at: datetime) -> None:  # noqa: ARG001
    """Remove whom these rows made, where nothing refers to them and nobody changed them since."""
    gone = undoing.remove([row.customer for row in rows if row.customer], importing, by=importing.by, at=at)
    mine = [row for row in rows if row.customer in gone]
    for row in rows:
        if row in mine:
            row.outcome, row.says, row.customer = Outcome.REMOVED, "", 0
        else:
            row.says = "Stays: something refers to this customer, or somebody changed it since."
    _keep(rows)
    importing.removed += len(mine)
    changed = Counter(importing.counts)
    changed.subtract({Outcome.NEW.value: len(mine)})
    importing.counts = {name: times for name, times in changed.items() if times > 0} | (
        {Outcome.REMOVED.value: importing.removed} if importing.removed else {}
    )


STEPS: Mapping[str, tuple[Step, Import.State]] = {
    Import.State.CHECKING: (check, Import.State.CHECKED),
    Import.State.IMPORTING: (bring_in, Import.State.DONE),
    Import.State.UNDOING: (take_back, Import.State.UNDONE),
}
