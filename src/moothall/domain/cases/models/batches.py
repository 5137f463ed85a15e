"""Something done with many cases at once, and what came of each."""

from typing import Self

from django.conf import settings
from django.db import models

from moothall.domain.cases.models.case import Case
from moothall.domain.cases.models.intentions import Intention
from moothall.domain.cases.models.work import WorkItem


class Batch(models.Model):
    """One thing asked of many cases at once. It is done line by line, and goes on where it was after an interruption."""

    class Kind(models.TextChoices):
        ASSIGN = "assign"
        TAG = "tag"
        OUTCOME = "outcome"
        SHARE_OUT = "share_out"
        GIVE_BACK = "give_back"
        HAND_OVER = "hand_over"
        ASSIGN_TO_DO = "assign_to_do"
        MOVE_TO_DO = "move_to_do"
        DO_TO_DO = "do_to_do"

    key = models.UUIDField(unique=True)  # of whoever asks: asked twice, it is begun once
    kind = models.CharField(max_length=12, choices=Kind)
    asked = models.JSONField(default=dict)  # what is done with each: tags, an outcome with its note…
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )  # who leaves
    undoes = models.OneToOneField("self", on_delete=models.CASCADE, null=True, related_name="undone_by")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    sentence = models.TextField(blank=True)  # what came of the whole, where there is more to say than its lines do

    class Meta:
        indexes = [models.Index(fields=["by", "-at"], name="batch_by")]


class BatchLineQuerySet(models.QuerySet["BatchLine"]):
    def waiting(self) -> Self:
        return self.filter(result="")


class BatchLine(models.Model):
    """One case of a batch, by a work item, by something to be done on it or as a whole, and what came of it."""

    class Result(models.TextChoices):
        DONE = "done"
        REFUSED = "refused"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="lines")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, null=True, related_name="+")  # none: the case itself
    intention = models.ForeignKey(Intention, on_delete=models.CASCADE, null=True, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    seen = models.PositiveIntegerField(null=True)  # the version, of the item or intention, that whoever asked saw
    result = models.CharField(max_length=8, choices=Result, blank=True)
    sentence = models.TextField(blank=True)
    left = models.PositiveIntegerField(null=True)  # the item's version when it was done
    at = models.DateTimeField(null=True)

    objects = BatchLineQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["batch", "id"], condition=models.Q(result=""), name="batch_line_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "item"], name="batch_line_once"),
            models.UniqueConstraint(
                fields=["batch", "case"], condition=models.Q(item=None, intention=None), name="batch_case_once"
            ),
            models.UniqueConstraint(fields=["batch", "intention"], name="batch_intention_once"),
        ]
