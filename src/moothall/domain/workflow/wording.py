"""How the clock says numbers, units and times."""

from datetime import date, datetime

from moothall.domain.workflow.parts import Unit
from moothall.kit.calendars import LONDON


def count(number: int, noun: str) -> str:
    """“1 day”, “2 days”."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def words(unit: Unit) -> str:
    """“working days”."""
    return unit.replace("_", " ")


def moment(when: datetime) -> str:
    """“Monday 2 March 2026 at 09:00”, in London."""
    local = when.astimezone(LONDON)
    return f"{day(local.date())} at {local:%H:%M}"


def day(when: date) -> str:
    """“Monday 2 March 2026”."""
    return f"{when:%A} {when.day} {when:%B %Y}"
