"""What citizens are asked on the pages of their account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import DayField, Form, Text
from moothall.web.components.widgets import Files


def _email(label: Any, hint: Any = "") -> forms.CharField:
    return forms.EmailField(
        label=label,
        help_text=hint,
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter an e-mail address, like name@example.com."),
        },
    )


def _password(label: Any, *, new: bool = False, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password" if new else "current-password"}),
        error_messages={"required": _("Enter a password.") if new else _("Enter your password.")},
    )


_STRONG = _("At least 12 characters. Three words that do not belong together are a good password.")


class Register(Form):
    """An address and a password."""

    email = _email(_("E-mail address"), _("We send a link to it."))
    password = _password(_("Choose a password"), new=True, hint=_STRONG)


class Confirm(Form):
    """The password chosen when registering."""

    password = _password(_("Password"), hint=_("The one you chose when you registered."))


class SignIn(Form):
    """An address and its password."""

    email = _email(_("E-mail address"))
    password = _password(_("Password"))


class Code(Form):
    """A code of an app, or a recovery code. `step` says that the password was right."""

    step = forms.CharField(widget=forms.HiddenInput, max_length=500)
    code = forms.CharField(
        label=_("Code"),
        help_text=_("Six digits from your app, or one of your recovery codes."),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "spellcheck": "false"}),
        error_messages={"required": _("Enter the code.")},
    )


class TurnOn(Form):
    """The first code of a new app. `secret` is what the app was set up with."""

    secret = forms.CharField(widget=forms.HiddenInput, max_length=500)
    code = forms.CharField(
        label=_("Code from the app"),
        help_text=_("Six digits."),
        max_length=10,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("Enter the code.")},
    )


class Forgotten(Form):
    """The address a link to choose a new password goes to."""

    email = _email(_("E-mail address"))


class Invite(Form):
    """The address of somebody who is asked to pay."""

    email = _email(_("Their e-mail address"))


class NewPassword(Form):
    """A new password."""

    password = _password(_("Choose a new password"), new=True, hint=_STRONG)


class Proven(Form):
    """The present password, where the account has one."""

    current = _password(_("Your password now"))

    def __init__(self, *args: Any, has_password: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["current"]


class ChangePassword(Proven):
    """The present password and a new one."""

    password = _password(_("Choose a new password"), new=True, hint=_STRONG)


class ChangeEmail(Proven):
    """The present password and a new address."""

    email = _email(_("New e-mail address"), _("We send a link to it. It changes when you follow the link."))


class Earlier(Form):
    """What shows that the account of the website before is one's own."""

    last_name = forms.CharField(
        label=_("Last name"),
        max_length=100,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "family-name"}),
        error_messages={"required": _("Enter the last name.")},
    )
    born = DayField(label=_("Date of birth"), help_text=_("For example, 27 3 1958."))


class Link(Form):
    """What shows that an application is one's own."""

    reference = forms.CharField(
        label=_("Reference"),
        help_text=_("It stands on every letter and e-mail from us, like BB-100042."),
        max_length=20,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": _("Enter the reference.")},
    )
    last_name = forms.CharField(
        label=_("Last name"),
        help_text=_("Of the person the application is for."),
        max_length=100,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "family-name"}),
        error_messages={"required": _("Enter the last name.")},
    )
    year = forms.IntegerField(
        label=_("Year of birth"),
        help_text=_("Of the person the application is for. For example, 1950."),
        min_value=1800,
        max_value=2200,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "bday-year"}),
        error_messages={
            "required": _("Enter the year of birth."),
            "invalid": _("Enter a year, like 1950."),
            "min_value": _("Enter a year, like 1950."),
            "max_value": _("Enter a year, like 1950."),
        },
    )


class Write(Form):
    """A message to the officer."""

    once = forms.UUIDField(widget=forms.HiddenInput)
    words = Text(label=_("Your message"), max_length=4000, error_messages={"required": _("Write your message.")})


class SomeFiles(forms.FileField):
    """No file, one or several; its value is a list of them."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Each file on its own."""
        clean = super().clean
        return [clean(one, initial) for one in (data if isinstance(data, list) else [data]) if one]


class Send(Form):
    """Files, and words to go with them."""

    uploads = SomeFiles(
        label=_("Files"),
        required=False,
        help_text=_("Photographs or documents, up to 10 at once: JPEG, PNG, PDF or Word."),
        error_messages={"empty": _("This file is empty.")},
    )
    words = Text(label=_("Anything we should know (optional)"), max_length=2000, required=False)


class Phone(Form):
    """A telephone number."""

    number = forms.CharField(
        label=_("Telephone number"),
        max_length=30,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("Enter a telephone number.")},
    )


class Language(Form):
    """The language of letters."""

    language = forms.ChoiceField(
        label=_("In which language shall we write to you?"),
        choices=[("en", "English"), ("cy", "Cymraeg")],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a language.")},
    )


class Name(Form):
    """Who somebody is."""

    title = forms.CharField(label=_("Title (optional)"), max_length=30, required=False)
    first_names = forms.CharField(
        label=_("First names"), max_length=150, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=100, widget=forms.TextInput({"autocomplete": "family-name"})
    )
    known_as = forms.CharField(label=_("Known as (optional)"), max_length=100, required=False)
    words = Text(label=_("Why it changes (optional)"), max_length=2000, required=False)


class Address(Form):
    """Where somebody lives."""

    line1 = forms.CharField(
        label=_("Address line 1"), max_length=100, widget=forms.TextInput({"autocomplete": "address-line1"})
    )
    line2 = forms.CharField(
        label=_("Address line 2 (optional)"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "address-line2"}),
    )
    town = forms.CharField(
        label=_("Town or city"), max_length=60, widget=forms.TextInput({"autocomplete": "address-level2"})
    )
    postcode = forms.CharField(
        label=_("Postcode"), max_length=10, widget=forms.TextInput({"autocomplete": "postal-code"})
    )
    words = Text(label=_("Anything we should know (optional)"), max_length=2000, required=False)


class Change(Form):
    """What somebody wants done with what they sent."""

    once = forms.UUIDField(widget=forms.HiddenInput)
    wish = forms.ChoiceField(
        label=_("What do you want?"),
        choices=[("change", _("Change what I sent")), ("withdraw", _("Withdraw the request"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you want.")},
    )
    words = Text(
        label=_("Tell us more"),
        help_text=_("What is to be changed and how it should be, or why you withdraw it."),
        max_length=2000,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """What is to be changed must be said."""
        given = super().clean() or {}
        if given.get("wish") == "change" and not given.get("words"):
            self.add_error("words", _("Say what is to be changed."))
        return given


class Sure(Form):
    """That somebody is sure."""

    sure = forms.BooleanField(
        label=_("Yes, delete my account"), error_messages={"required": _("Say that you are sure.")}
    )
