"""Dashboards and their tiles made, changed and taken away, with a look before a tile is saved (BEST-70)."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.sought import is_answer
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Link
from moothall.web.desk import dashboards as making
from moothall.web.desk import tiles, work_answers
from moothall.web.desk.access import needs
from moothall.web.desk.dashboard_shown import ShownTile
from moothall.web.desk.forms.dashboards import DashboardForm, TileForm
from moothall.web.desk.forms.work import WorkFilter
from moothall.web.desk.models import Dashboard, DashboardTile, WorkView, shares_with
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.dashboards import ARRANGE, shown_now, theirs, tile_opened
from moothall.web.desk.work_lists import FILTERS, listed, view_of

VIEWS = 20  # kept views that are offered to begin with


@needs(Permission.VIEW_WORK)
@READ_OR_SEND
def add(request: DeskRequest) -> HttpResponse:
    """A new dashboard, without tiles."""
    form = DashboardForm(sent(request), groups=shares_with(request.user))
    if form.is_valid():
        try:
            made = making.make(form.about, by=request.user, at=request.now)
        except making.DashboardRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("“%s” is made. Add its first tile.") % made.name)
            return redirect("desk:tile_add", made.pk)
    return _dashboard_form(request, form, None)


@needs(Permission.VIEW_WORK)
@READ_OR_SEND
def change(request: DeskRequest, dashboard_id: int) -> HttpResponse:
    """What a dashboard is called, whom it is for, and whether they begin with it."""
    row = theirs(request, dashboard_id)
    audience = "own" if row.owner_id else "groups" if row.groups else "everybody"
    told = {"name": row.name, "audience": audience, "groups": row.groups, "first": row.first}
    form = DashboardForm(sent(request), groups=shares_with(request.user), initial=told)
    if form.is_valid():
        try:
            making.change(row, form.about, by=request.user, at=request.now)
        except making.DashboardRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("“%s” is changed.") % form.about.name)
            return redirect("desk:dashboard", row.pk)
    return _dashboard_form(request, form, row)


@needs(Permission.VIEW_WORK)
@READ_OR_SEND
def remove(request: DeskRequest, dashboard_id: int) -> HttpResponse:
    """Take a dashboard away, after asking."""
    row = theirs(request, dashboard_id)
    if request.method == "POST":
        making.remove(row, by=request.user, at=request.now)
        messages.success(request, _("“%s” is removed.") % row.name)
        return redirect("desk:dashboards")
    page = {"dashboard": row, "many": row.tiles.count()}
    return TemplateResponse(request, "desk/dashboards/remove.html", page)


@needs(Permission.VIEW_WORK)
@READ_OR_SEND
def tile_add(request: DeskRequest, dashboard_id: int) -> HttpResponse:
    """A new tile; one may begin with a kept view."""
    return _tile_form(request, theirs(request, dashboard_id), None)


@needs(Permission.VIEW_WORK)
@READ_OR_SEND
def tile_change(request: DeskRequest, dashboard_id: int, tile_id: int) -> HttpResponse:
    """What a tile shows, and of which work."""
    theirs(request, dashboard_id)
    return _tile_form(request, *tile_opened(request, dashboard_id, tile_id))


@needs(Permission.VIEW_WORK)
@READ_OR_SEND
def tile_remove(request: DeskRequest, dashboard_id: int, tile_id: int) -> HttpResponse:
    """Take a tile away, after asking."""
    theirs(request, dashboard_id)
    row, tile = tile_opened(request, dashboard_id, tile_id)
    if request.method == "POST":
        making.remove_tile(tile, by=request.user, at=request.now)
        messages.success(request, _("The tile “%s” is removed.") % tile.title)
        return redirect("desk:dashboard", row.pk)
    return TemplateResponse(request, "desk/dashboards/tile_remove.html", {"dashboard": row, "tile": tile})


def _dashboard_form(request: DeskRequest, form: DashboardForm, row: Dashboard | None) -> HttpResponse:
    failed = bool(form.errors)
    back = reverse("desk:dashboard", args=[row.pk]) if row else reverse("desk:dashboards")
    page = {"form": form, "failed": failed, "dashboard": row, "back": back}
    return TemplateResponse(request, "desk/dashboards/form.html", page, status=422 if failed else 200)


def _tile_form(request: DeskRequest, row: Dashboard, tile: DashboardTile | None) -> HttpResponse:
    """Ask what a tile shows; look at it, or save it, as it was sent."""
    posted = sent(request)
    query = view_of(posted if posted is not None else QueryDict(tile.query) if tile else request.GET)
    answers = tiles.answers_of(request.user, tile.columns if tile else (), query)
    found = listed(query, user=request.user, now=request.now, whole=True, columns=answers)
    headings = work_answers.headings(answers, found.current)
    form = TileForm(posted, initial=_told(tile, query), sort=query.get("sort", ""), answers=list(headings.items()))
    filters, shown = found.form, None
    if posted is not None and tiles.fit(form, filters):
        figure = form.figure(tiles.query_of(form, filters))
        if "look" in posted:
            looked = DashboardTile(dashboard=row, pk=tile.pk if tile else 0, **vars(figure))
            shown = shown_now(request, looked)
        elif saved := _saved(request, row, tile, form, figure):
            messages.success(request, _("The tile “%s” is saved.") % saved.title)
            return redirect(f"{reverse('desk:dashboard', args=[row.pk])}?{ARRANGE}=1#tile-{saved.pk}")
    return _tile_page(request, row, tile, form, filters, shown)


def _tile_page(
    request: DeskRequest,
    row: Dashboard,
    tile: DashboardTile | None,
    form: TileForm,
    filters: WorkFilter,
    shown: ShownTile | None,
) -> HttpResponse:
    failed = form.is_bound and bool(form.errors or filters.errors)
    mine = Q(user=request.user) | Q(team__in=[one.pk for one in request.user.security_groups])
    views = [] if form.is_bound else WorkView.objects.filter(mine).order_by("name", "pk")[:VIEWS]
    page = {
        "dashboard": row,
        "tile": tile,
        "form": form,
        "filters": filters,
        "failed": failed,
        "shown": shown,
        "whole": False,
        "views": [Link(view.name, f"?{view.query}") for view in views],
        "narrowed": bool(filters.errors or set(filters.data) & FILTERS or any(map(is_answer, filters.data))),
        "back": reverse("desk:dashboard", args=[row.pk]),
    }
    return TemplateResponse(request, "desk/dashboards/tile_form.html", page, status=422 if failed else 200)


def _told(tile: DashboardTile | None, query: QueryDict) -> dict[str, Any]:
    """What the form begins with: the tile, or the view that was chosen."""
    told: dict[str, Any] = {name: query[name] for name in ("tab", "sort") if name in query}
    if tile is None:
        return told | {"key": uuid4()}
    names = ("title", "kind", "rows", "columns")
    return told | {name: getattr(tile, name) for name in names} | {"seen": tile.version}


def _saved(
    request: DeskRequest, row: Dashboard, tile: DashboardTile | None, form: TileForm, figure: making.Figure
) -> DashboardTile | None:
    """The tile as it was saved; None where that was refused, which the form says."""
    try:
        if tile is None:
            return making.add_tile(row, figure, key=form.cleaned_data["key"], by=request.user, at=request.now)
        seen = form.cleaned_data["seen"] or 0
        making.change_tile(tile, figure, seen=seen, by=request.user, at=request.now)
    except making.DashboardRefused as refusal:
        form.add_error(None, str(refusal))
        return None
    return DashboardTile(pk=tile.pk, title=figure.title)


urlpatterns = [
    path("dashboards/add/", add, name="dashboard_add"),
    path("dashboards/<int:dashboard_id>/change/", change, name="dashboard_change"),
    path("dashboards/<int:dashboard_id>/remove/", remove, name="dashboard_remove"),
    path("dashboards/<int:dashboard_id>/tiles/add/", tile_add, name="tile_add"),
    path("dashboards/<int:dashboard_id>/tiles/<int:tile_id>/change/", tile_change, name="tile_change"),
    path("dashboards/<int:dashboard_id>/tiles/<int:tile_id>/remove/", tile_remove, name="tile_remove"),
]
