"""Money received for a service."""

from django.conf import settings
from django.db import models

from moothall.core.history import keep_history


@keep_history()
class Payment(models.Model):
    """A payment asked for or received. The amount is fixed when it is asked for.

    It stays `received` while part of it has been given back, and is `refunded` when all of it has.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested"
        RECEIVED = "received"
        FAILED = "failed"
        CANCELLED = "cancelled"
        REFUNDED = "refunded"

    class Method(models.TextChoices):
        ONLINE = "online"  # taken by the national service or the council's own provider
        CARD = "card"
        CASH = "cash"
        CHEQUE = "cheque"
        BANK = "bank"
        NOT_YET = ""

    purpose = models.CharField(max_length=120)
    pence = models.PositiveIntegerField()
    refunded_pence = models.PositiveIntegerField(default=0)  # given back so far
    status = models.CharField(max_length=10, choices=Status)
    method = models.CharField(max_length=10, choices=Method, blank=True)
    reference = models.CharField(max_length=60, blank=True)  # the payer's or provider's reference
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status="received") | models.Q(received_at__isnull=False),
                name="payment_received_has_time",
            ),
            models.CheckConstraint(condition=models.Q(pence__gt=0), name="payment_has_amount"),
            models.CheckConstraint(
                condition=models.Q(refunded_pence=0)
                | models.Q(status="received", refunded_pence__lt=models.F("pence"))
                | models.Q(status="refunded", refunded_pence=models.F("pence")),
                name="payment_refund_within_receipt",
            ),
        ]
