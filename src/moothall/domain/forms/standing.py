"""Whether a form can be filled in now: its days, its cap, its waiting list, a notice instead of it (BEST-52)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db.models import QuerySet

from moothall.domain.forms import published
from moothall.domain.forms.definition import Form
from moothall.domain.forms.models import Form as FormRow
from moothall.domain.forms.models import Submission
from moothall.domain.messages import words
from moothall.kit.calendars import LONDON

State = Literal["open", "not_yet", "closed", "full", "waiting_list", "maintenance"]
_SAID = {
    "not_yet": ("This form opens on {day}.", "Bydd y ffurflen hon yn agor ar {day}."),
    "closed": ("This form closed on {day}.", "Caeodd y ffurflen hon ar {day}."),
    "full": ("No more can be taken. Come back later.", "Ni ellir derbyn rhagor. Dewch yn ôl yn nes ymlaen."),
    "waiting_list": (
        "All places are taken. You can join the waiting list.",
        "Mae pob lle wedi’i gymryd. Gallwch ymuno â’r rhestr aros.",
    ),
    "maintenance": ("This form is not available.", "Nid yw’r ffurflen hon ar gael."),
}


class NotOpen(Exception):
    """A form cannot be filled in or sent now. Its message may be shown."""


@dataclass(frozen=True)
class Standing:
    """How a form stands, with a sentence unless it is open."""

    state: State
    english: str = ""
    welsh: str = ""

    @property
    def takes(self) -> bool:
        """Whether it may be filled in."""
        return self.state in ("open", "waiting_list")

    def of(self, language: str) -> str:
        """The sentence."""
        return self.welsh if language == "cy" and self.welsh else self.english


def standing(form_key: str, *, at: datetime) -> Standing:
    """How a form stands. Raises NotOpen where there is none."""
    row = FormRow.objects.filter(key=form_key).first()
    if row is None or row.current_id is None:
        raise NotOpen("There is no such form.")
    return of_row(row, at=at)


def of_row(row: FormRow, *, at: datetime) -> Standing:
    """How a form stands whose row was read."""
    if row.notice:
        english = row.notice.get("en", _SAID["maintenance"][0])
        return Standing("maintenance", english, row.notice.get("cy", english))
    assert row.current_id is not None
    form, today = published.plan(row.current_id).form, at.astimezone(LONDON).date()
    if form.opens and today < form.opens:
        return _said("not_yet", form.opens)
    if form.closes and today > form.closes:
        return _said("closed", form.closes)
    if form.cap and _taken(row, form, today) >= form.cap.most:
        return _said("waiting_list" if form.cap.waiting_list else "full")
    return Standing("open")


def _taken(row: FormRow, form: Form, today: date) -> int:
    """How many count towards the cap."""
    assert form.cap is not None
    found: QuerySet[Submission] = Submission.objects.filter(version__form=row, waiting=False)
    if form.cap.per == "day":
        found = found.filter(submitted_at__gte=datetime(today.year, today.month, today.day, tzinfo=LONDON))
    return found.count()


def _said(state: State, day: date | None = None) -> Standing:
    english, welsh = _SAID[state]
    if day is None:
        return Standing(state, english, welsh)
    return Standing(state, english.format(day=words.day(day, "en")), welsh.format(day=words.day(day, "cy")))
