"""What happens on places later or elsewhere."""

from datetime import UTC, datetime

import structlog
from procrastinate.contrib.django import app

from moothall.domain.places import notes
from moothall.domain.places.gazetteer import supplies
from moothall.domain.places.gazetteer.refusal import SupplyRefused
from moothall.domain.places.models import Supply

log = structlog.get_logger("moothall.places")


@app.task(name=supplies.TASK)
def import_supply(*, supply_id: int) -> None:
    """Bring in a supply. Taken up again it goes on where it was; one that is refused says so itself."""
    try:
        supplies.work(Supply.objects.get(pk=supply_id))
    except (SupplyRefused, supplies.Stopped) as why:
        log.info("a supply was not applied", problem_type=type(why).__name__)


@app.periodic(cron="47 3 * * *")
@app.task(name="places.forget_notes", queue="housekeeping", queueing_lock="places.forget_notes")
def forget_notes(timestamp: int) -> None:
    """Delete notes about places that ended long ago."""
    notes.forget(before=datetime.fromtimestamp(timestamp, tz=UTC) - notes.KEPT)
