"""What is asked about the payments of all cases."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.domain.catalogue.models import Service
from moothall.kit import references
from moothall.kit.invalid import Invalid
from moothall.web.components.forms import IN_REACH, Form, Text
from moothall.web.desk.forms.papers import METHODS
from moothall.web.desk.payment_lines import STATES

_NO_DAY = {"invalid": _("Enter a day as it is in the calendar, for example 2026-03-27.")}


class Filter(Form):
    """Which payments: all that is given must hold."""

    status = forms.MultipleChoiceField(
        label=_("State"),
        choices=[(key, words[0]) for key, words in STATES.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    method = forms.ChoiceField(label=_("Paid by"), choices=[("", _("All")), *METHODS], required=False)
    service = forms.ChoiceField(label=_("Service"), required=False)
    reference = forms.CharField(label=_("Case, or reference of the payment"), max_length=60, required=False)
    since = forms.DateField(
        validators=IN_REACH,
        label=_("From"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        error_messages=_NO_DAY,
    )
    until = forms.DateField(
        validators=IN_REACH,
        label=_("Until"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        error_messages=_NO_DAY,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Service.objects.order_by("name").values_list("key", "name")
        self.fields["service"].choices = [("", _("All")), *rows]  # type: ignore[attr-defined]


class Whose(Form):
    """Whose money it is that belongs to nobody here."""

    case = forms.CharField(label=_("Reference of the case it is for (optional)"), max_length=40, required=False)
    note = Text(label=_("If it is of no case here, what it is (optional)"), max_length=1000, required=False)

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        given = super().clean() or {}
        if bool(given.get("case")) == bool(given.get("note")):
            self.add_error("case", _("Enter the case it is for, or say what it is."))
        return given

    def clean_case(self) -> str:
        """The reference as it is kept."""
        given = str(self.cleaned_data["case"])
        try:
            return references.normalise(given) if given else ""
        except Invalid as error:
            raise forms.ValidationError(str(error)) from error


class Explained(Form):
    """How the differences of a day were dealt with."""

    note = Text(
        label=_("How was it dealt with?"), max_length=1000, error_messages={"required": _("Say how it was dealt with.")}
    )
