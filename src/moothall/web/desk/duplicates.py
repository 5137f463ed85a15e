"""Pairs who may be one, as their pages show them: both records side by side, and the evidence as a waterfall."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.lists import actions as lists
from moothall.domain.cases import sight
from moothall.domain.people import lists as people_lists
from moothall.domain.people.golden import evidence, facts, limits, merging
from moothall.domain.people.models import Customer, Merge, Pair, Residence
from moothall.web.components.forms import Form
from moothall.web.components.templatetags.components import day
from moothall.web.desk import customers
from moothall.web.desk.forms.customers import LANGUAGES
from moothall.web.desk.request import DeskRequest

MOST = 25
"""Merges of one record that are shown."""

KEPT, ABSORBED = "kept", "absorbed"
BANDS = {
    "high": (gettext_lazy("Very likely"), Q(probability__gte=0.95)),
    "middle": (gettext_lazy("Likely"), Q(probability__gte=0.8, probability__lt=0.95)),
    "low": (gettext_lazy("Perhaps"), Q(probability__lt=0.8)),
}
"""How likely pairs are, in words."""

KINDS = {
    str(Customer.Kind.PERSON): gettext_lazy("People"),
    str(Customer.Kind.ORGANISATION): gettext_lazy("Organisations"),
}
"""What pairs are of, in words."""

STATES = {
    "waiting": gettext_lazy("To look at"),
    "later": gettext_lazy("Put off"),
    "different": gettext_lazy("Not the same"),
    "merged": gettext_lazy("Merged"),
}

_NAMES = {
    "title": gettext_lazy("Title"),
    "first_names": gettext_lazy("First names"),
    "last_name": gettext_lazy("Last name"),
    "known_as": gettext_lazy("Known as"),
    "name_at_birth": gettext_lazy("Name at birth"),
    "date_of_birth": gettext_lazy("Date of birth"),
    "date_of_death": gettext_lazy("Died"),
    "gender": gettext_lazy("Gender"),
    "speaks": gettext_lazy("Preferred language"),
    "nino": gettext_lazy("National Insurance number"),
    "language": gettext_lazy("Language of letters"),
    "name": gettext_lazy("Name"),
    "charity_number": gettext_lazy("Charity number"),
    "contact_name": gettext_lazy("Speak to"),
    facts.HOME: gettext_lazy("Where they live now"),
}
_COMPARED = {
    "first_name": gettext_lazy("First name"),
    "given_name": gettext_lazy("First name"),
    "middle_names": gettext_lazy("Other first names"),
    "last_name": gettext_lazy("Last name"),
    "date_of_birth": gettext_lazy("Date of birth"),
    "nino": gettext_lazy("National Insurance number"),
    "address": gettext_lazy("Address"),
    "phone": gettext_lazy("Telephone"),
    "email": gettext_lazy("E-mail"),
    "organisation_name": gettext_lazy("Name"),
    "charity_number": gettext_lazy("Charity number"),
}
_LISTED = {"gender": people_lists.GENDERS.key, "speaks": people_lists.LANGUAGES.key}
_WIDTH = 200  # of the drawing, in its own units


@dataclass(frozen=True)
class Step:
    """One step of the waterfall: what was compared, how it came out, what it does, and its bar."""

    name: str
    words: str
    says: str
    start: float
    width: float
    speaks_for: bool


@dataclass(frozen=True)
class Fact:
    """One fact of both records; `choice` is the name to choose it by where they differ."""

    name: str
    kept: str
    absorbed: str
    choice: str


def _people(user: User) -> "QuerySet[Any]":
    """Whom the user may merge and see."""
    return (sight.people_within(user, Permission.MERGE_PEOPLE) & sight.visible_people(user)).values("pk")


def visible(user: User, among: "QuerySet[Pair] | None" = None) -> QuerySet[Pair]:
    """Pairs both of whom the user may merge and see, of all or `among` some."""
    people = _people(user)
    rows = Pair.objects.all() if among is None else among
    return rows.filter(first__in=people, second__in=people)


def listed(user: User, *, state: str, band: str, kind: str, today: date) -> QuerySet[Pair]:
    """Pairs of a state, the likeliest first; those decided are also shown when one of the two was merged since.

    `band` is one of `BANDS` and `kind` of `KINDS`, or empty for all.
    """
    if state == "merged":
        people = _people(user)
        rows = Pair.objects.filter(Q(first__in=people) | Q(second__in=people), state=Pair.State.MERGED)
    elif state == "different":
        rows = visible(user).filter(state=Pair.State.DIFFERENT)
    else:
        put_off = Q(later_until__gt=today)
        rows = visible(user, limits.waiting()).filter(put_off if state == "later" else ~put_off | Q(later_until=None))
    rows = rows.filter(BANDS[band][1]) if band else rows
    rows = rows.filter(first__kind=kind) if kind else rows
    return rows.select_related(
        "first__person", "second__person", "first__organisation", "second__organisation", "decided_by"
    ).order_by("-probability", "id")


def named(request: DeskRequest, pair_id: int) -> Pair:
    """A pair, of those the user may merge and see."""
    rows = visible(request.user).select_related(
        "first__person", "second__person", "first__organisation", "second__organisation", "decided_by"
    )
    found = rows.filter(pk=pair_id).first()
    if found is None:
        raise Http404
    return found


def merge_named(request: DeskRequest, merge_id: int) -> Merge:
    """A merge whose golden record the user may merge and see."""
    people = _people(request.user)
    rows = Merge.objects.filter(kept__in=people).select_related("kept", "absorbed__person", "by", "undone_by")
    found = rows.filter(pk=merge_id).first()
    if found is None:
        raise Http404
    return found


def standing(customer: Customer) -> list[Merge]:
    """The merges a record was made of, the last first."""
    rows = Merge.objects.filter(kept=customer, undone_at=None).select_related("absorbed", "by")
    return list(rows.order_by("-id")[:MOST])


def mergeable(request: DeskRequest, customer_id: int) -> Customer:
    """A customer whom the user may merge and see; who was merged leads on."""
    found = customers.named(request, customer_id)
    if not sight.people_within(request.user, Permission.MERGE_PEOPLE).filter(pk=found.pk).exists():
        raise PermissionDenied(_("This needs the permission %s for this customer.") % Permission.MERGE_PEOPLE)
    return found


def of(customer: Customer, user: User) -> list[Pair]:
    """The pairs of a customer that wait, the likeliest first."""
    rows = visible(user, limits.waiting()).filter(Q(first=customer) | Q(second=customer))
    return list(rows.select_related("first", "second").order_by("-probability", "id")[:MOST])


def in_order(pair: Pair) -> tuple[Customer, Customer]:
    """Which record stays and which leads to it: the one with more cases stays, or else the older one."""
    counts = dict(
        Customer.objects.filter(pk__in=[pair.first_id, pair.second_id])
        .annotate(number=Count("cases"))
        .values_list("pk", "number")
    )
    if counts.get(pair.second_id, 0) > counts.get(pair.first_id, 0):
        return pair.second, pair.first
    return pair.first, pair.second


def compared(kept: Customer, absorbed: Customer, *, today: date) -> list[Fact]:
    """The facts of both, and where they live; of those that differ one is chosen."""
    found = []
    for name in facts.names(kept.kind):
        mine, theirs = facts.value(kept, name), facts.value(absorbed, name)
        if mine or theirs:
            found.append(Fact(label(name), _told(name, mine), _told(name, theirs), name if mine != theirs else ""))
    homes = [_home(one, today) for one in (kept, absorbed)]
    if any(homes):
        differ = all(homes) and homes[0] != homes[1]
        name = label(facts.HOME) if kept.kind == Customer.Kind.PERSON else _("Where it is now")
        found.append(Fact(name, homes[0], homes[1], facts.HOME if differ else ""))
    return found


def label(name: str) -> str:
    """What a fact is called."""
    return str(_NAMES.get(name, name.replace("_", " ").capitalize()))


def _home(customer: Customer, today: date) -> str:
    rows = customer.residences.filter(Q(to_date=None) | Q(to_date__gte=today), purpose=Residence.Purpose.HOME)
    home = rows.select_related("address").order_by("-from_date", "-id").first()
    return ", ".join(home.address.lines) if home else ""


def _told(name: str, value: Any) -> str:
    if not value:
        return ""
    if isinstance(value, date):
        return day(value)
    if name in _LISTED:
        return lists.labels(_LISTED[name]).get(value, str(value))
    return str(dict(LANGUAGES).get(value, value)) if name == "language" else str(value)


class Choose(Form):
    """Which record is right, fact by fact, and how it is known that they are one. Takes `facts` and what is suggested."""

    version = forms.CharField(
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("Look at the two side by side again first.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("How do you know?"),
        max_length=500,
        widget=forms.Textarea,
        required=False,
        help_text=gettext_lazy("For example: both birth certificates were seen."),
    )

    def __init__(self, *args: Any, rows: Sequence[Fact], suggested: set[str], kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows = rows
        if kind == Customer.Kind.ORGANISATION:
            self.fields["reason"].help_text = _("For example: both have the same trustees.")
        for one in rows:
            if one.choice:
                nothing = _("Nothing")
                self.fields[f"fact_{one.choice}"] = forms.ChoiceField(
                    label=one.name,
                    choices=[(KEPT, one.kept or nothing), (ABSORBED, one.absorbed or nothing)],
                    initial=ABSORBED if one.choice in suggested else KEPT,
                    widget=forms.RadioSelect,
                    required=False,
                )

    @property
    def choices(self) -> list[Any]:
        """The fields to choose by, in the order of the facts."""
        return [self[f"fact_{one.choice}"] for one in self._rows if one.choice]

    def chosen(self) -> set[str]:
        """The facts to take from the record that is absorbed."""
        return {
            one.choice for one in self._rows if one.choice and self.cleaned_data.get(f"fact_{one.choice}") == ABSORBED
        }


def waterfall(pair: Pair) -> list[Step]:
    """What speaks for and against, step by step, from what is true of any two records that are compared."""
    if pair.model == merging.BY_HAND or not pair.evidence:
        return []
    weights = [evidence.before(pair.model), *(float(weight) for _name, _place, weight in pair.evidence)]
    sums = [0.0]
    for weight in weights:
        sums.append(sums[-1] + weight)
    low, high = min(sums), max(sums)
    scale = _WIDTH / max(1.0, high - low)
    told = [
        (_("Any two compared"), ""),
        *((str(_COMPARED.get(name, name)), words(name, place)) for name, place, _w in pair.evidence),
    ]
    return [
        Step(
            name=name,
            words=said,
            says=_says(weight),
            start=round((min(before, after) - low) * scale, 1),
            width=round(abs(weight) * scale, 1),
            speaks_for=weight >= 0,
        )
        for (name, said), weight, before, after in zip(told, weights, sums, sums[1:], strict=False)
    ]


def words(name: str, place: int) -> str:
    """How a comparison came out."""
    said = evidence.words(name, place)
    return _(said) if said else _("Not known of both")


def reasons(pair: Pair) -> str:
    """What speaks most for a pair, in a line."""
    strongest = sorted((one for one in pair.evidence if one[2] > 0 and one[1] >= 0), key=lambda one: -one[2])
    return ", ".join(f"{_COMPARED.get(name, name)}: {words(name, place).lower()}" for name, place, _w in strongest[:3])


def likely(pair: Pair) -> str:
    """How likely two are one, in words: never 100 %, for nothing is certain. Of two put together by hand nothing is known."""
    if pair.model == merging.BY_HAND:
        return _("By hand")
    return _("over 99%") if pair.probability > 0.99 else f"{pair.probability:.0%}"


def _says(weight: float) -> str:
    factor = 2 ** abs(weight)
    if factor < 1.05:
        return _("says nothing")
    number = f"{factor:,.0f}" if factor >= 10 else f"{factor:.1f}"
    return _("%s times likelier") % number if weight > 0 else _("%s times less likely") % number
