"""What the national service is asked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import Form

_OFF = {"autocomplete": "off", "spellcheck": "false"}


def _line(label: Any, limit: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, required=False, widget=forms.TextInput(_OFF), **options)


class RegisterSearch(Form):
    """By number; by name or postcode, which a National Insurance number narrows; or by that number alone."""

    number = _line(_("Number"), 20)
    name = _line(_("Name"), 100)
    postcode = _line(_("Postcode"), 12)
    nino = _line(
        _("National Insurance number"),
        20,
        help_text=_(
            "Narrows a search by name or postcode. Alone, it finds what is held by somebody who is recorded here with it."
        ),
    )

    def __init__(self, *args: Any, called: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].label = called


class Import(Form):
    """How the holder came to us."""

    source = forms.ChoiceField(
        label=_("How did they come to us?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how they came to us.")},
    )
    customer = forms.ChoiceField(
        label=_("Is it one of these, who are recorded already?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who it is, or that it is somebody else.")},
    )

    def __init__(
        self, *args: Any, sources: list[tuple[str, str]], people: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if people:
            somebody = ("new", _("None of them: record somebody new, unless the record matches without doubt"))
            self.fields["customer"].choices = [*people, somebody]  # type: ignore[attr-defined]
        else:
            del self.fields["customer"]
        self.fields["source"].choices = sources  # type: ignore[attr-defined]
