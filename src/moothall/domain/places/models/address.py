"""Addresses, with a UPRN where the gazetteer knows them."""

from django.db import models


class Address(models.Model):
    """A postal address as written on an envelope. Never changed once used: a correction is a new address."""

    uprn = models.CharField(max_length=12, blank=True)
    line1 = models.CharField(max_length=100)
    line2 = models.CharField(max_length=100, blank=True)
    town = models.CharField(max_length=100)
    postcode = models.CharField(max_length=8)  # canonical, e.g. "AB1 2CD"

    class Meta:
        indexes = [
            models.Index(fields=["postcode"], name="address_postcode"),
            models.Index(fields=["uprn"], condition=~models.Q(uprn=""), name="address_uprn"),
        ]

    def __str__(self) -> str:
        return ", ".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The lines of an envelope, without the empty ones."""
        return [line for line in (self.line1, self.line2, self.town, self.postcode) if line]
