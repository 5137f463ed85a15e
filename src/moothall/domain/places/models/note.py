"""What officers should know of a place."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class PlaceNote(models.Model):
    """A note or a warning about a property or a street, whoever lives there (PPP-23).

    `uprn` is as addresses have it (`kit.uprn`), so that a note holds for a property that no gazetteer brings. Made
    once, looked at again when its day comes, and ended once. A `restricted` one is seen by who may see restricted flags.
    """

    uprn = models.CharField(max_length=12, blank=True)
    usrn = models.IntegerField(null=True)
    warning = models.BooleanField()
    text = models.TextField()
    restricted = models.BooleanField(default=False, db_default=False)
    review_on = models.DateField(null=True)  # when somebody should look whether it still holds
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reviewed_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["uprn"], name="place_note_uprn"),
            models.Index(fields=["usrn"], name="place_note_usrn"),
            models.Index(
                fields=["review_on", "id"],
                condition=Q(ended_at=None, review_on__isnull=False),
                name="place_note_to_review",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(~Q(uprn="") & Q(usrn=None)) | (Q(uprn="") & Q(usrn__isnull=False)), name="place_note_of_one"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="place_note_says_something"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="place_note_ended_by_somebody",
            ),
        ]
