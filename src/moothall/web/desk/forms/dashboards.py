"""What a dashboard is and what each of its tiles shows; which work that is, the filters of the work list ask."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.core.accounts.models import SecurityGroup
from moothall.web.components.forms import Form
from moothall.web.desk.dashboard_figures import USUAL
from moothall.web.desk.dashboards import About, Figure
from moothall.web.desk.forms.team import Once
from moothall.web.desk.models import DashboardTile
from moothall.web.desk.work_columns import BY_KEY, COLUMNS
from moothall.web.desk.work_pages import Order

Kind = DashboardTile.Kind
KINDS = {
    Kind.NUMBER: _("A number, with how much of it is late or nearly due"),
    Kind.LIST: _("The first rows of the list"),
    Kind.BY_STAGE: _("Bars by stage"),
    Kind.BY_TARGET: _("Bars by target"),
    Kind.BY_SERVICE: _("Bars by service"),
    Kind.BY_OFFICER: _("Bars by officer it is assigned to, or who completed it"),
    Kind.BY_TEAM: _("Bars by case team"),
    Kind.BY_AGE: _("Bars by time in the stage"),
}
TABS = {
    "all": _("All that whoever looks may see"),
    "team": _("The team work of whoever looks"),
    "unassigned": _("What is unassigned in the teams of whoever looks"),
    "mine": _("The work of whoever looks"),
}
SORTS = {
    "-age": _("Longest in the stage first"),
    "target": _("Due first"),
    "created": _("Opened first"),
    "-created": _("Opened last"),
    "-updated": _("Updated last"),
    "-finished": _("Completed last"),
}
SOME = (5, 10)
MOST_COLUMNS = 6


class DashboardForm(Form):
    """`groups`: the keys of those it may be for, besides oneself; None for all of them, and for everybody."""

    name = forms.CharField(label=_("Name"), max_length=60, error_messages={"required": _("Give the dashboard a name.")})
    audience = forms.ChoiceField(
        label=_("Who is it for?"),
        widget=forms.RadioSelect,
        choices=[("everybody", _("Everybody who sees work")), ("groups", _("Some groups")), ("own", _("Only me"))],
        initial="groups",
        error_messages={"required": _("Say who it is for.")},
    )
    groups = forms.MultipleChoiceField(
        label=_("Which groups, if it is for some?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    first = forms.BooleanField(
        label=_("It is the first page after signing in"),
        help_text=_("For whoever it is for. Somebody's own first page comes before one that is shared."),
        required=False,
    )

    def __init__(self, *args: Any, groups: frozenset[str] | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if groups is not None and not groups:
            del self.fields["audience"], self.fields["groups"]
            return
        rows = SecurityGroup.objects.order_by("name")
        if groups is not None:
            rows = rows.filter(key__in=groups)
            audience = self.fields["audience"]
            audience.choices = [one for one in audience.choices if one[0] != "everybody"]  # type: ignore[attr-defined]
        self.fields["groups"].choices = list(rows.values_list("key", "name"))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """For some groups names them."""
        data = super().clean() or {}
        if data.get("audience") == "groups" and not data.get("groups") and "groups" not in self.errors:
            self.add_error("groups", _("Choose at least one group, or say that it is for everybody."))
        return data

    @property
    def about(self) -> About:
        """What was said, when it is valid."""
        data = self.cleaned_data
        audience = data.get("audience", "own")
        groups = data["groups"] if audience == "groups" else []
        return About(name=data["name"], own=audience == "own", groups=groups, first=data["first"])


class TileForm(Once):
    """What a tile shows, besides which work. `seen` is the version of the tile that is changed."""

    title = forms.CharField(label=_("Title"), max_length=80, error_messages={"required": _("Give the tile a title.")})
    kind = forms.ChoiceField(
        label=_("What does it show?"),
        widget=forms.RadioSelect,
        choices=list(KINDS.items()),
        initial=Kind.NUMBER,
        error_messages={"required": _("Choose what the tile shows.")},
    )
    tab = forms.ChoiceField(
        label=_("Of which work?"), widget=forms.RadioSelect, choices=list(TABS.items()), initial="all"
    )
    rows = forms.TypedChoiceField(
        label=_("How many rows?"),
        widget=forms.RadioSelect,
        choices=[(some, some) for some in SOME],
        coerce=int,
        initial=SOME[0],
        required=False,
    )
    sort = forms.ChoiceField(label=_("In which order?"), choices=list(SORTS.items()), required=False)
    columns = forms.MultipleChoiceField(
        label=_("Which columns, after the case?"),
        help_text=_("Answers that are columns of your own work list can be chosen too, and looked for under Filters."),
        widget=forms.CheckboxSelectMultiple,
        choices=[(column.key, column.heading) for column in COLUMNS if column.key != "case"],
        initial=list(USUAL),
        required=False,
    )
    seen = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sort: str = "", answers: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        """`sort`: an order besides those offered, that the work list knows and a kept view has. `answers` may be columns."""
        super().__init__(*args, **options)
        columns = self.fields["columns"]
        columns.choices = [*columns.choices, *answers]  # type: ignore[attr-defined]
        order = Order.named(sort)
        if sort and sort not in SORTS and str(order) == sort:
            heading = BY_KEY[order.key].heading
            said = _("%s, from high to low") if order.down else _("%s, from low to high")
            self.fields["sort"].choices = [*SORTS.items(), (sort, said % heading)]  # type: ignore[attr-defined]

    def clean_columns(self) -> list[str]:
        """As many as fit."""
        chosen: list[str] = self.cleaned_data["columns"]
        if len(chosen) > MOST_COLUMNS:
            raise forms.ValidationError(_("Choose at most %(most)s columns."), params={"most": MOST_COLUMNS})
        return chosen

    def fits(self, filters: Form) -> None:
        """Say beside its question what does not go together with the filters."""
        kind, tab, asked = self.cleaned_data.get("kind"), self.cleaned_data.get("tab"), filters.cleaned_data
        if kind == Kind.BY_TARGET and asked.get("state") == "completed":
            self.add_error("kind", _("Only active work has a target. Choose other bars, or active work."))
        if tab in {"mine", "unassigned"} and kind == Kind.BY_OFFICER:
            self.add_error("tab", _("Bars by officer need team work, or all work."))
        if tab in {"mine", "unassigned"} and asked.get("assigned_to"):
            filters.add_error("assigned_to", _("“Of which work?” says already whose it is. Choose Anyone here."))

    def figure(self, query: str) -> Figure:
        """What was said, when it is valid."""
        data = self.cleaned_data
        return Figure(
            title=data["title"], kind=data["kind"], query=query, rows=data["rows"] or SOME[0], columns=data["columns"]
        )
