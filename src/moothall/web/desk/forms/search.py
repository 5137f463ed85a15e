"""What is looked for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import Form


class Search(Form):
    q = forms.CharField(
        label=_("Search for a case"),
        help_text=_("A case reference, or the beginning of a last name."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter a case reference or a last name.")},
    )
