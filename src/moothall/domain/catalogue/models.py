"""The services a council offers, each loaded from a folder of declarative files as numbered versions."""

from django.conf import settings
from django.db import models

from moothall.core.history import APPEND_ONLY
from moothall.domain.workflow.models import WorkflowVersion


class Service(models.Model):
    """A service, e.g. `blue_badge`. `current` is the version new cases open under."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=4, unique=True)  # of its case references
    current = models.ForeignKey("ServiceVersion", on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return self.name


class ServiceVersion(models.Model):
    """Everything a service was made of at one time: its files, exactly as they can be exported again."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    files = models.JSONField()  # path inside the service folder -> text
    fingerprint = models.CharField(max_length=64)
    workflows = models.ManyToManyField(WorkflowVersion, related_name="service_versions")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "number"], name="service_version_once")]
        triggers = [APPEND_ONLY]
