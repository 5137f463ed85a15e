"""The cases somebody opened last, beside every page (CT-9). References only, in their session: gone when they sign out."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from moothall.core.accounts.models import User
from moothall.core.compiled import compiled
from moothall.domain.cases.models import Case

KEY = "recent"
KEPT = 8


@dataclass(frozen=True)
class Recent:
    reference: str
    name: str
    href: str


def add(request: HttpRequest, case: Case) -> None:
    """Put a case that was opened first."""
    before = request.session.get(KEY, [])
    after = [case.reference, *(one for one in before if one != case.reference)][:KEPT]
    if after != before:
        request.session[KEY] = after


@compiled(prepared=True)
def _names(user: User, *, references: list[str]) -> "QuerySet[Case, tuple[str, str]]":
    return Case.objects.visible_to(user).filter(reference__in=references).values_list("reference", "customer__name")


def cases(request: HttpRequest, user: User) -> list[Recent]:
    """Those of them that the user may see now, the last opened first."""
    references: list[str] = request.session.get(KEY, [])
    if not references:
        return []
    names = dict(_names(user, references=references))
    return [
        Recent(reference, names[reference], reverse("desk:case", args=[reference]))
        for reference in references
        if reference in names
    ]
