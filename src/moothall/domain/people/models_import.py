"""Customers brought in from a file: the import, its rows as they came and what was done with each, and kept columns."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Import(models.Model):
    """A file of customers. Nothing is made before it was tried (`CHECKED`) and somebody starts it.

    `columns` says which field each column of the file is; `options` what is done with whom one knows already
    (`importing.options`). `done` counts the rows this state has dealt with, and is written with what was done.
    """

    class State(models.TextChoices):
        GIVEN = "given"  # waits for its columns to be said
        READING = "reading"  # rows go to the database; the file is not needed after it
        CHECKING = "checking"  # a dry run
        CHECKED = "checked"  # waits to be started
        IMPORTING = "importing"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"
        REFUSED = "refused"  # nothing was changed: `why`
        CANCELLED = "cancelled"  # what it made by then stays, and can be undone

    state = models.CharField(max_length=10, choices=State, default=State.GIVEN)
    name = models.CharField(max_length=200)  # of the file
    path = models.CharField(max_length=500)
    stored = models.BooleanField()  # in the store of uploaded files, not on this machine
    digest = models.CharField(max_length=64)
    shape = models.JSONField()  # how the file is read (`files.Shape`)
    headings = ArrayField(models.CharField(max_length=200))
    columns = models.JSONField(default=dict)  # field by heading
    options = models.JSONField(default=dict)
    rows_read = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    last_row = models.PositiveIntegerField(default=0)  # the number of the last row dealt with
    counts = models.JSONField(default=dict)  # rows of each outcome
    removed = models.PositiveIntegerField(default=0)
    why = models.TextField(blank=True)
    begun_at = models.DateTimeField()
    phase_at = models.DateTimeField()  # when it began or went on with what it does now
    phase_from = models.PositiveIntegerField(default=0)  # at which row
    told_at = models.DateTimeField()  # the last sign of life
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["digest"], name="import_digest"),
            models.Index(fields=["told_at"], name="import_told"),
        ]


class ImportRow(models.Model):
    """One row of a file: as it came, until that is forgotten, and what becomes or became of it."""

    class Outcome(models.TextChoices):
        NEW = "new"
        CHANGED = "changed"  # known already: `changed` names what is added or put right
        KNOWN = "known"  # known already, and says nothing new
        LIKELY = "likely"  # is likely somebody recorded: `says` why; nobody is made
        REFUSED = "refused"  # `field` and `says`
        REMOVED = "removed"  # was new, and the import was undone

    importing = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()  # as a spreadsheet counts: the headings are row 1
    cells = ArrayField(models.TextField())
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    field = models.CharField(max_length=80, blank=True)
    says = models.TextField(blank=True)
    changed = ArrayField(models.CharField(max_length=80), default=list)
    customer = models.BigIntegerField(default=0)  # whom it made or is; 0: nobody
    uprn = models.CharField(max_length=12, blank=True)  # its address was matched to

    class Meta:
        indexes = [
            models.Index(fields=["importing", "outcome", "number"], name="import_row_outcome"),
            models.Index(fields=["customer"], condition=~Q(customer=0), name="import_row_customer"),
        ]
        constraints = [models.UniqueConstraint(fields=["importing", "number"], name="import_row_once")]


class ImportKey(models.Model):
    """What tells who a row is (its number elsewhere, its whole text), hashed: the first row of each import that has it."""

    hashed = models.BigIntegerField()
    importing = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    customer = models.BigIntegerField(default=0)  # whom the row made

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hashed", "importing"], name="import_key_once")]


class ImportColumns(models.Model):
    """The columns and options of an import kept under a name, for the next file of the same kind."""

    name = models.CharField(max_length=100, unique=True)
    columns = models.JSONField()
    options = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
