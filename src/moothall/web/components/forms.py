"""Forms and their fields: Django's, with the sentences of this product, a day in three boxes and money in pounds."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core import validators
from django.utils.choices import BaseChoiceIterator
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moothall.kit import money
from moothall.web.components.widgets import DayBoxes, MoneyInput


class Offer(BaseChoiceIterator):
    """Choices as they are, of which Django need not make its own: a list has hundreds."""

    def __init__(self, choices: Iterable[tuple[Any, Any]]) -> None:
        self._choices = list(choices)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return iter(self._choices)


def _said(label: Any) -> str:
    return str(gettext("“%s” needs an answer.") % label)


def _told_too_long(label: Any) -> str:
    """With the numbers left for Django to fill in."""
    told = gettext("“%(question)s” may have at most %(most)s characters, and has %(many)s.")
    question = str(label).replace("%", "%%")
    return told % {"question": question, "most": "%(limit_value)s", "many": "%(show_value)s"}


_needed, _too_long = lazy(_said, str), lazy(_told_too_long, str)  # most are never read
_CHOICES_SAID = [
    kind.default_error_messages["invalid_choice"] for kind in (forms.ChoiceField, forms.MultipleChoiceField)
]
_NOT_OFFERED = _("Choose one of the answers that are offered.")


FIRST_DAY, LAST_DAY = date(1850, 1, 1), date(2199, 12, 31)
IN_REACH = [
    validators.MinValueValidator(FIRST_DAY, _("The year must be 1850 or later.")),
    validators.MaxValueValidator(LAST_DAY, _("The year must be 2199 or earlier.")),
]
"""What a day has to be that is typed: beyond, nothing can be reckoned from it."""


class Form(forms.Form):
    """A form of this product: no colon after a label, and the browser leaves the checking to us, so that every error is
    a sentence in one place, which names its question."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for name, field in self.fields.items():
            if field.error_messages.get("required") is forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _needed(field.label or name)
            field.error_messages.setdefault("max_length", _too_long(field.label or name))
            if field.error_messages.get("invalid_choice") in _CHOICES_SAID:
                field.error_messages["invalid_choice"] = _NOT_OFFERED


class DayField(forms.MultiValueField):
    """A day in three boxes; its value is a `date`. Two-digit years are refused."""

    widget = DayBoxes
    default_error_messages = {
        "required": _("Enter a date."),
        "incomplete": _("A date has a day, a month and a year."),
        "invalid": _("Enter a real date, like 27 3 2026."),
    }

    def __init__(self, **options: Any) -> None:
        parts = [forms.CharField(max_length=9, required=False) for _ in range(3)]
        super().__init__(parts, require_all_fields=False, validators=IN_REACH, **options)

    def clean(self, value: Any) -> Any:
        """The day. Raises ValidationError naming what is missing or wrong."""
        given = [str(part or "").strip() for part in value or []]
        if any(given) and not all(given):
            raise forms.ValidationError(self.error_messages["incomplete"], code="incomplete")
        return super().clean(value)

    def compress(self, data_list: list[Any]) -> date | None:
        """Three parts as a day."""
        if not any(data_list):
            return None
        try:
            day, month, year = (int(part) for part in data_list)
            if year < 1000:
                raise ValueError("two digits")
            return date(year, month, day)
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class MoneyField(forms.CharField):
    """An amount in pounds; its value is whole pence."""

    widget = MoneyInput
    default_error_messages = {"invalid": _("Enter an amount in pounds, like 10 or 10.50.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=20, **options)

    def prepare_value(self, value: Any) -> Any:
        """Pence as pounds; what was typed, as typed."""
        return str(money.to_pounds(value)) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Pence, or None when nothing was typed and nothing is needed."""
        text = super().clean(value)
        if text in self.empty_values:
            return None
        try:
            return money.parse(text)
        except money.InvalidMoney as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class Text(forms.CharField):
    """Several lines. With `max_length` the characters left are counted as one types."""

    widget = forms.Textarea

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """The limit is told to the counter; the browser cuts nothing off."""
        attrs = super().widget_attrs(widget)
        if limit := attrs.pop("maxlength", None):
            attrs["data-maxlength"] = limit
        return attrs


def offer(form: Form, name: str, choices: Sequence[tuple[str, Any]]) -> None:
    """What a question offers, known only when it is asked."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)
