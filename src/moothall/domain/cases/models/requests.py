"""Requests to the applicant: records with a number, an answer date, a reminder and an end (BEST-7)."""

from django.conf import settings
from django.db import models

from moothall.core.history import keep_history
from moothall.domain.cases.models.case import Case
from moothall.domain.cases.models.work import Pause, WorkItem


@keep_history()
class Request(models.Model):
    """Something the council asked the applicant for. Open until answered, closed unanswered, or cancelled."""

    class Kind(models.TextChoices):
        DOCUMENT = "document"
        CORRECTION = "correction"
        FEE = "fee"
        EXTENSION = "extension"
        INFORMATION = "information"

    class State(models.TextChoices):
        OPEN = "open"
        ANSWERED = "answered"
        CLOSED = "closed"  # by itself, after its last day
        CANCELLED = "cancelled"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="requests")
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="requests")
    number = models.PositiveIntegerField()  # 1, 2, 3 within the case
    kind = models.CharField(max_length=12, choices=Kind)
    items = models.JSONField(default=list)  # [{"key", "label"}] what is asked for
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer_by = models.DateField()
    remind_on = models.DateField(null=True)
    reminded_at = models.DateTimeField(null=True)
    close_on = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)  # why cancelled
    pause = models.OneToOneField(Pause, on_delete=models.SET_NULL, null=True, related_name="request")
    settings = models.JSONField(default=dict)  # the request effect as defined, for reminder and close outcomes

    class Meta:
        indexes = [
            models.Index(fields=["close_on"], condition=models.Q(state="open"), name="request_closes"),
            models.Index(
                fields=["remind_on"], condition=models.Q(state="open", reminded_at=None), name="request_reminds"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="request_number_once"),
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at=None)
                | (~models.Q(state="open") & models.Q(ended_at__isnull=False)),
                name="request_ended_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="cancelled") | ~models.Q(reason=""), name="request_cancelled_says_why"
            ),
        ]
