"""A value of a look-up list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.core.lists.declared import Declared, Rule
from moothall.web.components.forms import Form


class ListValue(Form):
    """What a value is called, and what a declared list says of it besides: a field for each rule."""

    label = forms.CharField(
        label=_("What it is called"),
        help_text=_("As officers choose it, and as it is shown on every record that holds it."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Enter what the value is called.")},
    )

    def __init__(self, *args: Any, known: Declared | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rules = known.rules if known else ()
        for rule in self._rules:
            self.fields[f"rule_{rule.key}"] = _field(rule)

    def rules(self) -> dict[str, Any]:
        """What was said, by the key of the rule."""
        return {rule.key: self.cleaned_data[f"rule_{rule.key}"] for rule in self._rules}


def _field(rule: Rule) -> forms.Field:
    if rule.switch:
        return forms.BooleanField(label=str(rule.label), help_text=str(rule.help), required=False, initial=rule.default)
    if rule.choices:
        return forms.ChoiceField(
            label=str(rule.label),
            help_text=str(rule.help),
            choices=rule.choices,
            widget=forms.RadioSelect,
            initial=rule.default,
            error_messages={"required": _("Choose one of these.")},
        )
    return forms.CharField(
        label=str(rule.label), help_text=str(rule.help), max_length=200, required=False, initial=rule.default
    )
