"""Dashboards made, changed, put in order and taken away (BEST-70). Who may: whose it is, or who has `dashboards.edit`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.web.desk.models import Dashboard, DashboardTile, shares_with

MOST, MOST_TILES = 50, 12
"""Dashboards that are shared, or of one person; and tiles of one."""

_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('moothall.dashboards', 0))"


class DashboardRefused(Exception):
    """Its message may be shown to whoever asked."""


class ChangedMeanwhile(DashboardRefused):
    """Somebody else was there first."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What a dashboard is. `own`: of whoever makes it alone; else for the groups with these keys, or for everybody."""

    name: str
    own: bool = False
    groups: Sequence[str] = ()
    first: bool = False


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What a tile is. `query` is of an address of the work list."""

    title: str
    kind: str
    query: str
    rows: int = 5
    columns: Sequence[str] = ()


def may_edit(dashboard: Dashboard, user: User) -> bool:
    """Whether this is theirs to change: of a shared one, whether they make dashboards for all whom it is for."""
    if dashboard.owner_id is None:
        return may_share(user, dashboard.groups)
    return dashboard.owner_id == user.pk and user.may(Permission.VIEW_WORK)


def may_share(user: User, groups: Sequence[str]) -> bool:
    """Whether they make dashboards for these groups; for everybody, where none is named."""
    theirs = shares_with(user)
    return theirs is None or (bool(groups) and theirs.issuperset(groups))


def first_of(user: User) -> Dashboard | None:
    """What somebody begins with after signing in: their own, else the first of those made for them."""
    if not user.may(Permission.VIEW_WORK):
        return None
    return Dashboard.objects.shown_to(user).filter(first=True).in_order().first()


def make(about: About, *, by: User, at: datetime) -> Dashboard:
    """A dashboard without tiles, the last in order. Raises DashboardRefused."""
    made = Dashboard(owner=by if about.own else None, made_at=at)
    with _changing("dashboard.made", made, by=by, at=at):
        beside = Dashboard.objects.filter(owner=made.owner_id)
        if beside.count() >= MOST:
            raise DashboardRefused(_("There are %s dashboards already. Remove one first.") % MOST)
        made.place = _after(beside)
        _write(made, about, by=by)
        recording.record("dashboard.made", made, by=by, at=at, **_said(about))
    return made


def change(dashboard: Dashboard, about: About, *, by: User, at: datetime) -> None:
    """What it is called, whom it is for, and whether they begin with it. Raises DashboardRefused."""
    with _changing("dashboard.changed", dashboard, by=by, at=at) as there:
        row, owner = _found(there), by if about.own else None
        if row.owner_id != (owner and owner.pk):
            row.owner, row.place = owner, _after(Dashboard.objects.filter(owner=owner))
        _write(row, about, by=by)
        recording.record("dashboard.changed", row, by=by, at=at, **_said(about))


def move(dashboard: Dashboard, step: int, *, by: User, at: datetime) -> None:
    """One place up (-1) or down (1) among those beside it. At the end of them, nothing."""
    with _changing("dashboard.moved", dashboard, by=by, at=at):
        beside = list(Dashboard.objects.filter(owner=dashboard.owner_id).in_order())
        if _placed(beside, dashboard.pk, step):
            recording.record("dashboard.moved", dashboard, by=by, at=at, step=step)


def remove(dashboard: Dashboard, *, by: User, at: datetime) -> None:
    """Take it away with its tiles; of what is gone already, nothing. Its history and the audit record stay."""
    with _changing("dashboard.removed", dashboard, by=by, at=at) as row:
        if row:
            recording.record("dashboard.removed", row, by=by, at=at, name=row.name)
            row.delete()


def add_tile(dashboard: Dashboard, figure: Figure, *, key: UUID, by: User, at: datetime) -> DashboardTile:
    """A tile, the last of its dashboard; with a key that was used, the one it made. Raises DashboardRefused."""
    with _changing("dashboard.tile_added", dashboard, by=by, at=at) as there:
        row = _found(there)
        if made := row.tiles.filter(key=key).first():
            return made
        if row.tiles.count() >= MOST_TILES:
            raise DashboardRefused(_("A dashboard has at most %s tiles. Remove one first.") % MOST_TILES)
        tile = DashboardTile(dashboard=row, place=_after(row.tiles.all()), key=key)
        _fill(tile, figure)
        recording.record("dashboard.tile_added", row, by=by, at=at, tile=tile.pk, kind=tile.kind)
    return tile


def change_tile(tile: DashboardTile, figure: Figure, *, seen: int, by: User, at: datetime) -> None:
    """What a tile shows. Raises ChangedMeanwhile unless it is still as it was `seen`, by its version."""
    with _changing("dashboard.tile_changed", tile.dashboard, by=by, at=at):
        row = DashboardTile.objects.filter(pk=tile.pk).first()
        if row is None:
            raise ChangedMeanwhile(_("Somebody removed this tile meanwhile."))
        if row.version != seen:
            raise ChangedMeanwhile(
                _(
                    "Somebody changed this tile meanwhile. Open it again to see how it is now; yours is still in the form."
                )
            )
        row.version += 1
        _fill(row, figure)
        recording.record("dashboard.tile_changed", row.dashboard, by=by, at=at, tile=row.pk, kind=row.kind)


def move_tile(tile: DashboardTile, step: int, *, by: User, at: datetime) -> None:
    """One place up (-1) or down (1). At the end, nothing."""
    with _changing("dashboard.tile_moved", tile.dashboard, by=by, at=at):
        if _placed(list(tile.dashboard.tiles.all()), tile.pk, step):
            recording.record("dashboard.tile_moved", tile.dashboard, by=by, at=at, tile=tile.pk, step=step)


def remove_tile(tile: DashboardTile, *, by: User, at: datetime) -> None:
    """Take a tile away; of what is gone already, nothing."""
    with _changing("dashboard.tile_removed", tile.dashboard, by=by, at=at):
        if DashboardTile.objects.filter(pk=tile.pk).delete()[0]:
            recording.record("dashboard.tile_removed", tile.dashboard, by=by, at=at, tile=tile.pk, title=tile.title)


@contextmanager
def _changing(action: str, dashboard: Dashboard, *, by: User, at: datetime) -> Iterator[Dashboard | None]:
    """One change at a time, by who may make it; the dashboard as it is by then, None where it is not there."""
    with recording.because(action=action, by=by, at=at):
        with connection.cursor() as cursor:
            cursor.execute(_ALONE)
        row = Dashboard.objects.filter(pk=dashboard.pk).first() if dashboard.pk else None
        if (dashboard.pk or dashboard.owner_id) and not may_edit(row or dashboard, by):
            raise DashboardRefused(_("This dashboard is not yours to change."))
        yield row


def _found(row: Dashboard | None) -> Dashboard:
    if row is None:
        raise ChangedMeanwhile(_("Somebody removed this dashboard meanwhile."))
    return row


def _write(row: Dashboard, about: About, *, by: User) -> None:
    if not about.own and not may_share(by, about.groups):
        raise DashboardRefused(_("You may make dashboards for yourself, and for groups of services you make them for."))
    row.name, row.first = about.name, about.first
    row.groups = [] if about.own else sorted(set(about.groups))
    if row.first:
        _refuse_another_first(row)
    row.save()


def _refuse_another_first(row: Dashboard) -> None:
    """Somebody begins with one page: no other dashboard is the first for the same groups."""
    others = Dashboard.objects.filter(owner=row.owner_id, first=True).exclude(pk=row.pk)
    same = others.filter(groups__overlap=row.groups) if row.groups else others.filter(groups=[])
    if other := same.first():
        raise DashboardRefused(
            _("“%s” is the first page for the same people. Let it be that no longer, then save this again.")
            % other.name
        )


def _after(beside: "QuerySet[Dashboard] | QuerySet[DashboardTile]") -> int:
    return int(beside.aggregate(last=Max("place", default=0))["last"]) + 1


def _placed(rows: "Sequence[Dashboard] | Sequence[DashboardTile]", pk: int, step: int) -> bool:
    """Move one among its neighbours. Says whether it had somewhere to go."""
    order: list[Any] = list(rows)
    here = next((place for place, row in enumerate(order) if row.pk == pk), -1)
    if here < 0 or not 0 <= here + step < len(order):
        return False
    order[here], order[here + step] = order[here + step], order[here]
    for place, row in enumerate(order, start=1):
        if row.place != place:
            row.place = place
            row.save(update_fields=["place"])
    return True


def _fill(tile: DashboardTile, figure: Figure) -> None:
    for name, value in asdict(figure).items():
        setattr(tile, name, list(value) if name == "columns" else value)
    tile.save()


def _said(about: About) -> dict[str, Any]:
    return {"name": about.name, "own": about.own, "groups": sorted(about.groups), "first": about.first}
