"""Who hears of a change of a person that others decide by: whether they have a National Insurance number, and their age."""

from collections.abc import Callable

FACTS = frozenset({"date_of_birth", "nino"})
"""Facts of a person that decisions elsewhere may rest on."""
_hear: list[Callable[[int], None]] = []


def heard_by(listener: Callable[[int], None]) -> None:
    """Have `listener` called with the customer's id, in the transaction of every change."""
    _hear.append(listener)


def changed(customer_id: int) -> None:
    """Tell that one of `FACTS` was changed."""
    for listener in _hear:
        listener(customer_id)
