"""Money received for a service: what is asked for, each attempt to pay it online, and what is given back."""

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
        EXPIRED = "expired"  # asked for, and not paid by its last day

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
    expires_on = models.DateField(null=True)  # the last day to pay what was asked for

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="payment_newest"),
            models.Index(
                fields=["expires_on"],
                condition=models.Q(status="requested", expires_on__isnull=False),
                name="payment_last_day",
            ),
        ]
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


OPEN_ATTEMPTS = ("begun", "waiting")


@keep_history(only=["state", "settles"])
class Attempt(models.Model):
    """One try to pay a payment online. It counts for nothing until the money was taken, and then once.

    The money settles the payment it was begun for; or, when that was paid already, a payment of its own.
    """

    class State(models.TextChoices):
        BEGUN = "begun"  # the provider was asked, and has not answered yet
        WAITING = "waiting"  # the payer may pay
        TAKEN = "taken"
        DECLINED = "declined"
        EXPIRED = "expired"
        CANCELLED = "cancelled"
        ERROR = "error"
        LOST = "lost"  # nothing was heard of it for so long that nobody asks any more

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="attempts")
    provider = models.CharField(max_length=40)
    reference = models.CharField(max_length=60, unique=True)  # ours, by which the provider finds it
    provider_id = models.CharField(max_length=60, blank=True)  # theirs
    pence = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.BEGUN)
    why = models.CharField(max_length=300, blank=True)  # it came to nothing, in words
    settles = models.OneToOneField(Payment, on_delete=models.RESTRICT, null=True, related_name="settled_by")
    late = models.BooleanField(default=False)  # what it was begun for was paid, cancelled or out of date by then
    audit = models.CharField(max_length=60, blank=True)  # what finance reconciles on
    began_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)  # when the provider is asked again
    looks = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["look_at"], condition=models.Q(look_at__isnull=False), name="attempt_to_look"),
            models.Index(fields=["provider", "finished_at"], condition=models.Q(state="taken"), name="attempt_taken"),
            models.Index(fields=["finished_at"], condition=models.Q(late=True), name="attempt_late"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_id"], condition=~models.Q(provider_id=""), name="attempt_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state="taken", settles__isnull=False)
                | (~models.Q(state="taken") & models.Q(settles=None)),
                name="attempt_taken_settles",
            ),
            models.CheckConstraint(condition=models.Q(pence__gt=0), name="attempt_has_amount"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_ATTEMPTS


@keep_history(only=["status"])
class Refund(models.Model):
    """Money given back of a payment, or to be. What is not done is kept free of the payment, so that none is given twice."""

    class Status(models.TextChoices):
        PROPOSED = "proposed"  # a second officer must agree
        DECLINED = "declined"  # by the second officer
        QUEUED = "queued"  # for the provider
        SENT = "sent"  # the provider has it, and has not paid it out yet
        DONE = "done"
        FAILED = "failed"

    PENDING = (Status.PROPOSED, Status.QUEUED, Status.SENT)

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="refunds")
    pence = models.PositiveIntegerField()
    reason = models.TextField()
    status = models.CharField(max_length=10, choices=Status)
    provider = models.CharField(max_length=40, blank=True)  # empty: given back by hand
    refund_id = models.CharField(max_length=60, blank=True)  # the provider's
    outside = models.BooleanField(default=False)  # made in the provider's own pages, not here
    problem = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)  # when the provider is asked whether it was paid out

    class Meta:
        indexes = [
            models.Index(fields=["look_at"], condition=models.Q(look_at__isnull=False), name="refund_to_look"),
            models.Index(fields=["status", "-asked_at"], name="refund_status"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "refund_id"], condition=~models.Q(refund_id=""), name="refund_once"
            ),
            models.CheckConstraint(condition=models.Q(pence__gt=0), name="refund_has_amount"),
            models.CheckConstraint(
                condition=~models.Q(status="done") | models.Q(done_at__isnull=False), name="refund_done_has_time"
            ),
        ]


@keep_history()
class Stray(models.Model):
    """Money a provider took that belongs to nothing known here, until somebody says whose it is or that it is not ours."""

    provider = models.CharField(max_length=40)
    provider_id = models.CharField(max_length=60)
    reference = models.CharField(max_length=255, blank=True)  # as the provider has it
    pence = models.PositiveIntegerField()
    taken_at = models.DateTimeField()
    found_at = models.DateTimeField()
    payment = models.OneToOneField(Payment, on_delete=models.SET_NULL, null=True, related_name="stray")
    note = models.TextField(blank=True)  # why it is not ours
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-taken_at"], condition=models.Q(settled_at=None), name="stray_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="stray_once"),
            models.CheckConstraint(
                condition=models.Q(settled_at=None, payment=None)
                | (models.Q(settled_at__isnull=False) & (models.Q(payment__isnull=False) | ~models.Q(note=""))),
                name="stray_settled_says_how",
            ),
        ]


@keep_history(only=["note"])
class Reckoning(models.Model):
    """A day at a provider compared with what is recorded here. Amounts are pence."""

    provider = models.CharField(max_length=40)
    day = models.DateField()
    at = models.DateTimeField()
    theirs = models.PositiveIntegerField()  # how many payments they took
    theirs_pence = models.PositiveBigIntegerField()
    theirs_returned = models.PositiveBigIntegerField()
    ours = models.PositiveIntegerField()
    ours_pence = models.PositiveBigIntegerField()
    ours_returned = models.PositiveBigIntegerField()
    differences = models.JSONField(default=list)  # {what, provider_id, reference, case, theirs, ours}: the first 200
    differing = models.PositiveIntegerField(default=0)  # how many there are
    note = models.TextField(blank=True)  # how somebody dealt with them
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-day", "provider"], name="reckoning_newest")]
        constraints = [models.UniqueConstraint(fields=["provider", "day"], name="reckoning_once")]
