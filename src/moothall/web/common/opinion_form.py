"""The questions of an opinion: those the service asks, a recommendation, the opinion itself, files."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from moothall.domain.opinions.answering import LONGEST, MOST_FILES, Said
from moothall.domain.opinions.models import Opinion
from moothall.web.components.forms import Form, Text
from moothall.web.components.widgets import Files

LONGEST_LINE = 500
LONGEST_REASON = 2_000


class AnyFiles(forms.FileField):
    """No file, one or several; its value is a list of them."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """The files. Raises ValidationError when there are too many."""
        given = [one for one in (data if isinstance(data, list) else [data]) if one]
        if len(given) > MOST_FILES:
            raise forms.ValidationError(_("Choose at most %s files.") % MOST_FILES)
        clean = super().clean
        return [clean(one, initial) for one in given]


class Answer(Form):
    """An opinion, as it is written. `kept` is what was written before."""

    answer = Text(
        label=_("Your opinion"),
        max_length=LONGEST,
        error_messages={"required": _("Write your opinion.")},
    )
    uploads = AnyFiles(
        label=_("Files (optional)"),
        required=False,
        help_text=_("For example a report as PDF, or pictures. You can choose several."),
        error_messages={"empty": _("This file is empty.")},
    )

    def __init__(self, opinion: Opinion, *args: Any, kept: Said | None = None) -> None:
        self.asked = opinion.form.get("questions", [])
        initial = _initial(kept) if kept else {}
        super().__init__(*args, initial=initial)
        own = {_name(question["id"]): _field(question) for question in self.asked}
        if recommendations := opinion.form.get("recommendations", []):
            own["recommendation"] = forms.ChoiceField(
                label=_("What do you recommend?"),
                choices=[(one["key"], one["label"]) for one in recommendations],
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose what you recommend.")},
            )
        rest = {name: self.fields.pop(name) for name in list(self.fields)}
        self.fields |= own | rest

    def said(self) -> Said:
        """What was answered."""
        data = self.cleaned_data
        answers = {question["id"]: data[_name(question["id"])] for question in self.asked}
        return Said(answer=data["answer"], recommendation=data.get("recommendation", ""), answers=answers)

    def files_given(self) -> "list[UploadedFile[Any]]":
        """The files that came with it."""
        return list(self.cleaned_data.get("uploads", []))


class Decline(Form):
    """Why somebody cannot answer."""

    reason = Text(
        label=_("Why can you not answer?"),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Say why you cannot answer.")},
    )


def _initial(kept: Said) -> dict[str, str]:
    answers = {_name(id): text for id, text in kept.answers.items()}
    return {"answer": kept.answer, "recommendation": kept.recommendation, **answers}


def _name(id: str) -> str:
    return f"q_{id}"


def _field(question: dict[str, Any]) -> forms.Field:
    """One question of the service. `label` ends with “(optional)” where no answer is needed."""
    label, required = question["label"], bool(question["required"])
    needed = _("“%s” needs an answer.") % label
    common: dict[str, Any] = {
        "label": label if required else _("%s (optional)") % label,
        "help_text": question.get("hint") or "",
        "required": required,
        "error_messages": {"required": needed},
    }
    if question["type"] in ("yes_no", "choice"):
        choices = [("yes", _("Yes")), ("no", _("No"))]
        if question["type"] == "choice":
            choices = [(one["key"], one["label"]) for one in question["choices"]]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    if question["type"] == "long_text":
        return Text(max_length=LONGEST_REASON, **common)
    return forms.CharField(max_length=LONGEST_LINE, **common)
