"""The dashboard of the example council's supervisors."""

from datetime import datetime
from uuid import uuid4

from moothall.core.accounts.models import User
from moothall.web.desk import dashboards
from moothall.web.desk.dashboards import About, Figure
from moothall.web.desk.models import Dashboard

NAME = "The Blue Badge team today"
_FIGURES = (
    Figure(title="Open work", kind="number", query="tab=all&sort=target"),
    Figure(title="Nobody has it", kind="number", query="tab=all&assigned_to=nobody&sort=target"),
    Figure(title="By target", kind="by_target", query="tab=all&sort=target"),
    Figure(title="By officer", kind="by_officer", query="tab=all&sort=-age"),
    Figure(title="By case team", kind="by_team", query="tab=all&sort=-age"),
    Figure(title="Time in the stage", kind="by_age", query="tab=all&sort=-age"),
    Figure(title="By stage", kind="by_stage", query="tab=all&sort=-age"),
    Figure(
        title="Late, due first",
        kind="list",
        query="tab=all&target=late&sort=target",
        columns=("customer", "stage", "target", "assigned"),
    ),
)


def compose(*, by: User, now: datetime) -> None:
    """Make it unless it is there. `by` makes dashboards."""
    if Dashboard.objects.filter(name=NAME).exists():
        return
    made = dashboards.make(About(name=NAME, groups=["blue_badge_managers"]), by=by, at=now)
    for figure in _FIGURES:
        dashboards.add_tile(made, figure, key=uuid4(), by=by, at=now)
