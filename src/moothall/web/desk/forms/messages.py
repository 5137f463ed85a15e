"""Forms of a message written by hand: which, to whom and how; and its words."""

from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moothall.domain.messages import sanitise
from moothall.domain.messages.models import Message, Returned
from moothall.web.components.forms import DayField, Form, Text
from moothall.web.desk.forms.outcome import WHO


class Writing(Form):
    """Which message is written, how it goes, and to whom."""

    template = forms.ChoiceField(label=_("Begin with"), required=False)
    channel = forms.ChoiceField(
        label=_("Send as"),
        widget=forms.RadioSelect,
        choices=Message.Channel.choices,
        error_messages={"required": _("Choose a letter or an e-mail.")},
    )
    to = forms.ChoiceField(
        label=_("To"),
        widget=forms.RadioSelect,
        choices=list(WHO.items()),
        initial="customer",
        error_messages={"required": _("Choose whom you write to.")},
    )

    def __init__(self, templates: Sequence[tuple[str, str]], data: QueryDict | None = None) -> None:
        super().__init__(data)
        template = self.fields["template"]
        assert isinstance(template, forms.ChoiceField)
        template.choices = [("", _("An empty page")), *templates]


class Words(Form):
    """The words of a message."""

    subject = forms.CharField(
        label=_("Subject"), max_length=300, error_messages={"required": _("Give the message a subject.")}
    )
    html = forms.CharField(
        label=_("Text"),
        widget=forms.Textarea({"data-module": "app-editor", "spellcheck": "true"}),
        error_messages={"required": _("Write the message before you save it.")},
    )

    def clean_html(self) -> str:
        """The text, if a message can be so long."""
        given: str = self.cleaned_data["html"]
        try:
            sanitise.clean(given)
        except sanitise.TooLong as fault:
            raise forms.ValidationError(str(fault)) from fault
        return given

    def words(self) -> dict[str, str]:
        """What was written, with plain ends of lines."""
        return {"subject": self.cleaned_data["subject"], "html": self.cleaned_data["html"].replace("\r\n", "\n")}


class CameBack(Form):
    """When and why a letter came back."""

    on = DayField(label=_("When did it come back?"))
    reason = forms.ChoiceField(
        label=_("What was written on it?"),
        choices=Returned.WhyReturned.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what was written on it.")},
    )
    note = Text(label=_("Note (optional)"), max_length=500, required=False)


class RightAfterAll(Form):
    """How it is known that an address is right."""

    reason = Text(label=_("How do you know?"), max_length=500, error_messages={"required": _("Say how you know.")})
