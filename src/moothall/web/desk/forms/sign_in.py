"""The form one signs in with."""

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import Form


class SignIn(Form):
    email = forms.CharField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "username", "spellcheck": "false"}),
        error_messages={"required": _("Enter your email address.")},
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password.")},
    )
