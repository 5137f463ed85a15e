"""Letters and e-mails: versioned templates, and each message composed from one."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from moothall.core.history import APPEND_ONLY
from moothall.domain.documents.models import Document

SUBJECT_LENGTH = 300


class Template(models.Model):
    """A letter or e-mail text. Its key is what definitions name, e.g. `blue_badge.missing_information`."""

    key = models.CharField(max_length=120, unique=True)


class TemplateVersion(models.Model):
    """One text of a template, never changed once written. In force in each language is the highest number.

    `by_hand`: an administrator wrote it, so that publishing the service leaves it in force.
    """

    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    body = models.TextField()  # HTML with placeholders
    channels = ArrayField(models.CharField(max_length=6), default=list)  # those it is written for
    language = models.CharField(max_length=2, default="en")
    by_hand = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]
        triggers = [APPEND_ONLY]


class Message(models.Model):
    """One message to one recipient: composed, perhaps edited, saved, then sent or produced.

    A queued message is due at `due_at`, or at once. Whoever delivers it makes it `sending` and moves `due_at` to the
    end of a lease, again and again while it is at it, after which it may be tried again: so a killed worker loses nothing.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        LETTER = "letter", "Letter"

    class Status(models.TextChoices):
        DRAFT = "draft"
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"  # e-mail accepted by the mail server, or letter produced as PDF
        FAILED = "failed"
        CANCELLED = "cancelled"

    channel = models.CharField(max_length=6, choices=Channel)
    template_version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=40, blank=True)  # "our reference", e.g. of the case
    to_name = models.CharField(max_length=200)
    to_email = models.EmailField(blank=True)
    to_lines = models.JSONField(default=list)  # lines of the envelope below the name
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    html = models.TextField()  # this copy, sanitised
    edited = models.BooleanField(default=False)
    language = models.CharField(max_length=2, default="en")
    tags = ArrayField(models.CharField(max_length=60), default=list)  # of its copy among the documents
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    problem = models.TextField(blank=True)  # why sending failed, in words
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    document = models.ForeignKey(Document, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)  # the mail server took it: never given to it again

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(status__in=["queued", "sending"]), name="message_waiting"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(channel="email") | ~models.Q(to_email="") | models.Q(status="failed"),
                name="message_email_has_address",
            ),
            models.CheckConstraint(
                condition=models.Q(status="sent", sent_at__isnull=False)
                | (~models.Q(status="sent") & models.Q(sent_at=None)),
                name="message_sent_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="failed") | ~models.Q(problem=""), name="message_failed_says_why"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="sent_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status="sent")
                & (
                    pgtrigger.Q(old__html__df=pgtrigger.F("new__html"))
                    | pgtrigger.Q(old__subject__df=pgtrigger.F("new__subject"))
                    | pgtrigger.Q(old__to_email__df=pgtrigger.F("new__to_email"))
                    | pgtrigger.Q(old__to_lines__df=pgtrigger.F("new__to_lines"))
                    | pgtrigger.Q(old__status__df=pgtrigger.F("new__status"))
                ),
            )
        ]

    def __str__(self) -> str:
        return self.subject


class Returned(models.Model):
    """A letter that came back, as somebody recorded it. Written once."""

    class WhyReturned(models.TextChoices):
        GONE_AWAY = "gone_away", "Addressee gone away"
        NO_SUCH_ADDRESS = "no_such_address", "No such address"
        INCOMPLETE = "incomplete", "Address incomplete"
        REFUSED = "refused", "Refused"
        NOT_CALLED_FOR = "not_called_for", "Not called for"
        OTHER = "other", "Another reason"

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="returned")
    reason = models.CharField(max_length=20, choices=WhyReturned)
    on = models.DateField()
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        triggers = [APPEND_ONLY]


class ToPrint(models.Model):
    """A letter that was produced and waits to be printed. Gone once it is: the timeline and the audit record say by whom."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="to_print")
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["since", "id"], name="to_print_oldest")]
