"""What makes one record of two: merges that can be undone, pairs that may be one, and what other systems are told."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Pair(models.Model):
    """Two customers who may be one, and what speaks for it and against. A pair found different is remembered.

    `evidence` is a list of comparisons, each with its name, how it came out in words without values, and its weight: by
    how many doublings it makes it likelier (or less likely) that they are one.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DIFFERENT = "different"
        MERGED = "merged"

    first = models.ForeignKey("people.Customer", on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey("people.Customer", on_delete=models.CASCADE, related_name="+")
    probability = models.FloatField()  # 0 to 1, that they are one
    evidence = models.JSONField(default=list)
    model = models.CharField(max_length=40)  # the trained model it was found by, or "by hand"
    found_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    later_until = models.DateField(null=True)  # not shown before this day
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_why = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-probability", "id"], condition=Q(state="waiting"), name="pair_waiting"),
            models.Index(fields=["second"], name="pair_second"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_in_order"),
            models.CheckConstraint(condition=Q(probability__gte=0, probability__lte=1), name="pair_probability"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None) | ~Q(state="waiting") & Q(decided_at__isnull=False),
                name="pair_decided_says_when",
            ),
        ]


class Merge(models.Model):
    """Two records made one: `absorbed` stays as a row that leads to `kept`. `chosen` names the facts taken from it.

    `newest` is the last key of each table that points at customers, so that it can be told what was added since. A trigger
    refuses one made `by_itself` of two people with different National Insurance numbers.
    """

    kept = models.ForeignKey("people.Customer", on_delete=models.CASCADE, related_name="merges")
    absorbed = models.ForeignKey("people.Customer", on_delete=models.CASCADE, related_name="absorptions")
    pair = models.ForeignKey(Pair, on_delete=models.SET_NULL, null=True, related_name="+")
    chosen = ArrayField(models.CharField(max_length=30), default=list)
    newest = models.JSONField(default=dict)
    by_itself = models.BooleanField(default=False)
    ninos_differ = models.BooleanField(default=False)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["absorbed"], condition=Q(undone_at=None), name="merge_once"),
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="merge_of_two"),
            models.CheckConstraint(
                condition=Q(by_itself=False) | Q(ninos_differ=False), name="merge_by_itself_one_nino"
            ),
        ]


class MergedRow(models.Model):
    """One row as a merge found it and left it: the columns it changed, by name; all of them where it took the row away."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="rows")
    turn = models.PositiveIntegerField()  # undone from the last to the first
    table = models.CharField(max_length=63)
    key = models.BigIntegerField()
    before = models.JSONField()
    after = models.JSONField(null=True)  # null: the row was taken away

    class Meta:
        indexes = [models.Index(fields=["table", "key"], name="merged_row_of")]
        constraints = [models.UniqueConstraint(fields=["merge", "turn"], name="merged_row_turn")]


class Change(models.Model):
    """Something about a golden record changed: which customer, and which facts, never what they are.

    Triggers write it, one for each customer and transaction. `position` is given afterwards, by one at a time, so that
    whoever has read up to a position misses nothing that was written meanwhile by somebody slower.
    """

    class Kind(models.TextChoices):
        CREATED = "created"
        CHANGED = "changed"
        MERGED = "merged"  # `other` is the record absorbed
        UNMERGED = "unmerged"  # `other` is the record that stands by itself again
        ERASED = "erased"

    position = models.BigIntegerField(null=True, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    customer = models.BigIntegerField()
    other = models.BigIntegerField(default=0, db_default=0)  # 0: none
    fields = ArrayField(models.CharField(max_length=30), default=list)
    at = models.DateTimeField()
    written_in = models.BigIntegerField()  # the transaction

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(position=None), name="change_to_be_placed"),
            models.Index(fields=["at"], name="change_at"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["written_in", "customer", "kind", "other", "at"], name="change_once_a_time")
        ]


class LinkRun(models.Model):
    """A search for duplicates: of everybody, or of who changed since the last. Killed, it goes on after its last part."""

    everybody = models.BooleanField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    part = models.PositiveIntegerField(default=0)  # parts done
    parts = models.PositiveIntegerField(default=1)
    after = models.BigIntegerField(default=0)  # changes up to this position were looked at before
    up_to = models.BigIntegerField(default=0)  # and up to this one by this run
    people = models.PositiveIntegerField(default=0)  # looked at
    found = models.PositiveIntegerField(default=0)  # pairs
    model = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=Q(ended_at=None), name="link_run_one_at_a_time")
        ]
