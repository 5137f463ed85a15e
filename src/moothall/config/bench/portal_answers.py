"""What a simulated citizen answers: the form they fill in, page by page."""

import time
from typing import Any

START = "/services/missed_bin/report/"


def answers(number: int) -> dict[str, dict[str, Any]]:
    """What a citizen answers on each page, in their order. The bin was missed yesterday."""
    days = time.gmtime(time.time() - 86_400)
    return {
        "where": {
            "bin_address__line1": f"{number} Sample Street",
            "bin_address__town": "Exampleton",
            "bin_address__postcode": "EX1 2AB",
        },
        "bin": {"bins": "refuse", "assisted": "yes"},
        "when": {"due_0": days.tm_mday, "due_1": days.tm_mon, "due_2": days.tm_year},
        "you": {"first_names": "Alma", "last_name": f"Madeup{number}", "more": f"Citizen {number}."},
    }
