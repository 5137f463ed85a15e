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
