"""What somebody who works here is told of, and whether they want it by e-mail as well."""

from django.conf import settings
from django.db import models


class Notification(models.Model):
    """One thing somebody is told, once for each cause. It says which case it is about, never whom the case is for.

    It leads to the case `reference` (its part `page`, there to `anchor`), or without one to a page of the desk.
    """

    class Kind(models.TextChoices):
        MENTION = "mention", "Mention"
        DELIVERY = "delivery", "Message not delivered"
        OPINION = "opinion", "Opinion"
        APPROVAL = "approval", "Second officer"
        WORK = "work", "Work"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.CharField(max_length=300)  # a sentence
    reference = models.CharField(max_length=20, blank=True)
    page = models.CharField(max_length=40, blank=True)
    anchor = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=120)  # what it comes of, e.g. note.17
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    emailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-at", "-id"], name="notification_newest"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notification_unread"),
            models.Index(fields=["at"], name="notification_at"),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "cause"], name="notification_once")]

    def __str__(self) -> str:
        return self.text


class ByEmail(models.Model):
    """That somebody wants an e-mail for each notification. Without a row they are told at the desk alone."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notified_by_email")
    since = models.DateTimeField()
