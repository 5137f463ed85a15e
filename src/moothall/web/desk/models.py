"""How somebody likes the desk to be: the views of the work list they keep, and its columns."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from moothall.core.accounts.models import SecurityGroup


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
