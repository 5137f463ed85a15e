"""Answers kept so that the same request sent twice has its effect once."""

from datetime import datetime

from django.conf import settings
from django.db import connection, models


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


_CLAIM = """
    INSERT INTO api_storedanswer (user_id, key, request_digest, status, at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (user_id, key) DO NOTHING RETURNING id
"""


def claim(*, user: int, key: str, digest: str, at: datetime, status: int | None = None) -> int | None:
    """The number of a new row for a user's key; None where there is one. Waits for a transaction that is making it."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [user, key, digest, status, at])
        row = cursor.fetchone()
    return row[0] if row else None


def was_claimed(*, user: int, key: str) -> bool:
    """Whether a user's key was claimed, in a transaction that has ended."""
    return StoredAnswer.objects.filter(user=user, key=key).exists()


def forget_answers(*, before: datetime) -> int:
    """Delete answers given before then; how many."""
    return StoredAnswer.objects.filter(at__lt=before).delete()[0]
