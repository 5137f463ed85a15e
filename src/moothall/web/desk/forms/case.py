"""Questions about a case: its tags, the cases that have to do with it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import Form, Text
from moothall.web.desk.forms.papers import offer

NOTE_LIMIT = 20_000


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

    other = forms.CharField(label=_("Reference of the other case"), max_length=40)
    why = forms.CharField(label=_("How do they have to do with each other?"), max_length=200)


class NewNote(Form):
    """A note; it cannot be changed afterwards."""

    text = Text(label=_("Note"), max_length=NOTE_LIMIT, error_messages={"required": _("Write the note.")})
    important = forms.BooleanField(
        label=_("Important"), required=False, help_text=_("Shown first to whoever opens the case.")
    )
