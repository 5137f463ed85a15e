"""Dashboards and their figures, as whoever calls may see them (BEST-70)."""

from typing import Any

from ninja import Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.web.api.operations import Operations
from moothall.web.api.problems import not_found
from moothall.web.api.request import ApiRequest
from moothall.web.desk.dashboard_figures import Figures, figures
from moothall.web.desk.models import Dashboard, DashboardTile

router = Operations(tags=["Dashboards"])


class DashboardLine(Schema):
    id: int
    name: str
    own: bool = Field(description="It is yours alone")
    groups: list[str] = Field(description="Keys of the security groups it is for; none, and not your own: everybody")
    first: bool = Field(description="Whoever it is for begins with it after signing in")


class BarOut(Schema):
    """One part of a tile: the list of the tile with one filter more."""

    key: str
    label: str
    count: int
    more: bool = Field(description="There are more than `count`")


class TileOut(Schema):
    id: int
    title: str
    kind: str
    query: str = Field(description="The filters and the order, as an address of the work list has them")
    total: int
    more: bool = Field(description="There are more than `total`")
    bars: list[BarOut] = Field(description="Of a number: by what its target shows")
    cases: list[str] = Field(description="Of a list: the references of its first rows")
    problem: str | None = Field(description="Why there are no figures: something is gone, or took too long")


class DashboardOut(DashboardLine):
    tiles: list[TileOut]


@router.reads("/dashboards", needs=Permission.VIEW_WORK, answers=list[DashboardLine])
def every_dashboard(request: ApiRequest) -> list[DashboardLine]:
    """The dashboards you may open: your own first, then those that are shared, in order."""
    return [DashboardLine(**_line(row, request)) for row in Dashboard.objects.open_to(request.auth).in_order()]


@router.reads("/dashboards/{int:dashboard_id}", needs=Permission.VIEW_WORK, answers=DashboardOut)
def one_dashboard(request: ApiRequest, dashboard_id: int) -> DashboardOut:
    """A dashboard with its figures, of what you may see. Each equals what the work list finds with the same filters."""
    row = Dashboard.objects.open_to(request.auth).filter(pk=dashboard_id).first()
    if row is None:
        raise not_found()
    shown = [(tile, figures(tile, user=request.auth, now=request.now)) for tile in row.tiles.all()]
    if cases := sum(len(told.lines) for _tile, told in shown):
        recording.searched(
            "workitem", by=request.auth, at=request.now, via="api dashboards.read", found=cases, asked=["dashboard"]
        )
    return DashboardOut(**_line(row, request), tiles=[_tile(tile, told) for tile, told in shown])


def _line(row: Dashboard, request: ApiRequest) -> dict[str, Any]:
    own = row.owner_id == request.auth.pk
    return {"id": row.pk, "name": row.name, "own": own, "groups": row.groups, "first": row.first}


def _tile(tile: DashboardTile, told: Figures) -> TileOut:
    return TileOut(
        id=tile.pk,
        title=tile.title,
        kind=tile.kind,
        query=tile.query,
        total=told.total,
        more=told.more,
        bars=[BarOut(key=bar.key, label=bar.text, count=bar.count, more=bar.more) for bar in told.bars],
        cases=[line.item.case.reference for line in told.lines],
        problem=told.problem or None,
    )
