"""What is asked when a merge is undone, when somebody is looked for to be merged, and from when pairs are shown."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.domain.people.golden.finding import Duplicates
from moothall.web.components.forms import Form, Text

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}
_SHOWN = _("Enter a number from 5 to 99.99.")
_MERGED = _("Enter a number from 95 to 100, or leave it empty.")


class Undo(Form):
    """How it is known that two records are not of one."""

    reason = forms.CharField(
        label=_("How do you know that they are not the same?"),
        max_length=500,
        widget=forms.Textarea,
        error_messages={"required": _("Say how you know that they are not the same.")},
    )


class Other(Form):
    """Who the other record is of."""

    q = forms.CharField(
        label=_("Look for the other record"),
        help_text=_(
            "A name, a birthday, a postcode, a number, or several of them: “smith EX1 2AB”. % stands for anything."
        ),
        max_length=200,
        widget=forms.TextInput(_PLAIN),
        error_messages={"required": _("Enter a name, a number or a postcode.")},
    )


def _percentage(label: Any, hint: Any, *, least: int, most: str, fault: Any, required: bool) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text=hint,
        min_value=least,
        max_value=Decimal(most),
        decimal_places=2,
        required=required,
        widget=forms.TextInput({**_PLAIN, "inputmode": "decimal"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value", "max_decimal_places", "required"), fault),
    )


class Limits(Form):
    """From how likely on, in hundredths; left empty, never."""

    review_from = _percentage(
        _("Pairs are shown from"),
        _("Per cent. A lower number shows more pairs, and more of them are of two people."),
        least=5,
        most="99.99",
        fault=_SHOWN,
        required=True,
    )
    merge_from = _percentage(
        _("People are merged by themselves from"),
        _("Per cent, 95 at least. Leave empty for never: somebody looks at every pair."),
        least=95,
        most="100",
        fault=_MERGED,
        required=False,
    )
    merge_organisations_from = _percentage(
        _("Organisations are merged by themselves from"),
        _("Per cent, 95 at least. Leave empty for never."),
        least=95,
        most="100",
        fault=_MERGED,
        required=False,
    )
    nightly = forms.BooleanField(
        label=_("Look for pairs every night"),
        help_text=_("Among whoever was recorded or changed since the last time."),
        required=False,
    )
    reason = Text(
        label=_("Why is this changed?"), max_length=500, error_messages={"required": _("Say why this is changed.")}
    )

    @staticmethod
    def shown(limits: Duplicates) -> dict[str, Any]:
        """What the boxes hold for these limits."""
        return {
            name: value if value is None or isinstance(value, bool) else f"{value * 100:g}"
            for name, value in limits.model_dump().items()
        }

    def wanted(self) -> Duplicates:
        """The limits as given."""
        given = {name: self.cleaned_data[name] for name in Duplicates.model_fields}
        return Duplicates(
            **{name: float(value / 100) if isinstance(value, Decimal) else value for name, value in given.items()}
        )
