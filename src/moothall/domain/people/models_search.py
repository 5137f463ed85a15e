"""What customers are searched by: a row each, kept by the database."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Func

from moothall.domain.people.models import Customer


class Grams(Func):
    """The threes of letters and figures a line is found by, each with where it is from; see `searching`."""

    function = "people_grams"
    output_field = ArrayField(models.TextField())


class SlicedGrams(Func):
    """The same, each with the slice of the alphabet that the customer's name is in behind it, in two figures of base sixteen.

    Slices follow one another as names do, from 0 to LAST_SLICE.
    """

    function = "people_sliced_grams"
    output_field = ArrayField(models.TextField())


LAST_SLICE = 101


class SearchLine(models.Model):
    """A customer as searches see them. Triggers write it whatever changes the rows it is made of; nothing else does.

    `people_searchline_now` is the view that says what a line is. `names`: every word of every name, folded, a space on
    either side. `facts`: a line each, whose first letter says what it is (`searching.KINDS`). `name`: the customer's, by
    which lines are read in the order of names.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="search_line"
    )
    names = models.TextField()
    facts = models.TextField()
    name = models.TextField(db_default="")

    class Meta:
        indexes = [
            GinIndex(Grams("names", "facts"), name="search_line_grams"),
            GinIndex(SlicedGrams("name", "names", "facts"), name="search_line_sliced", fastupdate=False),
            models.Index(fields=["name", "customer"], name="search_line_order"),
        ]
