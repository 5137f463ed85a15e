"""The work list, a row for each open work item: a copy of what it is filtered and sorted by, kept by the database."""

from collections.abc import Iterable, Mapping
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models.work import WorkItem
from moothall.domain.catalogue.models import Service
from moothall.domain.workflow.models import Stage
from moothall.domain.workflow.turns import ALWAYS

AMONG_KINDS = 6
"""Stages, at most, that are asked for among a line's kinds: one search of one index, with what else is asked for of them."""

NO_BAND = 4  # what a line without a target has for a colour


class NameChange(models.Model):
    """Somebody or something has another name, which work lines are to say; a trigger writes it, and queues the job.

    `followed_at` is when all lines that could be seen said it: some may have been under way to say the old one.
    """

    class Kind(models.TextChoices):
        USER = "user"
        TEAM = "team"
        SERVICE = "service"

    kind = models.CharField(max_length=10, choices=Kind)
    number = models.BigIntegerField()  # of the user, the security group or the service
    followed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="name_change_once")]


class WorkLineQuerySet(models.QuerySet["WorkLine"]):
    def visible_to(
        self, user: User, stages: Iterable[Stage] | None = None, services: Mapping[str, int] | None = None
    ) -> Self:
        """As `WorkItem.visible_to`: at stages the user's groups see, of services whose work the user may see.

        The stages (of `stages`, when given) and services (unless their numbers by key are given) are read first, so that
        PostgreSQL can plan with them.
        """
        lines = self
        allowed = user.reached(Permission.VIEW_CASES, Permission.VIEW_WORK)
        if allowed is not None:
            if not allowed:
                return self.none()
            numbers = dict(Service.objects.values_list("key", "pk")) if services is None else services
            lines = lines.filter(service__in=sorted(numbers[key] for key in allowed if key in numbers))
        among = Stage.objects.filter(see__overlap=sorted(user.group_keys)) if stages is None else stages
        seen = [stage.pk for stage in among if user.group_keys & set(stage.see)]
        if len(seen) <= AMONG_KINDS:
            return lines.filter(kinds__overlap=[f"stage:{number}" for number in seen]) if seen else self.none()
        return lines.filter(stage__in=seen)


def _kept(to: str) -> models.ForeignKey:  # type: ignore[type-arg]
    """A row that the row copied from has a constraint on already."""
    return models.ForeignKey(to, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")


class WorkLine(models.Model):
    """An open work item in the work list. Triggers write it whatever changes the rows it copies; nothing else does.

    `cases_workline_now` is the view that says what a line is. `kinds` are its tags, of each other list that is chosen from
    a word with a colon, and the words of what was answered: what all of them have is one search of one index.
    """

    item = models.OneToOneField(
        WorkItem, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="line"
    )
    case = _kept("cases.Case")
    service = _kept("catalogue.Service")
    stage = _kept("workflow.Stage")
    customer = _kept("people.Customer")
    assigned_to = models.ForeignKey(
        "accounts.User",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    kinds = ArrayField(models.TextField())
    reference = models.CharField(max_length=20)
    customer_name = models.CharField(max_length=200)
    type = models.CharField(max_length=60)
    source = models.CharField(max_length=60)
    tags = ArrayField(models.CharField(max_length=60))
    terminal = models.BooleanField()
    service_name = models.CharField(max_length=120)
    workflow = models.CharField(max_length=120)
    stage_name = models.CharField(max_length=120)
    assigned_name = models.CharField(max_length=200)
    owner_name = models.CharField(max_length=200)
    team_name = models.CharField(max_length=120)
    entered_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    amber_from = models.DateTimeField(null=True)
    red_from = models.DateTimeField(null=True)
    late_after = models.DateTimeField()  # far off where there is no target, so that they are the last
    targeted = models.BooleanField()
    turns_by = models.CharField(max_length=40)
    moved = models.BooleanField()  # its case was updated on a later day (London's) than the stage was entered
    # The place of its colour in `turns.BANDS` ten seconds before the line was written or last settled, `NO_BAND` without a
    # target; and when that changes. Where they are to be looked for, never what they are: that is told by the moments.
    band = models.PositiveSmallIntegerField(default=NO_BAND, db_default=NO_BAND)
    turns_at = models.DateTimeField(default=ALWAYS, db_default=ALWAYS)
    run = models.ForeignKey(  # by which the days and numbers answered in it are found
        "cases.Run", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )

    objects = WorkLineQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["kinds"], name="work_line_kinds", fastupdate=False),
            models.Index(fields=["case"], name="work_line_case"),
            models.Index(fields=["run"], name="work_line_run"),
            models.Index(fields=["customer"], name="work_line_customer"),
            models.Index(fields=["stage", "entered_at", "item"], name="work_line_stage"),
            models.Index(fields=["assigned_to", "entered_at", "item"], name="work_line_assigned"),
            models.Index(fields=["turns_by"], name="work_line_turns_by"),
            models.Index(fields=["band", "entered_at", "item"], name="work_line_band"),
            models.Index(fields=["turns_at"], name="work_line_turns_at"),
            models.Index(fields=["type", "entered_at", "item"], name="work_line_of_type"),
            models.Index(fields=["workflow", "entered_at", "item"], name="work_line_of_workflow"),
            models.Index(fields=["entered_at", "item"], name="work_line_terminal", condition=models.Q(terminal=True)),
            models.Index(fields=["service", "reference", "item"], name="work_line_of_service"),
            models.Index(fields=["service", "team_name", "item"], name="work_line_of_service_team"),
            models.Index(fields=["entered_at", "item"], name="work_line_moved", condition=models.Q(moved=True)),
            models.Index(  # hardly any
                fields=["entered_at", "item"],
                name="work_line_entered_before",
                condition=models.Q(entered_at__lt=models.F("opened_at")),
            ),
            *(
                models.Index(fields=[name, "item"], name=f"work_line_by_{name[:18]}")
                for name in (
                    "reference",
                    "customer_name",
                    "type",
                    "source",
                    "tags",
                    "terminal",
                    "service_name",
                    "workflow",
                    "stage_name",
                    "assigned_name",
                    "owner_name",
                    "team_name",
                    "entered_at",
                    "opened_at",
                    "updated_at",
                    "late_after",
                )
            ),
        ]


class LineMark(models.Model):
    """About where a line lies among days and numbers (`domain.cases.marks`), with the time its stage was entered: an index has
    the lines of a mark in that order. Only triggers write it."""

    pk = models.CompositePrimaryKey("mark", "entered_at", "item")
    mark = models.CharField(max_length=20, db_collation="C")
    entered_at = models.DateTimeField()
    item = models.ForeignKey(
        WorkLine, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="marks"
    )

    class Meta:
        indexes = [models.Index(fields=["item"], name="line_mark_item")]
