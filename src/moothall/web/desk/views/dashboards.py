"""Dashboards: figures of the work list side by side, each as whoever looks may see it (BEST-70)."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.models import SecurityGroup
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.web.api.export import csv_response
from moothall.web.components.parts import Column, Link
from moothall.web.desk import dashboards as making
from moothall.web.desk.access import needs
from moothall.web.desk.dashboard_figures import figures
from moothall.web.desk.dashboard_shown import ShownTile
from moothall.web.desk.models import Dashboard, DashboardTile
from moothall.web.desk.request import DeskRequest

STEPS = {"up": -1, "down": 1}
ARRANGE = "arrange"
Ends = tuple[int, int]  # the numbers of the first and the last tile


@dataclass(frozen=True)
class Row:
    """A dashboard in the list of them."""

    dashboard: Dashboard
    audience: str
    editable: bool
    up: bool
    down: bool


@needs(Permission.VIEW_WORK)
@require_safe
def every(request: DeskRequest) -> HttpResponse:
    """The dashboards one may open: one's own, and those that are shared, in order."""
    found = list(Dashboard.objects.open_to(request.user).in_order())
    names = dict(
        SecurityGroup.objects.filter(key__in={key for one in found for key in one.groups}).values_list("key", "name")
    )
    rows = []
    for place, one in enumerate(found):
        above, below = (found[at] if 0 <= at < len(found) else None for at in (place - 1, place + 1))
        rows.append(
            Row(
                one,
                audience(one, names),
                making.may_edit(one, request.user),
                up=above is not None and above.owner_id == one.owner_id,
                down=below is not None and below.owner_id == one.owner_id,
            )
        )
    page = {
        "rows": rows,
        "columns": [Column(_("Dashboard")), Column(_("For")), Column(_("Change"), hidden=True)],
        "edits": any(row.editable for row in rows),
    }
    return TemplateResponse(request, "desk/dashboards/every.html", page)


@needs(Permission.VIEW_WORK)
@require_safe
def dashboard(request: DeskRequest, dashboard_id: int) -> HttpResponse:
    """One dashboard. Its tiles come one by one, by a script; or with the page, when it is asked for whole."""
    row = opened(request, dashboard_id)
    editable = making.may_edit(row, request.user)
    whole, arranged = "whole" in request.GET, editable and ARRANGE in request.GET
    ends = _ends(row) if arranged else None
    tiles = [(tile, shown_now(request, tile, ends=ends) if whole else None) for tile in row.tiles.all()]
    others = Dashboard.objects.shown_to(request.user).exclude(pk=row.pk).in_order()[: making.MOST]
    page = {
        "dashboard": row,
        "tiles": tiles,
        "whole": whole,
        "editable": editable,
        "arranged": arranged,
        "others": [Link(one.name, _address(one)) for one in others],
        "audience": audience(row, dict.fromkeys(row.groups, "") | _names(row)),
    }
    return TemplateResponse(request, "desk/dashboards/one.html", page)


@needs(Permission.VIEW_WORK)
@require_safe
def tile(request: DeskRequest, dashboard_id: int, tile_id: int) -> HttpResponse:
    """One tile: for htmx, which puts it in its place, that alone; else a page."""
    row, one = tile_opened(request, dashboard_id, tile_id)
    arranged = ARRANGE in request.GET and making.may_edit(row, request.user)
    shown = shown_now(request, one, ends=_ends(row) if arranged else None)
    template = "desk/dashboards/_tile.html" if request.htmx else "desk/dashboards/tile.html"
    return TemplateResponse(request, template, {"dashboard": row, "shown": shown, "whole": False})


@needs(Permission.VIEW_WORK)
@require_safe
def tile_csv(request: DeskRequest, dashboard_id: int, tile_id: int) -> HttpResponseBase:
    """The numbers of a tile as a file. The rows of a list are exported as the work list is, by who may export cases."""
    _row, one = tile_opened(request, dashboard_id, tile_id)
    if one.kind == DashboardTile.Kind.LIST:
        raise Http404
    shown = shown_now(request, one)
    if shown.figures.problem:
        messages.error(request, shown.figures.problem)
        return redirect("desk:tile", dashboard_id, tile_id)
    head, rows = shown.table()
    return csv_response(head, rows, name="dashboard.csv")


@needs(Permission.VIEW_WORK)
@require_POST
def move(request: DeskRequest, dashboard_id: int) -> HttpResponse:
    """A dashboard one place up or down."""
    row = theirs(request, dashboard_id)
    try:
        making.move(row, step(request), by=request.user, at=request.now)
    except making.DashboardRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:dashboards")


@needs(Permission.VIEW_WORK)
@require_POST
def tile_move(request: DeskRequest, dashboard_id: int, tile_id: int) -> HttpResponse:
    """A tile one place up or down."""
    theirs(request, dashboard_id)
    row, one = tile_opened(request, dashboard_id, tile_id)
    try:
        making.move_tile(one, step(request), by=request.user, at=request.now)
    except making.DashboardRefused as refusal:
        messages.error(request, str(refusal))
    whole = "&whole=1" if "whole" in request.POST else ""
    return redirect(f"{_address(row)}?{ARRANGE}=1{whole}#tile-{one.pk}")


def opened(request: DeskRequest, dashboard_id: int) -> Dashboard:
    """A dashboard one may open. Raises Http404."""
    row = Dashboard.objects.open_to(request.user).filter(pk=dashboard_id).first()
    if row is None:
        raise Http404
    return row


def theirs(request: DeskRequest, dashboard_id: int) -> Dashboard:
    """A dashboard one may change. Raises Http404 or PermissionDenied."""
    row = opened(request, dashboard_id)
    if not making.may_edit(row, request.user):
        raise PermissionDenied(_("This needs the permission %s, which you do not have.") % Permission.EDIT_DASHBOARDS)
    return row


def tile_opened(request: DeskRequest, dashboard_id: int, tile_id: int) -> tuple[Dashboard, DashboardTile]:
    """A tile of a dashboard one may open. Raises Http404."""
    row = opened(request, dashboard_id)
    one = row.tiles.filter(pk=tile_id).first()
    if one is None:
        raise Http404
    return row, one


def shown_now(request: DeskRequest, one: DashboardTile, *, ends: Ends | None = None) -> ShownTile:
    """A tile with its figures. Who is shown cases in it is recorded. With `ends`, somebody is changing its dashboard."""
    told = figures(one, user=request.user, now=request.now)
    if told.lines:
        recording.searched(
            "workitem",
            by=request.user,
            at=request.now,
            via="desk dashboard",
            found=len(told.lines),
            asked=[*told.asked],
        )
    if ends is None:
        return ShownTile(one, told)
    return ShownTile(one, told, arranged=True, up=one.pk != ends[0], down=one.pk != ends[1])


def audience(row: Dashboard, names: dict[str, str]) -> str:
    """Whom a dashboard is for, in words."""
    if row.owner_id is not None:
        return _("Only you")
    if not row.groups:
        return _("Everybody who sees work")
    return ", ".join(sorted(filter(None, (names.get(key) for key in row.groups)))) or _(
        "Groups that are no longer there"
    )


def step(request: DeskRequest) -> int:
    """Which way. Raises Http404."""
    way = STEPS.get(request.POST.get("way", ""))
    if way is None:
        raise Http404
    return way


def _ends(row: Dashboard) -> Ends:
    """The first and the last of its tiles."""
    numbers = [0, *row.tiles.values_list("pk", flat=True)]
    return numbers[1 if len(numbers) > 1 else 0], numbers[-1]


def _names(row: Dashboard) -> dict[str, str]:
    return dict(SecurityGroup.objects.filter(key__in=row.groups).values_list("key", "name")) if row.groups else {}


def _address(row: Dashboard) -> str:
    return reverse("desk:dashboard", args=[row.pk])


urlpatterns = [
    path("dashboards/", every, name="dashboards"),
    path("dashboards/<int:dashboard_id>/", dashboard, name="dashboard"),
    path("dashboards/<int:dashboard_id>/move/", move, name="dashboard_move"),
    path("dashboards/<int:dashboard_id>/tiles/<int:tile_id>/", tile, name="tile"),
    path("dashboards/<int:dashboard_id>/tiles/<int:tile_id>/csv/", tile_csv, name="tile_csv"),
    path("dashboards/<int:dashboard_id>/tiles/<int:tile_id>/move/", tile_move, name="tile_move"),
]
