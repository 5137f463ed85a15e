"""What is looked for."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.lists.models import Tag
from moothall.domain.people.searching import Question
from moothall.web.components.forms import DayField, Form, offer

DETAILS = ("name", "sounds_like", "date_of_birth", "nino", "postcode", "phone", "email", "reference", "case")


def _line(label: Any, limit: int, hint: Any = "") -> forms.CharField:
    box = forms.TextInput({"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=limit, required=False, help_text=hint, widget=box)


class Search(Form):
    q = forms.CharField(
        label=_("Search for a case or a customer"),
        help_text=_(
            "A reference, a number, a name, a birthday, a postcode, or several of them: “smith EX1 2AB”. % stands for anything."
        ),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    tag = forms.ChoiceField(label=_("Customers with the tag"), required=False)

    name = _line(_("Name"), 100, _("How a name begins is enough. %son finds names that end so."))
    sounds_like = forms.BooleanField(label=_("Names that sound like it as well"), required=False)
    date_of_birth = DayField(label=_("Date of birth"), required=False)
    nino = _line(_("National Insurance number"), 20)
    postcode = _line(_("Postcode"), 12)
    phone = _line(_("Telephone"), 40)
    email = _line(_("E-mail"), 254)
    reference = _line(_("Number of another system"), 60, _("A badge, a council tax account, a charity number."))
    case = _line(_("Case reference"), 40)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tags = Tag.objects.of(user.reached(Permission.VIEW_PEOPLE))
        tags = tags.filter(applies_to=Tag.Applies.CUSTOMER, retired_on=None).order_by("label")
        offer(self, "tag", [("", _("Any or none")), *tags.values_list("key", "label")])

    def clean(self) -> dict[str, Any]:
        """Something has to be asked, and what is asked has to lead somewhere."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return given
        if not given["q"] and not given["tag"] and not self.details():
            self.add_error("q", _("Enter a reference, a number, a name or a postcode."))
        elif given["q"] and self.details():
            self.add_error("q", _("Ask in one way: in this box, or in the boxes below."))
        return given

    def details(self) -> dict[str, str]:
        """What was asked in boxes of their own, as it is kept with a session; a day as it is written in ISO 8601."""
        given = {name: self.cleaned_data.get(name) for name in DETAILS}
        said = {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items() if value}
        return said if said.keys() - {"sounds_like"} else {}


def question(details: dict[str, Any]) -> Question:
    """What `Search.details` asks, but for the case."""
    born = details.get("date_of_birth")
    said = {name: value for name, value in details.items() if name not in {"case", "date_of_birth"}}
    return Question(**said, date_of_birth=date.fromisoformat(born) if born else None)
