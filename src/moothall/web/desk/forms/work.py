"""What the work list is asked for, and what is done with many work items at once."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.core.accounts.models import Absence, SecurityGroup, User
from moothall.domain.cases.sought import Answered, Kind, is_answer, number
from moothall.domain.cases.wanted import Wanted
from moothall.domain.cases.worklist import TERMINAL
from moothall.web.components.forms import IN_REACH, Form, Offer, Text
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
        validators=IN_REACH,
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
    party = forms.ChoiceField(label=gettext_lazy("Person or organisation"), required=False)
    target = forms.ChoiceField(label=gettext_lazy("Target"), required=False)
    terminal = forms.ChoiceField(label=gettext_lazy("Terminal illness"), required=False)
    assigned_to = forms.ChoiceField(label=gettext_lazy("Assigned to"), required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Case owner"), required=False)
    team = forms.ChoiceField(label=gettext_lazy("Case team"), required=False)
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), required=False)
    ward = forms.ChoiceField(label=gettext_lazy("Ward"), required=False)
    days_from = _Days(label=gettext_lazy("In stage for at least (days)"))
    days_to = _Days(label=gettext_lazy("In stage for at most (days)"))
    opened_from = _day(gettext_lazy("Created from"))
    opened_to = _day(gettext_lazy("Created up to"))
    due_from = _day(gettext_lazy("Target ends from"))
    due_to = _day(gettext_lazy("Target ends up to"))
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
            "party": [("", _ANY), *KINDS],
            "owner": [("", _ANY), ("me", _("Me")), ("nobody", _("Nobody")), *offered.colleagues],
            "team": [("", _ANY), ("none", _("No team")), *offered.teams],
            "outcome": [("", _ANY), *offered.outcomes],
            "ward": [("", _ANY), *(offered.wards or [])],
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
        for asked in offered.answers:
            self.fields |= _asking(asked)
        for name, values in choices.items():
            self.fields[name].choices = Offer(values)  # type: ignore[attr-defined]
        for one in self.fields.values():
            if isinstance(one, forms.ChoiceField):
                one.error_messages["invalid_choice"] = _(
                    "“%(value)s” is none of those to choose from, or no longer one."
                )
        if done:
            self.fields["assigned_to"].label = _("Completed by")
            self.fields["updated_from"].label = _("Completed from")
            self.fields["updated_to"].label = _("Completed up to")
            self.fields["days_from"].label = _("Was in stage for at least (days)")
            self.fields["days_to"].label = _("Was in stage for at most (days)")
        for name, needless in {
            "assigned_to": not assigned,
            "outcome": not done and not given.get("outcome"),
            "ward": offered.wards is None,
            "terminal": TERMINAL not in dict(offered.tags) and not given.get("terminal"),
            "due_from": done and not given.get("due_from"),
            "due_to": done and not given.get("due_to"),
        }.items():
            if needless:
                del self.fields[name]
        if "terminal" in self.fields:  # a service that has such cases says what they are called
            self.fields["terminal"].label = dict(offered.tags).get(TERMINAL) or self.fields["terminal"].label
        self.asked = offered.answers

    @property
    def usual(self) -> list[forms.BoundField]:
        """The filters that every list has, but for tags."""
        return [one for one in self if one.name not in {"tag", "without_tag"} and not is_answer(one.name)]

    @property
    def answered(self) -> list[forms.BoundField]:
        """The filters by answers: of those that are columns of one's list, or asked for."""
        return [one for one in self if is_answer(one.name)]

    def clean(self) -> dict[str, Any]:
        """What is asked for. A stage of another workflow than the one chosen asks for nothing that is there."""
        data = super().clean() or {}
        if data.get("state") == "completed" and data.get("target"):
            self.add_error("target", _("Only active work has a target. Take this filter away, or show active work."))
        for name in ("due_from", "due_to"):
            if data.get("state") == "completed" and data.get(name):
                self.add_error(name, _("Only active work has a target. Take this filter away, or show active work."))
        if data.get("state") != "completed" and data.get("outcome"):
            self.add_error(
                "outcome", _("Only completed work has an outcome. Take this filter away, or show completed work.")
            )
        if self.data.get("ward") and "ward" not in self.fields:
            self.add_error(None, _("You cannot look for wards, since you may not see whose address is where."))
        for name in self.fields:
            start, _mark, way = name.rpartition("_" if name.endswith("_to") else ":")
            first = data.get(f"{start}{_mark}from")
            if way == "to" and first is not None and data.get(name) is not None and first > data[name]:
                self.add_error(name, _("The last is before the first."))
        if unknown := {name for name in self.data if is_answer(name)} - self.fields.keys():
            told = ", ".join(sorted(name.split("/")[-1].partition(":")[0] for name in unknown))
            self.add_error(None, _("You cannot look for this answer, or it is no longer asked: %s.") % told)
        return data

    def wanted(self, *, tab: str) -> Wanted:
        """What the domain is asked for: the filters, and what the tab shows of it."""
        data = self.cleaned_data
        workflow, _, stage = data["stage"].partition("/")
        whose: Any = data.get("assigned_to") or "anyone"
        owner, team = data["owner"], data["team"]
        return Wanted(
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
            terminal={"yes": True, "no": False}.get(data.get("terminal", "")),
            ours=tab in {"team", "unassigned"},
            target=data["target"] or None,
            service=data["service"] or None,
            kind=data["party"] or None,
            owner=int(owner) if owner.isdigit() else owner or None,
            team=int(team) if team.isdigit() else team or None,
            outcome=data.get("outcome") or None,
            ward=data.get("ward") or None,
            opened_from=data["opened_from"],
            opened_to=data["opened_to"],
            due_from=data.get("due_from"),
            due_to=data.get("due_to"),
            answers=[found for one in self.asked if (found := _answered(one, data))],
        )


BESIDE_ONE_ANOTHER = 12  # values, at most, of which several can be ticked
KINDS = [("person", gettext_lazy("Person")), ("organisation", gettext_lazy("Organisation"))]


@dataclass(frozen=True)
class Asked:
    """An answer that may be looked for, what it is called, and the values to choose from."""

    key: str
    kind: Kind
    heading: str
    choices: Choices


def _asking(one: Asked) -> dict[str, forms.Field]:
    """The fields by which an answer is looked for: of choices one of some, of days and amounts from and to."""
    if one.kind == "yes_no":
        values = [("", _ANY), ("yes", _("Yes")), ("no", _("No"))]
        return {one.key: forms.ChoiceField(label=one.heading, required=False, choices=values)}
    if one.kind == "choice" and len(one.choices) > BESIDE_ONE_ANOTHER:
        values = [("", _ANY), *one.choices]
        return {one.key: forms.ChoiceField(label=one.heading, required=False, choices=values)}
    if one.kind == "choice":
        widget = forms.CheckboxSelectMultiple
        several = forms.MultipleChoiceField(label=one.heading, required=False, choices=one.choices, widget=widget)
        return {one.key: several}
    ends = {"from": _("%s: from"), "to": _("%s: up to")}
    kind: Callable[[Any], forms.Field] = _day if one.kind == "day" else _amount
    return {f"{one.key}:{end}": kind(text % one.heading) for end, text in ends.items()}


def _amount(label: Any) -> forms.DecimalField:
    said = gettext_lazy("Enter a number, like 10 or 10.50.")
    widget = forms.TextInput({"inputmode": "decimal"})
    return forms.DecimalField(
        label=label, required=False, max_digits=14, decimal_places=2, widget=widget, error_messages={"invalid": said}
    )


def _answered(one: Asked, data: Mapping[str, Any]) -> Answered | None:
    """What is wanted of an answer, if anything is."""
    if one.kind in {"choice", "yes_no"}:
        said = data.get(one.key) or []
        several = [said] if isinstance(said, str) else said
        return Answered(key=one.key, said=tuple(several)) if several else None
    least, most = (_value(one.kind, data.get(f"{one.key}:{end}")) for end in ("from", "to"))
    return None if least is None and most is None else Answered(key=one.key, least=least, most=most)


def _value(kind: Kind, given: Any) -> float | None:
    """A day, number or amount of pounds, as answers are looked for by."""
    if given is None:
        return None
    if kind == "day":
        return number(given)
    return float(given * 100 if kind == "money" else given)


TARGETS = [
    ("blue", gettext_lazy("Within the first half")),
    ("amber", gettext_lazy("More than half used")),
    ("red", gettext_lazy("Nearly due")),
    ("late", gettext_lazy("Late")),
    ("none", gettext_lazy("Without a target")),
]


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What may be chosen in the filters: only of what the user sees. `stages` are with the key of their workflow."""

    services: Choices
    workflows: Choices
    stages: list[tuple[str, str, str]]
    types: Choices
    sources: Choices
    tags: Choices
    colleagues: Choices
    teams: Choices = field(default_factory=list)
    outcomes: Choices = field(default_factory=list)
    answers: Sequence[Asked] = ()
    wards: Choices | None = None  # None: they are not asked for

    def stage_choices(self, workflow: str) -> list[Any]:
        """The stages of a workflow, or of every workflow under its name."""
        names = dict(self.workflows)
        here = [key for key in names if key == workflow] or list(names)
        return [
            (names[key], [(f"{key}/{one}", name) for flow, one, name in self.stages if flow == key]) for key in here
        ]


class FindText(Form):
    find = forms.CharField(
        label=gettext_lazy("Find in this list: a case, a postcode or a last name"),
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

    def __init__(self, *args: Any, outcomes: Choices, noted: Collection[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self._noted = noted
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (place, _("%s (needs a note)") % label if place in noted else label) for place, label in outcomes
        ]

    def clean(self) -> dict[str, Any]:
        """What is wrong with the note, if the outcome needs one."""
        data = super().clean() or {}
        if data.get("outcome") in self._noted and not data.get("note", "").strip():
            self.add_error("note", _("Write a note: this outcome needs one, and it is put on each case."))
        return data
