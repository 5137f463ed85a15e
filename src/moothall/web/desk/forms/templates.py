"""The text of a template in one language, and what it is shown with."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moothall.domain.catalogue.letters import Letter
from moothall.domain.messages import sanitise
from moothall.domain.messages.language import Vocabulary
from moothall.domain.messages.models import SUBJECT_LENGTH, Message
from moothall.domain.messages.templates import Language, Parsed
from moothall.web.components.forms import Form

PERSON, ORGANISATION, CASE = "person", "organisation", "case"
_FIELDS = {"body": "html"}  # of a text, where the form calls them otherwise


class TemplateText(Form):
    """What an administrator writes. `on` is the version they began from, 0 where there is none in this language."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("As officers choose it."),
        max_length=200,
        error_messages={"required": _("Give the template a name.")},
    )
    subject = forms.CharField(
        label=_("Subject"), max_length=SUBJECT_LENGTH, error_messages={"required": _("Give the message a subject.")}
    )
    channels = forms.MultipleChoiceField(
        label=_("It is written for"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(Message.Channel.EMAIL, _("E-mail")), (Message.Channel.LETTER, _("Letter"))],
        error_messages={"required": _("Choose e-mail, letter or both.")},
    )
    html = forms.CharField(
        label=_("Text"),
        max_length=sanitise.LONGEST,
        widget=forms.Textarea({"data-module": "app-editor", "spellcheck": "true"}),
        error_messages={"required": _("Write the text of the message.")},
    )
    on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    example = forms.ChoiceField(
        label=_("Show it with"),
        widget=forms.RadioSelect,
        choices=[(PERSON, _("a made-up person")), (ORGANISATION, _("a made-up organisation")), (CASE, _("a case"))],
        required=False,
        initial=PERSON,
    )
    case = forms.CharField(label=_("Reference of the case"), max_length=40, required=False)

    def __init__(self, letter: Letter, language: Language, data: QueryDict | None = None, **given: Any) -> None:
        super().__init__(data, **given)
        self.language = language
        attrs = self.fields["html"].widget.attrs
        attrs |= {"lang": language, "data-placeholders": json.dumps(offered(letter.vocabulary))}

    def text(self) -> Parsed:
        """What was written, as it is kept."""
        given = self.cleaned_data
        return Parsed(
            name=given["name"],
            subject=given["subject"],
            channels=tuple(channel for channel in Message.Channel.values if channel in given["channels"]),
            language=self.language,
            body=given["html"].replace("\r\n", "\n"),
        )

    def tell(self, faults: Mapping[str, list[str]]) -> None:
        """Put each sentence beside the field it is about."""
        for field, sentences in faults.items():
            for sentence in sentences:
                self.add_error(_FIELDS.get(field, field), sentence)


def offered(vocabulary: Vocabulary) -> list[list[str]]:
    """The placeholders a text may use, each with its kind and what it holds, for the editor."""
    kinds = (("line", vocabulary.lines), ("list", vocabulary.lists), ("block", vocabulary.blocks))
    return [[name, kind, what] for kind, those in kinds for name, what in those.items()]
