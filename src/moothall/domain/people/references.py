"""Whose number it is: of some types one customer's alone, of others that of several (PPP-12)."""

from moothall.domain.people.lists import belongs_to_one
from moothall.domain.people.models import Customer, ExternalReference
from moothall.kit.invalid import Invalid

HOLDERS = 100
"""Customers who share one number of a type that may be shared, at most: more of them are a number entered wrongly."""


class ReferenceTaken(Exception):
    """A number that belongs to one customer alone is another's.

    `customer` is whose it is. Tell of it only to who may see them.
    """

    def __init__(self, type: str, number: str, customer: int) -> None:
        self.customer = customer
        super().__init__(f"{number} is recorded as the {type.replace('_', ' ')} of another customer. Check the number.")


def held(customer: Customer, type: str, number: str) -> ExternalReference:
    """The customer's number as recorded, or a new one not yet kept. Raises ReferenceTaken, or Invalid."""
    once = belongs_to_one(type)
    rows = list(ExternalReference.objects.filter(type=type, number=number).order_by("pk")[:HOLDERS])
    mine = next((one for one in rows if one.customer_id == customer.pk), None)
    if mine is not None:
        return mine
    if once and rows:
        raise ReferenceTaken(type, number, rows[0].customer_id)
    if len(rows) == HOLDERS:
        raise Invalid(f"{number} is recorded for {HOLDERS} customers already. Check the number.")
    return ExternalReference(customer=customer, type=type, number=number, once=once)
