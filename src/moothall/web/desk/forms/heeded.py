"""What is to be heeded of a customer: flags, communication needs, what they agreed to, and that they died."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.core.lists import actions as lists
from moothall.core.lists.declared import Declared
from moothall.core.lists.models import Value
from moothall.domain.people import flags
from moothall.domain.people.lists import CHANNELS, NEEDS, PURPOSES
from moothall.web.components.forms import DayField, Form, Text

_PLAIN = {"autocomplete": "off"}
_FROM = {"label": _("From"), "help_text": _("Leave empty for today."), "required": False}
_UNTIL = {"label": _("Until"), "help_text": _("Leave empty if it goes on."), "required": False}


def _choices(known: Declared) -> list[tuple[str, Any]]:
    return [("", ""), *((row.key, row.label) for row in lists.values(known.key))]


class NewFlag(Form):
    """A warning about somebody."""

    type = forms.ChoiceField(label=_("What is it?"), error_messages={"required": _("Choose what it is.")})
    said = Text(
        label=_("What is there to know?"),
        help_text=_("Write what happened or was said, and what colleagues should do. They may ask to read it."),
        max_length=flags.LONGEST,
        error_messages={"required": _("Write what there is to know.")},
    )
    from_date = DayField(**_FROM)
    to_date = DayField(**_UNTIL)
    review_on = DayField(
        label=_("Look at it again on"), help_text=_("Leave empty for the day the list says."), required=False
    )

    def __init__(self, *args: Any, types: Iterable[Value], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = [("", ""), *((one.key, one.label) for one in types)]  # type: ignore[attr-defined]


class ReviewFlag(Form):
    """What holds still, until the next look."""

    said = Text(
        label=_("What is there to know?"),
        help_text=_("Put right what has changed. What stood here is kept."),
        max_length=flags.LONGEST,
        error_messages={"required": _("Write what there is to know.")},
    )
    review_on = DayField(
        label=_("Look at it again on"), error_messages={"required": _("Say when somebody should look at it again.")}
    )


class ReviewNote(Form):
    """When a note about a place is looked at again."""

    review_on = DayField(
        label=_("Look at it again on"), help_text=_("Leave empty if it is to stay as it is."), required=False
    )


class EndFlag(Form):
    """Why a flag holds no longer."""

    why = Text(
        label=_("Why does it hold no longer?"),
        max_length=flags.LONGEST_WHY,
        error_messages={"required": _("Say why it holds no longer.")},
    )


class NewNeed(Form):
    """How somebody must be told things."""

    kind = forms.ChoiceField(label=_("What do they need?"), error_messages={"required": _("Choose what they need.")})
    said = forms.CharField(
        label=_("In their words"),
        help_text=_("For example, 18 point or larger, or which language. Needed for “Other”."),
        max_length=300,
        required=False,
        widget=forms.TextInput(_PLAIN),
    )
    from_date = DayField(**_FROM)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _choices(NEEDS)  # type: ignore[attr-defined]


class _How(Form):
    how = forms.CharField(
        label=_("How did they tell us?"),
        help_text=_("For example, by telephone, or on the application form."),
        max_length=200,
        widget=forms.TextInput(_PLAIN),
        error_messages={"required": _("Say how they told us.")},
    )


class NewPreference(_How):
    """What somebody agreed to or refused."""

    channel = forms.ChoiceField(label=_("To be reached by"), error_messages={"required": _("Choose a way.")})
    purpose = forms.ChoiceField(label=_("For what"), error_messages={"required": _("Choose what for.")})
    agreed = forms.TypedChoiceField(
        label=_("What did they say?"),
        choices=[("yes", _("They agree")), ("no", _("They do not want it"))],
        coerce=lambda given: given == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether they agree.")},
    )
    given_on = DayField(label=_("When did they tell us?"), help_text=_("Leave empty for today."), required=False)
    from_date = DayField(label=_("From"), help_text=_("Leave empty for the day they told us."), required=False)
    to_date = DayField(**_UNTIL)
    field_order = ("channel", "purpose", "agreed", "how", "given_on", "from_date", "to_date")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = _choices(CHANNELS)  # type: ignore[attr-defined]
        self.fields["purpose"].choices = _choices(PURPOSES)  # type: ignore[attr-defined]


class Withdrawn(_How):
    """How somebody took it back."""


class Died(Form):
    """When somebody died, and how that is known; without a day, that they live."""

    died_on = DayField(
        label=_("On which day did they die?"),
        help_text=_("For example, 27 3 2026. Leave it empty to take back a death that was recorded wrongly."),
        required=False,
    )
    how = forms.CharField(
        label=_("How is this known?"),
        help_text=_("For example, saw the death certificate, or the daughter rang."),
        max_length=300,
        widget=forms.TextInput(_PLAIN),
        error_messages={"required": _("Say how this is known.")},
    )


class Corrected(Form):
    """A slip of the pen in a contact detail, put right."""

    value = forms.CharField(
        label=_("Number or address"),
        max_length=254,
        widget=forms.TextInput({**_PLAIN, "spellcheck": "false"}),
        error_messages={"required": _("Enter the number or address.")},
    )
    holder = forms.CharField(
        label=_("Whose it is"),
        help_text=_("Leave empty if it is the customer's own."),
        max_length=200,
        required=False,
        widget=forms.TextInput(_PLAIN),
    )
    reason = forms.CharField(
        label=_("What was wrong?"),
        help_text=_("For example, two figures were swapped. If they have a new number, add that instead."),
        max_length=300,
        widget=forms.TextInput(_PLAIN),
        error_messages={"required": _("Say what was wrong.")},
    )
