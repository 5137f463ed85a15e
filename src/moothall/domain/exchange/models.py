"""The integration queue: every call that changes another system is a row before it is a call."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from moothall.core.history import APPEND_ONLY, keep_history
from moothall.domain.cases.models import Case


@keep_history()
class Connector(models.Model):
    """An outside system as the queue sees it: how fast, how many at once, held or not, and its circuit breaker."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    delay_seconds = models.PositiveIntegerField(default=15 * 60)  # time to correct before sending (CT-71)
    max_attempts = models.PositiveIntegerField(default=8)
    per_minute = models.PositiveIntegerField(default=120)
    at_once = models.PositiveIntegerField(default=4)
    duplicate_days = models.PositiveIntegerField(default=90)  # a second request within these days is paused
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    pause_reason = models.TextField(blank=True)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    breaker_until = models.DateTimeField(null=True)  # no calls before then

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(paused_at=None) | ~Q(pause_reason=""), name="connector_paused_says_why")
        ]


@keep_history(only=["payload_override", "paused_at", "status"])
class Item(models.Model):
    """One thing another system must be told, once."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        PAUSED = "paused"
        SENDING = "sending"
        DONE = "done"
        ERROR = "error"  # a person must settle it
        UNKNOWN = "unknown"  # sent, no answer: the other system is asked before anything else
        CANCELLED = "cancelled"

    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="items")
    operation = models.CharField(max_length=120)  # e.g. dft_blue_badge.order
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="exchange_items")
    idempotency_key = models.CharField(max_length=120, unique=True)
    arguments = models.JSONField(default=dict)  # what the step that queued it said; the rest is read from the case
    payload_override = models.JSONField(null=True)  # an officer's edited request, sent instead of a built one
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)  # since queued or last resent by hand
    leased_until = models.DateTimeField(null=True)  # while sending: after this the sender is taken for dead
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.TextField(blank=True)
    problem = models.TextField(blank=True)  # the last error, in words
    result = models.JSONField(null=True)  # what the other system answered, in our words
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    processed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status__in=["queued", "unknown"]), name="item_due"),
            models.Index(fields=["leased_until"], condition=Q(status="sending"), name="item_leased"),
            models.Index(fields=["case"], name="item_case"),
            models.Index(fields=["status", "-created_at"], name="item_status"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="sending", leased_until__isnull=False)
                | (~Q(status="sending") & Q(leased_until=None)),
                name="item_sending_is_leased",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["done", "cancelled"]) | Q(processed_at__isnull=False),
                name="item_settled_has_time",
            ),
            models.CheckConstraint(condition=~Q(status="error") | ~Q(problem=""), name="item_error_says_why"),
        ]


class Attempt(models.Model):
    """One call, whole, with secrets masked (CT-71)."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()  # 1, 2, 3 over the item's whole life
    asking = models.BooleanField(default=False)  # asked how it stands, rather than sent
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    request = models.JSONField(null=True)
    response = models.JSONField(null=True)
    problem = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="attempt_number_once")]
        triggers = [APPEND_ONLY]


class Cursor(models.Model):
    """How far a connector has read what comes in."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="cursors")
    key = models.CharField(max_length=60)
    value = models.JSONField()
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connector", "key"], name="cursor_once")]


class Lookup(models.Model):
    """An answer from another system, kept until somebody refreshes it (CT-70)."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="lookups")
    kind = models.CharField(max_length=60)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="lookups")
    asked = models.JSONField()
    found = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["case", "kind", "-at"], name="lookup_case")]
