"""What was carried over from the systems before this one: accounts of the website, and what was dealt with there (ACC-6)."""

from django.db import models

from moothall.core.history import keep_history


@keep_history()
class WebAccount(models.Model):
    """The e-mail address a customer signed in with on the website before. No password comes with it.

    It opens nothing before its owner has confirmed that the address is theirs.
    """

    customer = models.ForeignKey("people.Customer", on_delete=models.CASCADE, related_name="web_accounts")
    email = models.CharField(max_length=254, unique=True)  # lower case
    since = models.DateField(null=True)  # when it was opened there
    confirmed_at = models.DateTimeField(null=True)
    importing = models.ForeignKey("people.Import", on_delete=models.SET_NULL, null=True, related_name="web_accounts")
    carried_at = models.DateTimeField()


@keep_history()
class EarlierDealing(models.Model):
    """A contact with a customer, or a case of theirs, in a system the council used before; it is looked at only.

    `source` is the name of that system and `number` what it is called there: the two tell it from every other. `service` is
    the key of the service it belongs to, whose cases one must be let see to see it; one of none is seen by who sees those
    of every service.
    """

    class Kind(models.TextChoices):
        CONTACT = "contact"
        CASE = "case"

    customer = models.ForeignKey("people.Customer", on_delete=models.CASCADE, related_name="earlier_dealings")
    service = models.CharField(max_length=60, blank=True, default="", db_default="")
    source = models.CharField(max_length=60)
    number = models.CharField(max_length=60)
    kind = models.CharField(max_length=7, choices=Kind)
    on = models.DateField()
    ended_on = models.DateField(null=True)  # of a case
    subject = models.CharField(max_length=200)
    way = models.CharField(max_length=60, blank=True)  # how they got in touch, in the words of that system
    stood = models.CharField(max_length=60, blank=True)  # its status there
    text = models.TextField(blank=True)
    importing = models.ForeignKey(
        "people.Import", on_delete=models.SET_NULL, null=True, related_name="earlier_dealings"
    )
    carried_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer", "-on", "-id"], name="earlier_dealing_of")]
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="earlier_dealing_once"),
            models.CheckConstraint(
                condition=models.Q(ended_on=None) | models.Q(ended_on__gte=models.F("on")),
                name="earlier_dealing_dates_in_order",
            ),
        ]
