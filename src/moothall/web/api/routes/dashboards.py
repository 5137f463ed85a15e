"""Dashboards and their figures, as whoever calls may see them; made, changed and removed as at the desk (BEST-70)."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import uuid4

from django.http import QueryDict
from ninja import Schema
from pydantic import Field, StringConstraints

from moothall.core.accounts.models import SecurityGroup
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.web.api.operations import Operations
from moothall.web.api.problems import Problem, invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Key
from moothall.web.desk import dashboards, tiles, work_answers
from moothall.web.desk.dashboard_figures import Figures, figures
from moothall.web.desk.dashboards import About, Figure
from moothall.web.desk.forms.dashboards import MOST_COLUMNS, SOME, TileForm
from moothall.web.desk.models import Dashboard, DashboardTile
from moothall.web.desk.work_lists import listed, view_of

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
    rows: int = Field(description="How many a list shows")
    columns: list[str] = Field(description="Of a list, after the case; the usual ones when empty")
    version: int = Field(description="Give it back to change the tile")
    total: int
    more: bool = Field(description="There are more than `total`")
    bars: list[BarOut] = Field(description="Of a number: by what its target shows")
    cases: list[str] = Field(description="Of a list: the references of its first rows")
    problem: str | None = Field(description="Why there are no figures: something is gone, or took too long")


class DashboardOut(DashboardLine):
    tiles: list[TileOut]


class DashboardGiven(Body):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    own: bool = Field(False, description="For you alone; for others needs dashboards.edit for their services")
    groups: list[Key] = Field(
        [], max_length=200, description="Keys of the groups it is for; none, and not own: everybody"
    )
    first: bool = Field(False, description="Whoever it is for begins with it after signing in")


class TileGiven(Body):
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    kind: DashboardTile.Kind
    query: str = Field("tab=all", max_length=4_000, description="Which work: an address of the work list after its “?”")
    rows: Literal[SOME] = Field(SOME[0], description="How many a list shows")  # type: ignore[valid-type]
    columns: list[Annotated[str, StringConstraints(max_length=200)]] = Field([], max_length=MOST_COLUMNS)


class TileChange(TileGiven):
    version: int = Field(ge=1, le=2**31 - 1, description="As you saw it")


class Placing(Body):
    way: Literal["up", "down"]


STEPS = {"up": -1, "down": 1}


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


@router.writes("POST", "/dashboards", needs=Permission.VIEW_WORK, answers=DashboardOut, status=201)
def make_dashboard(request: ApiRequest, body: DashboardGiven) -> DashboardOut:
    """A dashboard without tiles, the last in order."""
    return _whole(dashboards.make(_about(request, body), by=request.auth, at=request.now), request)


@router.writes("PUT", "/dashboards/{int:dashboard_id}", needs=Permission.VIEW_WORK, answers=DashboardOut)
def change_dashboard(request: ApiRequest, dashboard_id: int, body: DashboardGiven) -> DashboardOut:
    """What it is called, whom it is for, and whether they begin with it."""
    row = _theirs(request, dashboard_id)
    dashboards.change(row, _about(request, body), by=request.auth, at=request.now)
    row.refresh_from_db()
    return _whole(row, request)


@router.writes("POST", "/dashboards/{int:dashboard_id}/place", needs=Permission.VIEW_WORK, answers=None, status=204)
def place_dashboard(request: ApiRequest, dashboard_id: int, body: Placing) -> None:
    """One place up or down among those beside it; at the end of them nothing changes."""
    dashboards.move(_theirs(request, dashboard_id), STEPS[body.way], by=request.auth, at=request.now)


@router.writes(
    "DELETE", "/dashboards/{int:dashboard_id}", needs=Permission.VIEW_WORK, answers=None, status=204, body="none"
)
def remove_dashboard(request: ApiRequest, dashboard_id: int) -> None:
    """Take it away with its tiles. The audit record stays."""
    dashboards.remove(_theirs(request, dashboard_id), by=request.auth, at=request.now)


@router.writes("POST", "/dashboards/{int:dashboard_id}/tiles", needs=Permission.VIEW_WORK, answers=TileOut, status=201)
def add_tile(request: ApiRequest, dashboard_id: int, body: TileGiven) -> TileOut:
    """A tile, the last of its dashboard. Its figures are as you may see them."""
    row = _theirs(request, dashboard_id)
    tile = dashboards.add_tile(row, _figure(request, body, ()), key=uuid4(), by=request.auth, at=request.now)
    return _tile(tile, figures(tile, user=request.auth, now=request.now))


@router.writes("PUT", "/dashboards/{int:dashboard_id}/tiles/{int:tile_id}", needs=Permission.VIEW_WORK, answers=TileOut)
def change_tile(request: ApiRequest, dashboard_id: int, tile_id: int, body: TileChange) -> TileOut:
    """What a tile shows, and of which work."""
    tile = _tile_of(request, dashboard_id, tile_id)
    figure = _figure(request, body, tile.columns)
    dashboards.change_tile(tile, figure, seen=body.version, by=request.auth, at=request.now)
    tile.refresh_from_db()
    return _tile(tile, figures(tile, user=request.auth, now=request.now))


@router.writes(
    "POST",
    "/dashboards/{int:dashboard_id}/tiles/{int:tile_id}/place",
    needs=Permission.VIEW_WORK,
    answers=None,
    status=204,
)
def place_tile(request: ApiRequest, dashboard_id: int, tile_id: int, body: Placing) -> None:
    """One place up or down; at the end nothing changes."""
    dashboards.move_tile(_tile_of(request, dashboard_id, tile_id), STEPS[body.way], by=request.auth, at=request.now)


@router.writes(
    "DELETE",
    "/dashboards/{int:dashboard_id}/tiles/{int:tile_id}",
    needs=Permission.VIEW_WORK,
    answers=None,
    status=204,
    body="none",
)
def remove_tile(request: ApiRequest, dashboard_id: int, tile_id: int) -> None:
    """Take a tile away."""
    dashboards.remove_tile(_tile_of(request, dashboard_id, tile_id), by=request.auth, at=request.now)


def _theirs(request: ApiRequest, dashboard_id: int) -> Dashboard:
    """A dashboard one may open, and change."""
    row = Dashboard.objects.open_to(request.auth).filter(pk=dashboard_id).first()
    if row is None:
        raise not_found()
    if not dashboards.may_edit(row, request.auth):
        raise Problem(403, "This dashboard is not yours to change.")
    return row


def _tile_of(request: ApiRequest, dashboard_id: int, tile_id: int) -> DashboardTile:
    tile = _theirs(request, dashboard_id).tiles.select_related("dashboard").filter(pk=tile_id).first()
    if tile is None:
        raise not_found()
    return tile


def _about(request: ApiRequest, body: DashboardGiven) -> About:
    if not body.own and not dashboards.may_share(request.auth, body.groups):
        raise Problem(
            403, f"This needs the permission {Permission.EDIT_DASHBOARDS} for all services of whom it is for."
        )
    if body.own and body.groups:
        raise invalid("body.groups", "What is yours alone is for no group.")
    there = set(SecurityGroup.objects.filter(key__in=body.groups).values_list("key", flat=True))
    if unknown := sorted(set(body.groups) - there):
        raise invalid("body.groups", f"There is no group “{unknown[0]}”.")
    return About(name=body.name, own=body.own, groups=body.groups, first=body.first)


def _figure(request: ApiRequest, body: TileGiven, columns: Sequence[str]) -> Figure:
    """What the desk's own form makes of a tile. Raises Problem with all that is wrong."""
    given = QueryDict(body.query)
    query = view_of(given)
    answers = tiles.answers_of(request.auth, [*columns, *body.columns], query)
    found = listed(query, user=request.auth, now=request.now, whole=True, columns=answers)
    known = {"tab", "sort", *found.form.fields}
    if unknown := sorted(name for name, values in given.lists() if any(values) and name not in known):
        raise invalid("body.query", f"The work list has no filter “{unknown[0][:60]}” here.")
    headings = work_answers.headings(answers, found.current)
    sort = query.get("sort", "")
    asked = {**body.dict(), "tab": query.get("tab", "all"), "sort": sort}
    form = TileForm(asked, sort=sort, answers=list(headings.items()))
    if not tiles.fit(form, found.form):
        wrong = [
            (f"body.{name if name in TileGiven.model_fields else 'query'}", str(said[0]))
            for name, said in form.errors.items()
        ]
        wrong += [("body.query", str(said[0])) for said in found.form.errors.values()]
        raise Problem(422, wrong[0][1], errors=wrong)
    return form.figure(tiles.query_of(form, found.form))


def _whole(row: Dashboard, request: ApiRequest) -> DashboardOut:
    shown = [(tile, figures(tile, user=request.auth, now=request.now)) for tile in row.tiles.all()]
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
        rows=tile.rows,
        columns=tile.columns,
        version=tile.version,
        total=told.total,
        more=told.more,
        bars=[BarOut(key=bar.key, label=bar.text, count=bar.count, more=bar.more) for bar in told.bars],
        cases=[line.item.case.reference for line in told.lines],
        problem=told.problem or None,
    )
