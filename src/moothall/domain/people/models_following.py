"""Systems that are told of changes of golden records by a call to an address of theirs, and what came of each call."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Follower(models.Model):
    """A system that is told of changes, in order, each at least once. It knows those up to `position`.

    The secrets that sign what it is sent are sealed; the earlier one signs as well until `earlier_until`.
    """

    name = models.CharField(max_length=100, unique=True)
    address = models.CharField(max_length=500)
    secret = models.BinaryField()
    earlier_secret = models.BinaryField(null=True)
    earlier_until = models.DateTimeField(null=True)
    position = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True)
    next_at = models.DateTimeField()  # not called before
    paused_at = models.DateTimeField(null=True)
    paused_why = models.CharField(max_length=300, blank=True)
    by_itself = models.BooleanField(default=False)  # paused after failing for long
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(paused_at=None, by_itself=False) | Q(paused_at__isnull=False),
                name="follower_paused_by_itself",
            )
        ]


class Call(models.Model):
    """One call to a follower: which changes it told, and what was answered. No values, no bodies."""

    follower = models.ForeignKey(Follower, on_delete=models.CASCADE, related_name="calls", db_index=False)
    at = models.DateTimeField()
    test = models.BooleanField(default=False)
    after = models.BigIntegerField()
    up_to = models.BigIntegerField()
    changes = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(default=0)  # of HTTP; 0: no answer
    problem = models.CharField(max_length=300, blank=True)  # empty: it took them
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["follower", "-at", "-id"], name="call_latest")]
