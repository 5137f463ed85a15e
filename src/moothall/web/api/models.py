"""Answers kept so that the same request sent twice has its effect once."""

from datetime import datetime

from django.conf import settings
from django.db import models


class StoredAnswer(models.Model):
    """What was answered to a user's request with an idempotency key. Written in the transaction of its effect."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)  # of method, path and body
    status = models.PositiveSmallIntegerField(null=True)  # null only inside the transaction that is answering
    body = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="stored_answer_at")]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="stored_answer_once")]


def forget_answers(*, before: datetime) -> int:
    """Delete answers given before then; how many."""
    return StoredAnswer.objects.filter(at__lt=before).delete()[0]
