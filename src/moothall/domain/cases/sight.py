"""What a person may see (BEST-20): the one place that decides it, for list, search, count, export and timeline alike.

Everything starts from `Case.objects.visible_to(user)`. What belongs to a case also needs its own permission; documents
may be confined to those with certain tags, and a line about a document is seen by whoever sees the document.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from moothall.core.accounts.models import EVERY_SERVICE, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case, Note, Submission, TimelineEntry
from moothall.domain.documents.models import Document
from moothall.domain.messages.models import Message
from moothall.domain.payments.models import Payment
from moothall.domain.people.models import Customer
from moothall.domain.workflow.models import Stage

Look = Callable[[User], QuerySet[Any]]
"""What a person may see of one kind of thing."""

_KIND_NEEDS = {
    TimelineEntry.Kind.NOTE: Permission.VIEW_NOTES,
    TimelineEntry.Kind.DOCUMENT: Permission.VIEW_DOCUMENTS,
    TimelineEntry.Kind.MESSAGE: Permission.VIEW_DOCUMENTS,
    TimelineEntry.Kind.PAYMENT: Permission.VIEW_PAYMENTS,
}


def visible_people(user: User) -> QuerySet[Customer]:
    """Customers with a case the user may see, or with no case at all; everybody, for who reaches every service."""
    if not user.may(Permission.VIEW_PEOPLE):
        return Customer.objects.none()
    if EVERY_SERVICE in user.service_keys:
        return Customer.objects.all()
    seen = Case.objects.visible_to(user).filter(customer=OuterRef("pk"))
    anyones = Case.objects.filter(customer=OuterRef("pk"))
    return Customer.objects.filter(Exists(seen) | ~Exists(anyones))


def visible_documents(user: User) -> QuerySet[Document]:
    """Documents of visible cases; only those with one of the tags the user is confined to, if they are."""
    if not user.may(Permission.VIEW_DOCUMENTS):
        return Document.objects.none()
    documents = Document.objects.filter(case_link__case__in=_cases(user))
    if user.document_tags is None:
        return documents
    return documents.filter(tags__overlap=sorted(user.document_tags))


def visible_messages(user: User) -> QuerySet[Message]:
    """Messages of visible cases, whose copies are documents; for who is confined, those whose copy they may see."""
    if not user.may(Permission.VIEW_DOCUMENTS):
        return Message.objects.none()
    messages = Message.objects.filter(case_link__case__in=_cases(user))
    return messages if user.document_tags is None else messages.filter(document__in=visible_documents(user))


def visible_notes(user: User) -> QuerySet[Note]:
    """Notes of visible cases."""
    return Note.objects.filter(case__in=_cases(user)) if user.may(Permission.VIEW_NOTES) else Note.objects.none()


def visible_payments(user: User) -> QuerySet[Payment]:
    """Payments of visible cases."""
    if not user.may(Permission.VIEW_PAYMENTS):
        return Payment.objects.none()
    return Payment.objects.filter(case_link__case__in=_cases(user))


def visible_submissions(user: User) -> QuerySet[Submission]:
    """Applications as they came in, of visible cases; those no case was made of, for who reaches every service."""
    if not user.may(Permission.VIEW_SUBMISSION):
        return Submission.objects.none()
    if EVERY_SERVICE in user.service_keys and user.may(Permission.VIEW_CASES):
        return Submission.objects.all()
    return Submission.objects.filter(case__in=_cases(user))


def visible_timeline(user: User) -> QuerySet[TimelineEntry]:
    """Timeline lines of visible cases, without those about things, stages or other cases the user may not see."""
    if not user.may(Permission.VIEW_TIMELINE):
        return TimelineEntry.objects.none()
    hidden = [kind for kind, needed in _KIND_NEEDS.items() if not user.may(needed)]
    lines = TimelineEntry.objects.filter(case__in=_cases(user)).exclude(kind__in=hidden)
    stages = Stage.objects.filter(see__overlap=sorted(user.group_keys)).values("id")
    for key, seen in (("stage_row", stages), ("to_stage_row", stages), ("other", _cases(user).values("id"))):
        named = lines.alias(**{key: Cast(KT(f"detail__{key}"), BigIntegerField())})
        lines = named.filter(Q(**{f"{key}__in": seen}) | ~Q(detail__has_key=key))
    if user.document_tags is None and user.may(Permission.VIEW_DOCUMENTS):
        return lines
    documents = visible_documents(user).values("id")
    about = lines.alias(named=Cast(KT("detail__document"), BigIntegerField()))
    speaks_of_one = Q(detail__has_key="document")
    always_about_one = Q(kind__in=[TimelineEntry.Kind.DOCUMENT, TimelineEntry.Kind.MESSAGE])
    return about.filter(Q(named__in=documents) | ~speaks_of_one & ~always_about_one)


def _cases(user: User) -> QuerySet[Case]:
    return Case.objects.visible_to(user)
