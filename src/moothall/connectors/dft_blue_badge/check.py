"""Does the connection work, and for how much longer?"""

from dataclasses import dataclass
from datetime import date, datetime

from moothall.connectors.dft_blue_badge import codes
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.models import User
from moothall.core.council.settings import read
from moothall.kit.calendars import LONDON

WARN_DAYS = 60


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Whether calls go through, and what an administrator should know, as sentences."""

    works: bool
    sentences: tuple[str, ...]


def check(*, by: User, at: datetime) -> Checked:
    """Ask for a token and the code lists, and look at when our credential ends."""
    settings = read(NationalService)
    try:
        kept = codes.refresh(by=by, at=at, force=True)
    except NationalError as error:
        return Checked(
            works=False, sentences=(str(error), *credential_warning(settings, on=at.astimezone(LONDON).date()))
        )
    name = kept.found.get("LA", {}).get(settings.la)
    said = (
        f"The national service answers; we are {name}."
        if name
        else (
            f"The national service answers, but does not know the authority “{settings.la}”: correct it in the settings."
        )
    )
    warning = credential_warning(settings, on=at.astimezone(LONDON).date())
    return Checked(works=name is not None, sentences=(said, *warning))


def credential_warning(settings: NationalService, *, on: date) -> tuple[str, ...]:
    """A sentence from 60 days before our credential ends: a new one takes the Department's onboarding."""
    ends = settings.credential_expires_on
    if ends is None:
        return ("The day our credential ends is not recorded. It is one year after it was made: enter it.",)
    days = (ends - on).days
    if days > WARN_DAYS:
        return ()
    if days < 0:
        return (f"Our credential for the national service ended on {ends:%-d %B %Y}. Enter the new one.",)
    left = "today" if days == 0 else "in 1 day" if days == 1 else f"in {days} days"
    return (f"Our credential for the national service ends {left}, on {ends:%-d %B %Y}. Ask for a new one.",)
