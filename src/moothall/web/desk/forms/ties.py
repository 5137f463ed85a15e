"""What belongs to a customer: relationships, tags, sites and vehicles."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.core.lists.models import Tag
from moothall.domain.people import relationships
from moothall.domain.people.models import Customer
from moothall.web.components.forms import DayField, Form
from moothall.web.components.templatetags.components import day
from moothall.web.desk.forms.customers import Address

_FROM = {"label": _("From"), "help_text": _("Leave empty for today."), "required": False}


class Relate(Form):
    """Somebody, found by what was typed, and what they are to the customer."""

    who = forms.CharField(
        label=_("Who is it?"),
        help_text=_(
            "A last name or the name of an organisation, a badge number, National Insurance number or postcode."
        ),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter a name or a number.")},
    )
    other = forms.ChoiceField(
        label=_("Which of these?"), widget=forms.RadioSelect, error_messages={"required": _("Choose who it is.")}
    )
    kind = forms.ChoiceField(label="", error_messages={"required": _("Choose what they are to each other.")})
    role = forms.CharField(
        label=_("In which role?"),
        help_text=_("Such as transport manager. Leave empty if there is none."),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    from_date = DayField(**_FROM)

    def __init__(self, *args: Any, customer: Customer, found: Iterable[Customer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(one.pk), _words(one)) for one in found]
        if not people:
            for name in ("other", "kind", "role", "from_date"):
                del self.fields[name]
            return
        self.fields["other"].choices = people  # type: ignore[attr-defined]
        self.fields["kind"].label = _("What is %s to them?") % customer.name
        self.fields["kind"].choices = [("", ""), *relationships.choices()]  # type: ignore[attr-defined]


class CustomerTags(Form):
    """The tags that are set by hand."""

    tags = forms.MultipleChoiceField(label=_("Tags"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, offered: Iterable[Tag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = [(tag.key, tag.label) for tag in offered]  # type: ignore[attr-defined]


class NewSite(Address):
    """Where an organisation works from."""

    from_date = DayField(**_FROM)


class NewVehicle(Form):
    """A vehicle an organisation carries people in."""

    registration = forms.CharField(
        label=_("Registration mark"),
        help_text=_("For example, AB12 CDE."),
        max_length=15,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter the registration mark.")},
    )
    description = forms.CharField(
        label=_("What it is"), help_text=_("For example, minibus with a lift."), max_length=100, required=False
    )
    from_date = DayField(**_FROM)


def _words(customer: Customer) -> str:
    """A customer, told from others of the name."""
    born = customer.person.date_of_birth if customer.kind == Customer.Kind.PERSON else None
    homes = [row.address.postcode for row in customer.residences.all() if row.to_date is None]
    return ", ".join(part for part in (customer.name, day(born) if born else "", *homes[:1]) if part)
