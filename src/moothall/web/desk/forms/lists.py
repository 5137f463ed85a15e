"""A value of a look-up list."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.core.lists.declared import Declared, Rule
from moothall.domain.messages import sanitise
from moothall.domain.messages.vocabulary import CASES
from moothall.web.components.forms import Form
from moothall.web.desk.forms.templates import offered


class ListValue(Form):
    """What a value is called, and what a declared list says of it besides: a field for each rule."""

    label = forms.CharField(
        label=_("What it is called"),
        help_text=_("As officers choose it, and as it is shown on every record that holds it."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Enter what the value is called.")},
    )

    def __init__(self, *args: Any, known: Declared | None, paragraphs: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rules = known.rules if known else ()
        for rule in self._rules:
            self.fields[f"rule_{rule.key}"] = _field(rule)
        if paragraphs:
            self.fields["text"] = _paragraph(_("What a letter says where it is chosen"), "en")
            self.fields["welsh"] = _paragraph(_("The same in Welsh"), "cy")

    @property
    def edits(self) -> bool:
        """Whether it has paragraphs, for which the page needs the editor."""
        return "text" in self.fields

    def paragraphs(self) -> dict[str, str]:
        """What was written for letters, by language."""
        return {name: self.cleaned_data[name].replace("\r\n", "\n") for name in ("text", "welsh") if self.edits}

    def tell(self, faults: Mapping[str, list[str]]) -> None:
        """Put each sentence beside the field it is about."""
        for field, sentences in faults.items():
            for sentence in sentences:
                self.add_error(field, sentence)

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


def _paragraph(label: Any, language: str) -> forms.Field:
    """A paragraph of letters: written as they are, with their placeholders but for blocks."""
    offer = json.dumps([one for one in offered(CASES) if one[1] != "block"])
    return forms.CharField(
        label=label,
        help_text=_("Letters that list what was chosen carry it. Without one they say what the value is called.")
        if language == "en"
        else _("Without one, letters in Welsh carry the English one."),
        max_length=sanitise.LONGEST,
        required=False,
        widget=forms.Textarea({"data-module": "app-editor", "data-placeholders": offer, "lang": language}),
    )
