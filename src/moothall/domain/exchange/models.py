"""The integration queue: every call that changes another system is a row before it is a call."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.history import APPEND_ONLY, keep_history
from moothall.domain.cases.models import Case

CONNECTOR_SETTINGS = (
    "name",
    "delay_seconds",
    "max_attempts",
    "retry_seconds",
    "per_minute",
    "at_once",
    "breaker_after",
    "lease_seconds",
    "duplicate_days",
)


@keep_history(only=[*CONNECTOR_SETTINGS, "paused_at", "pause_reason"])
class Connector(models.Model):
    """An outside system as the queue sees it: how fast, how many at once, held or not, and its circuit breaker."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    delay_seconds = models.PositiveIntegerField(default=15 * 60)  # time to correct before sending (CT-71)
    max_attempts = models.PositiveIntegerField(default=12)
    retry_seconds = models.PositiveIntegerField(default=60)  # before the first retry; doubled each time, with jitter
    per_minute = models.PositiveIntegerField(default=120)  # calls are spaced evenly: this many a minute at most
    at_once = models.PositiveIntegerField(default=4)
    breaker_after = models.PositiveIntegerField(default=5)  # failures in a row that stop all calls for a while
    lease_seconds = models.PositiveIntegerField(
        default=300
    )  # longer than any call can last: no claim is renewed beyond
    duplicate_days = models.PositiveIntegerField(default=90)  # a second request within these days is paused
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    pause_reason = models.TextField(blank=True)
    next_call_at = models.DateTimeField(null=True)  # the rate limit: no call before then
    failures_in_a_row = models.PositiveIntegerField(default=0)
    breaker_until = models.DateTimeField(null=True)  # no calls before then
    answered_at = models.DateTimeField(null=True)  # calls that go round the queue, such as questions: the last answer
    problem_at = models.DateTimeField(null=True)  # the last of them that got none
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(paused_at=None) | ~Q(pause_reason=""), name="connector_paused_says_why"),
            models.CheckConstraint(
                condition=Q(
                    max_attempts__gt=0,
                    retry_seconds__gt=0,
                    per_minute__gt=0,
                    at_once__gt=0,
                    breaker_after__gt=0,
                    lease_seconds__gt=0,
                ),
                name="connector_limits_above_zero",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, user: User) -> Self:
        """The items `user` may see: those of cases they may see, where they may see the queue (BEST-20)."""
        if user.reached(Permission.VIEW_CASES, Permission.VIEW_QUEUE) is None:
            return self  # every case: asking for it would only mislead the planner
        return self.filter(case__in=Case.objects.visible_to(user, Permission.VIEW_QUEUE).values("id"))

    def unsettled(self) -> Self:
        return self.filter(status__in=Item.UNSETTLED)

    def waiting(self) -> Self:
        """Those the queue itself will call about, now or later."""
        return self.filter(status__in=Item.WAITING)

    def abandoned(self, at: datetime) -> Self:
        """Those whose sender fell silent in the middle, and that nobody has taken over yet."""
        return self.filter(status=Item.Status.SENDING, leased_until__lte=at)

    def due(self, at: datetime) -> Self:
        return self.waiting().filter(due_at__lte=at)


@keep_history(only=["payload_override", "paused_at", "status"], exclude=["sent", "outgoing", "began_at"])
class Item(models.Model):
    """One thing another system must be told, once.

    The items of one lane of a case go one after another as they were queued: one that is not settled holds back
    those queued after it, until it is done, skipped or cancelled.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        PAUSED = "paused"
        SENDING = "sending"
        DONE = "done"
        ERROR = "error"  # a person must settle it
        UNKNOWN = "unknown"  # sent, no answer: the other system is asked before anything else
        CANCELLED = "cancelled"  # it is not to be done
        SKIPPED = "skipped"  # not sent by us, and the case goes on as if it were done

    WAITING = (Status.QUEUED, Status.UNKNOWN)
    UNSETTLED = (Status.QUEUED, Status.PAUSED, Status.SENDING, Status.ERROR, Status.UNKNOWN)
    SETTLED = (Status.DONE, Status.CANCELLED, Status.SKIPPED)

    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="items")
    operation = models.CharField(max_length=120)  # e.g. dft_blue_badge.order
    lane = models.CharField(max_length=40)  # items of one case in one lane go one after another
    subject = models.CharField(max_length=120, blank=True)  # whom it is about, for the duplicate rule
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="exchange_items")
    idempotency_key = models.CharField(max_length=120, unique=True)
    arguments = models.JSONField(default=dict)  # what the step that queued it said; the rest is read from the case
    payload_override = models.JSONField(null=True)  # what an officer changed in the request built from the case
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)  # calls since queued or last resent by hand
    claims = models.PositiveIntegerField(default=0)  # calls over its whole life: who holds the latest may settle it
    leased_until = models.DateTimeField(null=True)  # while sending: after this the sender is taken for dead
    began_at = models.DateTimeField(null=True)  # the latest call: when it was claimed, then when its request left
    outgoing = models.JSONField(null=True)  # method, address and headers of that request; null while none was made
    sent = models.JSONField(null=True)  # the last request, as it was when sending began, pictures shortened
    ask_first = models.BooleanField(default=False)  # that request may have arrived and its answer is not known
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.TextField(blank=True)
    settled_reason = models.TextField(blank=True)  # why a person cancelled or skipped it
    problem = models.TextField(blank=True)  # the last error, in words
    result = models.JSONField(null=True)  # what the other system answered, in our words
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    processed_at = models.DateTimeField(null=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["connector", "due_at"], condition=Q(status__in=["queued", "unknown"]), name="item_due"
            ),
            models.Index(fields=["connector", "leased_until"], condition=Q(status="sending"), name="item_leased"),
            models.Index(fields=["case", "id"], name="item_case"),
            models.Index(fields=["operation", "subject", "created_at"], name="item_subject"),
            models.Index(fields=["status", "-created_at"], name="item_status"),
            models.Index(fields=["connector", "created_at"], name="item_created"),
            models.Index(
                fields=["connector", "status"],
                condition=Q(status__in=["queued", "paused", "sending", "error", "unknown"]),
                name="item_unsettled",
            ),
            models.Index(
                fields=["connector", "processed_at"], condition=Q(processed_at__isnull=False), name="item_processed"
            ),
            models.Index(
                fields=["-processed_at", "-id"], condition=Q(processed_at__isnull=False), name="item_processed_last"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="sending", leased_until__isnull=False)
                | (~Q(status="sending") & Q(leased_until=None)),
                name="item_sending_is_leased",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["done", "cancelled", "skipped"], processed_at__isnull=False)
                | (~Q(status__in=["done", "cancelled", "skipped"]) & Q(processed_at=None)),
                name="item_settled_has_time",
            ),
            models.CheckConstraint(condition=~Q(status="error") | ~Q(problem=""), name="item_error_says_why"),
            models.CheckConstraint(
                condition=~Q(status="paused") | (Q(paused_at__isnull=False) & ~Q(pause_reason="")),
                name="item_paused_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["cancelled", "skipped"]) | ~Q(settled_reason=""),
                name="item_set_aside_says_why",
            ),
            models.CheckConstraint(condition=~Q(status="unknown") | Q(ask_first=True), name="item_unknown_asks_first"),
            models.CheckConstraint(
                condition=~Q(status__in=["queued", "done"]) | Q(ask_first=False), name="item_known_does_not_ask"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} for {self.case}"


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
        ordering = ["number"]
        indexes = [
            models.Index(fields=["-finished_at"], condition=Q(problem=""), name="attempt_went_well"),
            models.Index(fields=["-finished_at"], condition=~Q(problem=""), name="attempt_problem"),
        ]
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="attempt_number_once")]
        triggers = [APPEND_ONLY]


@keep_history(only=["status"])
class Delivery(models.Model):
    """A message another system took, and how it says that ended. Without a status it has not said."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="delivery")
    external_id = models.CharField(max_length=60, unique=True)  # theirs
    status = models.CharField(max_length=30, blank=True)  # in their words
    said = models.CharField(max_length=200, blank=True)  # in ours
    failed = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"], condition=Q(failed=True), name="delivery_failed")]


@keep_history()
class CaseHold(models.Model):
    """Nothing of this case is sent while this row stands. To delete it is to let the case go on."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="exchange_hold")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="case_hold_says_why")]


class Cursor(models.Model):
    """How far a connector has read what comes in."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="cursors")
    key = models.CharField(max_length=60)
    value = models.JSONField(null=True)  # null: nothing read yet
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
        indexes = [
            models.Index(fields=["case", "kind", "-at"], name="lookup_case"),
            models.Index(fields=["connector", "kind", "-at"], name="lookup_kind"),
        ]


class DealtWith(models.Model):
    """That somebody has dealt with a failure that does not go away by itself, and how (BEST-31)."""

    class Kind(models.TextChoices):
        MESSAGE = "message"  # cases' messages, by their id
        FILE = "file"  # files of applications that are not on their case, by the line of the timeline that says so
        SUBMISSION = "submission"  # applications no case could be made of, by their id

    kind = models.CharField(max_length=12, choices=Kind)
    subject_id = models.BigIntegerField()
    note = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        triggers = [APPEND_ONLY]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id"], name="dealt_with_once"),
            models.CheckConstraint(condition=~Q(note=""), name="dealt_with_says_how"),
        ]
