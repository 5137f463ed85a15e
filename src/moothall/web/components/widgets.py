"""The controls of forms that Django has no plain one for, and what kind of question each control asks."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DayBoxes(forms.MultiWidget):
    """A day in three boxes: day, month, year."""

    template_name = "components/day_boxes.html"
    parts = (("day", _("Day"), 2), ("month", _("Month"), 2), ("year", _("Year"), 4))

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        boxes = [
            forms.TextInput({"inputmode": "numeric", "class": f"govuk-input--width-{w}"}) for _, _, w in self.parts
        ]
        super().__init__(boxes, attrs)

    def decompress(self, value: Any) -> list[Any]:
        """The three parts of a day, or of what was typed."""
        return [value.day, value.month, value.year] if isinstance(value, date) else [None, None, None]


class MoneyInput(forms.TextInput):
    """Pounds, with a pound sign before the box."""


class Files(forms.FileInput):
    """One file or several."""

    allow_multiple_selected = True


def kind_of(widget: forms.Widget) -> str:
    """Which component shows a control: text, date, money, select, radios, checkboxes, checkbox, textarea, file, password."""
    kinds: list[tuple[type[forms.Widget], str]] = [
        (DayBoxes, "date"),
        (MoneyInput, "money"),
        (forms.CheckboxSelectMultiple, "checkboxes"),
        (forms.RadioSelect, "radios"),
        (forms.Select, "select"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Textarea, "textarea"),
        (forms.FileInput, "file"),
        (forms.PasswordInput, "password"),
        (forms.HiddenInput, "hidden"),
    ]
    return next((kind for one, kind in kinds if isinstance(widget, one)), "text")
