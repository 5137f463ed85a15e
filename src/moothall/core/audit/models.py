"""What was done, by whom and why; and who read what. Neither can be changed afterwards."""

from django.conf import settings
from django.db import models

from moothall.core.history import APPEND_ONLY


class Entry(models.Model):
    """One action. `subject_type` is a short stable name such as "case"; it holds no foreign key to what it is about."""

    action = models.CharField(max_length=80)  # grammar noun.verb, e.g. "case.opened"
    subject_type = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id", "at"], name="audit_entry_subject")]
        triggers = [APPEND_ONLY]


class Access(models.Model):
    """Who looked at which record, when, and how (PPP-6). A search is kept with its count and no personal data."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    subject_type = models.CharField(max_length=30)
    subject_id = models.BigIntegerField(null=True)
    via = models.CharField(max_length=60)  # the screen or API operation
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_access_subject")]
        triggers = [APPEND_ONLY]
