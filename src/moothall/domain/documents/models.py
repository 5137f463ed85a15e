"""Files: what they are, what they are about (tags), and that they were deleted."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from moothall.core.history import keep_history
from moothall.kit import framing


@keep_history()
class Document(models.Model):
    """A stored file. `media_type` was read from its content, never believed from its name.

    `turned` is how far a picture is turned when it is looked at or sent, in degrees clockwise; the file stays as it came.
    """

    class Origin(models.TextChoices):
        APPLICANT = "applicant"
        OFFICER = "officer"
        GENERATED = "generated"
        CONSULTED = "consulted"  # whoever was asked for an opinion

    name = models.CharField(max_length=200)
    file = models.FileField(upload_to="%Y/%m/", max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    origin = models.CharField(max_length=10, choices=Origin)
    tags = ArrayField(models.CharField(max_length=60), default=list)
    turned = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["sha256"], name="document_sha256"),
            models.Index(fields=["file"], name="document_file"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(turned__in=framing.TURNS), name="document_turned_squarely")
        ]

    def __str__(self) -> str:
        return self.name


class Deletion(models.Model):
    """That a document existed, and who deleted it for good, when and why (CT-50)."""

    document_id = models.BigIntegerField(unique=True)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()
