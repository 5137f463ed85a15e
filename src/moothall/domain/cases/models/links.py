"""What belongs to a case: documents, messages and payments, which know nothing of cases; and other cases."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from moothall.domain.cases.models.case import Case, Note
from moothall.domain.documents.models import Document
from moothall.domain.messages.models import Message
from moothall.domain.payments.models import Payment


class CaseDocument(models.Model):
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="document_links")
    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="case_link")


class CaseMessage(models.Model):
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="message_links")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="case_link")


class CasePayment(models.Model):
    """A payment of a case, and the run it is for: the one that asked for it, or that waited for it when it came.

    It counts for that run; for another only if that one ended without completing. One of no run came while none was
    going on, and counts until a run that came after it completes.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="payment_links")
    payment = models.OneToOneField(Payment, on_delete=models.CASCADE, related_name="case_link")
    run = models.ForeignKey("Run", on_delete=models.SET_NULL, null=True, related_name="payment_links")


class RelatedCase(models.Model):
    """Two cases that have to do with each other (PPP-31, BEST-8). A pair is kept once: `first` is the older row.

    `kind` is what `first` is to `second`; `INVERSE` says it the other way round. A case has one parent at most.
    """

    class Kind(models.TextChoices):
        RELATED = "related", "Related to"
        DUPLICATE_OF = "duplicate_of", "Duplicate of"
        DUPLICATED_BY = "duplicated_by", "Duplicated by"
        PARENT_OF = "parent_of", "Parent of"
        CHILD_OF = "child_of", "Child of"
        FOLLOWS = "follows", "Follows"
        FOLLOWED_BY = "followed_by", "Followed by"

    INVERSE: ClassVar[dict[str, str]] = {
        Kind.RELATED: Kind.RELATED,
        Kind.DUPLICATE_OF: Kind.DUPLICATED_BY,
        Kind.DUPLICATED_BY: Kind.DUPLICATE_OF,
        Kind.PARENT_OF: Kind.CHILD_OF,
        Kind.CHILD_OF: Kind.PARENT_OF,
        Kind.FOLLOWS: Kind.FOLLOWED_BY,
        Kind.FOLLOWED_BY: Kind.FOLLOWS,
    }

    first = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=13, choices=Kind, default=Kind.RELATED)
    why = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["second"], name="related_case_second")]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="related_case_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="related_case_in_order"),
        ]

    def kind_for(self, case: Case) -> "RelatedCase.Kind":
        """What `case`, one of the two, is to the other."""
        return RelatedCase.Kind(self.kind if case.pk == self.first_id else self.INVERSE[self.kind])


class NotDuplicate(models.Model):
    """That somebody looked at two cases of the same customer or person and found that they are two things."""

    first = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["second"], name="not_duplicate_second")]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="not_duplicate_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="not_duplicate_in_order"),
        ]


class Mention(models.Model):
    """A colleague whom a note was meant for; they were told."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="mention_once")]
