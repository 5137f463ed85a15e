"""The questions of one page of a form as controls: what is shown of each, and what a browser sent, as the engine reads it.

Whether an answer is right is the engine's to say; these controls take everything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext as _

from moothall.domain.forms.definition import Question
from moothall.domain.forms.parts import LATER, PARTS_OF
from moothall.domain.forms.runner import Asked, Problem
from moothall.kit import money
from moothall.web.common.address_finder import Finder
from moothall.web.components.forms import Form
from moothall.web.components.widgets import DayBoxes, Files, MoneyInput
from moothall.web.portal.form_answers import count, standing

_LINES = {"email": "email", "phone": "tel"}
_AUTOCOMPLETE = {
    "person.title": "honorific-prefix",
    "person.first_names": "given-name",
    "person.last_name": "family-name",
    "contact.email": "email",
    "contact.phone": "tel",
}
_ADDRESS = {"line1": "address-line1", "line2": "address-line2", "town": "address-level2", "postcode": "postal-code"}
_WIDTHS = {"postcode": 10, "sort_code": 5, "account_number": 10, "registration": 10, "town": 20}


@dataclass(frozen=True)
class Shown:
    """One question on the page: its own words, the names of its controls, and under which answer it stands, if any."""

    question: Question
    label: str
    hint: str
    names: tuple[str, ...]
    reveal_of: str = ""
    reveal_keys: str = ""
    files: Sequence[tuple[str, str]] = ()  # id and name of each file given before
    items: Sequence["Item"] = ()
    parts: bool = False  # several controls under one heading
    finder: Finder | None = None  # an address is found with it
    picks: str = ""  # the control a point chosen on a map goes into


@dataclass(frozen=True)
class Item:
    """One of several, of a group: its place is that in the list, from 1."""

    title: str
    names: tuple[str, ...]
    place: int


@dataclass
class Page:
    """A page's controls. `form` has them all; `shown` says in which order and with what around them."""

    form: Form
    shown: list[Shown] = field(default_factory=list)

    def accuse(self, problems: Sequence[Problem]) -> None:
        """Put each problem beside the control it is about."""
        for problem in problems:
            name = "__".join([problem.question, *problem.part.split(".")]) if problem.part else problem.question
            found = next(
                (one for one in _candidates(name, problem.question, self.form) if one in self.form.fields), None
            )
            self.form.add_error(found, problem.sentence)


class Answers(Form):
    """Controls made for one page."""

    def __init__(self, controls: Mapping[str, forms.Field], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(controls)


def page(
    asked: Sequence[Asked],
    *,
    language: str,
    labels: Mapping[str, Mapping[str, str]],
    files: Mapping[str, str],
    sent: QueryDict | None = None,
    given: Mapping[str, Any] | None = None,
    finder: Finder | None = None,
) -> Page:
    """The controls of a page. `files` are the names of files given, `sent` what a browser sent, which was read as `given`.

    The `finder` of addresses stands in the first question for one.
    """
    made = _Maker(language, labels, files, given or {}, finder)
    shown = [made.question(one, sent) for one in standing(asked)]
    form = Answers(made.controls, sent, initial=made.initial)
    if sent is not None:
        form.full_clean()
        form.errors.clear()  # the engine says what is wrong
    return Page(form, shown)


def _candidates(name: str, question: str, form: Form) -> Iterator[str]:
    yield name
    yield from (f"{question}__{first}" for first in ("line1", "name", "registration", "words", "files"))
    yield question
    yield from (one for one in form.fields if one.startswith(f"{question}__"))


class _Maker:
    """Makes the controls of one page, with what they are filled in with."""

    def __init__(
        self,
        language: str,
        labels: Mapping[str, Mapping[str, str]],
        files: Mapping[str, str],
        given: Mapping[str, Any],
        finder: Finder | None,
    ) -> None:
        self.language, self.labels, self.files, self.given, self.finder = language, labels, files, given, finder
        self.controls: dict[str, forms.Field] = {}
        self.initial: dict[str, Any] = {}

    def question(self, one: Asked, sent: QueryDict | None) -> Shown:
        question, answer = one.question, one.answer
        names: tuple[str, ...] = ()
        items: Sequence[Item] = ()
        files: Sequence[tuple[str, str]] = ()
        finder, self.finder = (self.finder, None) if question.type == "address" else (None, self.finder)
        if question.type == "group":
            items = self._items(question, answer, sent)
        elif question.type == "upload":
            names, files = self._upload(question, self.given.get(question.id, answer))
        elif question.type != "guidance":
            names = self._controls(question, question.id, answer)
        reveal = one.reveal or ("", ())
        return Shown(
            question,
            self._label(question),
            question.hint.of(self.language) if question.hint else "",
            names,
            reveal[0],
            " ".join(reveal[1]),
            files,
            items,
            question.type in PARTS_OF,
            finder,
            f"id_{question.id}__point" if question.type == "map_pin" else "",
        )

    def _label(self, question: Question) -> str:
        label = question.label.of(self.language)
        return f"{label} {_('(optional)')}" if question.optional and question.type != "guidance" else label

    def _items(self, question: Question, answer: Any, sent: QueryDict | None) -> list[Item]:
        rows = answer if isinstance(answer, list) else []
        many = count(sent, question.id) if sent is not None else max(1, len(rows))
        title = question.item.of(self.language) if question.item else question.label.of(self.language)
        self.controls[f"{question.id}__count"] = forms.IntegerField(widget=forms.HiddenInput, required=False)
        self.initial[f"{question.id}__count"] = many
        items = []
        for at in range(1, many + 1):
            row = rows[at - 1] if at <= len(rows) else {}
            names = [
                name
                for one in question.questions
                if one.type != "guidance"
                for name in self._controls(one, f"{question.id}__{at}__{one.id}", row.get(one.id))
            ]
            items.append(Item(f"{title} {at}", tuple(names), at))
        return items

    def _upload(self, question: Question, answer: Any) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
        kept = [(one, self.files[one]) for one in answer if one in self.files] if isinstance(answer, list) else []
        names = [f"{question.id}__files"]
        self.controls[names[0]] = forms.Field(
            label=self._label(question),
            help_text=question.hint.of(self.language) if question.hint else "",
            required=False,
            widget=Files,
        )
        if question.later:
            names.append(f"{question.id}__later")
            self.controls[names[1]] = forms.BooleanField(
                label=format_html(
                    '{}<span class="govuk-visually-hidden">: {}</span>',
                    _("I will send it later"),
                    self._label(question),
                ),
                required=False,
            )
            self.initial[names[1]] = answer == LATER
        return tuple(names), kept

    def _controls(self, question: Question, name: str, answer: Any) -> tuple[str, ...]:
        if question.type not in PARTS_OF:
            self.controls[name] = self._one(question)
            self.initial[name] = _filled(question, answer)
            return (name,)
        held = answer if isinstance(answer, Mapping) else {}
        if question.type == "map_pin":
            return self._pin(name, held)
        made = []
        for part in PARTS_OF[question.type]:
            if part == "agreed" and not question.statement:
                continue
            made.append(f"{name}__{part}")
            self.controls[made[-1]] = self._part(question, part)
            self.initial[made[-1]] = held.get(part) or ""
        return tuple(made)

    def _pin(self, name: str, held: Mapping[str, Any]) -> tuple[str, ...]:
        """A place in words, and a point that can be chosen on a map."""
        words, point = f"{name}__words", f"{name}__point"
        self.controls[words] = forms.CharField(label=_("Where it is, in words"), required=False)
        self.controls[point] = forms.CharField(
            label=_("Point on the map (optional)"),
            help_text=_("Latitude and longitude. Choose it on the map, or leave it empty."),
            required=False,
            widget=forms.TextInput({"class": "govuk-input--width-20", "autocomplete": "off"}),
        )
        self.initial[words] = held.get("words") or ""
        if held.get("latitude") is not None:
            self.initial[point] = f"{held['latitude']}, {held['longitude']}"
        return words, point

    def _part(self, question: Question, part: str) -> forms.Field:
        if part == "uprn":
            return forms.CharField(required=False, widget=forms.HiddenInput)
        if part == "agreed":
            assert question.statement
            return forms.BooleanField(label=question.statement.of(self.language), required=False)
        labels = {
            "line1": _("Address line 1"),
            "line2": _("Address line 2 (optional)"),
            "town": _("Town or city"),
            "postcode": _("Postcode"),
            "name": _("Name on the account") if question.type == "bank" else _("Your full name"),
            "sort_code": _("Sort code"),
            "account_number": _("Account number"),
            "registration": _("Registration number"),
        }
        attrs = {"autocomplete": _ADDRESS[part]} if part in _ADDRESS and question.known else {}
        attrs |= {"inputmode": "numeric"} if part in {"sort_code", "account_number"} else {}
        attrs |= {"class": f"govuk-input--width-{_WIDTHS[part]}"} if part in _WIDTHS else {}
        return forms.CharField(label=labels[part], required=False, widget=forms.TextInput(attrs))

    def _one(self, question: Question) -> forms.Field:
        said: dict[str, Any] = {
            "label": self._label(question),
            "help_text": question.hint.of(self.language) if question.hint else "",
            "required": False,
        }
        match question.type:
            case "long_text":
                widget = forms.Textarea({"data-maxlength": question.longest} if question.longest else {})
                return forms.CharField(**said, widget=widget)
            case "money":
                return forms.CharField(**said, widget=MoneyInput)
            case "date":
                return forms.Field(**said, widget=DayBoxes)
            case "declaration":
                words = question.statement.of(self.language) if question.statement else said["label"]
                return forms.BooleanField(**{**said, "label": words})
            case "yes_no":
                return forms.ChoiceField(**said, choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect)
            case "choice" | "choices":
                return self._choice(question, said)
        attrs: dict[str, Any] = {"type": _LINES[question.type]} if question.type in _LINES else {}
        attrs |= {"inputmode": "decimal"} if question.type == "number" else {}
        attrs |= {"class": "govuk-input--width-10"} if question.type in {"number", "nino"} else {}
        if (fact := question.fact or "") in _AUTOCOMPLETE and question.known:
            attrs["autocomplete"] = _AUTOCOMPLETE[fact]
        return forms.CharField(**said, widget=forms.TextInput(attrs))

    def _choice(self, question: Question, said: dict[str, Any]) -> forms.Field:
        if question.list:
            choices = list(self.labels.get(question.list, {}).items())
        else:
            choices = [(option.key, option.label.of(self.language)) for option in question.options]
        if question.type == "choices":
            return forms.MultipleChoiceField(**said, choices=choices, widget=forms.CheckboxSelectMultiple)
        if question.look == "select":
            return forms.ChoiceField(**said, choices=[("", ""), *choices], widget=forms.Select)
        return forms.ChoiceField(**said, choices=choices, widget=forms.RadioSelect)


def _filled(question: Question, answer: Any) -> Any:
    """An answer as its control shows it."""
    if answer is None:
        return None
    match question.type:
        case "money":
            return str(money.to_pounds(answer))
        case "date":
            return date.fromisoformat(answer)
        case "yes_no":
            return "yes" if answer is True else "no"
    return answer
