"""How somebody likes the desk to be: the views of the work list they keep, its columns, and dashboards made of them."""

from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.history import keep_history


class WorkView(models.Model):
    """A view of the work list kept under a name: the filters and order of its address.

    Shared with a team, its members find it among theirs. It shows each of them only what they may see.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="work_views")
    name = models.CharField(max_length=60)
    query = models.TextField()
    team = models.ForeignKey(SecurityGroup, on_delete=models.CASCADE, null=True, related_name="+")
    made_at = models.DateTimeField()
    first = models.BooleanField(default=False)  # what the owner's list begins with

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="work_view_once"),
            models.UniqueConstraint(fields=["user"], condition=models.Q(first=True), name="work_view_one_first"),
        ]

    def __str__(self) -> str:
        return self.name


SIZES = (25, 50, 100)
"""How many rows a page of the work list may have; the first, for who has not said."""


class WorkColumns(models.Model):
    """The columns of somebody's work list, in order, and how many rows a page of it has. Without keys, the usual ones."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="work_columns")
    keys = ArrayField(models.CharField(max_length=200))
    size = models.PositiveSmallIntegerField(default=SIZES[0], db_default=SIZES[0])


class Typed(models.Model):
    """What somebody had typed into a form when their session was over, so that they find it again (`typed`).

    `pressed`: they sent it, with all its `fields` (pairs of name and value); else they were still typing. `page` is
    where they saw the form, `path` where it is sent, with a number behind # for another of the page sent to the same
    address. Of one form the newest is kept.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=500)
    page = models.CharField(max_length=500)
    fields = models.JSONField()
    pressed = models.BooleanField()
    files = models.BooleanField(default=False)  # there were files, which are not kept
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "path"], name="typed_once")]

    @property
    def address(self) -> str:
        """Where it is sent."""
        return self.path.partition("#")[0]


def shares_with(user: User) -> frozenset[str] | None:
    """The keys of the groups for which somebody makes dashboards: of services for which they have that permission alone; None
    for all, and for everybody."""
    reached = user.reached(Permission.EDIT_DASHBOARDS)
    if reached is None:
        return None
    rows = SecurityGroup.objects.exclude(services=[]).filter(services__contained_by=sorted(reached)) if reached else ()
    return frozenset(row.key for row in rows)


class DashboardQuerySet(models.QuerySet["Dashboard"]):
    def shown_to(self, user: User) -> Self:
        """Those made for everybody, for a group of theirs, or their own."""
        shared = models.Q(groups=[]) | models.Q(groups__overlap=sorted(user.group_keys))
        return self.filter(models.Q(owner=user) | models.Q(owner=None) & shared)

    def open_to(self, user: User) -> Self:
        """Those shown to them, and those they may change for other groups."""
        groups = shares_with(user)
        if groups is None:
            return self.filter(models.Q(owner=user) | models.Q(owner=None))
        others = models.Q(owner=None, groups__contained_by=sorted(groups)) & ~models.Q(groups=[])
        return self.filter(models.Q(pk__in=self.shown_to(user).values("pk")) | others)

    def in_order(self) -> Self:
        """One's own before those that are shared."""
        return self.order_by(models.F("owner").asc(nulls_last=True), "place", "pk")


@keep_history()
class Dashboard(models.Model):
    """Figures of the work list side by side (BEST-70).

    With an owner it is theirs alone. Without, it is for the security groups with these keys, or for everybody where none
    is named. `first`: whoever it is for begins with it after signing in.
    """

    name = models.CharField(max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="dashboards")
    groups = ArrayField(models.CharField(max_length=60), default=list)
    first = models.BooleanField(default=False)
    place = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()

    objects = DashboardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner=None) | models.Q(groups=[]), name="dashboard_of_one_or_of_groups"
            )
        ]

    def __str__(self) -> str:
        return self.name


@keep_history()
class DashboardTile(models.Model):
    """One of the figures of a dashboard: which work, as the address of its list says it, and how that is shown.

    `key` came with the form that added it, so that sending it twice adds it once.
    """

    class Kind(models.TextChoices):
        NUMBER = "number"
        LIST = "list"
        BY_STAGE = "by_stage"
        BY_TARGET = "by_target"
        BY_SERVICE = "by_service"
        BY_OFFICER = "by_officer"
        BY_TEAM = "by_team"
        BY_AGE = "by_age"

    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="tiles")
    place = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=Kind)
    query = models.TextField()
    rows = models.PositiveSmallIntegerField(default=5)  # of a list
    columns = ArrayField(models.CharField(max_length=200), default=list)  # of a list, besides the case
    key = models.UUIDField(unique=True, default=uuid4)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("place", "pk")

    def __str__(self) -> str:
        return self.title
