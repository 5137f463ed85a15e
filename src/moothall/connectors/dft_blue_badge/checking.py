"""Checks that a service calls before an applicant pays: whatever would stop the order later stops the outcome now.

The rules are those of the queue, over the same order made of the same answers. That the council is connected at all is
not asked here: no officer can mend it.
"""

from datetime import date

from moothall.connectors.dft_blue_badge import KEY, badges, order_rules, orders
from moothall.connectors.dft_blue_badge.photos import NoPhotograph
from moothall.domain.cases.effects import Occasion, hook
from moothall.domain.cases.progress import Refused
from moothall.domain.workflow.answering import Problem
from moothall.kit.calendars import LONDON


@hook(f"{KEY}.check_order")
def check_order(occasion: Occasion) -> None:
    """Refuse the outcome when no badge could be ordered with its answers. Raises Refused with every reason at once."""
    today = occasion.at.astimezone(LONDON).date()
    try:
        order = orders.build(occasion.case, occasion.answers, today=today)
    except NoPhotograph as problem:
        raise Refused([Problem("photograph", str(problem))]) from problem
    _refuse(order_rules.officer_problems(order, today=today))


@hook(f"{KEY}.check_replacement")
def check_replacement(occasion: Occasion) -> None:
    """Refuse the outcome when we know that the badge named cannot be replaced. Raises Refused."""
    number = str(occasion.answers.get("badge_number") or "").strip().upper()
    reference, today = badges.recorded(number), occasion.at.astimezone(LONDON).date()
    if reference is None:
        return
    mine = reference.customer_id == occasion.case.customer_id
    _refuse(_unfit(number, reference.status, reference.to_date, mine=mine, today=today))


def _unfit(number: str, status: str, expiry: date | None, *, mine: bool, today: date) -> list[Problem]:
    again = "If that is wrong, refresh it from the national service."
    if not mine:
        return [Problem("badge_number", f"The badge {number} is recorded for somebody else: check the number.")]
    if expiry and expiry < today:
        sentence = (
            f"The badge {number} ran out on {expiry:%-d %B %Y}, so it cannot be replaced: take a new application."
        )
        return [Problem("badge_number", sentence)]
    if status and status not in badges.CURRENT:
        return [Problem("badge_number", f"The badge {number} is {status}, so it cannot be replaced. {again}")]
    return []


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Refused(problems)
