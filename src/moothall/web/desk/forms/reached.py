"""How somebody is reached, one way at a time, and where they were on a day."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.core.lists import actions as lists
from moothall.domain.people.lists import REFERENCES
from moothall.web.components.forms import DayField, Form


class MadeSure(Form):
    """How somebody made sure that it is theirs."""

    how = forms.CharField(
        label=_("How did you make sure?"),
        help_text=_("For example, “rang it and they answered” or “saw it on a bill”."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Say how you made sure.")},
    )


class NumberOf(Form):
    """A number another system knows somebody by."""

    type = forms.ChoiceField(label=_("What is it?"), error_messages={"required": _("Choose what it is.")})
    number = forms.CharField(
        label=_("Number"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter the number.")},
    )
    from_date = DayField(label=_("From"), help_text=_("Leave empty if not known."), required=False)
    to_date = DayField(label=_("Until"), help_text=_("Leave empty if it goes on."), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(value.key, value.label) for value in lists.values(REFERENCES.key)]
        self.fields["type"].choices = [("", ""), *offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = given.get("from_date"), given.get("to_date")
        if first and last and last < first:
            self.add_error("to_date", _("The last day cannot be before the first."))
        return given


class OnADay(Form):
    """The day asked about."""

    day = DayField(label=_("On which day?"), help_text=_("For example, 27 3 2024"))
