"""What look-up reads: the addresses as they are written, their streets and the words in them.

All of it is made of the gazetteer by `lookup_lines.remake`, and may be made again at any time.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from moothall.domain.places.models.gazetteer import Status


class LookupLine(models.Model):
    """One address of a property (an `Identifier`) as it is read and found."""

    key = models.CharField(max_length=14, primary_key=True, db_collation="C")  # of its Identifier
    uprn = models.BigIntegerField()
    usrn = models.IntegerField()
    language = models.CharField(max_length=3)
    status = models.SmallIntegerField(choices=Status)  # of this address
    historic = models.BooleanField()  # the address or its property is no more
    shell = models.BooleanField()  # the whole of a divided building, or a street: class PP or PS
    classification = models.CharField(max_length=6)
    number = models.IntegerField(null=True)  # of the house
    end_number = models.IntegerField(null=True)
    label = models.CharField(max_length=7)  # number and suffix, such as 12A
    flat = models.CharField(max_length=7)  # such as 3, 3A or B
    line = models.TextField()
    postcode = models.CharField(max_length=8, db_collation="C")
    sort_key = models.TextField(db_collation="C")
    names = SearchVectorField(
        null=True
    )  # all words, where there is a name to look for rather than a number and a street

    class Meta:
        indexes = [
            models.Index(fields=["uprn"], name="lookup_line_uprn"),
            models.Index(fields=["usrn", "number"], name="lookup_line_number"),
            models.Index(fields=["postcode"], name="lookup_line_postcode"),
            GinIndex(fields=["names"], name="lookup_line_names", fastupdate=False),
        ]


class LookupStreet(models.Model):
    """A street with addresses, in one language, found by its name and by where it is."""

    key = models.CharField(max_length=12, primary_key=True, db_collation="C")  # the USRN with the language
    usrn = models.IntegerField()
    language = models.CharField(max_length=3)
    name = models.CharField(max_length=130, db_collation="C")  # its words, as `kit.address_words` has them
    length = models.SmallIntegerField()  # words in the name
    words = SearchVectorField()

    class Meta:
        indexes = [
            models.Index(fields=["usrn"], name="lookup_street_usrn"),
            models.Index(fields=["name"], name="lookup_street_name"),
            GinIndex(fields=["words"], name="lookup_street_words", fastupdate=False),
        ]


class LookupWord(models.Model):
    """A word of an address, from which a mistyped one is put right."""

    word = models.CharField(max_length=40, primary_key=True, db_collation="C")
    slips = ArrayField(models.CharField(max_length=40))  # `address_words.slips`

    class Meta:
        indexes = [GinIndex(fields=["slips"], name="lookup_word_slips", fastupdate=False)]
