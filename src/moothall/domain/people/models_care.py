"""What is to be heeded when somebody is dealt with: how they must be told, what they agreed to, and warnings (PPP-10)."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from moothall.core.history import keep_history


def _by(*, null: bool = False) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=null, related_name="+", db_index=False
    )


def holding(day: date) -> Q:
    """What holds on a day, of rows with both dates."""
    return (Q(to_date=None) | Q(to_date__gte=day)) & Q(from_date__lte=day)


@keep_history()
class Need(models.Model):
    """How somebody must be told things, such as in large print. `kind` is a value of the list `communication_needs`."""

    customer = models.ForeignKey("people.Customer", on_delete=models.CASCADE, related_name="needs")
    kind = models.SlugField(max_length=60)
    text = models.CharField(max_length=300, blank=True)
    from_date = models.DateField()
    to_date = models.DateField(null=True)
    set_by = _by()
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=F("from_date")), name="need_dates_in_order"
            ),
            models.UniqueConstraint(fields=["customer", "kind"], condition=Q(to_date=None), name="need_once_at_a_time"),
        ]


@keep_history()
class Preference(models.Model):
    """What somebody agreed to or refused: by which `channel` they are reached for which `purpose`, from when to when.

    Both are values of lists, `contact_channels` and `contact_purposes`. One that was withdrawn holds no longer from that
    moment on, whatever its dates.
    """

    customer = models.ForeignKey("people.Customer", on_delete=models.CASCADE, related_name="preferences")
    channel = models.SlugField(max_length=60)
    purpose = models.SlugField(max_length=60)
    agreed = models.BooleanField()
    how = models.CharField(max_length=200)  # how they said so
    given_on = models.DateField()
    from_date = models.DateField()
    to_date = models.DateField(null=True)
    set_by = _by()
    set_at = models.DateTimeField()
    withdrawn_how = models.CharField(max_length=200, blank=True)
    withdrawn_by = _by(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=F("from_date")), name="preference_dates_in_order"
            ),
            models.UniqueConstraint(
                fields=["customer", "channel", "purpose"], condition=Q(to_date=None), name="preference_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, to_date__isnull=False),
                name="preference_withdrawn_by_somebody",
            ),
        ]


@keep_history()
class Flag(models.Model):
    """A warning about somebody, or that they are vulnerable. `type` is a value of the list `flag_types`.

    A `restricted` one (its type says so) is seen by who has the permission to; nobody else learns that there is one.
    Ended by somebody, with a reason, or by its last day.
    """

    customer = models.ForeignKey("people.Customer", on_delete=models.CASCADE, related_name="flags")
    type = models.SlugField(max_length=60)
    text = models.TextField()
    restricted = models.BooleanField()
    from_date = models.DateField()
    to_date = models.DateField(null=True)
    review_on = models.DateField(null=True)
    set_by = _by()
    set_at = models.DateTimeField()
    reviewed_by = _by(null=True)
    reviewed_at = models.DateTimeField(null=True)
    ended_by = _by(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["review_on", "id"], condition=Q(ended_at=None, review_on__isnull=False), name="flag_to_review"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="flag_says_something"),
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=F("from_date")), name="flag_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_why="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_why=""),
                name="flag_ended_by_somebody",
            ),
        ]
