"""What happens on places later or elsewhere."""

import structlog
from procrastinate.contrib.django import app

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
