"""What keeps decisions sound: outcomes proposed to a second officer, ticks of checklists, samples of quality."""

from typing import Self, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from moothall.core.accounts.models import User
from moothall.core.history import keep_history
from moothall.domain.cases.models.work import WorkItem
from moothall.domain.workflow.models import Stage

_GROUPS = models.CharField(max_length=60)
_Row = TypeVar("_Row", bound=models.Model)


class _OfItems(models.QuerySet[_Row]):
    def visible_to(self, user: User) -> Self:
        """Those on work items the user may see."""
        return self.filter(item__in=WorkItem.objects.visible_to(user).values("id"))


class ProposalQuerySet(_OfItems["Proposal"]):
    def waiting(self) -> Self:
        return self.filter(state=Proposal.State.WAITING)

    def for_second(self, user: User) -> Self:
        """Waiting ones that the user's groups confirm, of other officers, on work items the user may see."""
        mine = self.waiting().filter(groups__overlap=sorted(user.group_keys)).exclude(by=user)
        return mine.visible_to(user)


@keep_history(exclude=["answers", "note", "edits", "drafts"])
class Proposal(models.Model):
    """An outcome one officer chose that happens only when a second confirms it (BEST-5).

    What was chosen never changes. `version` is the work item's as it was proposed on: whatever changes the item changes
    its version, and a proposal of another version cannot be confirmed.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        CONFIRMED = "confirmed"
        SENT_BACK = "sent_back"
        WITHDRAWN = "withdrawn"
        OVERTAKEN = "overtaken"  # the case went on by another way

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="proposals")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=60)
    answers = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    edits = models.JSONField(default=dict)  # changes of the copies it sends, as `progress.choose` takes them
    drafts = models.JSONField(default=list)  # the messages as they were composed: to, subject, html
    groups = ArrayField(_GROUPS)  # who may confirm
    why = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True)  # why it was sent back
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["at"], condition=models.Q(state="waiting"), name="proposal_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=models.Q(state="waiting"), name="proposal_one_waiting"),
            models.CheckConstraint(
                condition=models.Q(state="waiting", ended_by=None, ended_at=None)
                | (~models.Q(state="waiting") & models.Q(ended_by__isnull=False, ended_at__isnull=False)),
                name="proposal_ended_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed", ended_by=models.F("by")), name="proposal_two_officers"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="sent_back", reason=""), name="proposal_sent_back_says_why"
            ),
        ]


class ChecklistTick(models.Model):
    """One item of a stage's checklist that was done during one stay there (BEST-8). To untick is to delete it."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="ticks")
    key = models.CharField(max_length=60)  # the id of the checklist item
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "key"], name="checklist_tick_once")]


class QualityCheckQuerySet(_OfItems["QualityCheck"]):
    def waiting(self) -> Self:
        return self.filter(result="")

    def for_checker(self, user: User) -> Self:
        """Waiting ones that the user's groups do, of other officers' decisions."""
        mine = self.waiting().filter(groups__overlap=sorted(user.group_keys)).exclude(decided_by=user)
        return mine.exclude(item__proposals__state="confirmed", item__proposals__ended_by=user).visible_to(user)


@keep_history()
class QualityCheck(models.Model):
    """A decision drawn for a second look at its quality, which the case does not wait for (BEST-5)."""

    class Result(models.TextChoices):
        PASSED = "passed"
        FAILED = "failed"

    item = models.OneToOneField(WorkItem, on_delete=models.CASCADE, related_name="quality_check")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    groups = ArrayField(_GROUPS)  # who may check
    drawn_at = models.DateTimeField()
    result = models.CharField(max_length=6, choices=Result, blank=True)
    answers = models.JSONField(default=dict)  # yes (true) or no, by question id
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)

    objects = QualityCheckQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["drawn_at"], condition=models.Q(result=""), name="quality_check_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(result="", by=None, at=None)
                | (~models.Q(result="") & models.Q(by__isnull=False, at__isnull=False)),
                name="quality_check_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(by=None) | ~models.Q(by=models.F("decided_by")), name="quality_check_two_officers"
            ),
            models.CheckConstraint(condition=~models.Q(result="failed", note=""), name="quality_check_failed_says_why"),
        ]
