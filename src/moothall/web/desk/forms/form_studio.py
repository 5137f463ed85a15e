"""The parts of a form as the form studio asks for them: each form is filled in from plain data of a definition, and gives it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import DayField, Form, Text

LINE, PROSE, FORMULA = 200, 2000, 1000


def line(label: Any, hint: Any = "", *, required: bool = False, most: int = LINE) -> forms.CharField:
    """One line."""
    return forms.CharField(label=label, help_text=hint, required=required, max_length=most)


def passage(label: Any, hint: Any = "") -> Text:
    """One or more paragraphs."""
    return Text(label=label, help_text=hint, required=False, max_length=PROSE)


def cel(label: Any, hint: Any = "", *, required: bool = False) -> forms.CharField:
    """An expression in CEL."""
    widget = forms.TextInput({"spellcheck": "false", "autocomplete": "off", "class": "app-formula"})
    return forms.CharField(label=label, help_text=hint, required=required, max_length=FORMULA, widget=widget)


def number(label: Any, hint: Any = "", *, least: int = 0, most: int = 10**9, required: bool = False) -> forms.Field:
    """A whole number."""
    widget = forms.TextInput({"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, help_text=hint, required=required, min_value=least, max_value=most, widget=widget
    )


def decimal(label: Any, hint: Any = "") -> forms.Field:
    """A number, with decimals or without."""
    widget = forms.TextInput({"inputmode": "decimal"})
    return forms.DecimalField(
        label=label,
        help_text=hint,
        required=False,
        max_digits=14,
        decimal_places=2,
        widget=widget,
        error_messages={"invalid": _("Enter a number, like 10 or 2.50.")},
    )


def one_of(label: Any, choices: Sequence[tuple[str, Any]], hint: Any = "", *, radios: bool = True) -> forms.ChoiceField:
    """One of several."""
    widget = forms.RadioSelect if radios else forms.Select
    return forms.ChoiceField(label=label, help_text=hint, choices=choices, widget=widget, required=False)


def tick(label: Any, hint: Any = "") -> forms.BooleanField:
    """Yes or nothing."""
    return forms.BooleanField(label=label, help_text=hint, required=False)


class PartForm(Form):
    """Part of a form. `both` are its texts in two languages: the Welsh stands in a field of its own, with `_cy`.

    A value that is its `usual` one is left out of what is said. Fields of a form offered in English only have no Welsh, which
    is left as it was.
    """

    both: ClassVar[tuple[str, ...]] = ()
    usual: ClassVar[Mapping[str, Any]] = {}
    on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, part: Mapping[str, Any], *, welsh: bool, on: int) -> None:
        self.part, self.welsh = part, welsh
        super().__init__(data, initial={**self.begun(part), "on": on})
        for name in self.both:
            if not welsh:
                del self.fields[f"{name}_cy"]
            else:
                self.fields[f"{name}_cy"].widget.attrs["lang"] = "cy"
        self.order_fields(self.in_order())

    seldom: ClassVar[frozenset[str]] = frozenset()

    @property
    def shown(self) -> list[BoundField]:
        """Its fields but those seldom needed."""
        return [self[name] for name in self.fields if name.removesuffix("_cy") not in self.seldom]

    @property
    def folded(self) -> list[BoundField]:
        """Those seldom needed."""
        return [self[name] for name in self.fields if name.removesuffix("_cy") in self.seldom]

    @property
    def open(self) -> bool:
        """Whether one of them says something, or is wrong."""
        return any(one.errors or (one.value() and not isinstance(one.field, forms.ChoiceField)) for one in self.folded)

    def in_order(self) -> list[str]:
        """The names of its fields, the Welsh of each text after the English."""
        names = [name for name in self.fields if not name.endswith("_cy")]
        return [one for name in names for one in (name, f"{name}_cy") if one in self.fields]

    def begun(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """What the fields are filled in with."""
        found: dict[str, Any] = {**self.usual}
        for name, value in part.items():
            if name in self.both:
                found[name] = value["en"] if isinstance(value, Mapping) else value
                found[f"{name}_cy"] = value.get("cy", "") if isinstance(value, Mapping) else ""
            elif name in self.base_fields:
                of_day = isinstance(self.base_fields[name], DayField)
                found[name] = date.fromisoformat(value) if of_day and value else value
        return found

    def said(self) -> dict[str, Any]:
        """What was typed, as the definition has it: None takes a field away."""
        found = {}
        for name in self.base_fields:
            if name == "on" or name.endswith("_cy"):
                continue
            found[name] = self.worded(name) if name in self.both else self.plain(name)
        return found

    def worded(self, name: str) -> Any:
        """A text in one language or two."""
        return bilingual(
            self.cleaned_data.get(name, ""),
            self.cleaned_data.get(f"{name}_cy", "") if self.welsh else welsh_of(self.part.get(name)),
        )

    def plain(self, name: str) -> Any:
        """A value, or None where it is the usual one or there is none."""
        value = self.cleaned_data.get(name)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        if name in self.usual:
            return None if value == self.usual[name] or value in (None, "") else value
        return value if value not in (None, "", False, [], ()) else None

    def began_anew(self, on: int) -> None:
        """What was typed stands, and sent once more it goes into the form as it is at this revision."""
        assert isinstance(self.data, QueryDict)
        data = self.data.copy()
        data["on"] = str(on)
        self.data = data

    def tell(self, sentences: Sequence[tuple[str, str]]) -> None:
        """Put each sentence beside the field it is about."""
        for field, sentence in sentences:
            self.add_error(field if field in self.fields else None, sentence)


def bilingual(english: str, welsh: str) -> Any:
    """A text as the definition has it; None where there is none."""
    en, cy = english.replace("\r\n", "\n").strip(), welsh.replace("\r\n", "\n").strip()
    return ({"en": en, "cy": cy} if cy else en) if en else None


def welsh_of(text: Any) -> str:
    """The Welsh of a text of a definition."""
    return str(text.get("cy", "")) if isinstance(text, Mapping) else ""


class About(PartForm):
    """What a form is called, in which languages it is offered, who may fill it in, and when."""

    both = ("name", "description", "thanks")
    usual: ClassVar = {"sign_in": "optional", "keep_days": 28}
    name = line(_("Name"), required=True)
    name_cy = line(_("Name in Welsh"))
    description = passage(_("What it is for"), _("Stands on its first page. An empty line begins a new paragraph."))
    description_cy = passage(_("What it is for, in Welsh"))
    in_welsh = tick(_("Offer it in Welsh too"), _("Every text then needs its Welsh before it can be published."))
    sign_in = one_of(
        _("Signing in"),
        [
            ("none", _("Anonymous: nobody signs in, and nothing is filled in beforehand")),
            ("optional", _("Whoever likes signs in, and has filled in what is known")),
            ("required", _("Everybody signs in first")),
        ],
    )
    opens = DayField(label=_("First day it is open"), required=False)
    closes = DayField(label=_("Last day it is open"), required=False)
    most = number(_("Most forms taken"), _("Leave empty where there is no limit."), least=1, most=10_000_000)
    per = one_of(_("The limit is"), [("form", _("for the form as a whole")), ("day", _("for each day"))])
    waiting_list = tick(_("When it is full, others go on a waiting list"))
    keep_days = number(_("Days a form that was begun is kept"), least=1, most=365, required=True)
    thanks = passage(_("What stands on the page that confirms it was sent"))
    thanks_cy = passage(_("What stands on the page that confirms it was sent, in Welsh"))

    def begun(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """The limit stands in parts."""
        cap = {"per": "form", **(part.get("cap") or {})}
        return {**super().begun(part), **cap, "in_welsh": "cy" in part.get("languages", [])}

    def clean(self) -> dict[str, Any]:
        """A waiting list is of a limit."""
        given = super().clean() or {}
        if given.get("waiting_list") and not given.get("most"):
            self.add_error("most", _("Say how many are taken before others wait."))
        return given

    def said(self) -> dict[str, Any]:
        """The limit and the languages as the definition has them."""
        found, given = super().said(), self.cleaned_data
        most, per, waits = found.pop("most"), found.pop("per"), found.pop("waiting_list")
        cap = {"most": most, "per": per or "form", "waiting_list": bool(waits)} if most else None
        found.pop("in_welsh")
        return {**found, "cap": cap, "languages": ["en", "cy"] if given["in_welsh"] else None}


ASKED_OF = [
    ("everyone", _("Everybody")),
    ("citizens", _("Citizens who fill it in themselves")),
    ("officers", _("Officers who fill it in with somebody")),
]


class PageForm(PartForm):
    """A page."""

    both = ("title", "text")
    usual: ClassVar = {"asked_of": "everyone"}
    title = line(_("Title"), required=True)
    title_cy = line(_("Title in Welsh"))
    text = passage(
        _("Text above the questions"), _("An empty line begins a new paragraph; “- ” begins a point of a list.")
    )
    text_cy = passage(_("Text above the questions, in Welsh"))
    exit = tick(
        _("The way ends here"), _("Nothing is asked, and the form is not sent. Say when, or nobody gets further.")
    )
    asked_of = one_of(_("It is for"), ASKED_OF)


class IncludeForm(PartForm):
    """A standard block on a page."""

    usual: ClassVar = {"known": True, "facts": True}
    block = one_of(_("Standard block"), [], radios=False)
    as_ = line(
        _("Put before the names of its questions"),
        _("Needed only where a block is used twice: small letters, digits and _."),
        most=40,
    )
    optional = tick(_("Nothing of it has to be answered"))
    known = tick(_("What is known from the account is filled in"))
    facts = tick(_("The answers are about the customer"), _("Not where they are about somebody else."))

    def __init__(self, *args: Any, blocks: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["block"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(blocks)
        field.required = True

    def begun(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """`as` is a word of Python."""
        return {**super().begun(part), "as_": part.get("as", "")}

    def plain(self, name: str) -> Any:
        """A tick taken away is said."""
        value = self.cleaned_data.get(name)
        return (None if value else False) if name in self.usual else super().plain(name)

    def said(self) -> dict[str, Any]:
        """`as` under its own name."""
        found = super().said()
        found["as"] = found.pop("as_")
        return found
