"""What is asked about the integration queue."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.domain.exchange.models import Connector, Item
from moothall.kit import references
from moothall.kit.invalid import Invalid
from moothall.web.components.forms import IN_REACH, Form, Text

STATUSES = {
    Item.Status.QUEUED: _("Waiting"),
    Item.Status.PAUSED: _("Paused"),
    Item.Status.SENDING: _("Being sent"),
    Item.Status.DONE: _("Done"),
    Item.Status.ERROR: _("Error"),
    Item.Status.UNKNOWN: _("No answer yet"),
    Item.Status.CANCELLED: _("Cancelled"),
    Item.Status.SKIPPED: _("Skipped"),
}


_NO_DAY = {"invalid": _("Enter a day as it is in the calendar, for example 2026-03-27.")}


class Filter(Form):
    """Which items: all that is given must hold."""

    status = forms.MultipleChoiceField(
        label=_("State"), choices=list(STATUSES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    connector = forms.ChoiceField(label=_("Connector"), required=False)
    case = forms.CharField(label=_("Case reference"), max_length=40, required=False)
    created_from = forms.DateField(
        validators=IN_REACH,
        label=_("Queued from"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        error_messages=_NO_DAY,
    )
    created_to = forms.DateField(
        validators=IN_REACH,
        label=_("Queued until"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        error_messages=_NO_DAY,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Connector.objects.order_by("name").values_list("key", "name")
        self.fields["connector"].choices = [("", _("All")), *rows]  # type: ignore[attr-defined]

    def clean_case(self) -> str:
        """The reference as it is kept."""
        given = self.cleaned_data["case"]
        try:
            return references.normalise(given) if given else ""
        except Invalid as error:
            raise forms.ValidationError(str(error)) from error


class Reason(Form):
    reason = Text(
        label=_("Why?"),
        help_text=_("The reason is written on the case."),
        max_length=2000,
        error_messages={"required": _("Say why.")},
    )


class CancelAll(Reason):
    """Why everything is cancelled, and up to when it was queued."""

    until = forms.DateTimeField(widget=forms.HiddenInput)


class Request(Form):
    """The request to send, as an officer edits it."""

    payload = Text(
        label=_("Request"),
        help_text=_("What is shortened or hidden is put back from the case when it is sent."),
        error_messages={"required": _("The request cannot be empty.")},
    )

    def clean_payload(self) -> dict[str, Any]:
        """The request as it is kept."""
        try:
            payload = json.loads(self.cleaned_data["payload"])
        except json.JSONDecodeError as fault:
            where = {"line": fault.lineno, "column": fault.colno}
            said = _("The request is not well formed: look at line %(line)s, character %(column)s.") % where
            raise forms.ValidationError(said) from fault
        except (ValueError, RecursionError) as fault:
            raise forms.ValidationError(
                _("The request has a number too long, or too many brackets in brackets.")
            ) from fault
        if not isinstance(payload, dict):
            raise forms.ValidationError(_("An edited request must be one object, in curly brackets."))
        return payload
