"""Questions to whoever asks for an opinion."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moothall.core.accounts.models import User
from moothall.domain.catalogue.manifest import OpinionKind
from moothall.domain.opinions.asking import LONGEST, MOST_DAYS
from moothall.web.components.forms import Form, Text, offer

LONGEST_REASON = 2000
_DAYS_MESSAGES = {
    "required": _("Say how many days there are to answer."),
    "invalid": _("Enter a whole number of days, like 14."),
    "min_value": _("Give at least 1 day."),
    "max_value": _("Give at most 90 days."),
}


class Kind(Form):
    """Which opinion of those the service asks for, or one of the officer's own."""

    kind = forms.ChoiceField(
        label=_("Which opinion do you need?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose which opinion you need."),
            "invalid_choice": _("Choose one of these opinions."),
        },
    )

    def __init__(self, kinds: Sequence[OpinionKind], data: QueryDict | None = None) -> None:
        super().__init__(data)
        offer(self, "kind", [*((kind.key, kind.name) for kind in kinds), ("own", _("Another, in your own words"))])


class Ask(Form):
    """Whom, what, with which documents, for how long."""

    of = forms.ChoiceField(
        label=_("Whom do you ask?"),
        widget=forms.RadioSelect,
        choices=[("outsider", _("Somebody outside, by e-mail")), ("colleague", _("A colleague, at the desk"))],
        error_messages={"required": _("Choose whom you ask.")},
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    organisation = forms.CharField(label=_("Organisation (optional)"), max_length=200, required=False)
    email = forms.CharField(
        label=_("Email address"),
        max_length=254,
        required=False,
        help_text=_("The link goes there, and a code each time it is opened in another browser."),
        widget=forms.EmailInput({"spellcheck": "false"}),
    )
    colleague = forms.ChoiceField(
        label=_("Colleague"),
        required=False,
        error_messages={"invalid_choice": _("Choose a colleague who can sign in.")},
    )
    text = Text(
        label=_("What would you like to know?"),
        max_length=LONGEST,
        help_text=_("They see this and the documents you choose, and nothing else of the case."),
        error_messages={"required": _("Say what you would like to know.")},
    )
    documents = forms.MultipleChoiceField(
        label=_("Documents they may read"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("One of these documents is no longer on the case. Choose again.")},
    )
    days = forms.IntegerField(
        label=_("Days to answer"),
        min_value=1,
        max_value=MOST_DAYS,
        widget=forms.TextInput({"inputmode": "numeric"}),
        error_messages=_DAYS_MESSAGES,
    )
    item = forms.ChoiceField(label=_("Does the clock stop meanwhile?"), required=False, widget=forms.RadioSelect)
    once = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *,
        colleagues: Sequence[User],
        documents: Sequence[tuple[str, str]],
        items: Sequence[tuple[str, str]],
        initial: dict[str, Any],
        data: QueryDict | None = None,
    ) -> None:
        super().__init__(data, initial={"once": uuid4(), **initial})
        offer(self, "colleague", [("", _("Choose a colleague")), *((str(one.pk), one.full_name) for one in colleagues)])
        if documents:
            offer(self, "documents", documents)
        else:
            del self.fields["documents"]
        if items:
            offer(self, "item", [("", _("No, it goes on")), *items])
        else:
            del self.fields["item"]

    def clean(self) -> dict[str, Any]:
        """What is needed depends on whom one asks."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("of") == "colleague" and not data.get("colleague") and "colleague" not in self.errors:
            self.add_error("colleague", _("Choose a colleague."))
        if data.get("of") == "outsider":
            if not data.get("name"):
                self.add_error("name", _("Enter their name."))
            if not data.get("email"):
                self.add_error("email", _("Enter their e-mail address."))
        return data


class Anew(Form):
    """How long the new link lasts."""

    days = forms.IntegerField(
        label=_("Days to answer, from today"),
        min_value=1,
        max_value=MOST_DAYS,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-3"}),
        error_messages=_DAYS_MESSAGES,
    )


class Withdraw(Form):
    """Why it is no longer needed."""

    reason = Text(
        label=_("Why is the opinion no longer needed?"),
        max_length=LONGEST_REASON,
        help_text=_("It is kept in the timeline. Whoever was asked does not see it."),
        error_messages={"required": _("Say why the opinion is withdrawn.")},
    )
