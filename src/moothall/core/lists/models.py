"""Look-up lists and tags that administrators change. Values are retired, never removed from old records (PPP-51)."""

from collections.abc import Collection

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from moothall.core.history import keep_history


class List(models.Model):
    """A list a question can offer, e.g. missing items. `in_own_order`: an administrator moved a value, so that publishing a
    service leaves the order alone."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    in_own_order = models.BooleanField(default=False, db_default=False)


@keep_history()
class Value(models.Model):
    """One value of a list. `text` is the HTML paragraph a letter gains when the value is chosen (CT-60).

    `welsh` is that of a letter in Welsh; where it is empty, the letter has `text`. `rules` are what a declared list says of
    its values besides; `by_hand`: an administrator changed it, so that publishing a service leaves it alone.
    """

    list = models.ForeignKey(List, on_delete=models.CASCADE, related_name="values")
    key = models.SlugField(max_length=60)
    label = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    welsh = models.TextField(blank=True, default="")
    order = models.PositiveIntegerField(default=0)
    retired_on = models.DateField(null=True)
    rules = models.JSONField(default=dict, db_default={})
    by_hand = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["list", "key"], name="list_value_once")]


class TagQuerySet(models.QuerySet["Tag"]):
    """Tags, with the questions asked of them."""

    def of(self, services: Collection[str] | None) -> "TagQuerySet":
        """Those of these services and those shared by all; all there are for None."""
        if services is None:
            return self.all()
        return self.filter(Q(services=[]) | Q(services__overlap=sorted(services)))


@keep_history()
class Tag(models.Model):
    """A tag for cases, customers or documents. A system tag drives workflows and cannot be edited freely (CT-51).

    `services` are the keys of those that declare it and use it alone; none: it is shared by all.
    """

    class Applies(models.TextChoices):
        CASE = "case"
        CUSTOMER = "customer"
        DOCUMENT = "document"

    key = models.SlugField(max_length=60)
    applies_to = models.CharField(max_length=10, choices=Applies)
    label = models.CharField(max_length=120)
    system = models.BooleanField(default=False)
    retired_on = models.DateField(null=True)
    services = ArrayField(models.SlugField(max_length=60), default=list, db_default=[])
    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "applies_to"], name="tag_once")]

    def is_of(self, services: Collection[str] | None) -> bool:
        """Whether it is of one of these services, or shared by all; always for None."""
        return services is None or not self.services or not frozenset(self.services).isdisjoint(services)
