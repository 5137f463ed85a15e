"""Who a customer is, and how they are reached."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moothall.core.lists import actions as lists
from moothall.core.lists.declared import Declared
from moothall.domain.people.actions import OrganisationDetails, PersonDetails
from moothall.domain.people.details import AddressLines, Contact, check_birth
from moothall.domain.people.lists import GENDERS
from moothall.domain.people.lists import LANGUAGES as SPOKEN
from moothall.domain.people.models import Customer, Residence
from moothall.kit import nino as ninos
from moothall.kit import postcode as postcodes
from moothall.kit import uprn as uprns
from moothall.kit.invalid import Invalid
from moothall.web.components.forms import DayField, Form, Text

LANGUAGES = [("en", _("English")), ("cy", _("Welsh"))]
PURPOSES = [
    (Residence.Purpose.HOME, _("Home")),
    (Residence.Purpose.CORRESPONDENCE, _("Letters go here")),
    (Residence.Purpose.TEMPORARY, _("Stays here for a while")),
]
_OFF = {"autocomplete": "off", "spellcheck": "false"}


def offered(known: Declared, *, held: str = "") -> list[tuple[str, Any]]:
    """What a list offers, with nothing first; also what somebody has that is offered no longer."""
    rows = [row for row in lists.every_value(known.key) if row.retired_on is None or row.key == held]
    return [("", _("Not known")), *((row.key, row.label) for row in rows)]


def contact_types() -> list[tuple[str, Any]]:
    """The ways to reach somebody that the council offers."""
    return [(value.key, value.label) for value in lists.values("contact_types")]


def _checked(check: Callable[[str], str], given: str) -> str:
    try:
        return check(given) if given else ""
    except Invalid as error:
        raise forms.ValidationError(str(error)) from error


def _line(label: Any, limit: int, *, required: bool = False, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, required=required, widget=forms.TextInput(_OFF), **options)


class Names(Form):
    """What somebody is called."""

    title = _line(_("Title"), 30)
    first_names = _line(_("First names"), 150)
    last_name = _line(_("Last name"), 100, required=True, error_messages={"required": _("Enter the last name.")})
    known_as = _line(_("Known as"), 100)
    name_at_birth = _line(_("Name at birth"), 200)
    gender = forms.ChoiceField(label=_("Gender"), required=False)
    speaks = forms.ChoiceField(label=_("Preferred language"), required=False)
    language = forms.ChoiceField(label=_("Language of letters"), choices=LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, known in (("gender", GENDERS), ("speaks", SPOKEN)):
            choices = offered(known, held=self.get_initial_for_field(self.fields[name], name) or "")
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class Identity(Names):
    """What they are told apart by as well."""

    date_of_birth = DayField(label=_("Date of birth"), help_text=_("For example, 27 3 1958"), required=False)
    nino = _line(
        _("National Insurance number"), 20, help_text=_("For example, AB 12 34 56 C. Leave it empty if not known.")
    )

    def clean_nino(self) -> str:
        """The number as it is kept."""
        return _checked(ninos.normalise, self.cleaned_data["nino"])

    def clean_date_of_birth(self) -> date | None:
        """The day, one on which somebody who lives can have been born."""
        born: date | None = self.cleaned_data["date_of_birth"]
        try:
            check_birth(born, today=timezone.localdate())
        except Invalid as error:
            raise forms.ValidationError(str(error)) from error
        return born


class Why(Form):
    """Why, and what the customer was like when looked at."""

    reason = Text(
        label=_("Why is this changed?"), max_length=2000, error_messages={"required": _("Say why this is changed.")}
    )
    version = forms.CharField(max_length=16, widget=forms.HiddenInput)


class Changed(Why):
    """What shows it besides."""

    evidence = _line(
        _("What did you see that shows it?"),
        300,
        help_text=_(
            "Such as a marriage certificate or a birth certificate. Needed for a date of birth or a National Insurance number."
        ),
    )


class ChangeNames(Names, Changed):
    """Put a name right."""

    field_order = tuple(Names.base_fields)


class ChangeIdentity(Identity, Changed):
    """Put a name, birthday or number right."""

    field_order = tuple(Identity.base_fields)


class Address(Form):
    """An address."""

    line1 = _line(
        _("Address line 1"), 100, required=True, error_messages={"required": _("Enter the first line of the address.")}
    )
    line2 = _line(_("Address line 2"), 100)
    town = _line(_("Town or city"), 100, required=True, error_messages={"required": _("Enter the town or city.")})
    postcode = _line(_("Postcode"), 12, required=True, error_messages={"required": _("Enter the postcode.")})
    uprn = _line(_("Property reference (UPRN)"), 12)

    def clean_postcode(self) -> str:
        """The postcode as it is kept."""
        return _checked(postcodes.normalise, self.cleaned_data["postcode"])

    def clean_uprn(self) -> str:
        """The number as it is kept."""
        return _checked(uprns.normalise, self.cleaned_data["uprn"])

    def go_on(self) -> None:
        """Show what was typed without saying yet what is wrong: an address is being looked for."""
        self._errors = ErrorDict()

    def lines(self) -> AddressLines | None:
        """The address, if one was given."""
        given = {name: self.cleaned_data[name] for name in ("line1", "line2", "town", "postcode", "uprn")}
        return AddressLines(**given) if given["line1"] else None


class Moved(Address):
    """Where somebody lives, from when."""

    purpose = forms.ChoiceField(
        label=_("What is at this address?"), choices=PURPOSES, widget=forms.RadioSelect, initial="home"
    )
    from_date = DayField(label=_("From"), help_text=_("Leave empty for today."), required=False)
    to_date = DayField(label=_("Until"), help_text=_("Leave empty if it goes on."), required=False)


class Reached(Form):
    """A way to reach somebody."""

    type = forms.ChoiceField(label=_("Kind"))
    value = _line(
        _("Number or address"), 254, required=True, error_messages={"required": _("Enter the number or address.")}
    )
    holder = _line(_("Whose it is"), 200, help_text=_("Leave empty if it is the customer's own."))
    preferred = forms.BooleanField(label=_("This one first"), required=False)
    verified = forms.BooleanField(label=_("I made sure that it is theirs"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = contact_types()  # type: ignore[attr-defined]

    def contact(self) -> Contact:
        """What was given."""
        return Contact(**{name: self.cleaned_data[name] for name in ("type", "value", "holder", "preferred")})


class MaybeAddress(Address):
    """An address, or none; of one half given, the other half is asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not any((self[name].value() or "").strip() for name in ("line1", "line2", "town", "postcode")):
            for name in ("line1", "town", "postcode"):
                self.fields[name].required = False


class _HowReached(MaybeAddress):
    email = _line(_("E-mail"), 254)
    phone = _line(_("Telephone"), 60)

    def contacts(self) -> list[Contact]:
        """How they are reached."""
        given = {kind: self.cleaned_data[kind] for kind in ("email", "phone")}
        return [Contact(type=kind, value=value) for kind, value in given.items() if value]


class NewPerson(Identity, _HowReached):
    """A person who is not recorded yet. `taken`: who has their National Insurance number, for who may see them."""

    taken: Customer | None = None

    field_order = tuple(Identity.base_fields)

    def details(self) -> PersonDetails:
        """Who they are."""
        names = (
            "title", "first_names", "last_name", "known_as", "name_at_birth", "gender", "speaks", "language", "nino",
        )  # fmt: skip
        given = {name: self.cleaned_data[name] for name in names}
        return PersonDetails(**given, date_of_birth=self.cleaned_data["date_of_birth"])


class Organisation(Form):
    """What an organisation is."""

    name = _line(_("Name of the organisation"), 200, required=True, error_messages={"required": _("Enter its name.")})
    charity_number = _line(_("Charity number"), 100)
    contact_name = _line(_("Whom to speak to"), 200)


class ChangeOrganisation(Organisation, Why):
    """Put right what an organisation is."""

    field_order = tuple(Organisation.base_fields)


class NewOrganisation(Organisation, _HowReached):
    """An organisation that is not recorded yet."""

    field_order = tuple(Organisation.base_fields)

    def details(self) -> OrganisationDetails:
        """What it is."""
        return OrganisationDetails(**{name: self.cleaned_data[name] for name in self.field_order})
