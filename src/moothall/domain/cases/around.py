"""Who and what is at a place: a place is known by the UPRNs of the addresses people were recorded at (PPP-23)."""

from typing import Any

from django.db.models import CharField, F, Q, QuerySet
from django.db.models.functions import Cast

from moothall.core.accounts.models import User
from moothall.domain.cases import sight
from moothall.domain.cases.models import Case, Note
from moothall.domain.people.models import Customer, Residence
from moothall.domain.places.models import LookupLine


def at_property(uprn: str, *, of: str = "address") -> Q:
    """A condition on residences: at this property. `of`: on what has its address by another name, such as a case its place."""
    return Q(**{f"{of}__uprn": uprn})


def on_street(usrn: int, *, of: str = "address") -> Q:
    """A condition on residences: at a property with an address on this street; `of` as above.

    That the address has a UPRN is said as its index says it, so that it can be used.
    """
    uprns = LookupLine.objects.filter(usrn=usrn).annotate(text=Cast("uprn", CharField())).values("text")
    return ~Q(**{f"{of}__uprn": ""}) & Q(**{f"{of}__uprn__in": uprns})


def residents(there: Q, user: User) -> "QuerySet[Residence]":
    """Who lives or lived there, of whom the user may see; those still there first, then who left last."""
    rows = Residence.objects.filter(there, customer__in=_seen(there, user)).select_related(
        "customer__person", "address"
    )
    return rows.order_by(F("to_date").desc(nulls_first=True), "-from_date", "-pk")


def cases(there: Q, user: User, *, placed: Q) -> "QuerySet[Case]":
    """Cases that the user may see of whoever lives or lived there, or that are about the place (`placed`), the newest first."""
    rows = (
        Case.objects.visible_to(user)
        .filter(pk__in=_about(there, placed, user))
        .select_related("service", "customer__person")
    )
    return rows.defer("submitted").order_by("-opened_at", "-pk")


def case_notes(there: Q, user: User, *, placed: Q) -> "QuerySet[Note, Any]":
    """Notes that the user may see of those cases, the newest first."""
    rows = sight.visible_notes(user).filter(case__in=_about(there, placed, user))
    return rows.select_related("case", "by").order_by("-at", "-pk")


def _about(there: Q, placed: Q, user: User) -> "QuerySet[Case, Any]":
    """The cases whose own place it is, and those of whoever lives or lived there; each found by its index."""
    own = Case.objects.filter(placed).order_by().values("pk")
    return own.union(Case.objects.filter(customer__in=_seen(there, user)).order_by().values("pk"))


def _seen(there: Q, user: User) -> "QuerySet[Customer, Any]":
    """Who lives or lived there, of whom the user may see: where somebody lives is told of nobody else."""
    return sight.visible_people(user).filter(residences__in=Residence.objects.filter(there)).values("pk")
