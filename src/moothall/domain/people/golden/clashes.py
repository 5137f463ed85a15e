"""What two records say twice or against one another, and by which rule it is settled when they become one.

A way of contact, address, number or vehicle that both have becomes one, from the earlier day to the later; what a
constraint allows once only is taken from the golden record. Each change is kept as an image, so that it can be undone.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from moothall.domain.people import relationships
from moothall.domain.people.golden.images import Images
from moothall.domain.people.golden.pointing import Pointer
from moothall.domain.people.models import (
    ContactDetail,
    ExternalReference,
    Need,
    Preference,
    Relationship,
    Residence,
    Vehicle,
)

_DAY = timedelta(days=1)
Rule = Callable[[Images, int, int, bool], None]


def settle(images: Images, kept: int, absorbed: int, *, home_of_absorbed: bool) -> None:
    """Settle what customers say both of whom are to be one; before the rows of `absorbed` point at `kept`."""
    for rule in RULES.values():
        rule(images, kept, absorbed, home_of_absorbed)


def settle_by_constraints(images: Images, pointer: Pointer, kept: int, absorbed: int) -> None:
    """For a table without a rule: of two rows that a constraint allows once only, that of the golden record stays."""
    if pointer.model in RULES:
        return
    for constraint in pointer.model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and pointer.field.name in constraint.fields:
            condition = constraint.condition or Q()
            others = [name for name in constraint.fields if name != pointer.field.name]
            same = {name: OuterRef(name) for name in others}
            theirs = pointer.model._default_manager.filter(condition, **{pointer.field.name: absorbed})
            ours = pointer.model._default_manager.filter(condition, **{pointer.field.name: kept})
            for row in theirs.filter(Exists(ours.filter(**same))):
                twin = ours.filter(**{name: getattr(row, name) for name in others}).values_list("pk", flat=True)[0]
                images.take_away(pointer.model, row.pk, instead=twin)


def _contacts(images: Images, kept: int, absorbed: int, _: bool) -> None:
    def same(one: ContactDetail) -> tuple[Any, ...]:
        return one.type, one.holder, one.normalised, one.to_date is None or one.to_date

    rows = list(ContactDetail.objects.filter(customer=kept).order_by("-id"))
    ours = {same(one): one for one in rows}  # the first, where one stands there twice
    preferred = {one.type for one in rows if one.preferred and one.to_date is None}
    for their in ContactDetail.objects.filter(customer=absorbed).order_by("id"):
        if our := ours.get(same(their)):
            with images.watching(ContactDetail, [our.pk]):
                our.from_date = min(our.from_date, their.from_date)
                if _latest(our.verified_at, their.verified_at) != our.verified_at:
                    our.verified_at, our.verified_by = their.verified_at, their.verified_by
                    our.verified_how = their.verified_how
                if their.preferred and their.to_date is None and their.type not in preferred:
                    our.preferred = True
                    preferred.add(their.type)
                our.save(update_fields=["from_date", "verified_at", "verified_by", "verified_how", "preferred"])
            images.take_away(ContactDetail, their.pk, instead=our.pk)
        elif their.preferred and their.to_date is None and their.type in preferred:
            with images.watching(ContactDetail, [their.pk]):
                ContactDetail.objects.filter(pk=their.pk).update(preferred=False)


def _references(images: Images, kept: int, absorbed: int, _: bool) -> None:
    ours = {(one.type, one.number): one for one in ExternalReference.objects.filter(customer=kept)}
    for their in ExternalReference.objects.filter(customer=absorbed).order_by("id"):
        if our := ours.get((their.type, their.number)):
            with images.watching(ExternalReference, [our.pk]):
                our.from_date = min(filter(None, (our.from_date, their.from_date)), default=None)
                our.to_date = _latest(our.to_date, their.to_date)  # an end that one of them knows is not forgotten
                our.status, our.replaces_id = our.status or their.status, our.replaces_id or their.replaces_id
                if our.replaces_id in {our.pk, their.pk}:
                    our.replaces_id = None
                our.save(update_fields=["from_date", "to_date", "status", "replaces"])
            images.take_away(ExternalReference, their.pk, instead=our.pk)


def _residences(images: Images, kept: int, absorbed: int, home_of_absorbed: bool) -> None:
    ours = list(Residence.objects.filter(customer=kept).order_by("id"))
    for their in Residence.objects.filter(customer=absorbed).order_by("id"):
        twin = next((one for one in ours if _one_stay(one, their)), None)
        if twin is None:
            continue
        with images.watching(Residence, [twin.pk]):
            twin.from_date = min(twin.from_date, their.from_date)
            twin.to_date = _later(twin.to_date, their.to_date)
            if twin.doubtful_since is None:
                twin.doubtful_since, twin.doubtful_why = their.doubtful_since, their.doubtful_why
            twin.save(update_fields=["from_date", "to_date", "doubtful_since", "doubtful_why"])
        images.take_away(Residence, their.pk, instead=twin.pk)
    for purpose in (Residence.Purpose.HOME, Residence.Purpose.CORRESPONDENCE, Residence.Purpose.TEMPORARY):
        _one_at_a_time(images, kept, absorbed, purpose, home_of_absorbed=home_of_absorbed)


def _one_stay(one: Residence, other: Residence) -> bool:
    """Whether two say that somebody was at one address for one purpose, over days that meet."""
    if (one.address_id, one.purpose) != (other.address_id, other.purpose):
        return False
    return (other.to_date is None or one.from_date <= other.to_date + _DAY) and (
        one.to_date is None or other.from_date <= one.to_date + _DAY
    )


def _one_at_a_time(images: Images, kept: int, absorbed: int, purpose: str, *, home_of_absorbed: bool) -> None:
    """Of two places that each say they are the present one, that of the record chosen stays; the other ends before it."""
    open_ = Residence.objects.filter(Q(to_date=None) | Q(to_date__gte=images.today), purpose=purpose)
    ours = open_.filter(customer=kept).order_by("-from_date", "-id").first()
    theirs = open_.filter(customer=absorbed).order_by("-from_date", "-id").first()
    if ours is None or theirs is None:
        return
    stays, ends = (theirs, ours) if home_of_absorbed else (ours, theirs)
    last = max(ends.from_date, stays.from_date - _DAY)
    if ends.to_date is not None and (ends.to_date <= last or stays.from_date > ends.to_date):
        return
    with images.watching(Residence, [ends.pk]):
        ends.to_date = last
        ends.save(update_fields=["to_date"])


def _vehicles(images: Images, kept: int, absorbed: int, _: bool) -> None:
    ours = {one.registration: one for one in Vehicle.objects.filter(customer=kept, to_date=None)}
    for their in Vehicle.objects.filter(customer=absorbed, to_date=None).order_by("id"):
        if our := ours.get(their.registration):
            with images.watching(Vehicle, [our.pk]):
                our.from_date = min(our.from_date, their.from_date)
                our.description = _both(Vehicle, "description", our.description, their.description)
                our.save(update_fields=["from_date", "description"])
            images.take_away(Vehicle, their.pk, instead=our.pk)


def _relationships(images: Images, kept: int, absorbed: int, _: bool) -> None:
    """What the two are to one another goes; what both are to a third is said once."""
    both = [kept, absorbed]
    for row in Relationship.objects.filter(first__in=both, second__in=both):
        images.take_away(Relationship, row.pk)
    _mutual(images, kept, absorbed)
    for mine, others in (("first_id", "second_id"), ("second_id", "first_id")):
        ours = {
            (getattr(one, others), one.kind): one
            for one in Relationship.objects.filter(**{mine: kept, "to_date": None})
        }
        for their in Relationship.objects.filter(**{mine: absorbed, "to_date": None}).order_by("id"):
            if our := ours.get((getattr(their, others), their.kind)):
                with images.watching(Relationship, [our.pk]):
                    our.from_date = min(our.from_date, their.from_date)
                    our.role = _both(Relationship, "role", our.role, their.role)
                    our.save(update_fields=["from_date", "role"])
                images.take_away(Relationship, their.pk, instead=our.pk)


def _mutual(images: Images, kept: int, absorbed: int) -> None:
    """What both sides say alike, like “Partner of”, is one whichever of the two is the first.

    What stays of the absorbed has the lower number first, as `relationships.relate` has it.
    """
    kinds = [key for key, kind in relationships.kinds(retired=True).items() if kind.mutual]
    standing = Relationship.objects.filter(kind__in=kinds, to_date=None).order_by("id")
    held: dict[int, dict[tuple[int, str], list[Relationship]]] = {kept: {}, absorbed: {}}
    for whose, found in held.items():
        for row in standing.filter(Q(first=whose) | Q(second=whose)):
            other = row.second_id if row.first_id == whose else row.first_id
            found.setdefault((other, row.kind), []).append(row)
    for key, theirs in held[absorbed].items():
        stays = held[kept].get(key, theirs)[0]
        for row in theirs:
            if row.pk != stays.pk:
                with images.watching(Relationship, [stays.pk]):
                    stays.from_date = min(stays.from_date, row.from_date)
                    stays.role = _both(Relationship, "role", stays.role, row.role)
                    stays.save(update_fields=["from_date", "role"])
                images.take_away(Relationship, row.pk, instead=stays.pk)
        ends = (absorbed, key[0]) if kept < key[0] else (key[0], absorbed)
        if key not in held[kept] and (stays.first_id, stays.second_id) != ends:
            with images.watching(Relationship, [stays.pk]):
                Relationship.objects.filter(pk=stays.pk).update(first=ends[0], second=ends[1])


def _needs(images: Images, kept: int, absorbed: int, _: bool) -> None:
    """A need both have is one, in the words of both."""
    ours = {one.kind: one for one in Need.objects.filter(customer=kept, to_date=None)}
    longest = Need._meta.get_field("text").max_length
    for their in Need.objects.filter(customer=absorbed, to_date=None).order_by("id"):
        our = ours.get(their.kind)
        if our is None:
            continue
        said = "; ".join(dict.fromkeys(filter(None, (our.text, their.text))))
        if len(said) > (longest or 0):  # both stay, and that of the record kept is the one that holds
            with images.watching(Need, [their.pk]):
                Need.objects.filter(pk=their.pk).update(to_date=max(their.from_date, images.today))
            continue
        with images.watching(Need, [our.pk]):
            our.from_date, our.text = min(our.from_date, their.from_date), said
            our.save(update_fields=["from_date", "text"])
        images.take_away(Need, their.pk, instead=our.pk)


def _preferences(images: Images, kept: int, absorbed: int, _: bool) -> None:
    """Of two answers to one question that both hold, the one given last holds; the other ends before it."""
    standing = Preference.objects.filter(Q(to_date=None) | Q(to_date__gte=images.today), withdrawn_at=None)
    ours = {(one.channel, one.purpose): one for one in standing.filter(customer=kept).order_by("given_on", "id")}
    for their in standing.filter(customer=absorbed).order_by("id"):
        our = ours.get((their.channel, their.purpose))
        if our is None:
            continue
        stays, ends = (their, our) if their.given_on > our.given_on else (our, their)
        with images.watching(Preference, [ends.pk]):
            ends.to_date = max(ends.from_date, stays.from_date - _DAY)
            if ends.to_date >= images.today:
                ends.withdrawn_by, ends.withdrawn_at = images.merge.by, images.merge.at
            ends.save()
        ours[their.channel, their.purpose] = stays


def _both(model: type[models.Model], field: str, one: str, other: str) -> str:
    """What both say, each thing once; what the first says, where there is no room for both."""
    said = "; ".join(dict.fromkeys(filter(None, (one, other))))
    return said if len(said) <= int(getattr(model._meta.get_field(field), "max_length", 0)) else one


def _latest(*moments: Any) -> Any:
    return max((one for one in moments if one is not None), default=None)


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


RULES: dict[type[models.Model], Rule] = {
    ContactDetail: _contacts,
    ExternalReference: _references,
    Residence: _residences,
    Vehicle: _vehicles,
    Relationship: _relationships,
    Need: _needs,
    Preference: _preferences,
}
"""How each table of ours settles what two records say twice."""
