"""Published workflow versions. A version never changes; running items point at its stages."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from moothall.core.history import APPEND_ONLY


class Workflow(models.Model):
    """A workflow of a service, e.g. `blue_badge.application`."""

    key = models.CharField(max_length=120, unique=True)  # "<service>.<workflow>"


class WorkflowVersion(models.Model):
    """One published definition. `definition` is the canonical form; `fingerprint` its SHA-256."""

    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "number"], name="workflow_version_once")]
        triggers = [APPEND_ONLY]


class Stage(models.Model):
    """A stage of one version, as a row, so that what a person may see is decided in the query."""

    version = models.ForeignKey(WorkflowVersion, on_delete=models.PROTECT, related_name="stages")
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    see = ArrayField(models.CharField(max_length=60))  # security group keys
    progress = ArrayField(models.CharField(max_length=60))
    automatic = models.BooleanField(default=False)
    holding = models.BooleanField(default=False)
    order = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="workflow_stage_once")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return self.name
