"""Questions about a case: its tags, the cases that have to do with it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from moothall.domain.cases.models import TimelineEntry
from moothall.kit.calendars import midnight
from moothall.web.components.forms import DayField, Form, Text, offer

NOTE_LIMIT = 20_000
KINDS_OF_LINK = [
    ("related", _("Related to")),
    ("duplicate_of", _("Duplicate of")),
    ("duplicated_by", _("Duplicated by")),
    ("parent_of", _("Parent of")),
    ("child_of", _("Child of")),
    ("follows", _("Follows")),
    ("followed_by", _("Followed by")),
]


class CaseTags(Form):
    """Which tags a case has, of those set by hand. `before` is what it had when the page was shown."""

    tags = forms.MultipleChoiceField(label=_("Tags"), required=False, widget=forms.CheckboxSelectMultiple)
    before = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, offered: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "tags", offered)

    def changes(self) -> tuple[set[str], set[str]]:
        """What was put on and what was taken off since the page was shown."""
        before, after = set(self.cleaned_data["before"].split()), set(self.cleaned_data["tags"])
        return after - before, before - after


class LinkCase(Form):
    """Another case that has to do with this one, and how."""

    kind = forms.ChoiceField(label=_("This case is"), choices=KINDS_OF_LINK, initial="related")
    other = forms.CharField(label=_("Reference of the other case"), max_length=40)
    why = forms.CharField(label=_("How do they have to do with each other?"), max_length=200)


class TimelineFilter(Form):
    """Which lines of a timeline: whose, and of which days."""

    by = forms.ChoiceField(label=_("Who"), required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)

    def __init__(self, *args: Any, writers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "by", [("", _("Everybody")), *writers])

    def narrowed(self, lines: "QuerySet[TimelineEntry]") -> "QuerySet[TimelineEntry]":
        """The lines chosen; all of them while something is wrong with the choice."""
        if not self.is_valid():
            return lines
        given = self.cleaned_data
        if given["by"]:
            lines = lines.filter(by=given["by"])
        if given["since"]:
            lines = lines.filter(at__gte=midnight(given["since"]))
        if given["until"]:
            lines = lines.filter(at__lt=midnight(given["until"] + timedelta(days=1)))
        return lines


class FindLine(Form):
    """Words in the lines of a timeline."""

    text = forms.CharField(
        label=_("Find in the timeline"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class Unlink(Form):
    """Why two cases are not linked any more."""

    why = forms.CharField(
        label=_("Why are they not linked any more?"),
        max_length=200,
        error_messages={"required": _("Say why the cases are not linked any more.")},
    )


class NewNote(Form):
    """A note; it cannot be changed afterwards."""

    text = Text(label=_("Note"), max_length=NOTE_LIMIT, error_messages={"required": _("Write the note.")})
    important = forms.BooleanField(
        label=_("Important"), required=False, help_text=_("Shown first to whoever opens the case.")
    )
    tell = forms.MultipleChoiceField(
        label=_("Tell colleagues"),
        required=False,
        help_text=_("They get a notification. Or write @ and their full name in the note."),
        widget=forms.SelectMultiple({"size": 5}),
        error_messages={"invalid_choice": _("Somebody you chose may not see the notes of this case any more.")},
    )

    def __init__(self, *args: Any, colleagues: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "tell", colleagues)
