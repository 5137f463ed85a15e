"""Which colleagues may do something on the cases of a service."""

from django.db.models import QuerySet

from moothall.core.accounts.models import EVERY_SERVICE, Membership, SecurityGroup, User
from moothall.core.accounts.permissions import Permission


def who_may(service: str, *permissions: Permission) -> QuerySet[User]:
    """Who has all these permissions for a service, by name."""
    people = User.objects.filter(is_active=True, kind=User.Kind.PERSON)
    for permission in permissions:
        giving = SecurityGroup.objects.filter(
            permissions__contains=[permission], services__overlap=[service, EVERY_SERVICE]
        )
        people = people.filter(pk__in=Membership.objects.filter(group__in=giving).values("user"))
    return people.order_by("full_name", "pk")


def groups_that_may(service: str, permission: Permission) -> QuerySet[SecurityGroup]:
    """The groups that give a permission for a service, by name."""
    groups = SecurityGroup.objects.filter(permissions__contains=[permission])
    return groups.filter(services__overlap=[service, EVERY_SERVICE]).order_by("name", "pk")
