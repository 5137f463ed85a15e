"""What is looked for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import Form


class Search(Form):
    q = forms.CharField(
        label=_("Search for a case or a customer"),
        help_text=_("A case reference, badge number, name, National Insurance number or postcode."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter a reference, a number, a name or a postcode.")},
    )
