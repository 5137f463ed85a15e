"""What the work list is asked for, and what is done with many work items at once."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.core.accounts.models import Absence, SecurityGroup, User
from moothall.domain.cases.worklist import Wanted
from moothall.web.components.forms import Form, Offer, Text
from moothall.web.components.templatetags.components import day
from moothall.web.desk.forms.team import Once

Choices = list[tuple[str, str]]
_ISO = "%Y-%m-%d"
_ANY = gettext_lazy("Any")


_ASSIGNED: dict[str, Any] = {"mine": "me", "unassigned": "nobody"}  # by tab


class _Days(forms.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            min_value=0,
            max_value=36_500,
            required=False,
            widget=forms.TextInput({"inputmode": "numeric"}),
            error_messages={"invalid": gettext_lazy("Enter days as a whole number, like 14.")},
            **options,
        )


def _day(label: Any) -> forms.DateField:
    said = gettext_lazy("Enter a real date, like 2026-03-27.")
    return forms.DateField(
        label=label,
        required=False,
        input_formats=[_ISO],
        widget=forms.DateInput({"type": "date"}, format=_ISO),
        error_messages={"invalid": said},
    )


class WorkFilter(Form):
    """The filters of the work list. All that is given must hold."""

    state = forms.ChoiceField(label=gettext_lazy("Work that is"), required=False)
    service = forms.ChoiceField(label=gettext_lazy("Service"), required=False)
    workflow = forms.ChoiceField(label=gettext_lazy("Workflow"), required=False)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), required=False)
    type = forms.ChoiceField(label=gettext_lazy("Case type"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("Source"), required=False)
    target = forms.ChoiceField(label=gettext_lazy("Target"), required=False)
    terminal = forms.ChoiceField(label=gettext_lazy("Terminal illness"), required=False)
    assigned_to = forms.ChoiceField(label=gettext_lazy("Assigned to"), required=False)
    days_from = _Days(label=gettext_lazy("In stage for at least (days)"))
    days_to = _Days(label=gettext_lazy("In stage for at most (days)"))
    updated_from = _day(gettext_lazy("Last updated from"))
    updated_to = _day(gettext_lazy("Last updated to"))
    tag = forms.MultipleChoiceField(
        label=gettext_lazy("With all these tags"), required=False, widget=forms.CheckboxSelectMultiple
    )
    without_tag = forms.MultipleChoiceField(
        label=gettext_lazy("Without these tags"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, given: QueryDict, *, offered: "Offered", assigned: bool) -> None:
        super().__init__(given, auto_id="filter_%s")
        done = given.get("state") == "completed"
        choices: dict[str, Any] = {
            "state": [("", _("Active")), ("completed", _("Completed"))],
            "service": [("", _ANY), *offered.services],
            "workflow": [("", _ANY), *offered.workflows],
            "stage": [("", _ANY), *offered.stage_choices(given.get("workflow", ""))],
            "type": [("", _ANY), *offered.types],
            "source": [("", _ANY), *offered.sources],
            "target": [("", _ANY), *TARGETS],
            "terminal": [("", _ANY), ("yes", _("Yes")), ("no", _("No"))],
            "assigned_to": [
                ("", _("Anyone")),
                ("me", _("Me")),
                *([] if done else [("nobody", _("Nobody"))]),
                *offered.colleagues,
            ],
            "tag": offered.tags,
            "without_tag": offered.tags,
        }
        for name, values in choices.items():
            self.fields[name].choices = Offer(values)  # type: ignore[attr-defined]
            self.fields[name].error_messages["invalid_choice"] = _(
                "“%(value)s” is none of those to choose from, or no longer one."
            )
        if done:
            self.fields["assigned_to"].label = _("Completed by")
            self.fields["updated_from"].label = _("Completed from")
            self.fields["updated_to"].label = _("Completed up to")
            self.fields["days_from"].label = _("Was in stage for at least (days)")
            self.fields["days_to"].label = _("Was in stage for at most (days)")
        if not assigned:
            del self.fields["assigned_to"]

    def clean(self) -> dict[str, Any]:
        """What is asked for. A stage of another workflow than the one chosen asks for nothing that is there."""
        data = super().clean() or {}
        if data.get("state") == "completed" and data.get("target"):
            self.add_error("target", _("Only active work has a target. Take this filter away, or show active work."))
        first, last = data.get("updated_from"), data.get("updated_to")
        if first and last and first > last:
            self.add_error("updated_to", _("The last day is before the first."))
        return data

    def wanted(self, *, tab: str) -> Wanted:
        """What the domain is asked for: the filters, and what the tab shows of it."""
        data = self.cleaned_data
        workflow, _, stage = data["stage"].partition("/")
        whose: Any = data.get("assigned_to") or "anyone"
        return Wanted(
            service=data["service"] or None,
            workflow=data["workflow"] or workflow or None,
            stage=stage or None,
            type=data["type"] or None,
            source=data["source"] or None,
            tag=data["tag"],
            without_tag=data["without_tag"],
            state=data["state"] or "active",
            assigned_to=_ASSIGNED.get(tab, int(whose) if whose.isdigit() else whose),
            waiting_days_from=data["days_from"],
            waiting_days_to=data["days_to"],
            updated_from=data["updated_from"],
            updated_to=data["updated_to"],
            terminal={"yes": True, "no": False}.get(data["terminal"]),
            ours=tab in {"team", "unassigned"},
            target=data["target"] or None,
        )


TARGETS = [
    ("blue", gettext_lazy("Within the first half")),
    ("amber", gettext_lazy("More than half used")),
    ("red", gettext_lazy("Nearly due")),
    ("late", gettext_lazy("Late")),
    ("none", gettext_lazy("Without a target")),
]


class Offered:
    """What may be chosen in the filters: only of what the user sees."""

    def __init__(
        self,
        *,
        services: Choices,
        workflows: Choices,
        stages: list[tuple[str, str, str]],
        types: Choices,
        sources: Choices,
        tags: Choices,
        colleagues: Choices,
    ) -> None:
        self.services, self.workflows, self.types, self.sources = services, workflows, types, sources
        self.tags, self.colleagues, self._stages = tags, colleagues, stages

    def stage_choices(self, workflow: str) -> list[Any]:
        """The stages of a workflow, or of every workflow under its name."""
        names = dict(self.workflows)
        here = [key for key in names if key == workflow] or list(names)
        return [
            (names[key], [(f"{key}/{one}", name) for flow, one, name in self._stages if flow == key]) for key in here
        ]


class FindText(Form):
    find = forms.CharField(
        label=gettext_lazy("Find in this list"),
        help_text=gettext_lazy("A case reference, or the beginning of a last name. It does not go into the address."),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class KeepView(Form):
    name = forms.CharField(label=gettext_lazy("Name of the view"), max_length=60)
    team = forms.ModelChoiceField(
        SecurityGroup.objects.none(),
        label=gettext_lazy("Who finds it in their list"),
        required=False,
        empty_label=gettext_lazy("Only me"),
        to_field_name="key",
    )
    first = forms.BooleanField(label=gettext_lazy("My list begins with it"), required=False)

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["team"].queryset = SecurityGroup.objects.filter(  # type: ignore[attr-defined]
            key__in=user.group_keys
        ).order_by("name")


class AssignMany(Once):
    to = forms.ChoiceField(label=gettext_lazy("Assign to"))

    def __init__(
        self, *args: Any, colleagues: Iterable[User], away: Mapping[int, Absence] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        until = {pk: day(row.last_day) for pk, row in (away or {}).items()}
        people = [
            (
                str(one.pk),
                _("%(name)s (away until %(day)s)") % {"name": one.full_name, "day": until[one.pk]}
                if one.pk in until
                else one.full_name,
            )
            for one in colleagues
        ]
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a colleague")),
            ("nobody", _("Nobody: release it")),
            *people,
        ]


class TagMany(Once):
    put = forms.MultipleChoiceField(label=gettext_lazy("Put on"), required=False, widget=forms.CheckboxSelectMultiple)
    remove = forms.MultipleChoiceField(
        label=gettext_lazy("Take off"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, tags: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("put", "remove"):
            self.fields[name].choices = tags  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Something is asked, and nothing both ways."""
        data = super().clean() or {}
        put, remove = set(data.get("put", [])), set(data.get("remove", []))
        if not put | remove:
            self.add_error("put", _("Choose a tag to put on or take off."))
        if put & remove:
            self.add_error("remove", _("A tag is either put on or taken off."))
        return data


class ChooseMany(Once):
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), widget=forms.RadioSelect)
    note = Text(label=gettext_lazy("Note, the same on each case"), required=False, max_length=20_000)

    def __init__(self, *args: Any, outcomes: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["outcome"].choices = outcomes  # type: ignore[attr-defined]
