"""Things that need to be done on a case, beside where its workflows are (PPP-41)."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.history import keep_history
from moothall.domain.cases.models.case import Case
from moothall.domain.cases.models.work import WorkItem


class IntentionQuerySet(models.QuerySet["Intention"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def visible_to(self, user: User, *needs: Permission) -> Self:
        """Those of cases the user may see; with `needs`, of services for which they have these permissions too."""
        return self.filter(case__in=Case.objects.visible_to(user, *needs).values("id"))


@keep_history()
class Intention(models.Model):
    """Something to be done on a case: by whom, by when. It is open until it is completed or withdrawn, once, or its case is
    closed: with the case it is open again. What `stays` is to be done whether its case is closed or not.

    It is a user's, a team's or nobody's. `item` is the work item whose outcome or stage asked for it; by hand there is none, and
    it lies outside the flow (PPP-57). `follows` is the one whose completion it followed.
    """

    class State(models.TextChoices):
        OPEN = "open"
        COMPLETED = "completed"
        WITHDRAWN = "withdrawn"
        CLOSED = "closed", "Closed with its case"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="intentions")
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, null=True, related_name="intentions")
    follows = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="followed_by")
    text = models.CharField(max_length=300)
    type = models.CharField(max_length=60)  # a value of the list `intention_types`
    due = models.DateField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    team = models.ForeignKey(SecurityGroup, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    remind_on = models.DateField(null=True)
    reminded_at = models.DateTimeField(null=True)
    stays = models.BooleanField(default=False, db_default=False)
    version = models.PositiveIntegerField(default=1)  # grows with every change: two people at once, one wins
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    said = models.TextField(blank=True)  # the note it was completed with, or why it was withdrawn
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = IntentionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["user", "due", "id"], condition=Q(ended_at=None, user__isnull=False), name="intention_user"
            ),
            models.Index(
                fields=["team", "due", "id"], condition=Q(ended_at=None, team__isnull=False), name="intention_team"
            ),
            models.Index(
                fields=["due", "id"], condition=Q(ended_at=None, user=None, team=None), name="intention_nobodys"
            ),
            models.Index(fields=["due", "id"], condition=Q(ended_at=None), name="intention_due"),
            models.Index(fields=["created_at", "id"], condition=Q(ended_at=None), name="intention_added"),
            models.Index(fields=["type"], name="intention_type"),
            models.Index(
                fields=["remind_on", "id"],
                condition=Q(ended_at=None, reminded_at=None, remind_on__isnull=False),
                name="intention_remind",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(user=None) | Q(team=None), name="intention_one_has_it"),
            models.CheckConstraint(condition=~Q(text=""), name="intention_says_what"),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None, ended_by=None, said="")
                | (~Q(state="open") & Q(ended_at__isnull=False, ended_by__isnull=False)),
                name="intention_ended_whole",
            ),
            models.CheckConstraint(condition=~Q(state="withdrawn", said=""), name="intention_withdrawn_says_why"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def whose(self) -> str:
        """The name of who has it; empty when nobody has."""
        return str(self.user or self.team or "")
