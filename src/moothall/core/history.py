"""Rows that cannot change, and rows whose earlier versions are kept.

Before every update and delete the row as it was is kept, with who and why (see `recording.because`)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pghistory
import pgtrigger
from django.db import models

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
Model = TypeVar("Model", bound=type[models.Model])


def keep_history(*, exclude: Sequence[str] = (), only: Sequence[str] = ()) -> Callable[[Model], Model]:
    """Class decorator: keep earlier versions of each row in an event table, by trigger, so bulk SQL is caught too.

    `exclude` leaves out bulky or secret fields; `only` writes a version just when one of these fields changes.
    """
    watched = pghistory.AnyChange(*only) if only else None
    update = (
        pghistory.UpdateEvent(row=pghistory.Old, condition=watched)
        if watched
        else pghistory.UpdateEvent(row=pghistory.Old)
    )
    decorate: Callable[[Model], Model] = pghistory.track(update, pghistory.DeleteEvent(), exclude=list(exclude))
    return decorate
