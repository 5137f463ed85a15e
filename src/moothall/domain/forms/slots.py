"""Days to choose one of, each for so many (BEST-52): such as those on which bulky waste is collected.

A day is offered while it has room, and taken when the form is sent: whoever comes second is asked to choose another. It has
room again once whatever became of the form needs it no more, which whoever knows says (`freed_by`). Its key in answers is
`d2026_03_10`.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

from django.db.models import Count

from moothall.domain.forms.definition import Form, Slots
from moothall.domain.forms.models import Booking, Submission
from moothall.domain.forms.models import Form as FormRow
from moothall.domain.forms.parts import Option, Words
from moothall.domain.forms.standing import NotOpen
from moothall.domain.messages import words
from moothall.kit.calendars import Nation, bank_holidays

if TYPE_CHECKING:
    from moothall.domain.forms.journey import Journey

WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "cy": ("Dydd Llun", "Dydd Mawrth", "Dydd Mercher", "Dydd Iau", "Dydd Gwener", "Dydd Sadwrn", "Dydd Sul"),
}
_TAKEN = {
    "en": "{day} has been taken meanwhile, or is too near now. Choose another day.",
    "cy": "Mae {day} wedi’i gymryd yn y cyfamser, neu’n rhy agos bellach. Dewiswch ddiwrnod arall.",
}


Freed = Callable[[int, date], Collection[int]]
_freed: list[Freed] = []


def freed_by(freed: Freed) -> Freed:
    """Register who says which submissions of a form, by its id, hold no day any more, of those from a day on."""
    _freed[:] = [freed]
    return freed


def key(day: date) -> str:
    """A day as an answer says it."""
    return f"d{day:%Y_%m_%d}"


def day_of(answer: str) -> date:
    """The day an answer says."""
    return date.fromisoformat(answer.removeprefix("d").replace("_", "-"))


def said(answer: str, language: str) -> str:
    """A day in words, with its weekday."""
    day = day_of(answer)
    return f"{WEEKDAYS[language][day.weekday()]} {words.day(day, language)}"


def days(slots: Slots, today: date, nation: str) -> list[date]:
    """The days there are, room or not, from today on; none is a bank holiday of the council's nation."""
    first, last = today + timedelta(days=slots.notice), today + timedelta(weeks=slots.weeks)
    found = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [
        day
        for day in found
        if day.isoweekday() in slots.weekdays
        and day not in slots.closed
        and day not in bank_holidays(cast("Nation", nation), day.year)
    ]


def offered(slots: Slots, journey: "Journey", full: Mapping[str, frozenset[str]]) -> tuple[Option, ...]:
    """The days with room, as options."""
    taken = full.get(slots.key, frozenset())
    setting = journey.setting
    keys = (key(day) for day in days(slots, setting.today, setting.nation))
    return tuple(
        Option(key=one, label=Words(en=said(one, "en"), cy=said(one, "cy"))) for one in keys if one not in taken
    )


def full(form: Form, form_id: int, today: date) -> dict[str, frozenset[str]]:
    """The days without room, by the key of their slots: two statements, and none where the form has no slots."""
    if not form.slots:
        return {}
    given_back = {id for freed in _freed for id in freed(form_id, today)}
    held = Booking.objects.filter(form=form_id, day__gte=today).exclude(submission__in=given_back)
    rows = held.values("slots", "day").annotate(many=Count("pk"))
    found: dict[str, set[str]] = {}
    places = {slots.key: slots.places for slots in form.slots}
    for row in rows.order_by():
        if row["many"] >= places.get(row["slots"], 0):
            found.setdefault(row["slots"], set()).add(key(row["day"]))
    return {name: frozenset(keys) for name, keys in found.items()}


def take(submission: Submission, journey: "Journey", *, form_id: int) -> None:
    """Take the days a form that is sent names, one sender at a time. Raises NotOpen with a sentence."""
    asked = [one for one in journey.plan.form.questions.values() if one.slots and journey.answer(one.id)]
    if not asked:
        return
    form = journey.plan.form
    FormRow.objects.select_for_update().get(pk=form_id)
    taken = full(form, form_id, journey.setting.today)
    for question in asked:
        answer = str(journey.answer(question.id))
        slots = form.slots_of(question)
        if answer not in {option.key for option in offered(slots, journey, taken)}:
            language = submission.language
            raise NotOpen(_TAKEN[language].format(day=said(answer, language)))
        Booking.objects.create(form_id=form_id, slots=slots.key, day=day_of(answer), submission=submission)
