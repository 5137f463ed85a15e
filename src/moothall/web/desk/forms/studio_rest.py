"""What stands beside the pages of a form, as the form studio asks for it: values, days, the fee, where it goes."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moothall.web.desk.forms.form_studio import PartForm, cel, decimal, line, number, one_of, passage


class ValueForm(PartForm):
    """Something worked out of answers."""

    both = ("label",)
    id = line(_("Its name in formulas"), _("Small letters, digits and _, like days_ago."), required=True, most=60)
    type = one_of(
        _("What it is"),
        [
            ("number", _("a number")),
            ("money", _("money, in pence")),
            ("text", _("text")),
            ("date", _("a day")),
            ("yes_no", _("yes or no")),
        ],
    )
    formula = cel(
        _("Formula"), _("For example: days_since(answers.due), or answers.adults + answers.children"), required=True
    )
    label = line(_("Shown with the answers as"), _("Leave empty where nobody needs to see it."))
    label_cy = line(_("Shown with the answers as, in Welsh"))
    usual: ClassVar = {}

    def begun(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """A number unless it says otherwise."""
        return {"type": "number", **super().begun(part)}

    def said(self) -> dict[str, Any]:
        """A number unless it says otherwise."""
        found = super().said()
        return {**found, "type": found["type"] or "number"}


WEEKDAYS = [(str(day), name) for day, name in enumerate(
    (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")), start=1
)]  # fmt: skip


class SlotsForm(PartForm):
    """Days with so many places."""

    usual: ClassVar = {"notice": 1, "weeks": 4}
    key = line(_("Name"), _("Small letters, digits and _, like collections."), required=True, most=60)
    weekdays = forms.MultipleChoiceField(
        label=_("On which days"),
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose a day or more.")},
    )
    places = number(_("Places on each day"), least=1, most=10_000, required=True)
    notice = number(_("Days of notice"), most=60, required=True)
    weeks = number(_("Weeks ahead that are offered"), least=1, most=26, required=True)
    closed = passage(
        _("Days on which there is none"), _("One a line, like 2026-12-24. Bank holidays are left out anyway.")
    )

    def begun(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """Days as text."""
        days = [str(day) for day in part.get("weekdays", [])]
        return {**super().begun(part), "weekdays": days, "closed": "\n".join(part.get("closed", []))}

    def said(self) -> dict[str, Any]:
        """Days as numbers."""
        found = super().said()
        closed = (found["closed"] or "").split()
        return {**found, "weekdays": [int(day) for day in self.cleaned_data["weekdays"]], "closed": closed or None}


class FeeForm(PartForm):
    """What is paid for a form."""

    both = ("description",)
    how = one_of(
        _("What is paid"),
        [
            ("", _("Nothing")),
            ("amount", _("A fixed amount")),
            ("table", _("What a decision table gives")),
            ("formula", _("What a formula gives, in pence")),
        ],
    )
    amount = decimal(_("Amount in pounds"))
    table = one_of(_("Decision table"), [], radios=False)
    formula = cel(_("Formula"), _("For example: answers.bags * 250"))
    description = line(_("What it is for, on the receipt"))
    description_cy = line(_("What it is for, in Welsh"))

    def __init__(self, *args: Any, tables: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["table"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("None")), *((table, table) for table in tables)]

    def begun(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """The way it is told by."""
        how = next((way for way in ("amount", "table", "formula") if part.get(way) is not None), "")
        return {**super().begun(part), "how": how}

    def clean(self) -> dict[str, Any]:
        """The way chosen is filled in."""
        given = super().clean() or {}
        how = given.get("how")
        if how and not given.get(how) and how not in self.errors:
            self.add_error(how, _("Say what is paid."))
        return given

    def said(self) -> dict[str, Any]:
        """Only the way chosen."""
        found, how = super().said(), self.cleaned_data["how"]
        found.pop("how")
        return {name: value if name in (how, "description") else None for name, value in found.items()}


class DestinationForm(PartForm):
    """Where a form goes when it is sent. Conditional types and tags are lines of `key: condition`."""

    to = one_of(
        _("It goes"),
        [
            ("case", _("to a new case, with its workflow")),
            ("email", _("to a mailbox, as a signed e-mail")),
            ("webhook", _("to another system, as a signed call")),
            ("file", _("to a folder, as a file")),
        ],
    )
    type = one_of(_("Type of case"), [], radios=False)
    types = passage(_("Another type under a condition"), _("One a line, like: renewal: answers.had_one == true"))
    tags = passage(
        _("Tags put on the case"), _("One a line, alone or with a condition: urgent: answers.danger == true")
    )
    words = one_of(_("The customer’s own words are the answer to"), [], radios=False)
    source = line(_("Source of the case"), _("Leave empty: online, or phone where an officer fills it in."), most=60)
    name = line(_("Mailbox, system or folder"), _("By its name in the settings, under form_destinations."), most=60)

    def __init__(self, *args: Any, types: Sequence[str], questions: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {"type": [(key, key) for key in types], "words": list(questions)}
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", gettext("None")), *choices]

    def begun(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """Lines of `key: condition`."""
        lines = {
            name: "\n".join(
                f"{one['tag']}{': ' + one['when'] if one.get('when') else ''}" for one in part.get(name, [])
            )
            for name in ("types", "tags")
        }
        return {"to": "case", **super().begun(part), **lines}

    def said(self) -> dict[str, Any]:
        """Conditional types and tags as the definition has them."""
        found = super().said()
        for name in ("types", "tags"):
            pairs = [one.partition(":") for one in (found[name] or "").splitlines() if one.strip()]
            some = [
                {"tag": tag.strip(), **({"when": when.strip()} if when.strip() else {})} for tag, _colon, when in pairs
            ]
            found[name] = some or None
        return {**found, "to": found["to"] or "case"}
