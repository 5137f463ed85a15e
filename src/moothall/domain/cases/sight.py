"""What a person may see (BEST-20): the one place that decides it, for list, search, count, export and timeline alike.

Everything starts from `Case.objects.visible_to(user)`. What belongs to a case also needs its own permission, for the
service of the case; documents may be confined to those with certain tags, and a line about a document is seen by whoever
sees the document.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from moothall.core.accounts.models import EVERY_SERVICE, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case, Note, TimelineEntry
from moothall.domain.documents.models import Document
from moothall.domain.messages.models import Message
from moothall.domain.payments.models import Payment
from moothall.domain.people.models import Customer, EarlierDealing, Flag, Residence
from moothall.domain.places.models import PlaceNote, Property
from moothall.domain.workflow.models import Stage

Look = Callable[[User], QuerySet[Any]]
"""What a person may see of one kind of thing."""

_KIND_NEEDS = {
    TimelineEntry.Kind.PERSON: Permission.VIEW_PEOPLE,
    TimelineEntry.Kind.NOTE: Permission.VIEW_NOTES,
    TimelineEntry.Kind.DOCUMENT: Permission.VIEW_DOCUMENTS,
    TimelineEntry.Kind.MESSAGE: Permission.VIEW_DOCUMENTS,
    TimelineEntry.Kind.PAYMENT: Permission.VIEW_PAYMENTS,
    TimelineEntry.Kind.OPINION: Permission.VIEW_OPINIONS,
}


def visible_people(user: User) -> QuerySet[Customer]:
    """Customers with a case the user may see, or with no case at all; everybody, for who reaches every service.

    Records merged into another are left out: `people.models.Customer.golden` is who they are.
    """
    return people_within(user, Permission.VIEW_PEOPLE)


def sees_everybody(user: User) -> bool:
    """Whether `visible_people` leaves out nobody but records that were merged into another."""
    return user.may(Permission.VIEW_PEOPLE) and EVERY_SERVICE in user.services_with(Permission.VIEW_PEOPLE)


def people_within(user: User, needs: Permission) -> QuerySet[Customer]:
    """Customers a permission is given for: through the services of the cases the user may see, as for seeing them."""
    if not user.may(needs):
        return Customer.objects.none()
    people = Customer.objects.filter(merged_into=None)
    if EVERY_SERVICE in user.services_with(needs):
        return people
    seen = Case.objects.visible_to(user, needs).filter(customer=OuterRef("pk"))
    anyones = Case.objects.filter(customer=OuterRef("pk"))
    return people.filter(Exists(seen) | ~Exists(anyones))


def flags_seen(user: User) -> Q:
    """A condition on flags of customers the user sees: restricted ones for who has the permission for that customer."""
    if not user.may(Permission.SEE_RESTRICTED_FLAGS):
        return Q(restricted=False)
    if EVERY_SERVICE in user.services_with(Permission.SEE_RESTRICTED_FLAGS):
        return Q()
    return Q(restricted=False) | Q(customer__in=people_within(user, Permission.SEE_RESTRICTED_FLAGS).values("pk"))


def visible_flags(user: User) -> QuerySet[Flag]:
    """Flags of customers the user sees, of those they may see."""
    return Flag.objects.filter(flags_seen(user), customer__in=visible_people(user).values("pk"))


def visible_dealings(user: User) -> QuerySet[EarlierDealing]:
    """Contacts and cases of the systems before this one, of customers the user sees: by the service each belongs to, as
    cases are seen; one that belongs to none, by who sees cases of every service."""
    dealings = EarlierDealing.objects.filter(customer__in=visible_people(user).values("pk"))
    services = user.reached(Permission.VIEW_PEOPLE, Permission.VIEW_CASES)
    return dealings if services is None else dealings.filter(service__in=sorted(services))


def visible_place_notes(user: User) -> QuerySet[PlaceNote]:
    """Notes about places that the user may read: of a property that only addresses tell of, where they see somebody."""
    notes = PlaceNote.objects.filter(place_notes_seen(user))
    if not user.may(Permission.VIEW_PEOPLE):
        return notes.none()
    if sees_everybody(user):
        return notes
    known = Property.objects.filter(pk=Cast(OuterRef("uprn"), BigIntegerField()))
    lived_at = Residence.objects.filter(address__uprn=OuterRef("uprn"), customer__in=visible_people(user).values("pk"))
    return notes.filter(Q(uprn="") | Q(Exists(known)) | Q(Exists(lived_at)))


def place_notes_seen(user: User) -> Q:
    """A condition on notes about places: restricted ones for who may see restricted flags."""
    return Q() if user.may(Permission.SEE_RESTRICTED_FLAGS) else Q(restricted=False)


def visible_documents(user: User) -> QuerySet[Document]:
    """Documents of visible cases; of each service only those with one of the tags the user is confined to there."""
    documents = Document.objects.filter(case_link__case__in=_cases(user, Permission.VIEW_DOCUMENTS))
    free = _unconfined(user)
    if EVERY_SERVICE in free or user.services_with(Permission.VIEW_DOCUMENTS) <= free:
        return documents
    allowed = _of_services("case_link__case", free)
    for group in user.groups_with(Permission.VIEW_DOCUMENTS):
        if group.document_tags:
            tagged = Q(tags__overlap=group.document_tags)
            allowed |= tagged & _of_services("case_link__case", frozenset(group.services))
    return documents.filter(allowed)


def visible_messages(user: User) -> QuerySet[Message]:
    """Messages of visible cases, whose copies are documents; for who is confined, those whose copy they may see."""
    messages = Message.objects.filter(case_link__case__in=_cases(user, Permission.VIEW_DOCUMENTS))
    free = _unconfined(user)
    if EVERY_SERVICE in free or user.services_with(Permission.VIEW_DOCUMENTS) <= free:
        return messages
    return messages.filter(_of_services("case_link__case", free) | Q(document__in=visible_documents(user)))


def visible_notes(user: User) -> QuerySet[Note]:
    """Notes of visible cases."""
    return Note.objects.filter(case__in=_cases(user, Permission.VIEW_NOTES))


def visible_payments(user: User) -> QuerySet[Payment]:
    """Payments of visible cases."""
    return Payment.objects.filter(case_link__case__in=_cases(user, Permission.VIEW_PAYMENTS))


def visible_timeline(user: User) -> QuerySet[TimelineEntry]:
    """Timeline lines of visible cases, without those about things, stages or other cases the user may not see."""
    reach = user.services_with(Permission.VIEW_TIMELINE)
    lines = TimelineEntry.objects.filter(case__in=_cases(user, Permission.VIEW_TIMELINE))
    for kind, needed in _KIND_NEEDS.items():
        given = user.services_with(needed)
        if not (EVERY_SERVICE in given or reach <= given):
            lines = lines.filter(~Q(kind=kind) | _of_services("case", given))
    stages = Stage.objects.filter(see__overlap=sorted(user.group_keys)).values("id")
    for key in ("stage_row", "to_stage_row"):
        lines = _naming(lines, key).filter(Q(**{f"{key}__in": stages}) | ~Q(detail__has_key=key))
    other = _cases(user).filter(pk=OuterRef("other"))  # each by itself: there are too many to read them all
    lines = _naming(lines, "other").filter(Q(Exists(other)) | ~Q(detail__has_key="other"))
    free = _unconfined(user)
    if EVERY_SERVICE in free or reach <= free:
        return lines
    seen = visible_documents(user).filter(pk=OuterRef("document"))
    speaks_of_one = Q(detail__has_key="document")
    always_about_one = Q(kind__in=[TimelineEntry.Kind.DOCUMENT, TimelineEntry.Kind.MESSAGE])
    about = _naming(lines, "document")
    return about.filter(_of_services("case", free) | Q(Exists(seen)) | ~speaks_of_one & ~always_about_one)


def _naming(lines: QuerySet[TimelineEntry], key: str) -> QuerySet[TimelineEntry]:
    """The lines, each with the number of what it names under this key."""
    return lines.alias(**{key: Cast(KT(f"detail__{key}"), BigIntegerField())})


def _cases(user: User, *needs: Permission) -> QuerySet[Case]:
    return Case.objects.visible_to(user, *needs)


def _unconfined(user: User) -> frozenset[str]:
    """Services all of whose documents the user may see, whatever their tags."""
    giving = user.groups_with(Permission.VIEW_DOCUMENTS)
    return frozenset(key for group in giving if not group.document_tags for key in group.services)


def _of_services(case: str, services: frozenset[str]) -> Q:
    """What belongs to a case, reached by the field `case`, of these services."""
    return Q() if EVERY_SERVICE in services else Q(**{f"{case}__service__key__in": sorted(services)})
