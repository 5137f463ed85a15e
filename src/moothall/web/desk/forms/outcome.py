"""The questions of an outcome as a form, and one copy of each message it sends."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.domain.cases.recipients import Who
from moothall.domain.cases.rehearsal import Rehearsed
from moothall.domain.messages.models import Message
from moothall.domain.workflow.answering import LONGEST_LONG_TEXT, LONGEST_TEXT, Problem
from moothall.domain.workflow.definition import Outcome, Question
from moothall.domain.workflow.machine import LONGEST_NOTE
from moothall.kit import money
from moothall.web.components.forms import DayField, Form, Text
from moothall.web.components.widgets import MoneyInput
from moothall.web.desk.forms.frame import FrameField

Pairs = Sequence[tuple[str, str]]
MOST_RADIOS = 12  # a longer list is a drop-down
PREFIX = "answer_"
WHO: dict[Who, Any] = {
    "customer": gettext_lazy("The applicant"),
    "alternative_contact": gettext_lazy("Their other contact"),
}
_TO = re.compile(r"message_(\d{1,3})-to", re.ASCII)


class Several(forms.MultipleChoiceField):
    """Several of what is offered; whether each may be chosen is for the engine to say."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: object) -> bool:  # noqa: ARG002 - Django gives it
        """Any."""
        return True


class OutcomeForm(Form):
    """The questions now asked, each as the field `answer_<id>`, and the note. Answers are judged by the engine."""

    def __init__(
        self,
        outcome: Outcome,
        questions: Sequence[Question],
        *,
        lists: Mapping[str, Pairs],
        documents: Mapping[str, Pairs],
        defaults: Mapping[str, object],
        data: QueryDict | None = None,
    ) -> None:
        super().__init__(data)
        self.outcome, self.questions = outcome, questions
        for question in questions:
            offered = documents.get(question.id, ()) if question.list is None else lists.get(question.list, ())
            field = _field(question, offered)
            field.initial = _shown(question, defaults.get(question.id))
            self.fields[name_of(question)] = field
        if outcome.note != "none":
            label = _("Note") if outcome.note == "required" else _("Note (optional)")
            self.fields["note"] = Text(label=label, max_length=LONGEST_NOTE, required=False)

    @property
    def shown(self) -> str:
        """The ids of the questions it asks."""
        return " ".join(question.id for question in self.questions)

    def answers(self) -> dict[str, object]:
        """What was answered, by question id, as the engine takes it; what cannot be read is left out."""
        found: dict[str, object] = {}
        for question in self.questions:
            name = name_of(question)
            if name in self.cleaned_data:
                value = self.cleaned_data[name]
                found[question.id] = value.isoformat() if isinstance(value, date) else value
        return found

    def note(self) -> str:
        """The note that was written."""
        return str(self.cleaned_data.get("note") or "")

    def tell(self, problems: Sequence[Problem], *, but: Sequence[str] = ()) -> None:
        """Put each problem beside its question, except those of the questions `but`, which nobody saw yet."""
        for problem in problems:
            name = "note" if problem.field == "note" else PREFIX + problem.field
            if problem.field in but or name in self.errors:
                continue
            self.add_error(name if name in self.fields else None, problem.sentence)


def name_of(question: Question) -> str:
    """The name of a question's field."""
    return PREFIX + question.id


def with_defaults(data: QueryDict, questions: Sequence[Question], defaults: Mapping[str, object]) -> QueryDict:
    """`data` with what these questions, not asked before, start out as."""
    filled = data.copy()
    for question in questions:
        name, value = name_of(question), _shown(question, defaults.get(question.id))
        if isinstance(value, date):
            for index, part in enumerate((value.day, value.month, value.year)):
                filled[f"{name}_{index}"] = str(part)
        elif isinstance(value, list):
            filled.setlist(name, value)
        elif value not in (None, ""):
            filled[name] = str(value)
    return filled


def recipients_chosen(data: Mapping[str, Any]) -> dict[int, Who]:
    """Whom each copy is to go to, by its position, as the forms of the copies say."""
    found: dict[int, Who] = {}
    for name, value in data.items():
        if (said := _TO.fullmatch(name)) and value in WHO:
            found[int(said[1])] = value
    return found


class CopyForm(Form):
    """One copy of a message before it is sent. `made` tells which text it was composed as."""

    to = forms.ChoiceField(label=gettext_lazy("To"), widget=forms.RadioSelect)

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=300)
    html = forms.CharField(
        label=gettext_lazy("Text"), widget=forms.Textarea({"data-module": "app-editor", "spellcheck": "true"})
    )
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Send by"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one way to send it.")},
    )

    def __init__(self, rehearsed: Rehearsed, *, data: QueryDict | None = None) -> None:
        self.rehearsed = rehearsed
        self.message = message = rehearsed.messages[0]
        self.reached = [one.channel for one in rehearsed.messages if one.status != Message.Status.FAILED]
        initial = {
            "to": rehearsed.to,
            "subject": message.subject,
            "html": message.html,
            "channels": self.reached,
        }
        super().__init__(data, prefix=f"message_{rehearsed.position}", initial=initial)
        self._offer_recipients()
        names = dict(Message.Channel.choices)
        version = message.template_version
        offered = [one for one in (version.channels if version else ()) if rehearsed.recipient.reached_by(one)]
        self.by_post = Message.Channel.LETTER in {*self.reached, *offered}  # it goes, or may be made to go, as a letter
        if len(offered) > 1:
            channels = self.fields["channels"]
            assert isinstance(channels, forms.MultipleChoiceField)
            channels.choices = [(one, names[one]) for one in offered]
        else:
            del self.fields["channels"]

    def edit(self) -> dict[str, Any]:
        """What the officer changed, as `progress.choose` takes it."""
        given = {"subject": self.cleaned_data["subject"], "html": self.cleaned_data["html"].replace("\r\n", "\n")}
        edit: dict[str, Any] = {name: text for name, text in given.items() if text != getattr(self.message, name)}
        if self.rehearsed.otherwise:
            edit["to"] = self.rehearsed.to
        channels = self.cleaned_data.get("channels", self.reached)
        return edit | ({"channels": channels} if sorted(channels) != sorted(self.reached) else {})

    def _offer_recipients(self) -> None:
        """Ask whom it goes to, where there is a choice."""
        known = {self.rehearsed.to: self.rehearsed.recipient, **self.rehearsed.others}
        if len(known) < 2:
            del self.fields["to"]
            return
        to = self.fields["to"]
        assert isinstance(to, forms.ChoiceField)
        to.choices = [(who, f"{label}: {known[who].name}") for who, label in WHO.items() if who in known]


def _field(question: Question, offered: Pairs) -> forms.Field:
    label = question.label if question.required else _("%s (optional)") % question.label
    given: dict[str, Any] = {"label": label, "help_text": question.hint or "", "required": False}
    match question.type:
        case "long_text":
            return Text(max_length=LONGEST_LONG_TEXT, **given)
        case "date":
            return DayField(**given)
        case "money":
            return forms.CharField(
                widget=MoneyInput({"inputmode": "decimal", "class": "govuk-input--width-10"}), **given
            )
        case "number":
            return forms.CharField(
                widget=forms.TextInput({"inputmode": "decimal", "class": "govuk-input--width-5"}), **given
            )
        case "yes_no":
            return forms.CharField(widget=forms.RadioSelect(choices=[("yes", _("Yes")), ("no", _("No"))]), **given)
        case "choice":
            if len(offered) > MOST_RADIOS:
                return forms.CharField(widget=forms.Select(choices=[("", _("Choose")), *offered]), **given)
            return forms.CharField(widget=forms.RadioSelect(choices=offered), **given)
        case "frame":
            return FrameField(**given)
        case "document":
            return forms.CharField(widget=forms.RadioSelect(choices=offered), **given)
        case "choices" | "documents":
            return Several(choices=offered, **given)
        case _:
            return forms.CharField(max_length=LONGEST_TEXT, **given)


def _shown(question: Question, default: object) -> Any:
    """A default as its control shows it."""
    if default is None:
        return None
    match question.type:
        case "date":
            return date.fromisoformat(str(default))
        case "money":
            return str(money.to_pounds(default)) if isinstance(default, int) else default
        case "yes_no":
            return "yes" if default else "no"
        case _:
            return default
