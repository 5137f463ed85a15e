"""Letters and e-mails: versioned templates, and each message composed from one."""

import pgtrigger
from django.conf import settings
from django.db import models

from moothall.core.history import APPEND_ONLY
from moothall.domain.documents.models import Document


class Template(models.Model):
    """A letter or e-mail text. Its key is what definitions name, e.g. `blue_badge.missing_information`."""

    key = models.CharField(max_length=120, unique=True)


class TemplateVersion(models.Model):
    """One text of a template, never changed once written. The highest number is in force."""

    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    body = models.TextField()  # HTML with placeholders
    language = models.CharField(max_length=2, default="en")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]
        triggers = [APPEND_ONLY]


class Message(models.Model):
    """One message to one recipient: composed, perhaps edited, saved, then sent or produced."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        LETTER = "letter"

    class Status(models.TextChoices):
        DRAFT = "draft"
        QUEUED = "queued"
        SENT = "sent"  # e-mail accepted by the mail server, or letter produced as PDF
        FAILED = "failed"
        CANCELLED = "cancelled"

    channel = models.CharField(max_length=6, choices=Channel)
    template_version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, null=True, related_name="+")
    to_name = models.CharField(max_length=200)
    to_email = models.EmailField(blank=True)
    to_lines = models.JSONField(default=list)  # lines of the envelope
    subject = models.CharField(max_length=300)
    html = models.TextField()  # this copy, sanitised
    edited = models.BooleanField(default=False)
    language = models.CharField(max_length=2, default="en")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    problem = models.TextField(blank=True)  # why sending failed, in words
    attempts = models.PositiveIntegerField(default=0)
    document = models.ForeignKey(Document, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(status="queued"), name="message_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(channel="email") | ~models.Q(to_email=""), name="message_email_has_address"
            ),
            models.CheckConstraint(
                condition=models.Q(status="sent", sent_at__isnull=False) | ~models.Q(status="sent"),
                name="message_sent_has_time",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="sent_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status="sent") & pgtrigger.Q(old__html__df=pgtrigger.F("new__html")),
            )
        ]
