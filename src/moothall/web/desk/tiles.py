"""What a tile is asked to show, with which work: judged together, the same at the desk and in the API (BEST-70)."""

from collections.abc import Sequence
from typing import cast

from django.http import QueryDict

from moothall.core.accounts.models import User
from moothall.domain.cases.sought import is_answer
from moothall.web.components.forms import Form
from moothall.web.desk.forms.dashboards import TileForm
from moothall.web.desk.models import WorkColumns
from moothall.web.desk.work_answers import BY_WARD


def answers_of(user: User, columns: Sequence[str], query: QueryDict) -> list[str]:
    """The answers, and the ward, that are offered for a tile: columns of one's own list, and what the tile has already."""
    mine = WorkColumns.objects.filter(user=user).values_list("keys", flat=True).first() or []
    named = [name.partition(":")[0] for name in query]
    return [key for key in dict.fromkeys([*mine, *columns, *named]) if is_answer(key) or key == BY_WARD]


def fit(form: TileForm, filters: Form) -> bool:
    """Whether both were answered well, and together."""
    if form.is_valid() & filters.is_valid():
        form.fits(filters)
    return not form.errors and not filters.errors


def query_of(form: TileForm, filters: Form) -> str:
    """The address of the list: the filters that were given, whose work, and in which order."""
    query = QueryDict(mutable=True)
    query["tab"] = form.cleaned_data["tab"]
    for name in filters.fields:
        if values := cast(QueryDict, filters.data).getlist(name):
            query.setlist(name, values)
    if form.cleaned_data["sort"]:
        query["sort"] = form.cleaned_data["sort"]
    return query.urlencode()
