"""What is asked when a merge is undone."""

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import Form


class Undo(Form):
    """How it is known that two records are not of one."""

    reason = forms.CharField(
        label=_("How do you know that they are not the same?"),
        max_length=500,
        widget=forms.Textarea,
        error_messages={"required": _("Say how you know that they are not the same.")},
    )
