"""A property or a street as its page shows it: what the gazetteer says, and who and what is there (PPP-20, PPP-23)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case as Where
from django.db.models import Exists, OuterRef, Q, QuerySet, SmallIntegerField, When
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import sight
from moothall.domain.cases.around import at_property, case_notes, cases, on_street, residents
from moothall.domain.cases.models import Case, Note
from moothall.domain.people.models import Residence
from moothall.domain.places import areas, classes, mapped, notes
from moothall.domain.places.models import (
    CrossReference,
    LookupLine,
    PlaceNote,
    Property,
    Street,
    StreetDescriptor,
)
from moothall.domain.places.models.gazetteer import Status
from moothall.web.components.parts import Link, Moment, Pin, Row
from moothall.web.components.templatetags.components import day
from moothall.web.desk.forms.customers import PURPOSES

MOST = 50
"""Rows of each kind that a page shows."""
LATEST = 10
_ENGLISH = Where(When(language="ENG", then=0), default=1, output_field=SmallIntegerField())
_FIRST = ("historic", _ENGLISH, "status", "key")
_STATUSES = {
    Status.APPROVED: gettext_lazy("Approved"),
    Status.ALTERNATIVE: gettext_lazy("Alternative"),
    Status.CANDIDATE: gettext_lazy("Candidate"),
    Status.PROVISIONAL: gettext_lazy("Provisional"),
    Status.REJECTED_OUTSIDE: gettext_lazy("Rejected"),
    Status.HISTORICAL: gettext_lazy("Historical"),
    Status.REJECTED_INSIDE: gettext_lazy("Rejected"),
}
_STATES = {
    1: gettext_lazy("being built"),
    2: gettext_lazy("in use"),
    3: gettext_lazy("empty"),
    4: gettext_lazy("demolished or closed"),
    5: gettext_lazy("applied for"),
    6: gettext_lazy("permitted"),
    7: gettext_lazy("refused"),
}
_PURPOSES = {
    str(key): name for key, name in [*PURPOSES, (Residence.Purpose.SITE, gettext_lazy("Site of the organisation"))]
}


@dataclass(frozen=True)
class Here:
    """Somebody recorded at a place."""

    row: Residence
    purpose: str


@dataclass(frozen=True)
class There:
    """Who and what is at a place, of what somebody may see."""

    people: list[Here]
    more_people: bool
    cases: list[Case]
    more_cases: bool
    said: list[Moment]  # notes of those cases
    warnings: list[PlaceNote]
    notes: list[PlaceNote]
    ended: list[PlaceNote]


def property_named(uprn: str, user: User) -> tuple[Property | None, list[LookupLine], str]:
    """The property, its addresses with the one in use first, and what to call it. Raises Http404 for what nobody knows.

    A property no gazetteer brought is known by the addresses recorded of people the user may see.
    """
    found = Property.objects.filter(pk=int(uprn)).first()
    lines = list(LookupLine.objects.filter(uprn=int(uprn)).order_by(*_FIRST)[:MOST])
    if lines:
        return found, lines, lines[0].line
    if found:
        return found, [], found.organisation or _("Property %s") % uprn
    recorded = residents(at_property(uprn), user).first()
    if recorded is None:
        raise Http404
    return None, [], str(recorded.address)


def property_rows(found: Property, uprn: str, lines: list[LookupLine]) -> list[Row]:
    """What the gazetteer says of a property."""
    state = _STATES.get(found.state or 0)
    status = str(_STATUSES.get(Status(found.status), found.status))
    kind = found.classification or (lines[0].classification if lines else "")
    named = areas.names([found.ward, found.parish])
    facts = [
        (_("UPRN"), uprn),
        (_("Status"), f"{status}, {state}" if state else status),
        (_("In the gazetteer until"), day(found.gone_on)),
        (_("Ended"), day(found.end_date)),
        (_("Class"), _with(kind, classes.describe(kind))),
        (_("Organisation"), found.organisation),
        (_("Ward"), _with(found.ward, named.get(found.ward, ""))),
        (_("Parish"), _with(found.parish, named.get(found.parish, ""))),
        (_("Easting and northing"), f"{found.x}, {found.y}"),
        (
            _("Latitude and longitude"),
            f"{found.latitude:.6f}, {found.longitude:.6f}"
            if found.latitude is not None and found.longitude is not None
            else "",
        ),
        (_("Other addresses"), "\n".join(line.line for line in lines[1:])),
    ]
    return [Row(key, str(value)) for key, value in facts if value]


def pins(found: Property | None, name: str) -> list[Pin]:
    """Where a property is on the map, if that is known."""
    if found is None or found.latitude is None or found.longitude is None:
        return []
    return [Pin(name, found.latitude, found.longitude, kind="here")]


def pins_of(lines: Sequence[LookupLine]) -> list[Pin]:
    """Where some addresses are on the map, of those that are known, each leading to its page."""
    return [
        Pin(one.line, one.latitude, one.longitude, reverse("desk:place", args=[one.uprn]))
        for one in mapped.found([line.uprn for line in lines])
    ]


def _with(code: str, name: str) -> str:
    return f"{name} ({code})" if name else code


def around(found: Property, lines: list[LookupLine]) -> list[Link]:
    """What a property belongs to: the one it is part of, and its street."""
    links = []
    if found.parent_uprn:
        whole = LookupLine.objects.filter(uprn=found.parent_uprn).order_by(*_FIRST).first()
        name = whole.line if whole else _("Property %s") % found.parent_uprn
        links.append(Link(_("Part of %s") % name, reverse("desk:place", args=[found.parent_uprn])))
    if lines:
        street = StreetDescriptor.objects.filter(street=lines[0].usrn).order_by(_ENGLISH, "language").first()
        text = street.description if street else _("Street %s") % lines[0].usrn
        links.append(Link(_("On %s") % text, reverse("desk:street", args=[lines[0].usrn])))
    return links


def parts(uprn: str) -> list[LookupLine]:
    """The addresses of what a property is divided into, in the order of a street; one more than are shown."""
    children = Property.objects.filter(parent_uprn=int(uprn)).values("pk")
    return list(_in_use(LookupLine.objects.filter(uprn__in=children))[: MOST + 1])


def numbers(uprn: str) -> "QuerySet[CrossReference]":
    """What other registers call a property, those that hold first."""
    rows = CrossReference.objects.filter(property=int(uprn))
    return rows.order_by("end_date", "source", "reference")[:MOST]


def street_named(usrn: int) -> tuple[Street, list[StreetDescriptor]]:
    """A street with its names, the English one first. Raises Http404."""
    found = Street.objects.filter(pk=usrn).first()
    if found is None:
        raise Http404
    return found, list(StreetDescriptor.objects.filter(street=found).order_by(_ENGLISH, "language"))


def street_rows(found: Street, names: list[StreetDescriptor]) -> list[Row]:
    """What the gazetteer says of a street."""
    name = names[0] if names else None
    facts = [
        (_("USRN"), str(found.usrn)),
        (_("Locality"), name.locality if name else ""),
        (_("Town"), name.town if name else ""),
        (_("Other names"), "\n".join(one.description for one in names[1:])),
        (_("In the gazetteer until"), day(found.gone_on)),
        (_("Ended"), day(found.end_date)),
    ]
    return [Row(key, value) for key, value in facts if value]


def addresses_of(usrn: int) -> "QuerySet[LookupLine]":
    """The addresses in use on a street, by number."""
    return _in_use(LookupLine.objects.filter(usrn=usrn))


def _in_use(lines: "QuerySet[LookupLine]") -> "QuerySet[LookupLine]":
    """The address in use of each property, in English where it has one, by number."""
    held = lines.filter(historic=False, status=Status.APPROVED)
    english = LookupLine.objects.filter(uprn=OuterRef("uprn"), language="ENG", historic=False, status=Status.APPROVED)
    return held.filter(Q(language="ENG") | ~Exists(english)).order_by("sort_key", "key")


def there(user: User, *, uprn: str = "", usrn: int | None = None) -> There:
    """Who and what is at a property or on a street."""
    where = at_property(uprn) if uprn else on_street(usrn or 0)
    placed = at_property(uprn, of="place") if uprn else on_street(usrn or 0, of="place")
    people = list(residents(where, user)[: MOST + 1])
    dealt = list(cases(where, user, placed=placed)[: MOST + 1])
    noted = list(notes.of(sight.place_notes_seen(user), uprn=uprn, usrn=usrn)[: MOST * 2])
    hold = [one for one in noted if one.ended_at is None]
    said = case_notes(where, user, placed=placed)[:LATEST] if user.may(Permission.VIEW_NOTES) else []
    return There(
        people=[Here(row, str(_PURPOSES.get(row.purpose, row.purpose))) for row in people[:MOST]],
        more_people=len(people) > MOST,
        cases=dealt[:MOST],
        more_cases=len(dealt) > MOST,
        said=_said(said),
        warnings=[one for one in hold if one.warning],
        notes=[one for one in hold if not one.warning],
        ended=[one for one in noted if one.ended_at],
    )


def _said(rows: Iterable[Note]) -> list[Moment]:
    return [
        Moment(
            title=_("Important note") if row.important else _("Note"),
            at=row.at,
            by=row.by.full_name,
            text=row.text,
            links=[Link(row.case.reference, reverse("desk:case", args=[row.case.reference]))],
        )
        for row in rows
    ]
