"""A supply of the gazetteer: the files brought in together, how far that is, and what was refused of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Supply(models.Model):
    """The files of one import. At most one is going on at a time; what one has applied is in force at once and whole."""

    class State(models.TextChoices):
        READING = "reading"  # lines go to the staging tables; can be taken up where it stopped
        CHECKING = "checking"  # references and rules over the whole
        APPLYING = "applying"  # in one transaction
        APPLIED = "applied"
        REFUSED = "refused"  # nothing was changed: `why`
        CANCELLED = "cancelled"

    class Format(models.TextChoices):
        DTF = "dtf", "BS 7666 DTF 7.3"
        PREMIUM_1 = "premium_1", "AddressBase Premium 1.0"
        PREMIUM_2 = "premium_2", "AddressBase Premium 2"

    state = models.CharField(max_length=10, choices=State, default=State.READING)
    format = models.CharField(max_length=10, choices=Format)
    full = models.BooleanField()  # else changes only
    custodian = models.SmallIntegerField()
    processed_on = models.DateField()  # PROCESS_DATE of the header
    made = models.CharField(max_length=6, default="", db_default="")  # TIME_STAMP of the header, such as 101530
    files = models.JSONField()  # of each volume in order: name, bytes, digest
    total_bytes = models.BigIntegerField()
    read_bytes = models.BigIntegerField(default=0)
    read_lines = models.BigIntegerField(default=0)
    place = models.JSONField(default=dict)  # where reading goes on: the volume and the line or byte in it
    counts = models.JSONField(default=dict)  # what it brought and did, by record type
    rejected = models.IntegerField(default=0)
    warned = models.IntegerField(default=0)
    why = models.TextField(blank=True)
    begun_at = models.DateTimeField()
    told_at = models.DateTimeField()  # the last sign of life
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "supplies"
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(state__in=["reading", "checking", "applying"]),
                name="supply_one_at_a_time",
            )
        ]


class Reject(models.Model):
    """A line of a supply that broke a rule. An error keeps the row out; a warning does not."""

    supply = models.ForeignKey(Supply, on_delete=models.CASCADE, related_name="rejects")
    volume = models.PositiveSmallIntegerField()
    line = models.BigIntegerField()  # the first of its file is 1
    record = models.SmallIntegerField()
    key = models.CharField(max_length=20)  # the UPRN, USRN or key of the row, as far as it can be read
    field = models.CharField(max_length=40)
    rule = models.SlugField(max_length=60)
    error = models.BooleanField()
    says = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["supply", "volume", "line"], name="reject_place")]
