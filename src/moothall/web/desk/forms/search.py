"""What is looked for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.core.lists.models import Tag
from moothall.web.components.forms import Form
from moothall.web.desk.forms.papers import offer


class Search(Form):
    q = forms.CharField(
        label=_("Search for a case or a customer"),
        help_text=_("A case reference, badge number, name, National Insurance number or postcode."),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    tag = forms.ChoiceField(label=_("Customers with the tag"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tags = Tag.objects.filter(applies_to=Tag.Applies.CUSTOMER, retired_on=None).order_by("label")
        offer(self, "tag", [("", _("Any or none")), *tags.values_list("key", "label")])

    def clean(self) -> dict[str, Any]:
        """Something has to be asked."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if "q" in given and not given["q"] and not given.get("tag") and "tag" not in self.errors:
            self.add_error("q", _("Enter a reference, a number, a name or a postcode."))
        return given
