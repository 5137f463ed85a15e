"""Cases found by a part of their reference."""

from django.db.models import QuerySet
from django.db.models.functions import Reverse

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.kit.invalid import Invalid

ANY = "%"
_LEAST = 3
MOST = 2_000


def referred(cases: "QuerySet[Case]", given: str) -> "QuerySet[Case]":
    """Those of `cases` whose reference is this, or with % at one end begins or ends so. Raises Invalid."""
    text = "".join(given.split()).upper()
    bare = text.strip(ANY)
    if text.startswith(ANY) and text.endswith(ANY):
        raise Invalid("A case reference is found by its beginning or its end: put % on one side only.")
    if len(bare) < _LEAST or ANY in bare:
        raise Invalid("Give at least three letters or figures of the case reference, with % at one end.")
    if text.endswith(ANY):
        return cases.filter(reference__startswith=bare)
    if text.startswith(ANY):
        return cases.alias(backwards=Reverse("reference")).filter(backwards__startswith=bare[::-1])
    return cases.filter(reference=text)


def customers(given: str, user: User) -> "QuerySet[Case, int]":
    """Whose cases they are, of those the user may see; the latest so many. Raises Invalid."""
    rows = referred(Case.objects.visible_to(user), given).order_by("-id")
    return rows.values_list("customer", flat=True)[:MOST]
