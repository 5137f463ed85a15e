"""The one question asked of a browser that was not seen before."""

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import Form


class Code(Form):
    """The digits that came by e-mail."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Six digits, from the e-mail we sent you."),
        max_length=12,
        widget=forms.TextInput({"inputmode": "numeric"}),
        error_messages={
            "required": _("Enter the code from the e-mail."),
            "max_length": _("A code has six digits."),
        },
    )
