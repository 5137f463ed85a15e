"""Published forms, drafts on their way, and what was submitted."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from moothall.core.history import APPEND_ONLY
from moothall.domain.documents.models import Document


class Form(models.Model):
    """A form of a service, e.g. `missed_bin.report`. `current` is the version new drafts start on.

    `notice` is shown instead of the form, in these languages, until an administrator takes it away (BEST-52). `by_hand`: the
    version in force was made in the form studio, and the service's folder does not take its place.
    """

    key = models.CharField(max_length=120, unique=True)  # "<service>.<form>"
    current = models.ForeignKey("FormVersion", on_delete=models.PROTECT, null=True, related_name="+")
    notice = models.JSONField(default=dict)  # {"en": …, "cy": …}; empty: none
    by_hand = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return self.key


class FormVersion(models.Model):
    """One published definition, with its blocks put in. `fingerprint` is its SHA-256.

    `written` is what it was made of, blocks not put in; none for those published before that was kept.
    """

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    written = models.JSONField(null=True)
    fingerprint = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="form_version_once")]
        triggers = [APPEND_ONLY]


class Sketch(models.Model):
    """A form being written in the form studio; what it says are its revisions, of which `number` is the newest.

    It began from `begun_from`, a version, or from nothing. `published` is the version it last became.
    """

    service = models.CharField(max_length=60)
    key = models.CharField(max_length=60)  # of the form, within the service
    name = models.CharField(max_length=200)  # in English, as the newest revision has it
    number = models.PositiveIntegerField(default=1)
    begun_from = models.ForeignKey(FormVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    published = models.ForeignKey(FormVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    put_away_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["service", "-changed_at"], condition=Q(put_away_at=None), name="form_sketch_of_service"
            )
        ]

    def __str__(self) -> str:
        return self.name


class SketchRevision(models.Model):
    """What a sketch said after one change, which `said` tells. `before` is the revision that undoing leads back to."""

    sketch = models.ForeignKey(Sketch, on_delete=models.PROTECT, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField()
    before = models.PositiveIntegerField(null=True)
    definition = models.JSONField()
    said = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sketch", "number"], name="form_sketch_revision_once")]
        triggers = [APPEND_ONLY]


class BlockVersion(models.Model):
    """One published version of a standard block, by its key. The highest number is the one forms take up."""

    key = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "number"], name="form_block_version_once")]
        triggers = [APPEND_ONLY]


class Draft(models.Model):
    """Answers on their way, sealed: the database alone does not tell what they are.

    The key is made of the return token, of which only a digest is kept; or of the account, where one owns the draft.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="drafts")
    digest = models.CharField(max_length=64, null=True, unique=True)
    account = models.CharField(max_length=64, blank=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    customer_id = models.BigIntegerField(null=True)  # whom the officer fills it in with
    language = models.CharField(max_length=2, default="en")
    sealed = models.BinaryField()
    page = models.CharField(max_length=60, blank=True)  # the last one saved
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], name="draft_expires"),
            models.Index(fields=["account", "-saved_at"], condition=~Q(account=""), name="draft_account"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(digest=None) & ~Q(account="") | Q(digest__isnull=False, account=""),
                name="draft_has_one_key",
            )
        ]


class Submission(models.Model):
    """A form as it was sent, once a draft. `number` makes the reference, and is that of the case it may become.

    `waiting`: on the waiting list of a form that was full, and delivered to nobody yet. `remind_on`: when its sender is reminded.
    """

    key = models.UUIDField(unique=True, editable=False)  # of its draft, which is gone
    digest = models.CharField(max_length=64, blank=True)  # of the token it could be opened with
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="submissions")
    number = models.BigIntegerField()
    reference = models.CharField(max_length=20, unique=True)
    answers = models.JSONField()  # those that count, by question
    lookups = models.JSONField(default=dict)  # what look-ups said
    account = models.CharField(max_length=64, blank=True)
    customer_id = models.BigIntegerField(null=True)  # of the account, known beforehand
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    language = models.CharField(max_length=2, default="en")
    pence = models.PositiveIntegerField(default=0)
    waiting = models.BooleanField(default=False)
    remind_on = models.DateField(null=True)  # of documents that were left for later, until that was looked at
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["version", "submitted_at"], name="form_submission_when"),
            models.Index(fields=["account", "-submitted_at"], condition=~Q(account=""), name="form_submission_account"),
            models.Index(fields=["remind_on"], condition=Q(remind_on__isnull=False), name="form_submission_remind"),
        ]

    def __str__(self) -> str:
        return self.reference


class Abandoned(models.Model):
    """How many drafts of a form were given up on a day, by the last page they had saved: nothing of whose they were."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="abandoned", db_index=False)
    day = models.DateField()  # on which their time was over
    page = models.CharField(max_length=60, blank=True)
    by_officer = models.BooleanField()
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form", "day", "page", "by_officer"], name="form_abandoned_once")
        ]


class Booking(models.Model):
    """A day that a form that was sent has taken, of the slots of its form."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+", db_index=False)
    slots = models.CharField(max_length=60)
    day = models.DateField()
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="bookings", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["form", "day", "slots"], name="form_booking_day")]
        constraints = [models.UniqueConstraint(fields=["submission", "slots"], name="form_booking_once")]


class Upload(models.Model):
    """A file given in answer to a question, of a draft and then of its submission."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.SET_NULL, null=True, related_name="uploads")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, null=True, related_name="uploads")
    question = models.CharField(max_length=121)
    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="form_upload")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(draft=None, submission__isnull=False) | Q(draft__isnull=False, submission=None),
                name="upload_of_draft_or_submission",
            )
        ]


class Delivery(models.Model):
    """One destination of a submission: where it goes, how often it was tried, and what came of it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"  # somebody must put something right

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    place = models.PositiveSmallIntegerField()  # among the destinations of the form
    kind = models.CharField(max_length=10)  # case, email, webhook, file
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    result = models.CharField(max_length=200, blank=True)  # the reference of the case, the id of the message
    queued_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=~Q(state="done"), name="form_delivery_open")]
        constraints = [
            models.UniqueConstraint(fields=["submission", "place"], name="form_delivery_once"),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | ~Q(state="done") & Q(done_at=None),
                name="form_delivery_done_when",
            ),
        ]
