"""What has been answered in a run, as the work list looks for it: kept by the database, beside the answers themselves."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from moothall.domain.cases.models.work import Run


class RunWords(models.Model):
    """What was chosen in the application and in the workflow of a run, a word for each (`sought.word`). Only triggers write it.

    A run in which nothing was ever chosen has none. The lines of open work copy the words among their kinds.
    """

    run = models.OneToOneField(
        Run, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="said"
    )
    words = ArrayField(models.TextField())

    class Meta:
        indexes = [GinIndex(fields=["words"], name="run_words")]


class RunValue(models.Model):
    """A day, number or amount answered in a run, by the name of its question (`sought.name`). Only triggers write it.

    A day is the number that its figures are (20260301), an amount its pence.
    """

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="values_said"
    )
    name = models.CharField(max_length=8)
    value = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["name", "value", "run"], name="run_value")]
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="run_value_once")]
