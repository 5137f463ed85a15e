"""Questions about things to do: what, by when, whose; that it is done, or not to be done any more; which are listed."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.core.accounts.models import Absence, SecurityGroup, User
from moothall.domain.cases.intending import LONGEST, LONGEST_NOTE, Plan
from moothall.domain.cases.models import Intention
from moothall.web.components.forms import DayField, Form, Text
from moothall.web.components.templatetags.components import day
from moothall.web.desk.forms.team import Choices, Once

DUE = [
    ("", gettext_lazy("Any day")),
    ("overdue", gettext_lazy("Overdue")),
    ("today", gettext_lazy("Today")),
    ("week", gettext_lazy("Later this week")),
    ("later", gettext_lazy("After this week")),
]


class Holders:
    """Who can be given something: colleagues and teams, and what a choice of them stands for."""

    def __init__(
        self, people: Iterable[User], teams: Iterable[SecurityGroup], away: dict[int, Absence] | None = None
    ) -> None:
        self.people = {f"user:{one.pk}": one for one in people}
        self.teams = {f"team:{one.key}": one for one in teams}
        self._away = away or {}

    def choices(self) -> list[tuple[str, Any]]:
        """Nobody, then each colleague and each team."""
        return [
            ("", _("Nobody yet")),
            (_("Colleagues"), [(key, self._named(one)) for key, one in self.people.items()]),
            (_("Teams"), [(key, one.name) for key, one in self.teams.items()]),
        ]

    def _named(self, user: User) -> str:
        if away := self._away.get(user.pk):
            return _("%(name)s (away until %(day)s)") % {"name": user.full_name, "day": day(away.last_day)}
        return user.full_name

    @staticmethod
    def chosen(row: Intention) -> str:
        """The choice that stands for who has it."""
        if row.user_id:
            return f"user:{row.user_id}"
        return f"team:{row.team.key}" if row.team else ""


class Planning(Form):
    """What is to be done, by when and by whom."""

    text = forms.CharField(
        label=gettext_lazy("What is to be done?"),
        max_length=LONGEST,
        error_messages={"required": gettext_lazy("Say what is to be done.")},
    )
    type = forms.ChoiceField(
        label=gettext_lazy("What kind of thing is it?"),
        error_messages={"required": gettext_lazy("Choose what kind of thing it is.")},
    )
    due = DayField(
        label=gettext_lazy("By when?"), error_messages={"required": gettext_lazy("Say by when it is to be done.")}
    )
    whose = forms.ChoiceField(label=gettext_lazy("Who does it?"), required=False)
    remind_on = DayField(
        label=gettext_lazy("Remind them on (optional)"),
        help_text=gettext_lazy("Whoever has it then is told, and whoever covers for them."),
        required=False,
    )

    stays = forms.BooleanField(
        label=gettext_lazy("It stays to be done when the case is closed"),
        help_text=gettext_lazy("Otherwise it ends with the case."),
        required=False,
    )

    def __init__(
        self, *args: Any, types: Choices, holders: Holders, now: Intention | None = None, **options: Any
    ) -> None:
        if now:
            facts = {name: getattr(now, name) for name in ("text", "type", "due", "remind_on", "stays")}
            options["initial"] = {**facts, "whose": Holders.chosen(now)}
            types = types if now.type in dict(types) else [*types, (now.type, now.type.replace("_", " "))]
        super().__init__(*args, **options)
        self._holders = holders
        kinds = [("", _("Choose a kind")), *types]
        self.fields["type"].choices = kinds  # type: ignore[attr-defined]
        offered = holders.choices()
        held = options.get("initial", {}).get("whose", "")
        if now and held and held not in holders.people and held not in holders.teams:
            offered.append((held, now.whose))  # who may no longer be given it keeps it unless it is changed
        self.fields["whose"].choices = offered  # type: ignore[attr-defined]

    def plan(self, now: Intention | None = None) -> Plan:
        """What was planned."""
        given = self.cleaned_data
        user, team = self._holders.people.get(given["whose"]), self._holders.teams.get(given["whose"])
        if now and given["whose"] and given["whose"] == Holders.chosen(now):
            user, team = now.user, now.team
        same = {name: given[name] for name in ("text", "type", "due", "remind_on", "stays")}
        return Plan(user=user, team=team, **same)


class Following(Planning):
    """What follows when something is done: asked only if anything is said."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, prefix="next", **options)
        self.fields["text"].label = _("What is to be done next? (optional)")
        for field in self.fields.values():
            field.required = False

    def clean(self) -> dict[str, Any]:
        """What follows has a kind and a day."""
        data = super().clean() or {}
        if data.get("text"):
            for name in ("type", "due"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, self.fields[name].error_messages["required"])
        elif data.get("type") or data.get("due"):
            self.add_error("text", _("Say what is to be done next, or leave the kind and the day empty."))
        return data

    def follow_up(self) -> Plan | None:
        """What follows, if anything."""
        return self.plan() if self.cleaned_data.get("text") else None


class Completing(Form):
    """That something is done."""

    note = Text(label=gettext_lazy("What came of it? (optional)"), max_length=LONGEST_NOTE, required=False)


class Withdrawing(Form):
    """Why something is not to be done any more."""

    reason = Text(
        label=gettext_lazy("Why is it not to be done any more?"),
        max_length=LONGEST_NOTE,
        error_messages={"required": gettext_lazy("Say why it is not to be done any more.")},
    )


class ToDoFilter(Form):
    """Which things to do are listed. All that is given must hold."""

    due = forms.ChoiceField(label=gettext_lazy("Due"), choices=DUE, required=False)
    type = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    service = forms.ChoiceField(label=gettext_lazy("Service"), required=False)

    def __init__(self, given: QueryDict, *, types: Choices, services: Choices) -> None:
        super().__init__(given, auto_id="filter_%s")
        self.fields["type"].choices = [("", _("Any")), *types]  # type: ignore[attr-defined]
        self.fields["service"].choices = [("", _("Any")), *services]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.error_messages["invalid_choice"] = _("“%(value)s” is none of those to choose from.")


class GiveMany(Once):
    """Who is given several things to do."""

    whose = forms.ChoiceField(
        label=gettext_lazy("Who does them?"), error_messages={"required": gettext_lazy("Choose who does them.")}
    )

    def __init__(self, *args: Any, holders: Holders, **options: Any) -> None:
        super().__init__(*args, **options)
        self.holders = holders
        nobody = [("", _("Choose who does them")), ("nobody", _("Nobody yet"))]
        self.fields["whose"].choices = [*nobody, *holders.choices()[1:]]  # type: ignore[attr-defined]


class MoveMany(Once):
    """The day by which several things are to be done."""

    due = DayField(label=gettext_lazy("By when?"))


class FinishMany(Once):
    """That several things are done."""

    note = Text(label=gettext_lazy("Note, the same on each (optional)"), max_length=LONGEST_NOTE, required=False)
