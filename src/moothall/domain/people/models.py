"""Customers: the people and organisations the council serves, recorded once."""

from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Left

from moothall.core.history import keep_history
from moothall.domain.people.golden.models import Change, LinkRun, Merge, MergedRow, Pair
from moothall.domain.people.models_care import Flag, Need, Preference
from moothall.domain.people.models_carried import EarlierDealing, WebAccount
from moothall.domain.people.models_following import Call, Follower
from moothall.domain.people.models_import import Import, ImportColumns, ImportKey, ImportRow
from moothall.domain.places.models import Address

__all__ = [
    "NINO_STEM",
    "Call",
    "Change",
    "ContactDetail",
    "Customer",
    "EarlierDealing",
    "ExternalReference",
    "Flag",
    "Follower",
    "Import",
    "ImportColumns",
    "ImportKey",
    "ImportRow",
    "LinkRun",
    "Merge",
    "MergedRow",
    "Need",
    "Organisation",
    "Pair",
    "Person",
    "Preference",
    "Relationship",
    "Residence",
    "Vehicle",
    "WebAccount",
]
NINO_STEM = 8
"""A National Insurance number is told from others by its first eight characters; the last letter may be left out."""


@keep_history()
class Customer(models.Model):
    """A person or an organisation. The detail is in the one-to-one `person` or `organisation`.

    One that was found to be another's second record leads there by `merged_into`, and nothing else points at it.
    """

    class Kind(models.TextChoices):
        PERSON = "person"
        ORGANISATION = "organisation"

    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=200)  # as shown in lists and on letters
    tags = ArrayField(models.CharField(max_length=60), default=list)
    created_at = models.DateTimeField()
    addresses = models.ManyToManyField(Address, through="Residence", related_name="customers")
    merged_into = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="absorbed", db_index=False
    )

    class Meta:
        indexes = [
            GinIndex(fields=["tags"], name="customer_tags"),
            models.Index(
                fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="customer_merged_into"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(merged_into=models.F("id")), name="customer_not_into_itself")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def golden(self) -> "Customer":
        """The record this one leads to, or itself."""
        return self.merged_into or self

    @property
    def died_on(self) -> date | None:
        """The day a person died, if it is recorded."""
        return self.person.date_of_death if self.kind == self.Kind.PERSON else None

    def address_on(self, day: date, *, purpose: str = "home") -> Address | None:
        """The address of that purpose on `day`, or None. When two overlap, the one moved to last."""
        residence = self.residences_on(day).filter(purpose=purpose).first()
        return residence.address if residence else None

    def residences_on(self, day: date) -> "models.QuerySet[Residence]":
        """Where they are on `day`, with the addresses, the one moved to last first."""
        held = models.Q(to_date=None) | models.Q(to_date__gte=day)
        return self.residences.filter(held, from_date__lte=day).select_related("address").order_by("-from_date", "-id")


@keep_history()
class Person(models.Model):
    """Who a person is. `surname_key` is the last name folded for matching (upper case, no accents or marks).

    `gender` is a value of the list `genders`, and `speaks` of the list `languages`; `language` is that of letters.
    """

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="person")
    title = models.CharField(max_length=30, blank=True)
    first_names = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=100)
    surname_key = models.CharField(max_length=100)
    known_as = models.CharField(max_length=100, blank=True)
    name_at_birth = models.CharField(max_length=200, blank=True)
    date_of_birth = models.DateField(null=True)
    date_of_death = models.DateField(null=True)
    gender = models.CharField(max_length=12, blank=True)
    nino = models.CharField(max_length=9, null=True)  # upper case, no spaces; null when not given
    nino_claimed = models.CharField(max_length=9, blank=True)  # given, but recorded for somebody else already
    language = models.CharField(max_length=2, default="en")
    speaks = models.SlugField(max_length=60, blank=True, default="", db_default="", db_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["surname_key", "date_of_birth"], name="person_surname_birth"),
            models.Index(fields=["surname_key"], opclasses=["varchar_pattern_ops"], name="person_surname_prefix"),
            models.Index(fields=["date_of_birth"], name="person_birth"),
            models.Index(
                Left("nino_claimed", NINO_STEM), condition=~models.Q(nino_claimed=""), name="person_nino_claimed"
            ),
        ]
        constraints = [
            models.UniqueConstraint(Left("nino", NINO_STEM), name="person_nino_once"),
            models.CheckConstraint(condition=~models.Q(nino=""), name="person_nino_null_not_empty"),
            models.CheckConstraint(
                condition=models.Q(date_of_death=None) | models.Q(date_of_death__gte=models.F("date_of_birth")),
                name="person_dies_after_birth",
            ),
        ]


@keep_history()
class Organisation(models.Model):
    """What an organisation is. `name_key` is the name folded for matching."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="organisation")
    name_key = models.CharField(max_length=200, db_index=True)
    charity_number = models.CharField(max_length=100, blank=True)
    contact_name = models.CharField(max_length=200, blank=True)


@keep_history()
class ContactDetail(models.Model):
    """A way to reach a customer. `type` is a value of the list `contact_types`; both its dates are days it held."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contact_details")
    type = models.SlugField(max_length=60)
    value = models.CharField(max_length=254)
    normalised = models.CharField(max_length=254)  # e-mail lower case, phone E.164
    holder = models.CharField(max_length=200, blank=True)  # whose it is, when not the customer's own
    from_date = models.DateField()
    to_date = models.DateField(null=True)
    preferred = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    verified_how = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["normalised"], name="contact_detail_value")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_date=None) | models.Q(to_date__gte=models.F("from_date")),
                name="contact_detail_dates_in_order",
            ),
            models.UniqueConstraint(
                fields=["customer", "type"],
                condition=models.Q(preferred=True, to_date=None),
                name="contact_detail_one_preferred",
            ),
        ]


@keep_history(exclude=["once"])
class ExternalReference(models.Model):
    """A number another system knows the customer by: a badge, a council tax account (PPP-12).

    `type` is a value of the list `reference_types`, which says whether a number is one customer's alone (`once`, copied
    from there for the constraint). Badges carry a status, dates and the number they replaced.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="references")
    type = models.SlugField(max_length=60)
    number = models.CharField(max_length=60)
    status = models.CharField(max_length=30, blank=True)
    from_date = models.DateField(null=True)
    to_date = models.DateField(null=True)
    once = models.BooleanField(default=True, db_default=True)
    replaces = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="replaced_by")

    class Meta:
        indexes = [
            models.Index(fields=["customer"], name="external_reference_customer"),
            models.Index(fields=["type", "number"], name="external_reference_number"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["type", "number"], condition=models.Q(once=True), name="external_reference_once"
            ),
            models.UniqueConstraint(fields=["customer", "type", "number"], name="external_reference_customer_once"),
        ]


@keep_history()
class Residence(models.Model):
    """Which address a customer has or had, from when to when, and for what (PPP-13)."""

    class Purpose(models.TextChoices):
        HOME = "home"
        CORRESPONDENCE = "correspondence"
        TEMPORARY = "temporary"
        SITE = "site"  # of an organisation, which may have many at once

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="residences")
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="residences")
    purpose = models.CharField(max_length=15, choices=Purpose, default=Purpose.HOME)
    from_date = models.DateField()
    to_date = models.DateField(null=True)
    doubtful_since = models.DateField(null=True)  # post came back from there
    doubtful_why = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_date=None) | models.Q(to_date__gte=models.F("from_date")),
                name="residence_dates_in_order",
            )
        ]


@keep_history()
class Vehicle(models.Model):
    """A vehicle an organisation carries people in, from when to when."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="vehicles")
    registration = models.CharField(max_length=10)  # upper case, no spaces
    description = models.CharField(max_length=100, blank=True)
    from_date = models.DateField()
    to_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_date=None) | models.Q(to_date__gte=models.F("from_date")),
                name="vehicle_dates_in_order",
            ),
            models.UniqueConstraint(
                fields=["customer", "registration"], condition=models.Q(to_date=None), name="vehicle_once_at_a_time"
            ),
        ]


@keep_history()
class Relationship(models.Model):
    """What `first` is to `second`, from when to when. `kind` is a value of the list `relationship_types`.

    `role` says it in more words: the part somebody has in an organisation, such as its transport manager.
    """

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="relationships")
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="related_by")
    kind = models.CharField(max_length=30)
    role = models.CharField(max_length=100, blank=True, default="", db_default="")
    from_date = models.DateField()
    to_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(first=models.F("second")), name="relationship_of_two"),
            models.CheckConstraint(
                condition=models.Q(to_date=None) | models.Q(to_date__gte=models.F("from_date")),
                name="relationship_dates_in_order",
            ),
            models.UniqueConstraint(
                fields=["first", "second", "kind"], condition=models.Q(to_date=None), name="relationship_once_at_a_time"
            ),
        ]
