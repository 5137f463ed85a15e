"""What belongs to a case: documents, messages and payments, which know nothing of cases; and other cases."""

from django.conf import settings
from django.db import models

from moothall.domain.cases.models.case import Case
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
    """Two cases that have to do with each other (PPP-31). A pair is kept once: `first` is the older row."""

    first = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["second"], name="related_case_second")]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="related_case_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="related_case_in_order"),
        ]
