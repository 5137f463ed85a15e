"""A case and what is written on it."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Reverse

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.history import APPEND_ONLY, keep_history
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service, ServiceVersion
from moothall.domain.people.models import Customer
from moothall.domain.places.models import Address


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def visible_to(self, user: User, *needs: Permission) -> Self:
        """The cases `user` may see: what list, search, count, export and timeline all start from (BEST-20).

        With `needs`, those of them for whose service the user has these permissions as well.
        """
        services = user.reached(Permission.VIEW_CASES, *needs)
        return self if services is None else self.filter(service__key__in=sorted(services))


@keep_history(exclude=["submitted", "updated_at"])
class Case(models.Model):
    """A piece of work the council owes somebody. Its case type and source are keys of its service version."""

    reference = models.CharField(max_length=20, unique=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="cases", db_index=False)
    service_version = models.ForeignKey(ServiceVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    type = models.CharField(max_length=60)  # e.g. new, renewal, replacement, appeal
    source = models.CharField(max_length=60)  # e.g. online, paper, phone, in_person
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="cases")
    place = models.ForeignKey(Address, on_delete=models.PROTECT, null=True, related_name="cases")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="owned_cases")
    team = models.ForeignKey(SecurityGroup, on_delete=models.PROTECT, null=True, related_name="cases")
    tags = ArrayField(models.CharField(max_length=60), default=list)
    submitted = models.JSONField(null=True)  # the answers as the applicant gave them, in our words
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True)
    end_state = models.CharField(max_length=20, blank=True)  # complete, refused, closed, dormant, withdrawn
    updated_at = models.DateTimeField()

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["service", "-opened_at"], name="case_service_opened"),
            models.Index(fields=["-opened_at", "-id"], name="case_opened"),
            models.Index(fields=["-updated_at"], name="case_updated"),
            GinIndex(fields=["tags"], name="case_tags"),
            models.Index(OpClass(Reverse("reference"), name="text_pattern_ops"), name="case_reference_end"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at=None, end_state="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(end_state="")),
                name="case_closed_says_how",
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def service_key(self) -> str:
        """The key of its service, known without asking the database."""
        return catalogue.manifest(self.service_version_id).key


class Submission(models.Model):
    """An application as it came in, raw, kept whether or not a case could be made of it.

    `source` and `external_id` name it once for ever: this is what makes intake exact (never missed, never doubled).
    """

    source = models.CharField(max_length=60)  # connector key, e.g. dft_blue_badge
    external_id = models.CharField(max_length=100)
    raw = models.JSONField()
    received_at = models.DateTimeField()
    case = models.OneToOneField(Case, on_delete=models.PROTECT, null=True, related_name="submission")
    problem = models.TextField(blank=True)  # why no case could be made, in words

    class Meta:
        indexes = [models.Index(fields=["source", "id"], condition=models.Q(case=None), name="submission_waiting")]
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="submission_once")]


class Demand(models.Model):
    """What the customer wants solved, in their words (PPP-30)."""

    class Kind(models.TextChoices):
        VALUE = "value"
        FAILURE = "failure"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="demands")
    type = models.CharField(max_length=60)
    words = models.TextField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.VALUE)
    root_cause = models.CharField(max_length=60, blank=True)
    recorded_at = models.DateTimeField()


STUCK = "could not go on by itself."
"""What an important note says of what is stuck (`stuck`): by it those notes are found."""


class Note(models.Model):
    """A note on a case. Important ones are counted and shown to whoever opens it (CT-52)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField()
    important = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(
                fields=["case"],
                name="note_stuck",
                condition=models.Q(important=True, text__contains=STUCK),
            )
        ]
        triggers = [APPEND_ONLY]


class TimelineEntry(models.Model):
    """One line of a case's history. Nobody can edit it (CT-53)."""

    class Kind(models.TextChoices):
        CASE = "case"
        PERSON = "person"
        WORKFLOW = "workflow"
        DOCUMENT = "document"
        MESSAGE = "message"
        NOTE = "note"
        PAYMENT = "payment"
        REQUEST = "request"
        OPINION = "opinion"
        TAG = "tag"
        INTEGRATION = "integration"
        INTENTION = "intention"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="timeline")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.TextField()  # a sentence
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["case", "at", "id"], name="timeline_case_at"),
            models.Index(fields=["-at", "-id"], condition=models.Q(detail__has_key="missing"), name="timeline_missing"),
        ]
        triggers = [APPEND_ONLY]
