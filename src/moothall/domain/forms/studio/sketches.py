"""Sketches: forms that are being written, kept change by change, so that nothing is lost and every change can be undone."""

from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.forms import definition
from moothall.domain.forms.definition import Form
from moothall.domain.forms.models import FormVersion, Sketch, SketchRevision
from moothall.kit.calendars import LONDON

LONGEST_SAID = 300


class ChangedMeanwhile(Exception):
    """Somebody changed the sketch since it was looked at. Its message may be shown."""

    def __init__(self, newest: SketchRevision) -> None:
        when = newest.at.astimezone(LONDON)
        super().__init__(
            f"{newest.by.full_name} changed this form on {when:%-d %B %Y at %H:%M}, while you were writing:"
            f" {newest.said} What you did last is not kept yet: look at the form, then do it again."
        )


class NothingToUndo(Exception):
    """The sketch is as it began. Its message may be shown."""


def begin(
    service: str, form: Form, *, begun_from: FormVersion | None = None, said: str, by: User, at: datetime
) -> Sketch:
    """A new sketch of a form of a service."""
    with recording.because(action="form.sketch_begun", by=by, at=at):
        sketch = Sketch.objects.create(
            service=service,
            key=form.key,
            name=form.name.en,
            begun_from=begun_from,
            begun_at=at,
            begun_by=by,
            changed_at=at,
            changed_by=by,
        )
        _keep(sketch, form, before=None, said=said, by=by, at=at)
        recording.record("form.sketch_begun", sketch, by=by, at=at, service=service, key=form.key)
    return sketch


def newest(sketch: Sketch) -> SketchRevision:
    """What a sketch says now."""
    return sketch.revisions.select_related("by").get(number=sketch.number)


def form_of(revision: SketchRevision) -> Form:
    """The form that a revision is, its blocks not put in."""
    return definition.from_data(revision.definition, file="")


def change(sketch: Sketch, form: Form, *, on: int, said: str, by: User, at: datetime) -> SketchRevision:
    """Keep a form as the newest revision of a sketch; nothing where it says the same.

    `on` is the revision it was made of. Raises ChangedMeanwhile when there is a newer one.
    """
    with recording.because(action="form.sketch_changed", by=by, at=at):
        now = _locked(sketch, on)
        if now.definition == definition.to_data(form):
            return now
        return _next(sketch, form, before=now.number, said=said, by=by, at=at)


def undo(sketch: Sketch, *, on: int, by: User, at: datetime) -> SketchRevision:
    """Take the last change back. Raises NothingToUndo, and ChangedMeanwhile."""
    with recording.because(action="form.sketch_changed", by=by, at=at):
        now = _locked(sketch, on)
        if now.before is None:
            raise NothingToUndo("There is nothing to undo: the form is as it was when it was begun.")
        earlier = sketch.revisions.get(number=now.before)
        said = f"Undone: as it was in revision {earlier.number}."
        return _next(sketch, form_of(earlier), before=earlier.before, said=said, by=by, at=at)


def back_to(sketch: Sketch, number: int, *, on: int, by: User, at: datetime) -> SketchRevision:
    """Make an earlier revision the newest again, which can be undone. Raises LookupError, and ChangedMeanwhile."""
    with recording.because(action="form.sketch_changed", by=by, at=at):
        now = _locked(sketch, on)
        earlier = sketch.revisions.filter(number=number).first()
        if earlier is None:
            raise LookupError(f"There is no revision {number}.")
        said = f"Back to revision {number}."
        return _next(sketch, form_of(earlier), before=now.number, said=said, by=by, at=at)


def put_away(sketch: Sketch, *, on: int, by: User, at: datetime) -> None:
    """Take a sketch off the list. What was published of it stays in force. Raises ChangedMeanwhile."""
    with recording.because(action="form.sketch_put_away", by=by, at=at):
        _locked(sketch, on)
        sketch.put_away_at = at
        sketch.save(update_fields=["put_away_at"])
        recording.record("form.sketch_put_away", sketch, by=by, at=at, key=sketch.key)


def hold(sketch: Sketch, *, on: int) -> SketchRevision:
    """The newest revision, held until whoever publishes it is done. Raises ChangedMeanwhile."""
    return _locked(sketch, on)


def _locked(sketch: Sketch, on: int) -> SketchRevision:
    """The newest revision, which nobody else can follow up until this is over. Raises ChangedMeanwhile."""
    sketch.number = Sketch.objects.select_for_update().values_list("number", flat=True).get(pk=sketch.pk)
    now = newest(sketch)
    if now.number != on:
        raise ChangedMeanwhile(now)
    return now


def _next(sketch: Sketch, form: Form, *, before: int | None, said: str, by: User, at: datetime) -> SketchRevision:
    sketch.number += 1
    sketch.name, sketch.changed_at, sketch.changed_by = form.name.en, at, by
    sketch.save(update_fields=["number", "name", "changed_at", "changed_by"])
    return _keep(sketch, form, before=before, said=said, by=by, at=at)


def _keep(sketch: Sketch, form: Form, *, before: int | None, said: str, by: User, at: datetime) -> SketchRevision:
    return SketchRevision.objects.create(
        sketch=sketch,
        number=sketch.number,
        before=before,
        definition=definition.to_data(form),
        said=said if len(said) <= LONGEST_SAID else f"{said[: LONGEST_SAID - 1]}…",
        by=by,
        at=at,
    )
