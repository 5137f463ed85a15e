"""Questions about the documents and payments of a case."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from moothall.domain.payments.models import Payment
from moothall.web.components.forms import IN_REACH, Form, MoneyField, Text, offer
from moothall.web.components.widgets import Files

MOST_FILES = 20
LONGEST_REASON = 2_000
METHODS = [
    (Payment.Method.CARD, _("Card")),
    (Payment.Method.CASH, _("Cash")),
    (Payment.Method.CHEQUE, _("Cheque")),
    (Payment.Method.BANK, _("Bank transfer")),
    (Payment.Method.ONLINE, _("Online")),
]


class SeveralFiles(forms.FileField):
    """One file or several; its value is a list of them."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """The files. Raises ValidationError when there are too many, or none where one is required."""
        given = data if isinstance(data, list) else [data]
        if len(given) > MOST_FILES:
            raise forms.ValidationError(_("Choose at most %s files at a time.") % MOST_FILES)
        clean = super().clean
        return [file for one in given or [None] if (file := clean(one, initial))]


class Upload(Form):
    """Files to put on a case, all with the same tags."""

    uploads = SeveralFiles(
        label=_("Files"),
        help_text=_("PDF, pictures and office documents. Choose one or several, or drop them here."),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
    )
    tags = forms.MultipleChoiceField(label=_("Tags"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, offered: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "tags", offered)


class Reason(Form):
    """Why something is done that cannot be taken back."""

    reason = Text(label=_("Reason"), max_length=LONGEST_REASON, error_messages={"required": _("Say why.")})


class Record(Form):
    """Money that came without having been asked for here."""

    amount = MoneyField(label=_("Amount"), error_messages={"required": _("Enter the amount.")})
    method = forms.ChoiceField(
        label=_("How was it paid?"),
        widget=forms.RadioSelect,
        choices=METHODS,
        error_messages={"required": _("Choose how it was paid.")},
    )
    purpose = forms.CharField(label=_("What for?"), max_length=120)
    reference = forms.CharField(label=_("Reference of the payer (optional)"), max_length=60, required=False)


class Ask(Form):
    """Money to be asked for."""

    amount = MoneyField(label=_("Amount"), error_messages={"required": _("Enter the amount.")})
    purpose = forms.CharField(label=_("What for?"), max_length=120)
    expires_on = forms.DateField(
        validators=IN_REACH,
        label=_("Last day to pay (optional)"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        error_messages={"invalid": _("Enter a day as it is in the calendar, for example 2026-03-27.")},
    )


class Receive(Form):
    """That a payment asked for has come."""

    method = Record.base_fields["method"]
    reference = Record.base_fields["reference"]


class Refund(Form):
    """Money given back."""

    amount = MoneyField(label=_("Amount given back"), error_messages={"required": _("Enter the amount.")})
    reason = Text(label=_("Reason"), max_length=LONGEST_REASON, error_messages={"required": _("Say why.")})


class Agree(Form):
    """Whether money is given back that a colleague proposed to."""

    agreed = forms.ChoiceField(
        label=_("Is the money given back?"),
        widget=forms.RadioSelect,
        choices=[("yes", _("Yes")), ("no", _("No"))],
        error_messages={"required": _("Choose whether the money is given back.")},
    )
    reason = Text(label=_("Reason, if it is not (optional)"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """A refusal has a reason."""
        given = super().clean() or {}
        if given.get("agreed") == "no" and not given.get("reason"):
            self.add_error("reason", _("Say why it is not given back."))
        return given
