"""Running workflows: runs, the work items people act on, and the stored inputs of their clocks."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.history import APPEND_ONLY, keep_history
from moothall.domain.cases.models.case import Case
from moothall.domain.workflow.models import Stage, WorkflowVersion


class Run(models.Model):
    """One workflow going on a case, pinned to the version it started on unless moved on purpose."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="runs")
    version = models.ForeignKey(WorkflowVersion, on_delete=models.PROTECT, related_name="runs")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_from = models.ForeignKey("WorkItem", on_delete=models.SET_NULL, null=True, related_name="started_runs")
    ended_at = models.DateTimeField(null=True)
    end_state = models.CharField(max_length=20, blank=True)
    answers = models.JSONField(default=dict)  # the latest answer to each question asked in this run, by question id

    class Meta:
        indexes = [models.Index(fields=["version"], condition=models.Q(ended_at=None), name="run_open_version")]


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    def open(self) -> Self:
        return self.filter(finished_at=None)

    def visible_to(self, user: User) -> Self:
        """Items whose stage the user's groups see, on cases whose work the user may see."""
        stages = Stage.objects.filter(see__overlap=sorted(user.group_keys)).values("id")
        return self.filter(stage__in=stages, case__in=Case.objects.visible_to(user, Permission.VIEW_WORK).values("id"))


class WorkItem(models.Model):
    """One stay of a run in one stage. It is open until an outcome finishes it, once."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="work_items")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="items", db_index=False)
    entered_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)  # grows with every change: two people at once, one wins
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    wakes_on = ArrayField(models.CharField(max_length=20), default=list)  # events an automatic stage waits for
    wakes_at = models.DateTimeField(null=True)  # when a date an automatic stage waits for comes
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=60, blank=True)
    answers = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    moved_by = models.ForeignKey(  # the last move, if any
        "Move", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # When its clock turns amber and red, and after when it is late, as things are: an index of `clock.reckon`, never shown.
    amber_from = models.DateTimeField(null=True)
    red_from = models.DateTimeField(null=True)
    late_after = models.DateTimeField(null=True)
    turns_by = models.CharField(
        max_length=40, default="", db_default=""
    )  # the calendar and rules these are by; empty: to be worked out

    asks = True  # requests to the applicant may be open here; whoever looked says so on the item
    proposed = True  # an outcome may be waiting for a second officer here; likewise
    alone = False  # no other work item is open on the case; likewise

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["stage", "entered_at"], condition=models.Q(finished_at=None), name="work_item_open"),
            models.Index(
                fields=["finished_at", "id"], condition=models.Q(finished_at__isnull=False), name="work_item_finished"
            ),
            models.Index(
                fields=["stage", "finished_at", "id"],
                condition=models.Q(finished_at__isnull=False),
                name="work_item_finished_at_stage",
            ),
            models.Index(
                fields=["finished_by", "finished_at", "id"],
                condition=models.Q(finished_at__isnull=False),
                name="work_item_finished_by",
            ),
            models.Index(
                fields=["finished_at", "id"],
                condition=models.Q(finished_at__isnull=False, assigned_to=None),
                name="work_item_finished_unassigned",
            ),
            models.Index(fields=["moved_by"], condition=models.Q(moved_by__isnull=False), name="work_item_moved_by"),
            models.Index(
                fields=["assigned_to", "stage"],
                condition=models.Q(finished_at=None, assigned_to__isnull=False),
                name="work_item_held",
            ),
            models.Index(
                fields=["wakes_at"],
                condition=models.Q(finished_at=None, wakes_at__isnull=False),
                name="work_item_wakes",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["run"], condition=models.Q(finished_at=None), name="work_item_one_open"),
            models.CheckConstraint(
                condition=models.Q(finished_at=None, finished_by=None, outcome="")
                | (models.Q(finished_at__isnull=False, finished_by__isnull=False) & ~models.Q(outcome="")),
                name="work_item_finished_whole",
            ),
        ]


class Pause(models.Model):
    """A time the clock of a work item stood still. Open while `ended_at` is null."""

    class Policy(models.TextChoices):
        CONTINUE = "continue"
        START_AGAIN = "start_again"

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="pauses")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    category = models.CharField(max_length=60)  # e.g. awaiting_applicant
    reason = models.TextField()
    policy = models.CharField(max_length=12, choices=Policy, default=Policy.CONTINUE)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("began_at")),
                name="pause_ends_after_it_begins",
            )
        ]


class Extension(models.Model):
    """More time given to a work item, with its reason (BEST-2)."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="extensions")
    amount = models.PositiveIntegerField()  # in the unit of the stage's target
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason="") & models.Q(amount__gt=0), name="extension_says_why")
        ]
        triggers = [APPEND_ONLY]


@keep_history()
class Move(models.Model):
    """A run moved, or not, from one version of its workflow to another, with the result (BEST-9)."""

    class Result(models.TextChoices):
        MOVED = "moved"
        REFUSED = "refused"
        MOVED_BACK = "moved_back"

    batch = models.UUIDField()
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="moves")
    from_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    to_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.CharField(max_length=12, choices=Result)
    sentence = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "run"], name="move_once_a_batch")]
