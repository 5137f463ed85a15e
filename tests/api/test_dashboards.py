"""Dashboards in the API (BEST-70)."""

from datetime import datetime

import pytest
from tests.api.world import World

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.web.desk import dashboards
from moothall.web.desk.dashboards import About, Figure
from moothall.web.desk.models import DashboardTile

pytestmark = pytest.mark.django_db


def test_a_dashboard_has_the_figures_of_the_work_whoever_calls_may_see(
    world: World, administrator: User, noon: datetime
) -> None:
    assert administrator.may(Permission.EDIT_DASHBOARDS)
    made = dashboards.make(About(name="All of it"), by=administrator, at=noon)
    others = dashboards.make(About(name="Theirs", groups=["nobody_in_it"]), by=administrator, at=noon)
    for kind in ("number", "list", "by_stage"):
        figure = Figure(title=kind, kind=kind, query="tab=all")
        dashboards.add_tile(made, figure, key=DashboardTile().key, by=administrator, at=noon)
    viewer, stranger = world.clients["viewer"], world.clients["stranger"]

    assert viewer.get("/dashboards").json() == [
        {"id": made.pk, "name": "All of it", "own": False, "groups": [], "first": False}
    ]
    number, rows, by_stage = viewer.get(f"/dashboards/{made.pk}").json()["tiles"]
    total = viewer.get("/work-items").json()["total"]
    assert (number["total"], number["more"], number["problem"]) == (total, False, None)
    assert sum(bar["count"] for bar in by_stage["bars"]) == total
    assert len(rows["cases"]) == min(total, 5)
    assert viewer.get(f"/dashboards/{others.pk}").status_code == 404
    assert stranger.get("/dashboards").status_code == 403


def test_dashboards_are_made_changed_put_in_order_and_removed_by_who_may_at_the_desk(world: World) -> None:
    admin, viewer = world.clients["manager"], world.clients["viewer"]
    assert viewer.post("/dashboards", {"name": "For all"}).status_code == 403
    own = viewer.post("/dashboards", {"name": "Mine", "own": True}).json()
    assert (own["own"], own["tiles"]) == (True, [])
    assert admin.get(f"/dashboards/{own['id']}").status_code == 404
    assert "body.groups" in admin.post("/dashboards", {"name": "x", "groups": ["none_such"]}).content.decode()

    made = admin.post("/dashboards", {"name": "The team"}).json()
    here = f"/dashboards/{made['id']}"
    assert viewer.put(here, {"name": "Taken"}).status_code == 403
    other = world.clients["other_officer"]  # who makes dashboards for another service alone
    assert other.put(here, {"name": "Taken"}).status_code == 403
    assert other.delete(here).status_code == 403
    assert other.post("/dashboards", {"name": "For all"}).status_code == 403
    assert other.post("/dashboards", {"name": "Theirs", "groups": ["officers"]}).status_code == 403
    assert other.post("/dashboards", {"name": "Ours", "groups": ["other_officers"]}).status_code == 201
    assert admin.put(here, {"name": "Our team", "first": True}).json()["first"] is True
    number = admin.post(f"{here}/tiles", {"title": "All", "kind": "number"}).json()
    assert number["total"] == admin.get("/work-items").json()["total"]
    bars = admin.post(f"{here}/tiles", {"title": "Teams", "kind": "by_team", "query": "tab=all&sort=-age"}).json()
    assert sum(bar["count"] for bar in bars["bars"]) == number["total"]
    for wrong, where in (
        ({"query": "stage=none/such"}, "body.query"),
        ({"query": "colour=red"}, "body.query"),
        ({"kind": "by_officer", "query": "tab=mine"}, "body.query"),
        ({"kind": "list", "columns": ["none"]}, "body.columns"),
    ):
        refused = admin.post(f"{here}/tiles", {"title": "Wrong", "kind": "number", **wrong})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, where), wrong
    admin.post(f"{here}/tiles/{bars['id']}/place", {"way": "up"})
    assert [tile["title"] for tile in admin.get(here).json()["tiles"]] == ["Teams", "All"]
    change = {"title": "Everything", "kind": "list", "query": "tab=all", "rows": 10, "version": number["version"]}
    assert admin.put(f"{here}/tiles/{number['id']}", change).json()["rows"] == 10
    assert admin.put(f"{here}/tiles/{number['id']}", change).status_code == 409  # changed meanwhile
    assert admin.delete(f"{here}/tiles/{number['id']}").status_code == 204
    assert viewer.delete(here).status_code == 403
    assert admin.delete(here).status_code == 204
    assert admin.get(here).status_code == 404
